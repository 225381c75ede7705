using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>Random registers, circles among them, against a reference that looks at every unit for every answer.</summary>
public sealed class UnitTreeModelTests
{
    private static readonly DateOnly First = new(2025, 1, 1);
    private static readonly string[] Levels = ["province", "district", "commune", "village"];
    private static readonly string[] Codes = ["1", "2", "3", "10", "11"];
    private static readonly Guid[] Ids = [.. Enumerable.Range(1, 8).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private static readonly Guid Nobody = new(99, 0, 0, new byte[8]);

    private static readonly Gen<DateOnly?> AnyBound = Gen.Choose(-1, 8).Select(n => n < 0 ? (DateOnly?)null : First.AddDays(n));

    /// <summary>Any id, also one that nobody has, so that parents stand in circles and lead nowhere.</summary>
    private static readonly Gen<Guid> AnyId = Gen.Elements([.. Ids, Nobody]);

    private static readonly Gen<UnitVersion> AnyVersion =
        from code in Gen.Elements(Codes)
        from parent in Gen.Frequency((1, Gen.Constant((Guid?)null)), (4, AnyId.Select(id => (Guid?)id)))
        select new UnitVersion(code, code, code, "xa", parent, null, null, null, "seen");

    /// <summary>Versions one after another, without a gap, the last one open or ended.</summary>
    private static readonly Gen<IReadOnlyList<UnitVersion>> AnyVersions =
        from versions in AnyVersion.NonEmptyListOf().Where(v => v.Count <= 3)
        from bounds in Gen.Choose(0, 9).ListOf(versions.Count + 1)
        from open in Gen.Elements(true, false)
        let days = bounds.Order().Select((n, i) => First.AddDays(n + i)).ToList()
        select (IReadOnlyList<UnitVersion>)[.. versions.Select((v, i) => v with { From = i == 0 && open ? null : days[i], To = i == versions.Count - 1 && open ? null : days[i + 1].AddDays(-1) })];

    private static readonly Gen<UnitLink> AnyLink = from unit in AnyId from day in Gen.Choose(0, 9) select new UnitLink(unit, First.AddDays(day), "whole");

    private static readonly Gen<UnitFact> AnyFact =
        from name in Gen.Elements(UnitFacts.Region, UnitFacts.Mountainous)
        from value in Gen.Elements("a", "b", null)
        from first in AnyBound
        from last in AnyBound
        select new UnitFact(name, value, first, last, null, "seen");

    private static readonly Gen<UnitState[]> AnyRegister =
        from count in Gen.Choose(0, Ids.Length)
        from units in (
            from level in Gen.Elements(Levels)
            from region in Gen.Elements("r", null)
            from versions in AnyVersions
            from before in AnyLink.ListOf().Where(l => l.Count <= 3)
            from after in AnyLink.ListOf().Where(l => l.Count <= 3)
            from facts in AnyFact.ListOf().Where(f => f.Count <= 3)
            select new UnitState(Nobody, level, region, versions, before, after, facts)).ListOf(count)
        select units.Select((u, n) => u with { Id = Ids[n] }).ToArray();

    private static readonly Gen<DateOnly> AnyDay = Gen.Choose(-1, 14).Select(n => First.AddDays(n));

    [Property(MaxTest = 2000, Replay = "2026,1127")]
    public Property Every_answer_is_what_a_look_at_all_units_gives() => Prop.ForAll(AnyRegister.ToArbitrary(), AnyDay.ToArbitrary(), (units, day) =>
    {
        var (tree, model) = (new UnitTree(units), new Model(units));
        List<string> wrong = [];
        foreach (var code in Codes.Append("99"))
        {
            var resolved = tree.Resolve(code, day);
            // Where two carry one code, either may be meant; nobody is only meant where nobody carries it.
            Same($"resolve {code}", resolved is null, !model.Carries(code, day).Any());
            if (resolved is not null) Same($"carrier of {code}", model.Carries(code, day).Contains(resolved.Id), true);
        }

        foreach (var id in Ids.Append(Nobody))
        {
            Same($"on {id}", tree.On(id, day), model.On(id, day));
            Same($"chain of {id}", Text(tree.Chain(id, day).Select(u => u.Id)), Text(model.Chain(id, day)));
            Same($"region of {id}", tree.Fact(id, UnitFacts.Region, day)?.Value, model.Region(id, day));
            Same($"mountainous of {id}", tree.Fact(id, UnitFacts.Mountainous, day), model.Fact(id, UnitFacts.Mountainous, day));
            foreach (var level in Levels.Append(null))
                Same($"below {id} at {level}", Text(tree.Below(id, level, day).Select(u => u.Unit.Id)), Text(model.Below(id, level, day)));
            foreach (var other in Ids) Same($"{id} answers for {other}", tree.AnswersFor(id, other, day), model.AnswersFor(id, other, day));
            Same($"ancestry of {id}", Text(tree.Ancestry(id).Select(p => p.From).Distinct().Order()), Text(model.Reached(id, u => u.Predecessors).Order()));
            Same($"descent of {id}", Text(tree.Descent(id).Select(p => p.Into).Distinct().Order()), Text(model.Reached(id, u => u.Successors).Order()));
        }

        foreach (var level in Levels.Append(null))
            Same($"all at {level}", Text(tree.Below(null, level, day).Select(u => u.Unit.Id)), Text(model.Below(null, level, day)));
        return (wrong.Count == 0).Label(string.Join("; ", wrong)).Classify(units.Any(u => u.Versions.Any(v => v.Parent == u.Id)), "with one that is its own parent");

        void Same<T>(string what, T answer, T expected)
        {
            if (!EqualityComparer<T>.Default.Equals(answer, expected)) wrong.Add($"{what} on {day:O}: {answer} instead of {expected}");
        }
    });

    private static string Text(IEnumerable<Guid> ids) => string.Join(',', ids);

    private sealed class Model(UnitState[] units)
    {
        public IEnumerable<Guid> Carries(string code, DateOnly day) => units.Where(u => On(u.Id, day)?.Code == code).Select(u => u.Id);

        public UnitVersion? On(Guid id, DateOnly day) => Unit(id)?.Versions.SingleOrDefault(v => (v.From is null || v.From <= day) && (v.To is null || v.To >= day));

        public List<Guid> Chain(Guid id, DateOnly day)
        {
            List<Guid> chain = [];
            Guid? at = id;
            while (at is { } unit && Unit(unit) is not null && !chain.Contains(unit))
            {
                chain.Add(unit);
                at = On(unit, day)?.Parent;
            }

            return chain;
        }

        public IEnumerable<Guid> Below(Guid? ancestor, string? level, DateOnly day) =>
            from u in units
            let version = On(u.Id, day)
            where version is not null && (level is null || u.Level == level) && (ancestor is null || Chain(u.Id, day).Skip(1).Contains(ancestor.Value))
            orderby version.Code, u.Id
            select u.Id;

        public UnitFact? Fact(Guid id, string name, DateOnly day) =>
            Unit(id)?.Facts!.FirstOrDefault(f => f.Name == name && (f.From is null || f.From <= day) && (f.To is null || f.To >= day));

        public string? Region(Guid id, DateOnly day)
        {
            var chain = Chain(id, day);
            return chain.Select(u => Fact(u, UnitFacts.Region, day)).FirstOrDefault(f => f is not null) is { } fact
                ? fact.Value
                : chain.Select(u => Unit(u)!.Region).FirstOrDefault(r => r is not null);
        }

        /// <summary>By any way of links in force, of which every unit but the first one ended on the day before the link's.</summary>
        public bool AnswersFor(Guid unit, Guid other, DateOnly today)
        {
            HashSet<Guid> answered = [unit];
            while (true)
            {
                var more = answered.Select(Unit).OfType<UnitState>().SelectMany(u => u.Predecessors).Where(l => l.On <= today && Unit(l.Unit)?.Versions[^1].To?.AddDays(1) == l.On)
                    .Select(l => l.Unit).Where(u => !answered.Contains(u)).ToList();
                if (more.Count == 0) return answered.Contains(other);
                answered.UnionWith(more);
            }
        }

        public HashSet<Guid> Reached(Guid id, Func<UnitState, IReadOnlyList<UnitLink>> links)
        {
            HashSet<Guid> reached = [];
            List<Guid> open = [id];
            HashSet<Guid> done = [];
            while (open.Count > 0)
            {
                var at = open[^1];
                open.RemoveAt(open.Count - 1);
                if (!done.Add(at) || Unit(at) is not { } unit) continue;
                reached.UnionWith(links(unit).Select(l => l.Unit));
                open.AddRange(links(unit).Select(l => l.Unit));
            }

            return reached;
        }

        private UnitState? Unit(Guid id) => units.SingleOrDefault(u => u.Id == id);
    }
}

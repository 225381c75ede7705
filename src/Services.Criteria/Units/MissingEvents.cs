using Ntm.Contracts.Criteria;

namespace Ntm.Criteria.Units;

/// <summary>
/// What of a unit's wanted events its stream does not tell yet. Told is what follows from the stream, under whatever event: streams of
/// earlier releases stay as they are. What somebody else recorded of the same days is never gone over.
/// </summary>
internal static class MissingEvents
{
    /// <summary>The events to append, in their order; none when the stream tells everything.</summary>
    /// <param name="by">Who wants them; only this one's earlier words are corrected.</param>
    public static IReadOnlyList<object> Of(IReadOnlyList<object> stored, IReadOnlyList<object> wanted, string by)
    {
        List<object> missing = [];
        var state = stored.Aggregate((UnitState?)null, UnitHistory.Fold);
        foreach (var e in wanted)
        {
            if (Untold(state, stored, e, by) is not { } untold) continue;
            missing.Add(untold);
            state = UnitHistory.Fold(state, untold);
        }

        if (Withdrawn(stored, wanted, by) is { Count: > 0 } withdrawn)
            missing.Add(new UnitClassified(withdrawn, null, by, wanted.OfType<UnitCreated>().Single().At));
        return missing;
    }

    /// <summary>
    /// What the wanted events say and the stream, with all that is missing, does not: no event can say it of what is on record. The rule
    /// <c>not-tellable</c>, or why else.
    /// </summary>
    public static IReadOnlyList<(string Field, string Rule)> NotTold(IReadOnlyList<object> stored, IReadOnlyList<object> wanted, string by)
    {
        if (stored is not [UnitCreated created, ..] || created.By != by) return [];
        List<(string, string)> left = [];
        var told = stored.Concat(Of(stored, wanted, by)).Aggregate((UnitState?)null, UnitHistory.Fold)!;
        var asked = wanted.Aggregate((UnitState?)null, UnitHistory.Fold)!;
        var (first, better) = (told.Versions[0], asked.Versions[0]);
        if (first.From is not { } day || !OthersSpoke(stored, day, by))
        {
            Check("code", first.Code == better.Code);
            Check("name", first.Name == better.Name);
            Check("fullName", first.FullName == better.FullName);
            Check("kind", first.Kind == better.Kind);
            Check("parent", first.Parent == better.Parent);
            Check("from", first.From == better.From);
            Check("legalBasis", first.LegalBasis == better.LegalBasis);
            Check("mark", first.Mark == better.Mark);
        }

        if (told.Region != asked.Region) left.Add(("region", NotTellable));
        if (told.Versions[^1].To is null && asked.Versions[^1].To is not null) left.Add(($"versions[{told.Versions.Count - 1}].to", "before-last-change"));
        return left;

        void Check(string field, bool same)
        {
            if (!same) left.Add(($"versions[0].{field}", NotTellable));
        }
    }

    private const string NotTellable = "not-tellable";

    private static object? Untold(UnitState? state, IReadOnlyList<object> stored, object e, string by) => (state, e) switch
    {
        (null, UnitCreated) => e,
        (null, _) => throw new InvalidDataException($"A unit's first event is its creation, not {e.GetType().Name}."),
        (_, UnitCreated c) => IsCorrected(state, stored, c, by) ? new UnitRenamed(c.Code, c.Name, c.FullName, c.From!.Value, c.LegalBasis, c.Mark, c.By, c.At) : null,
        (_, UnitRenamed c) => IsTold(state, stored, c.From, by, v => (v.Code, v.Name, v.FullName) == (c.Code, c.Name, c.FullName)) ? null : e,
        (_, UnitReclassified c) => IsTold(state, stored, c.From, by, v => (v.Name, v.FullName, v.Kind) == (c.Name, c.FullName, c.Kind)) ? null : e,
        (_, UnitMoved c) => IsTold(state, stored, c.From, by, v => v.Parent == c.Parent) ? null : e,
        (_, UnitEnlarged c) => Links(c.Predecessors, state.Predecessors) is { Count: > 0 } links ? c with { Predecessors = links } : null,
        (_, UnitReduced c) => Links(c.Successors, state.Successors) is { Count: > 0 } links ? c with { Successors = links } : null,
        (_, UnitMerged c) => MayEnd(state, c.LastDay) ? e : null,
        (_, UnitSplit c) => MayEnd(state, c.LastDay) ? e : null,
        (_, UnitDissolved c) => MayEnd(state, c.LastDay) ? e : null,
        (_, UnitClassified c) => Facts(stored, c.Facts, by) is { Count: > 0 } facts ? c with { Facts = facts } : null,
        _ => throw new InvalidDataException($"{e.GetType().Name} is not of a unit's history."),
    };

    /// <summary>A unit ends once, and not before its last version has begun.</summary>
    private static bool MayEnd(UnitState state, DateOnly lastDay) => state.Versions[^1] is { To: null } last && (last.From ?? DateOnly.MinValue) <= lastDay;

    /// <summary>Whether the name or basis of a unit's first day was corrected, and an event of that day can still say so: nothing came after it.</summary>
    private static bool IsCorrected(UnitState state, IReadOnlyList<object> stored, UnitCreated c, string by) =>
        stored is [UnitCreated created, ..] && created.By == by && state.Versions is [{ To: null, From: { } from } only] && from == c.From && !OthersSpoke(stored, from, by)
        && (only.Kind, only.Parent) == (c.Kind, c.Parent)
        && (only.Code, only.Name, only.FullName, only.LegalBasis, only.Mark) != (c.Code, c.Name, c.FullName, c.LegalBasis, c.Mark);

    private static List<UnitLink> Links(IEnumerable<UnitLink> wanted, IReadOnlyList<UnitLink> known) =>
        [.. wanted.Where(l => !known.Any(k => k.Unit == l.Unit && k.On == l.On))];

    /// <summary>Whether the day's version says it, or can be told no more: the unit ended, something newer was recorded, or somebody else spoke of that day.</summary>
    private static bool IsTold(UnitState state, IReadOnlyList<object> stored, DateOnly from, string by, Func<UnitVersion, bool> says)
    {
        var last = state.Versions[^1];
        return says(last) || last.To is not null || last.From > from || OthersSpoke(stored, from, by);
    }

    private static bool OthersSpoke(IReadOnlyList<object> stored, DateOnly day, string by) => stored.Any(s => s switch
    {
        UnitRenamed c => c.From == day && c.By != by,
        UnitReclassified c => c.From == day && c.By != by,
        UnitMoved c => c.From == day && c.By != by,
        _ => false,
    });

    /// <summary>The wanted facts on the days of which nobody else spoke, as far as they were not said before.</summary>
    private static List<UnitFact> Facts(IReadOnlyList<object> stored, IReadOnlyList<UnitFact> wanted, string by)
    {
        var said = Said(stored, c => c.By == by).Aggregate((IReadOnlyList<UnitFact>)[], UnitHistory.Paint);
        var others = Said(stored, c => c.By != by);
        return
        [
            .. wanted.SelectMany(fact => Without(fact, others))
                .Where(f => !said.Any(s => s with { From = f.From, To = f.To } == f && First(s) <= First(f) && Last(f) <= Last(s))),
        ];
    }

    /// <summary>Days of which a fact was said that is said no more, and of which nobody else spoke: nobody knows.</summary>
    private static List<UnitFact> Withdrawn(IReadOnlyList<object> stored, IReadOnlyList<object> wanted, string by)
    {
        var spoken = Said(wanted, _ => true).Concat(Said(stored, c => c.By != by)).ToList();
        return
        [
            .. Said(stored, c => c.By == by).Aggregate((IReadOnlyList<UnitFact>)[], UnitHistory.Paint).Where(said => said.Value is not null)
                .SelectMany(said => Without(said, spoken)).Select(left => new UnitFact(left.Name, null, left.From, left.To, null, "unknown")),
        ];
    }

    private static List<UnitFact> Said(IReadOnlyList<object> events, Func<UnitClassified, bool> which) => [.. events.OfType<UnitClassified>().Where(which).SelectMany(c => c.Facts)];

    private static IEnumerable<UnitFact> Without(UnitFact fact, IEnumerable<UnitFact> others) =>
        others.Where(o => o.Name == fact.Name).Aggregate((IEnumerable<UnitFact>)[fact], (left, other) => left.SelectMany(f => Without(f, other)));

    /// <summary>What is left of the fact on the days that the other does not speak of.</summary>
    private static List<UnitFact> Without(UnitFact fact, UnitFact other)
    {
        if (First(other) > Last(fact) || Last(other) < First(fact)) return [fact];
        List<UnitFact> left = [];
        if (First(fact) < First(other)) left.Add(fact with { To = First(other).AddDays(-1) });
        if (Last(fact) > Last(other)) left.Add(fact with { From = Last(other).AddDays(1) });
        return left;
    }

    private static DateOnly First(UnitFact fact) => fact.From ?? DateOnly.MinValue;

    private static DateOnly Last(UnitFact fact) => fact.To ?? DateOnly.MaxValue;
}

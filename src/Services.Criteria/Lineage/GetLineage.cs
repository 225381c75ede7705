using Marten;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>Who came before a unit and after it, over all reforms.</summary>
internal sealed class GetLineage(IQuerySession session, PastUnits past, AsOf asOf)
{
    public sealed record Node(Guid UnitId, string Code, string Name, string Level, DateOnly? From, DateOnly? To, bool InForce);

    /// <param name="Part">whole, or what went over in the words of the source.</param>
    /// <param name="Whole">Whether all of the unit went this way.</param>
    /// <param name="People">Share of the inhabitants that went this way, exactly; null where it cannot be divided from the data at hand.</param>
    /// <param name="Land">Share of the area, likewise.</param>
    /// <param name="Divisible">Whether both are known.</param>
    /// <param name="Reason">Why not.</param>
    /// <param name="SharesBasis">Where recorded shares are from.</param>
    public sealed record Step(
        Guid FromId, string From, string FromName, Guid IntoId, string Into, string IntoName, DateOnly On, string Part, bool Whole, string? LegalBasis,
        bool Divisible, string? People, string? Land, string? Reason, string? SharesBasis);

    /// <param name="Units">Every unit that the steps speak of.</param>
    /// <param name="Predecessors">Steps that lead to the unit, latest first.</param>
    /// <param name="Successors">Steps that lead on from it, earliest first.</param>
    public sealed record View(
        Guid UnitId, string Code, string Name, DateOnly On, IReadOnlyList<Node> Units, IReadOnlyList<Step> Predecessors, IReadOnlyList<Step> Successors, long? AsOfPosition);

    internal static readonly Text CannotBeDivided = new(
        "Không chia được từ dữ liệu hiện có; cần ghi tỷ lệ chia.", "Cannot be divided from the data at hand; the shares have to be recorded.");

    public static Task<IResult> Handle(HttpContext http, string unit, string? on, UnitRegister register, TimeProvider clock, GetLineage lineage, CancellationToken ct) =>
        lineage.OneAsync(http, unit, on, register, clock, ct);

    /// <summary>The shares recorded for the days on which units were divided, up to the position.</summary>
    public async Task<ShareBook> SharesAsync(UnitTree tree, IEnumerable<(Guid From, DateOnly On)> passed, long? position, CancellationToken ct)
    {
        List<UnitShares> found = [];
        foreach (var (from, on) in passed.Distinct().Where(p => Passings.Of(tree, p.From, p.On).Count > 1))
        {
            var key = UnitShares.Key(from, on);
            var shares = position is not { } at ? await session.LoadAsync<UnitShares>(key, ct)
                : await asOf.VersionAtAsync(key, at, ct) is > 0 and var version ? await session.Events.AggregateStreamAsync<UnitShares>(key, version, token: ct)
                : null;
            if (shares is not null) found.Add(shares);
        }

        return new(found);
    }

    private async Task<IResult> OneAsync(HttpContext http, string unit, string? on, UnitRegister register, TimeProvider clock, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(on, "on", AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (position, refusal) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        var tree = position is { } at ? await past.AtAsync(at, ct) : await register.GetAsync(ct);
        if (tree.Resolve(unit, day) is not { } found) return Problems.Of(GetUnits.Unknown(unit, day));
        var bases = (await UnitsAt.LoadAsync(session, UnitsAt.Around(tree, found.Id), position, ct)).Bases;

        List<(Guid From, UnitLink Link, Guid Into)> before = [], after = [];
        Walk(tree, found.Id, u => u.Predecessors.Select(l => (l.Unit, l, u.Id)), s => s.From, before, []);
        Walk(tree, found.Id, u => u.Successors.Select(l => (u.Id, l, l.Unit)), s => s.Into, after, []);
        var shares = await SharesAsync(tree, before.Concat(after).Select(s => (s.From, s.Link.On)), position, ct);
        var steps = before.OrderByDescending(s => s.Link.On).Select(s => StepOf(http, tree, bases, shares, s)).ToList();
        var further = after.OrderBy(s => s.Link.On).Select(s => StepOf(http, tree, bases, shares, s)).ToList();
        var units = before.Concat(after).SelectMany(s => new[] { s.From, s.Into }).Append(found.Id).Distinct().Select(id => NodeOf(tree, id, day))
            .OrderBy(n => n.From ?? DateOnly.MinValue).ThenBy(n => n.Code, StringComparer.Ordinal).ThenBy(n => n.UnitId);
        return TypedResults.Ok(new View(found.Id, found.Code, found.Name, day, [.. units], steps, further, position));
    }

    private static void Walk(
        UnitTree tree, Guid at, Func<UnitState, IEnumerable<(Guid From, UnitLink Link, Guid Into)>> links, Func<(Guid From, UnitLink Link, Guid Into), Guid> next,
        List<(Guid From, UnitLink Link, Guid Into)> steps, HashSet<Guid> seen)
    {
        if (!seen.Add(at) || tree.Find(at) is not { } unit) return;
        foreach (var step in links(unit).Where(s => tree.Find(next(s)) is not null))
        {
            steps.Add(step);
            Walk(tree, next(step), links, next, steps, seen);
        }
    }

    private static Step StepOf(
        HttpContext http, UnitTree tree, IReadOnlyDictionary<(Guid, Guid, DateOnly), string> bases, ShareBook shares, (Guid From, UnitLink Link, Guid Into) step)
    {
        var (from, into) = (tree.Ref(step.From, Passings.DayBefore(step.Link.On))!, tree.Ref(step.Into, step.Link.On)!);
        var passing = new Passing(step.From, step.Into, step.Link.On, step.Link.Part);
        var all = Passings.Of(tree, step.From, step.Link.On);
        // Between levels there is no figure to carry, and nothing to divide.
        var (people, land) = all.Any(p => p.Into == step.Into) ? (shares.Of(all, passing, Rules.People), shares.Of(all, passing, Rules.Land)) : (null, null);
        var divisible = people is not null && land is not null;
        return new(
            from.Id, from.Code, from.Name, into.Id, into.Code, into.Name, step.Link.On, step.Link.Part, all.Count == 1, bases.GetValueOrDefault((from.Id, into.Id, step.Link.On)),
            divisible, people?.ToString(), land?.ToString(), divisible ? null : CannotBeDivided.For(http), shares.RecordOf(from.Id, step.Link.On)?.Basis);
    }

    private static Node NodeOf(UnitTree tree, Guid id, DateOnly day)
    {
        var (unit, named) = (tree.Find(id)!, tree.Ref(id, day)!);
        return new(id, named.Code, named.Name, unit.Level, unit.Versions[0].From, unit.Versions[^1].To, tree.On(id, day) is not null);
    }
}

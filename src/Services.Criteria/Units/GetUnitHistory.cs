using JasperFx.Events;
using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>A unit's page of history: all it was called, under whom it stood, whence it came and what became of it; who recorded it, and when.</summary>
internal static class GetUnitHistory
{
    /// <param name="Parent">The unit above it, under its code and name of the first day.</param>
    public sealed record Called(
        string Code, string Name, string ShortName, string Kind, bool Urban, UnitRef? Parent, DateOnly? From, DateOnly? To, string? LegalBasis, string Mark, Recorded Recorded);

    public sealed record FactOfUnit(string Name, string? Value, DateOnly? From, DateOnly? To, string? Basis, string? LegalBasis, string Mark, Recorded Recorded);

    /// <param name="On">First day of the new state.</param>
    /// <param name="Part">What of it went over; <c>whole</c> or the words of the source.</param>
    /// <param name="Href">The other unit's own page.</param>
    public sealed record Link(Guid UnitId, string Code, string Name, DateOnly On, string Part, string? LegalBasis, string? Mark, Recorded Recorded, string Href);

    /// <param name="Generation">1 next to this unit, then 2, 3 …</param>
    public sealed record Passage(UnitRef From, UnitRef Into, DateOnly On, string Part, int Generation, string Href);

    public sealed record End(DateOnly LastDay, string? LegalBasis, string? Mark, Recorded Recorded);

    /// <param name="Ancestry">All that it came from, back to the first.</param>
    /// <param name="Descent">All that became of it, up to today's.</param>
    public sealed record Page(
        Guid UnitId, string Code, string Name, string Level, IReadOnlyList<Called> Names, IReadOnlyList<FactOfUnit> Facts,
        IReadOnlyList<Link> Predecessors, IReadOnlyList<Link> Successors, IReadOnlyList<Passage> Ancestry, IReadOnlyList<Passage> Descent, End? Ended,
        long Version, long? AsOfPosition);

    public static Task<IResult> Handle(HttpContext http, GetUnits units, IQuerySession session, AsOf asOf, string unit, string? on, CancellationToken ct) =>
        PageAsync(http, units, session, asOf, on, (tree, day) => tree.Resolve(unit, day)?.Id, day => GetUnits.Unknown(unit, day), ct);

    public static Task<IResult> HandleById(HttpContext http, GetUnits units, IQuerySession session, AsOf asOf, Guid unitId, string? on, CancellationToken ct) =>
        PageAsync(http, units, session, asOf, on, (_, _) => unitId, _ => GetUnits.UnknownId, ct);

    private static async Task<IResult> PageAsync(
        HttpContext http, GetUnits units, IQuerySession session, AsOf asOf, string? on, Func<UnitTree, DateOnly, Guid?> find, Func<DateOnly, Refusal> unknown, CancellationToken ct)
    {
        var (tree, day, position, refusal) = await units.LookAsync(http, on, new(), ct);
        if (tree is null) return Problems.Of(refusal!);
        if (find(tree, day) is not { } id || tree.Find(id) is null) return Problems.Of(unknown(day));
        var key = UnitRecord.Key(id);
        var version = position is { } at ? await asOf.VersionAtAsync(key, at, ct) : 0;
        var stream = await session.Events.FetchStreamAsync(key, version, token: ct);
        if (UnitBiography.Of(stream) is not { } told) return Problems.Of(unknown(day));
        if (position is null) http.Response.Headers.ETag = ETags.Of(stream[^1].Version);
        return TypedResults.Ok(Of(tree, told, day, stream[^1].Version, position));
    }

    internal static Page Of(UnitTree tree, UnitBiography told, DateOnly day, long version, long? position)
    {
        var unit = told.State;
        var now = tree.On(unit.Id, day) ?? GetUnits.Nearest(unit, day);
        return new(
            unit.Id, now.Code, now.FullName, unit.Level,
            [
                .. told.Versions.Select(v => new Called(
                    v.Item.Code, v.Item.FullName, v.Item.Name, v.Item.Kind, v.Item.Kind is "phuong" or "thi_tran",
                    v.Item.Parent is { } parent ? tree.Ref(parent, v.Item.From ?? v.Item.To ?? day) : null,
                    v.Item.From, v.Item.To, v.Item.LegalBasis, v.Item.Mark, v.Recorded)),
            ],
            [.. told.Facts.Select(f => new FactOfUnit(f.Item.Name, f.Item.Value, f.Item.From, f.Item.To, f.Item.Basis, f.LegalBasis, f.Item.Mark, f.Recorded))],
            [.. told.Predecessors.Select(l => LinkOf(l, GetUnits.DayBefore(l.Item.On)))],
            [.. told.Successors.Select(l => LinkOf(l, l.Item.On))],
            [.. tree.Ancestry(unit.Id).Select(p => PassageOf(p, p.From))],
            [.. tree.Descent(unit.Id).Select(p => PassageOf(p, p.Into))],
            told.End is { } end ? new(end.Item, end.LegalBasis, end.Mark, end.Recorded) : null,
            version, position);

        UnitRef RefOf(Guid id, DateOnly then) => tree.Ref(id, then) ?? new(id, "", "");

        Link LinkOf(Told<UnitLink> link, DateOnly then)
        {
            var other = RefOf(link.Item.Unit, then);
            return new(other.Id, other.Code, other.Name, link.Item.On, link.Item.Part, link.LegalBasis, link.Mark, link.Recorded, HrefOf(other.Id));
        }

        Passage PassageOf(UnitPassage p, Guid far) =>
            new(RefOf(p.From, GetUnits.DayBefore(p.On)), RefOf(p.Into, p.On), p.On, p.Part, p.Generation, HrefOf(far));
    }

    private static string HrefOf(Guid unit) => $"/api/criteria/units/by-id/{unit}/history";
}

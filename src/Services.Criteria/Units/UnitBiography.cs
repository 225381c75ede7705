using JasperFx.Events;
using Ntm.Contracts.Criteria;

namespace Ntm.Criteria.Units;

/// <summary>Who recorded something, and when.</summary>
/// <param name="Type">Name of the event, e.g. <c>unit-renamed.v1</c>.</param>
public sealed record Recorded(Guid EventId, string Type, long Version, DateTimeOffset RecordedAt, string By);

/// <summary>A part of a unit's history with the event that says it and that event's legal basis and mark.</summary>
public sealed record Told<T>(T Item, Recorded Recorded, string? LegalBasis, string? Mark);

/// <summary>A unit's history, each part with the event that it comes from.</summary>
/// <param name="End">How it ended: the last day; null while in force.</param>
public sealed record UnitBiography(
    UnitState State, IReadOnlyList<Told<UnitVersion>> Versions, IReadOnlyList<Told<UnitFact>> Facts,
    IReadOnlyList<Told<UnitLink>> Predecessors, IReadOnlyList<Told<UnitLink>> Successors, Told<DateOnly>? End)
{
    /// <summary>Folds the unit's stream and keeps which event said what; null when it tells of no unit.</summary>
    public static UnitBiography? Of(IEnumerable<IEvent> stream)
    {
        UnitBiography? told = null;
        foreach (var e in stream)
        {
            if (UnitHistory.Fold(told?.State, e.Data) is not { } state) continue;
            var (basis, mark, lastDay) = SaidBy(e.Data);
            var recorded = new Recorded(e.Id, e.EventTypeName, e.Version, e.Timestamp, e.UserName ?? "");
            told = new(
                state,
                [.. state.Versions.Select(v => Of(v, told?.Versions, old => old with { To = v.To } == v))],
                // What is left of a fact that another covers in part is still the word of whoever said it first.
                [.. (state.Facts ?? []).Select(f => Of(f, told?.Facts, old => old with { From = f.From, To = f.To } == f && Overlap(old, f)))],
                [.. state.Predecessors.Select(l => Of(l, told?.Predecessors, old => old == l))],
                [.. state.Successors.Select(l => Of(l, told?.Successors, old => old == l))],
                lastDay is { } day ? new(day, recorded, basis, mark) : told?.End);

            Told<T> Of<T>(T item, IReadOnlyList<Told<T>>? before, Func<T, bool> same) =>
                before?.FirstOrDefault(b => same(b.Item)) is { } known ? known with { Item = item } : new(item, recorded, basis, mark);
        }

        return told;
    }

    private static bool Overlap(UnitFact one, UnitFact other) =>
        (one.From ?? DateOnly.MinValue) <= (other.To ?? DateOnly.MaxValue) && (other.From ?? DateOnly.MinValue) <= (one.To ?? DateOnly.MaxValue);

    private static (string? Basis, string? Mark, DateOnly? LastDay) SaidBy(object e) => e switch
    {
        UnitCreated c => (c.LegalBasis, c.Mark, null),
        UnitRenamed c => (c.LegalBasis, c.Mark, null),
        UnitReclassified c => (c.LegalBasis, c.Mark, null),
        UnitMoved c => (c.LegalBasis, c.Mark, null),
        UnitEnlarged c => (c.LegalBasis, c.Mark, null),
        UnitReduced c => (c.LegalBasis, c.Mark, null),
        UnitClassified c => (c.LegalBasis, null, null),
        UnitMerged c => (c.LegalBasis, c.Mark, c.LastDay),
        UnitSplit c => (c.LegalBasis, c.Mark, c.LastDay),
        UnitDissolved c => (c.LegalBasis, c.Mark, c.LastDay),
        _ => (null, null, null),
    };
}

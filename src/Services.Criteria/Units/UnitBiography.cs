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
/// <param name="EndKind">merged, split or dissolved; null while in force.</param>
public sealed record UnitBiography(
    UnitState State, IReadOnlyList<Told<UnitVersion>> Versions, IReadOnlyList<Told<UnitFact>> Facts,
    IReadOnlyList<Told<UnitLink>> Predecessors, IReadOnlyList<Told<UnitLink>> Successors, Told<DateOnly>? End, string? EndKind)
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
                Each(state.Versions, told?.Versions, (old, v) => old with { To = v.To } == v),
                // What is left of a fact that another covers in part is still the word of whoever said it first.
                Each(state.Facts ?? [], told?.Facts, (old, f) => old with { From = f.From, To = f.To } == f && Overlap(old, f)),
                Each(state.Predecessors, told?.Predecessors, (old, l) => old == l),
                Each(state.Successors, told?.Successors, (old, l) => old == l),
                lastDay is { } day ? new(day, recorded, basis, mark) : told?.End,
                e.Data switch
                {
                    UnitMerged => "merged",
                    UnitSplit => "split",
                    UnitDissolved => "dissolved",
                    _ => told?.EndKind,
                });

            // Most items are the very ones of before: only the few others are searched for.
            IReadOnlyList<Told<T>> Each<T>(IReadOnlyList<T> items, IReadOnlyList<Told<T>>? before, Func<T, T, bool> same)
                where T : class
            {
                if (before is not null && items.Count == before.Count && items.Zip(before).All(pair => ReferenceEquals(pair.First, pair.Second.Item))) return before;
                Dictionary<T, Told<T>> kept = new(ReferenceEqualityComparer.Instance);
                foreach (var b in before ?? []) kept.TryAdd(b.Item, b);
                return
                [
                    .. items.Select(item => kept.TryGetValue(item, out var known) ? known
                        : before?.FirstOrDefault(b => same(b.Item, item)) is { } changed ? changed with { Item = item } : new(item, recorded, basis, mark)),
                ];
            }
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

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

        return missing;
    }

    private static object? Untold(UnitState? state, IReadOnlyList<object> stored, object e, string by) => (state, e) switch
    {
        (null, UnitCreated) => e,
        (null, _) => throw new InvalidDataException($"A unit's first event is its creation, not {e.GetType().Name}."),
        (_, UnitCreated) => null,
        (_, UnitRenamed c) => IsTold(state, stored, c.From, by, v => (v.Code, v.Name, v.FullName) == (c.Code, c.Name, c.FullName)) ? null : e,
        (_, UnitReclassified c) => IsTold(state, stored, c.From, by, v => (v.Name, v.FullName, v.Kind) == (c.Name, c.FullName, c.Kind)) ? null : e,
        (_, UnitMoved c) => IsTold(state, stored, c.From, by, v => v.Parent == c.Parent) ? null : e,
        (_, UnitEnlarged c) => Links(c.Predecessors, state.Predecessors) is { Count: > 0 } links ? c with { Predecessors = links } : null,
        (_, UnitReduced c) => Links(c.Successors, state.Successors) is { Count: > 0 } links ? c with { Successors = links } : null,
        (_, UnitMerged or UnitSplit or UnitDissolved) => state.Versions[^1].To is null ? e : null,
        (_, UnitClassified c) => Facts(stored, c.Facts, by) is { Count: > 0 } facts ? c with { Facts = facts } : null,
        _ => throw new InvalidDataException($"{e.GetType().Name} is not of a unit's history."),
    };

    private static List<UnitLink> Links(IEnumerable<UnitLink> wanted, IReadOnlyList<UnitLink> known) =>
        [.. wanted.Where(l => !known.Any(k => k.Unit == l.Unit && k.On == l.On))];

    /// <summary>Whether the day's version says it, or can be told no more: the unit ended, something newer was recorded, or somebody else spoke of that day.</summary>
    private static bool IsTold(UnitState state, IReadOnlyList<object> stored, DateOnly from, string by, Func<UnitVersion, bool> says)
    {
        var last = state.Versions[^1];
        return says(last) || last.To is not null || last.From > from || stored.Any(s => s switch
        {
            UnitRenamed c => c.From == from && c.By != by,
            UnitReclassified c => c.From == from && c.By != by,
            UnitMoved c => c.From == from && c.By != by,
            _ => false,
        });
    }

    /// <summary>The wanted facts on the days of which nobody else spoke, as far as they were not said before.</summary>
    private static List<UnitFact> Facts(IReadOnlyList<object> stored, IReadOnlyList<UnitFact> wanted, string by)
    {
        var said = stored.OfType<UnitClassified>().Where(c => c.By == by).SelectMany(c => c.Facts).Aggregate((IReadOnlyList<UnitFact>)[], UnitHistory.Paint);
        var others = stored.OfType<UnitClassified>().Where(c => c.By != by).SelectMany(c => c.Facts).ToList();
        return
        [
            .. wanted.SelectMany(fact => others.Where(o => o.Name == fact.Name).Aggregate((IEnumerable<UnitFact>)[fact], (left, other) => left.SelectMany(f => Without(f, other))))
                .Where(f => !said.Any(s => s with { From = f.From, To = f.To } == f && First(s) <= First(f) && Last(f) <= Last(s))),
        ];
    }

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

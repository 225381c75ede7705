using Marten;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>A few units as the store knew them at a position, folded from their events; for all of them there is <see cref="PastUnits"/>.</summary>
/// <param name="Bases">Legal basis of each passing, by from, into and day.</param>
internal sealed record UnitsAt(UnitTree Tree, IReadOnlyDictionary<(Guid From, Guid Into, DateOnly On), string> Bases)
{
    /// <param name="position">Null for all that is recorded.</param>
    public static async Task<UnitsAt> LoadAsync(IQuerySession session, IEnumerable<Guid> units, long? position, CancellationToken ct)
    {
        var (keys, last) = (units.Select(UnitRecord.Key).ToArray(), position ?? long.MaxValue);
        var events = await session.Events.QueryAllRawEvents().Where(e => keys.Contains(e.StreamKey!) && e.Sequence <= last).OrderBy(e => e.Sequence).ToListAsync(ct);
        return Of(events.Select(e => (e.StreamKey!, e.Data)));
    }

    /// <param name="events">In the order in which they were recorded.</param>
    public static UnitsAt Of(IEnumerable<(string Stream, object Data)> events)
    {
        var states = new Dictionary<string, UnitState>(StringComparer.Ordinal);
        var bases = new Dictionary<(Guid, Guid, DateOnly), string>();
        foreach (var (stream, data) in events)
        {
            if (UnitHistory.Fold(states.GetValueOrDefault(stream), data) is not { } state) continue;
            states[stream] = state;
            var (links, basis) = data switch
            {
                UnitCreated c => (From(c.Predecessors), c.LegalBasis),
                UnitEnlarged c => (From(c.Predecessors), c.LegalBasis),
                UnitMerged c => (c.Successors.Select(l => (state.Id, l.Unit, l.On)), c.LegalBasis),
                UnitSplit c => (c.Successors.Select(l => (state.Id, l.Unit, l.On)), c.LegalBasis),
                UnitReduced c => (c.Successors.Select(l => (state.Id, l.Unit, l.On)), c.LegalBasis),
                UnitDissolved c => (c.Successors.Select(l => (state.Id, l.Unit, l.On)), c.LegalBasis),
                _ => ([], null),
            };
            if (basis is null) continue;
            // A divided unit names one clause for all of its parts, each successor its own.
            foreach (var link in links)
            {
                if (data is UnitCreated or UnitEnlarged) bases[link] = basis;
                else bases.TryAdd(link, basis);
            }

            IEnumerable<(Guid, Guid, DateOnly)> From(IEnumerable<UnitLink> predecessors) => predecessors.Select(l => (l.Unit, state.Id, l.On));
        }

        return new(new(states.Values), bases);
    }

    /// <summary>The unit, all that came before and after it, and all that those were divided among.</summary>
    public static IReadOnlySet<Guid> Around(UnitTree tree, Guid unit)
    {
        HashSet<Guid> around = [unit];
        Walk(unit, u => u.Predecessors);
        Walk(unit, u => u.Successors);
        foreach (var divided in around.ToList())
        {
            around.UnionWith(tree.Find(divided)?.Successors.Select(l => l.Unit) ?? []);
            around.UnionWith(tree.Find(divided)?.Predecessors.Select(l => l.Unit) ?? []);
        }

        return around;

        void Walk(Guid at, Func<UnitState, IEnumerable<UnitLink>> links)
        {
            if (tree.Find(at) is not { } state) return;
            foreach (var link in links(state))
            {
                if (around.Add(link.Unit)) Walk(link.Unit, links);
            }
        }
    }
}

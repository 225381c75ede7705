using JasperFx.Events;
using Marten;
using Marten.Events;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>The register as it was known at a position of the store; the last few are kept in memory, as they never change.</summary>
public sealed class PastUnits(IDocumentStore store)
{
    private const int Kept = 4;
    private readonly Lock gate = new();
    private readonly List<(long Position, Task<UnitTree> Tree)> known = [];

    public Task<UnitTree> AtAsync(long position, CancellationToken ct)
    {
        lock (gate)
        {
            var at = known.FindIndex(k => k.Position == position && !k.Tree.IsFaulted);
            var found = at < 0 ? (position, LoadAsync(position)) : known[at];
            known.RemoveAll(k => k.Position == position);
            known.Add(found);
            if (known.Count > Kept) known.RemoveAt(0);
            return found.Item2.WaitAsync(ct);
        }
    }

    /// <summary>Not given up with the request that asked first: others may wait for the same.</summary>
    private async Task<UnitTree> LoadAsync(long position)
    {
        await using var session = store.QuerySession();
        var units = new Dictionary<string, UnitState>(StringComparer.Ordinal);
        var events = session.Events.QueryAllRawEvents().Where(e => e.EventTypesAre(UnitHistory.Events) && e.Sequence <= position).OrderBy(e => e.Sequence);
        await foreach (var e in events.ToAsyncEnumerable(CancellationToken.None))
            if (UnitHistory.Fold(units.GetValueOrDefault(e.StreamKey!), e.Data) is { } state) units[e.StreamKey!] = state;
        return new(units.Values);
    }
}

using JasperFx.Events;
using Marten;
using Marten.Events;
using Npgsql;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>
/// The register as it was known at a position of the store. It changes seldom: the positions of its changes are kept, and so are the
/// registers of the last few that were asked for.
/// </summary>
public sealed class PastUnits(IDocumentStore store, NpgsqlDataSource database) : IDisposable
{
    private const int Kept = 4;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly List<(long Change, Task<UnitTree> Tree)> known = [];
    private readonly List<long> changes = [];
    private readonly Lazy<string[]> names = new(() =>
        [.. store.Options.Events.AllKnownEventTypes().Where(t => UnitHistory.Events.Contains(t.EventType)).Select(t => t.EventTypeName)]);

    private long seen;

    /// <param name="position">One that is settled: nothing is stored below it any more.</param>
    public async Task<UnitTree> AtAsync(long position, CancellationToken ct)
    {
        var change = await LastChangeAsync(position, ct);
        Task<UnitTree> tree;
        lock (gate)
        {
            var at = known.FindIndex(k => k.Change == change && !k.Tree.IsFaulted);
            var found = at < 0 ? (change, LoadAsync(change)) : known[at];
            known.RemoveAll(k => k.Change == change);
            known.Add(found);
            if (known.Count > Kept) known.RemoveAt(0);
            tree = found.Item2;
        }

        return await tree.WaitAsync(ct);
    }

    public void Dispose() => reading.Dispose();

    /// <summary>The position of the last change by then; 0 before the first. What was looked through once is not looked through again.</summary>
    private async Task<long> LastChangeAsync(long position, CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        try
        {
            if (position > seen)
            {
                await using var command = database.CreateCommand("select seq_id from mt_events where seq_id > $1 and seq_id <= $2 and type = any($3) order by seq_id");
                command.Parameters.Add(new() { Value = seen });
                command.Parameters.Add(new() { Value = position });
                command.Parameters.Add(new() { Value = names.Value });
                List<long> further = [];
                await using (var reader = await command.ExecuteReaderAsync(ct))
                    while (await reader.ReadAsync(ct)) further.Add(reader.GetInt64(0));
                changes.AddRange(further);
                seen = position;
            }

            var at = changes.BinarySearch(position);
            return at >= 0 ? changes[at] : ~at == 0 ? 0 : changes[~at - 1];
        }
        finally
        {
            reading.Release();
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

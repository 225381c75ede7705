using Marten;
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
    private readonly List<(int Changes, Task<UnitTree> Tree)> known = [];
    private long[] changes = [];
    private long seen;

    /// <param name="position">One that is settled: nothing is stored below it any more.</param>
    public async Task<UnitTree> AtAsync(long position, CancellationToken ct)
    {
        var by = await ChangesAsync(position, ct);
        Task<UnitTree> tree;
        lock (gate)
        {
            var at = known.FindIndex(k => k.Changes == by.Length && !k.Tree.IsFaulted);
            var found = at < 0 ? (by.Length, LoadAsync(by)) : known[at];
            known.RemoveAll(k => k.Changes == by.Length);
            known.Add(found);
            if (known.Count > Kept) known.RemoveAt(0);
            tree = found.Item2;
        }

        return await tree.WaitAsync(ct);
    }

    public void Dispose() => reading.Dispose();

    /// <summary>
    /// The positions of the changes by then, from the first. They are told by their streams, not by the names of the events, which an
    /// upcaster may know; and what was looked through once is not looked through again.
    /// </summary>
    private async Task<long[]> ChangesAsync(long position, CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        try
        {
            if (position > seen)
            {
                await using var command = database.CreateCommand("select seq_id from mt_events where seq_id > $1 and seq_id <= $2 and stream_id like 'unit/%' order by seq_id");
                command.Parameters.Add(new() { Value = seen });
                command.Parameters.Add(new() { Value = position });
                List<long> further = [];
                await using (var reader = await command.ExecuteReaderAsync(ct))
                    while (await reader.ReadAsync(ct)) further.Add(reader.GetInt64(0));
                if (further.Count > 0) changes = [.. changes, .. further];
                seen = position;
            }

            var at = Array.BinarySearch(changes, position);
            return changes[..(at >= 0 ? at + 1 : ~at)];
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>From the nearest earlier state that is kept. Not given up with the request that asked first: others may wait for the same.</summary>
    private Task<UnitTree> LoadAsync(long[] by)
    {
        var (from, before) = known.Where(k => k.Changes < by.Length && k.Tree.IsCompletedSuccessfully).OrderByDescending(k => k.Changes)
            .Select(k => (k.Changes, (Task<UnitTree>?)k.Tree)).FirstOrDefault();
        return FoldAsync(before, by[from..]);
    }

    private async Task<UnitTree> FoldAsync(Task<UnitTree>? before, long[] further)
    {
        var units = before is null ? new Dictionary<string, UnitState>(StringComparer.Ordinal) : (await before).All.ToDictionary(u => UnitRecord.Key(u.Id), StringComparer.Ordinal);
        await using var session = store.QuerySession();
        var events = session.Events.QueryAllRawEvents().Where(e => further.Contains(e.Sequence)).OrderBy(e => e.Sequence);
        await foreach (var e in events.ToAsyncEnumerable(CancellationToken.None))
            if (UnitHistory.Fold(units.GetValueOrDefault(e.StreamKey!), e.Data) is { } state) units[e.StreamKey!] = state;
        return new(units.Values);
    }
}

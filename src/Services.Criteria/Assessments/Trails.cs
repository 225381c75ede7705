using System.Collections.Concurrent;
using System.Data;
using Marten;
using Marten.Events;
using Npgsql;

namespace Ntm.Criteria.Assessments;

/// <summary>
/// The trails of reports, held in memory. Each question first asks the store which versions the reports have, and reads only the events
/// beyond those that are known: an answer is never older than what a writer was answered, in whichever process he wrote.
/// </summary>
/// <param name="most">Weight that is kept, some 100 bytes each. What was asked for least recently goes first.</param>
internal sealed class Trails(IDocumentStore store, NpgsqlDataSource database, int most = Trails.Most) : IDisposable
{
    public const int Most = 2_000_000;

    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> gates = new();
    private readonly ConcurrentDictionary<string, Kept> known = new(StringComparer.Ordinal);

    /// <summary>How the store reads events of the names that are written now; older names it knows by its upcasters alone.</summary>
    private readonly Lazy<Dictionary<string, EventMapping>> mappings = new(() => store.Options.Events.AllKnownEventTypes().OfType<EventMapping>().Where(m => !m.IsBinary)
        .GroupBy(m => m.EventTypeName, StringComparer.Ordinal).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single(), StringComparer.Ordinal));

    private long turn;

    /// <summary>Weight of what is kept now.</summary>
    public long Weight => known.Values.Sum(k => (long)k.Trail.Weight);

    /// <summary>The reports of the units, against whichever set.</summary>
    public Task<IReadOnlyList<ReportTrail>> OfUnitsAsync(IReadOnlyCollection<Guid> units, CancellationToken ct) =>
        GetAsync("r.unit_id = any($1)", [units.ToArray()], ct);

    /// <summary>The reports of the units for the periods.</summary>
    public Task<IReadOnlyList<ReportTrail>> OfPeriodsAsync(IReadOnlyCollection<string> periods, IReadOnlyCollection<Guid> units, CancellationToken ct) =>
        GetAsync("r.period in (select unnest($1::text[])) and r.unit_id in (select unnest($2::uuid[]))", [periods.ToArray(), units.ToArray()], ct);

    public void Dispose()
    {
        foreach (var gate in gates.Values) gate.Dispose();
    }

    private async Task<IReadOnlyList<ReportTrail>> GetAsync(string which, Array[] wanted, CancellationToken ct)
    {
        if (wanted.Any(w => w.Length == 0)) return [];
        var now = Interlocked.Increment(ref turn);
        List<Stored> stored;
        await using (var connection = await database.OpenConnectionAsync(ct)) stored = await StoredAsync(connection, which, wanted, ct);
        if (stored.ConvertAll(s => Fitting(s, now)) is var trails && !trails.Contains(null)) return trails!;

        // One at a time for each unit: whoever waits finds most of it read, and waits for nobody else's units.
        List<SemaphoreSlim> held = [];
        try
        {
            foreach (var unit in stored.Where(s => Fitting(s, now) is null).Select(s => s.Unit).Distinct().Order())
            {
                var gate = gates.GetOrAdd(unit, _ => new(1, 1));
                await gate.WaitAsync(ct);
                held.Add(gate);
            }

            return await CatchUpAsync(which, wanted, now, ct);
        }
        finally
        {
            foreach (var gate in held) gate.Release();
        }
    }

    /// <summary>Versions and events of one state of the store.</summary>
    private async Task<IReadOnlyList<ReportTrail>> CatchUpAsync(string which, Array[] wanted, long now, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var stored = await StoredAsync(connection, which, wanted, ct);
        // Taken once: somebody else's question may make room meanwhile.
        List<(Stored Stored, ReportTrail? Fitting, ReportTrail? Before)> all = stored.ConvertAll(s => (s, Fitting(s, now), known.GetValueOrDefault(s.Id)?.Trail));
        var read = await ReadAsync(snapshot, all.Where(a => a.Fitting is null).ToDictionary(a => a.Stored.Id, a => a.Before, StringComparer.Ordinal), ct);
        foreach (var (report, fitting, _) in all)
            if (fitting is null) known[report.Id] = new(read[report.Id], report.Written, now);
        Trim(now);
        return [.. all.Select(a => a.Fitting ?? read[a.Stored.Id])];
    }

    /// <summary>What is kept of the report, where it is what the store holds; a store that was set back and written on is told by the instant of its last write.</summary>
    private ReportTrail? Fitting(Stored stored, long now)
    {
        if (!known.TryGetValue(stored.Id, out var kept) || kept.Trail.Version != stored.Version || kept.Written != stored.Written) return null;
        kept.Turn = now;
        return kept.Trail;
    }

    private static async Task<List<Stored>> StoredAsync(NpgsqlConnection connection, string which, Array[] wanted, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select s.id, r.unit_id, s.version, r.mt_last_modified from mt_doc_report r join mt_streams s on s.id = r.id where {which}", connection);
        foreach (var of in wanted) command.Parameters.Add(new() { Value = of });
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<Stored> stored = [];
        while (await reader.ReadAsync(ct)) stored.Add(new(reader.GetString(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetDateTime(3)));
        return stored;
    }

    /// <summary>One statement, however many reports are behind; another for those that cannot be carried on as they are kept.</summary>
    /// <param name="reports">With what is kept of each.</param>
    private async Task<Dictionary<string, ReportTrail>> ReadAsync(NpgsqlTransaction snapshot, Dictionary<string, ReportTrail?> reports, CancellationToken ct)
    {
        if (reports.Count == 0) return [];
        var making = reports.ToDictionary(r => r.Key, r => new ReportTrail.Making(r.Key, r.Value), StringComparer.Ordinal);
        // Until its last event is found in the store, nothing says that what is kept is still the past.
        HashSet<string> anew = [.. reports.Where(r => r.Value is not null).Select(r => r.Key)];
        HashSet<string> older = new(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand(
            """
            select e.data, e.stream_id, e.version, e.seq_id, e.id, e.type
            from unnest($1::text[], $2::bigint[]) as k(id, version) join mt_events e on e.stream_id = k.id and e.version >= k.version
            """,
            snapshot.Connection,
            snapshot))
        {
            command.Parameters.Add(new() { Value = reports.Keys.ToArray() });
            command.Parameters.Add(new() { Value = reports.Values.Select(r => r?.Version ?? 0).ToArray() });
            var serializer = store.Options.Serializer();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                var (id, version, eventId) = (reader.GetString(1), reader.GetInt64(2), reader.GetGuid(4));
                if (reports[id] is { } before && before.Version == version)
                {
                    if (before.LastEvent == eventId) anew.Remove(id);
                }
                else if (mappings.Value.TryGetValue(reader.GetString(5), out var mapping)) making[id].Add(new(version, reader.GetInt64(3), eventId, mapping.ReadEventData(serializer, reader).Data));
                else older.Add(id);
            }
        }

        var made = making.ToDictionary(m => m.Key, m => m.Value.Made(), StringComparer.Ordinal);
        string[] whole = [.. anew.Union(older, StringComparer.Ordinal)];
        if (whole.Length == 0) return made;
        await using var session = store.QuerySession(Marten.Services.SessionOptions.ForTransaction(snapshot));
        var events = await session.Events.QueryAllRawEvents().Where(e => whole.Contains(e.StreamKey!)).ToListAsync(ct);
        foreach (var stream in events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal))
            made[stream.Key] = ReportTrail.Of(stream.Key, null, stream.Select(e => new StoredEvent(e.Version, e.Sequence, e.Id, e.Data)));
        return made;
    }

    private void Trim(long now)
    {
        var weight = Weight;
        if (weight <= most) return;
        foreach (var (id, kept) in known.Where(k => k.Value.Turn < now).OrderBy(k => k.Value.Turn).ToList())
        {
            if (weight <= most) return;
            known.TryRemove(id, out _);
            weight -= kept.Trail.Weight;
        }
    }

    /// <param name="Written">When the report was written last.</param>
    private readonly record struct Stored(string Id, Guid Unit, long Version, DateTime Written);

    private sealed class Kept(ReportTrail trail, DateTime written, long turn)
    {
        public ReportTrail Trail { get; } = trail;

        public DateTime Written { get; } = written;

        /// <summary>The question that asked for it last.</summary>
        public long Turn { get; set; } = turn;
    }
}

using System.Collections.Concurrent;
using Marten;
using Npgsql;

namespace Ntm.Criteria.Assessments;

/// <summary>
/// The trails of reports, held in memory. Each question first asks the store which versions the reports have, and reads only the events
/// beyond those that are known: an answer is never older than what a writer was answered, in whichever process he wrote.
/// </summary>
/// <param name="most">Figures, corrections counted, that are kept: some 100 bytes each. Those that were asked for least recently go first.</param>
internal sealed class Trails(IDocumentStore store, NpgsqlDataSource database, int most = Trails.Most) : IDisposable
{
    public const int Most = 2_000_000;

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ConcurrentDictionary<string, Kept> known = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<string, Type>> types = new(() =>
        store.Options.Events.AllKnownEventTypes().ToDictionary(t => t.EventTypeName, t => t.EventType, StringComparer.Ordinal));

    private long turn;

    /// <summary>Figures that are kept now.</summary>
    public long Figures => known.Values.Sum(k => (long)k.Trail.Figures);

    /// <summary>The reports of the units, against whichever set.</summary>
    public async Task<IReadOnlyList<ReportTrail>> OfUnitsAsync(IReadOnlyCollection<Guid> units, CancellationToken ct) =>
        await GetAsync("unit_id = any($1)", units.ToArray(), ct);

    /// <summary>The reports of the periods, of whichever units.</summary>
    public async Task<IReadOnlyList<ReportTrail>> OfPeriodsAsync(IReadOnlyCollection<string> periods, CancellationToken ct) =>
        await GetAsync("period = any($1)", periods.ToArray(), ct);

    public void Dispose() => gate.Dispose();

    private async Task<IReadOnlyList<ReportTrail>> GetAsync<T>(string which, T[] wanted, CancellationToken ct)
    {
        if (wanted.Length == 0) return [];
        var now = Interlocked.Increment(ref turn);
        var versions = await VersionsAsync(which, wanted, ct);
        if (versions.Any(v => IsBehind(v)))
        {
            // One at a time: whoever waits finds most of it read.
            await gate.WaitAsync(ct);
            try
            {
                await CatchUpAsync(versions.Where(v => IsBehind(v)).Select(v => v.Id), ct);
                foreach (var (id, _) in versions) known[id].Turn = now;
                Trim(now);
            }
            finally
            {
                gate.Release();
            }
        }

        List<ReportTrail> trails = new(versions.Count);
        List<string> gone = [];
        foreach (var (id, _) in versions)
        {
            if (!known.TryGetValue(id, out var kept))
            {
                gone.Add(id);
                continue;
            }

            kept.Turn = now;
            trails.Add(kept.Trail);
        }

        // Somebody else's question made room meanwhile.
        if (gone.Count > 0) trails.AddRange((await ReadAsync(gone, ct)).Values);
        return trails;
    }

    private bool IsBehind((string Id, long Version) stored) => !known.TryGetValue(stored.Id, out var kept) || kept.Trail.Version < stored.Version;

    private async Task<List<(string Id, long Version)>> VersionsAsync<T>(string which, T[] wanted, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select s.id, s.version from mt_doc_report r join mt_streams s on s.id = r.id where r.{which}");
        command.Parameters.Add(new() { Value = wanted });
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<(string, long)> versions = [];
        while (await reader.ReadAsync(ct)) versions.Add((reader.GetString(0), reader.GetInt64(1)));
        return versions;
    }

    private async Task CatchUpAsync(IEnumerable<string> behind, CancellationToken ct)
    {
        foreach (var (id, trail) in await ReadAsync([.. behind], ct)) known[id] = new(trail);
    }

    /// <summary>One statement, however many reports are behind.</summary>
    private async Task<Dictionary<string, ReportTrail>> ReadAsync(List<string> reports, CancellationToken ct)
    {
        if (reports.Count == 0) return [];
        var making = reports.ToDictionary(id => id, id => new ReportTrail.Making(id, known.GetValueOrDefault(id)?.Trail), StringComparer.Ordinal);
        await using var command = database.CreateCommand(
            """
            select e.stream_id, e.version, e.seq_id, e.id, e.type, e.data
            from unnest($1::text[], $2::bigint[]) as k(id, version) join mt_events e on e.stream_id = k.id and e.version > k.version
            """);
        command.Parameters.Add(new() { Value = reports.ToArray() });
        command.Parameters.Add(new() { Value = reports.Select(id => known.GetValueOrDefault(id)?.Trail.Version ?? 0).ToArray() });
        var serializer = store.Options.Serializer();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            // What a newer program writes beside this one only moves the version on.
            var data = types.Value.TryGetValue(reader.GetString(4), out var type) ? serializer.FromJson(type, reader, 5) : reader.GetString(4);
            making[reader.GetString(0)].Add(new(reader.GetInt64(1), reader.GetInt64(2), reader.GetGuid(3), data));
        }

        return making.ToDictionary(m => m.Key, m => m.Value.Made(), StringComparer.Ordinal);
    }

    private void Trim(long now)
    {
        var figures = Figures;
        if (figures <= most) return;
        foreach (var (id, kept) in known.Where(k => k.Value.Turn < now).OrderBy(k => k.Value.Turn).ToList())
        {
            if (figures <= most) return;
            known.TryRemove(id, out _);
            figures -= kept.Trail.Figures;
        }
    }

    private sealed class Kept(ReportTrail trail)
    {
        public ReportTrail Trail { get; } = trail;

        /// <summary>The question that asked for it last.</summary>
        public long Turn { get; set; }
    }
}

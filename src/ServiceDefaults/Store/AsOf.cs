using System.Globalization;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Linq.MatchesSql;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>The position that an instant was answered with; the same instant is answered with it for ever.</summary>
/// <param name="Id">The instant in UTC ticks.</param>
public sealed record AsOfPin(long Id, long Position);

/// <summary>
/// Turns <c>asOf</c> into a store position not beyond the daemon's high-water mark. A transaction that commits late cannot slip
/// below it: recent instants are pinned, and pins never cross.
/// </summary>
public sealed class AsOf(IDocumentStore store, NpgsqlDataSource database, TimeProvider clock)
{
    private static readonly TimeSpan Unsettled = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The position for the query's <c>asOf</c>; null without one. A future or unreadable instant is refused with 400.</summary>
    /// <param name="field">Where the instant was given.</param>
    public async Task<(long? Position, Refusal? Refusal)> ResolveAsync(string? asOf, CancellationToken ct, string field = "asOf")
    {
        if (string.IsNullOrEmpty(asOf)) return (null, null);
        if (!TryParse(asOf, out var instant))
            return (null, Refusal.Malformed(field, "as-of-instant", $"{field} phải là thời điểm ISO 8601 có múi giờ.", $"{field} must be an ISO 8601 instant with an offset."));
        if (instant > clock.GetUtcNow())
            return (null, Refusal.Malformed(field, "as-of-future", $"{field} không được ở tương lai.", $"{field} must not be in the future."));

        await using var session = store.LightweightSession();
        if (await session.LoadAsync<AsOfPin>(instant.UtcTicks, ct) is { } pinned) return (pinned.Position, null);

        var position = Math.Min(await ReachedAsync(instant, ct), await CeilingAsync(session, instant, ct));
        if (instant < clock.GetUtcNow() - Unsettled) return (position, null);
        await PinAsync(instant.UtcTicks, position, ct);
        return ((await session.LoadAsync<AsOfPin>(instant.UtcTicks, ct))!.Position, null);
    }

    /// <summary>The day in Vietnam of the query's <c>asOf</c>: what a look back means by "today"; null without a readable one.</summary>
    public static DateOnly? DayOf(string? asOf) => InstantOf(asOf) is { } instant ? VietnamTime.DayOf(instant) : null;

    /// <summary>The instant of the query's <c>asOf</c>; null without a readable one.</summary>
    public static DateTimeOffset? InstantOf(string? asOf) => !string.IsNullOrEmpty(asOf) && TryParse(asOf, out var instant) ? instant : null;

    /// <summary>Version that the stream had at the position; 0 when it did not exist.</summary>
    public async Task<long> VersionAtAsync(string stream, long position, CancellationToken ct)
    {
        await using var command = database.CreateCommand("select coalesce(max(version), 0) from mt_events where stream_id = $1 and seq_id <= $2");
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = position });
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }

    /// <summary>Versions that the streams had at the position, in one trip; without those that did not exist.</summary>
    public async Task<IReadOnlyDictionary<string, long>> VersionsAtAsync(IReadOnlyCollection<string> streams, long position, CancellationToken ct)
    {
        Dictionary<string, long> versions = new(StringComparer.Ordinal);
        if (streams.Count == 0) return versions;
        await using var command = database.CreateCommand("select stream_id, max(version) from mt_events where stream_id = any($1) and seq_id <= $2 group by stream_id");
        command.Parameters.Add(new() { Value = streams.ToArray() });
        command.Parameters.Add(new() { Value = position });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) versions.Add(reader.GetString(0), reader.GetInt64(1));
        return versions;
    }

    /// <summary>The last event that each stream had at the position, in one trip; without those that did not exist.</summary>
    public async Task<IReadOnlyDictionary<string, IEvent>> LastAsync(IReadOnlyCollection<string> streams, long position, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        var last = await session.Events.QueryAllRawEvents()
            .Where(e => e.MatchesSql("d.seq_id in (select max(seq_id) from mt_events where stream_id = any(?) and seq_id <= ? group by stream_id)", streams.ToArray(), position))
            .ToListAsync(ct);
        return last.ToDictionary(e => e.StreamKey!, StringComparer.Ordinal);
    }

    private static bool TryParse(string written, out DateTimeOffset instant)
    {
        // A "+" of the offset arrives as a blank when the caller did not escape it.
        var text = written.Replace(' ', '+');
        return DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out instant)
            && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            // The last hours of the calendar have no day in Vietnam.
            && instant.UtcTicks <= DateTime.MaxValue.Ticks - VietnamTime.Offset.Ticks;
    }

    /// <summary>The last event recorded by the instant, waiting a moment for the high-water mark to reach it.</summary>
    private async Task<long> ReachedAsync(DateTimeOffset instant, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        // Timestamps and positions run together but for transactions side by side: the last thousand by time hold the highest position.
        // What fills the numbers of failed appends (Marten's tombstones) has no time and is no fact.
        var recorded = await ScalarAsync(
            "select coalesce(max(seq_id), 0) from (select seq_id from mt_events where timestamp <= $1 and timestamp > '-infinity' order by timestamp desc limit 1000) e", instant, ct);
        while (true)
        {
            var mark = await ScalarAsync("select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'HighWaterMark'", null, ct);
            if (mark >= recorded || clock.GetElapsedTime(started) > Patience) return Math.Min(mark, recorded);
            await Task.Delay(TimeSpan.FromMilliseconds(20), ct);
        }
    }

    private static async Task<long> CeilingAsync(IDocumentSession session, DateTimeOffset instant, CancellationToken ct)
    {
        var ticks = instant.UtcTicks;
        var later = await session.Query<AsOfPin>().Where(p => p.Id > ticks).OrderBy(p => p.Id).Take(1).ToListAsync(ct);
        return later.Count == 0 ? long.MaxValue : later[0].Position;
    }

    private async Task PinAsync(long ticks, long position, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        session.Insert(new AsOfPin(ticks, position));
        try
        {
            await session.SaveChangesAsync(ct);
        }
        catch (Exception exception) when (exception is DocumentAlreadyExistsException)
        {
            // Another reader pinned the same instant first; its position counts.
            return;
        }
    }

    private async Task<long> ScalarAsync(string sql, DateTimeOffset? instant, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        if (instant is { } at) command.Parameters.Add(new() { Value = at.ToUniversalTime() });
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }
}

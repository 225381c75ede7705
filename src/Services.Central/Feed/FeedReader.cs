using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using JasperFx.Events;
using Marten;
using Marten.Events;
using Npgsql;
using Ntm.Central.Publishing;
using Ntm.Central.V1;

namespace Ntm.Central.Feed;

/// <summary>A piece of the feed.</summary>
/// <param name="Through">Everything up to here was read.</param>
/// <param name="Full">There may be more below the high-water mark.</param>
internal sealed record FeedPage(IReadOnlyList<Change> Changes, long Through, bool Full);

/// <summary>Reads the feed: learned facts in the order of the store, never beyond the daemon's high-water mark.</summary>
internal sealed class FeedReader(IDocumentStore store, NpgsqlDataSource database)
{
    /// <summary>Below the mark nothing becomes visible late.</summary>
    public async Task<long> MarkAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'HighWaterMark'");
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }

    public async Task<FeedPage> ReadAsync(long after, long mark, Pull pull, CancellationToken ct)
    {
        if (after >= mark) return new([], after, Full: false);
        await using var session = store.QuerySession();
        var events = await session.Events.QueryAllRawEvents()
            .Where(e => e.Sequence > after && e.Sequence <= mark && e.EventTypesAre(pull.Events))
            .OrderBy(e => e.Sequence).Take(pull.MaxBatch).ToListAsync(ct);
        var full = events.Count == pull.MaxBatch;
        var overtaken = (await session.LoadManyAsync<OvertakenFact>(ct, [.. events.Select(e => e.Id)])).Select(o => o.Id).ToHashSet();
        return new([.. events.Where(e => !overtaken.Contains(e.Id)).Select(ChangeOf)], full ? events[^1].Sequence : mark, full);
    }

    internal static Change ChangeOf(IEvent e)
    {
        var fact = Fact.Of(e.Data) ?? throw new InvalidOperationException($"{e.EventTypeName} is not published.");
        var json = Canonical.Utf8Of(fact.Content);
        return new Change
        {
            Position = e.Sequence,
            Kind = fact.Kind,
            Key = fact.Key,
            Version = fact.Version,
            RecordedAt = Timestamp.FromDateTimeOffset(fact.Origin.RecordedAt),
            ValidOn = fact.ValidOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ContentHash = UnsafeByteOperations.UnsafeWrap(Canonical.HashOf(json)),
            Json = System.Text.Encoding.UTF8.GetString(json),
        };
    }
}

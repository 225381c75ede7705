using Marten;
using Npgsql;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>An event of a type that this program does not have: a newer version wrote it.</summary>
internal sealed record UnknownEvent(long Sequence, string Type)
{
    /// <summary>
    /// The first one after the outbox's progress and up to <paramref name="ceiling"/>; the events are told by their types alone and not read.
    /// A page may begin later than its predecessor ended, so it is the progress that counts.
    /// </summary>
    public static async Task<UnknownEvent?> FirstAsync(IDocumentStore store, NpgsqlDataSource database, long ceiling, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"""
            select seq_id, type, mt_dotnet_type from mt_events
            where seq_id > coalesce((select last_seq_id from mt_event_progression where name = '{Outbox.SubscriptionName}:All'), 0) and seq_id <= $1 and type <> all ($2)
            order by seq_id
            """);
        command.Parameters.Add(new() { Value = ceiling });
        command.Parameters.Add(new() { Value = store.Options.Events.AllKnownEventTypes().Select(t => t.EventTypeName).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            if (System.Type.GetType(reader.GetString(2)) is null) return new(reader.GetInt64(0), reader.GetString(1));
        return null;
    }
}

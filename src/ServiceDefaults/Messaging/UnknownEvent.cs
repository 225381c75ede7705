using Marten;
using Npgsql;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>An event of a type that this program does not have: a newer version wrote it.</summary>
internal sealed record UnknownEvent(long Sequence, string Type)
{
    /// <summary>The first one after <paramref name="floor"/> and up to <paramref name="ceiling"/>; the events are told by their types alone and not read.</summary>
    public static async Task<UnknownEvent?> FirstAsync(IDocumentStore store, NpgsqlDataSource database, long floor, long ceiling, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            "select seq_id, type, mt_dotnet_type from mt_events where seq_id > $1 and seq_id <= $2 and type <> all ($3) order by seq_id");
        command.Parameters.Add(new() { Value = floor });
        command.Parameters.Add(new() { Value = ceiling });
        command.Parameters.Add(new() { Value = store.Options.Events.AllKnownEventTypes().Select(t => t.EventTypeName).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            if (System.Type.GetType(reader.GetString(2)) is null) return new(reader.GetInt64(0), reader.GetString(1));
        return null;
    }
}

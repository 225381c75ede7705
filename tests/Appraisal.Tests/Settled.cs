using Npgsql;

namespace Ntm.Appraisal.Tests;

/// <summary>What has settled in a store whose daemon does not run.</summary>
internal static class Settled
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What the daemon does where it runs: everything that is stored has settled.</summary>
    public static async Task MarkAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand("insert into mt_event_progression (name, last_seq_id) select 'HighWaterMark', max(seq_id) from mt_events on conflict (name) do update set last_seq_id = excluded.last_seq_id", connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>The instant of the last event: whatever is stored by then is in an answer as of it.</summary>
    public static async Task<string> LastAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand("select to_char(max(timestamp) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from mt_events", connection);
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }
}

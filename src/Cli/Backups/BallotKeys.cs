using Npgsql;

namespace Ntm.Cli.Backups;

/// <summary>Keys of open secret ballots (bỏ phiếu kín): a copy of one outlives the count that destroys it, and reads every choice.</summary>
internal static class BallotKeys
{
    private const string Appointed = """
        select e.data ->> 'session' from mt_events e
        where e.type = 'session-appointed.v1' and e.data ->> 'ballot' = 'secret'
        and (e.seq_id > @since or exists (select from mt_doc_sessionkey k where k.id::text = e.data ->> 'session'))
        order by e.seq_id
        """;

    /// <param name="since">Position after which no session with a secret ballot may have been appointed; null for those that are open alone.</param>
    /// <exception cref="CommandFailure">A key is there, or was meanwhile; the sessions are named.</exception>
    public static async Task DemandNoneAsync(string database, long? since, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var known = source.CreateCommand("select to_regclass('mt_doc_sessionkey') is not null");
        if (await known.ExecuteScalarAsync(ct) is not true) return;
        await using var command = source.CreateCommand(Appointed);
        command.Parameters.AddWithValue("since", since ?? long.MaxValue);
        List<string> sessions = [];
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) sessions.Add(reader.GetString(0));
        if (sessions.Count == 0) return;
        throw new CommandFailure(
            $"secret ballots are open, and a backup would keep their keys beyond the count: {string.Join(", ", sessions)}. Wait for their count, or give --with-ballot-keys and destroy the backup after it.");
    }
}

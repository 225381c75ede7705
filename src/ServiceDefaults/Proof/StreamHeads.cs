using System.Text.Json;
using JasperFx.Events;
using Npgsql;

namespace Ntm.ServiceDefaults.Proof;

/// <summary>
/// The store's own list of streams. No projection makes it, but all that an append reads of it follows from the events, and a stream whose
/// row is wrong takes no command. Its column <c>type</c> is left as it is: no event tells it, since it says by which call the stream was begun
/// (an aggregate's name, or nothing), and the store only carries it along: no append, fold or subscription of the house depends on it.
/// </summary>
internal static class StreamHeads
{
    public const string Table = "mt_streams";

    /// <summary>Longer than a writer needs who does not wait for the rebuild himself.</summary>
    private const string Patience = "200ms";

    private static readonly string[] Columns = ["version", "tenant_id", "is_archived"];

    /// <summary>Compares the rows that a transaction sees with the events that it sees; answers how many streams there are, and where they differ.</summary>
    public static async Task<(long Streams, IReadOnlyList<Difference> Differences)> OfAsync(NpgsqlTransaction seen, CancellationToken ct)
    {
        // What fills the numbers of failed appends is one stream, whose row stays as it was made.
        await using var command = new NpgsqlCommand(
            $"""
            select coalesce(s.id, f.id), {Row("s")}, {Row("f")}
            from (select * from public.{Table} where id <> $1) s full join ({Folded("stream_id <> $1")}) f on f.id = s.id
            where s.id is null or f.id is null or ({Of("s")}) is distinct from ({Of("f")})
            """,
            seen.Connection)
        { Parameters = { new() { Value = Tombstone.StreamKey } } };
        List<Difference> differences = [];
        var missing = 0;
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var id = reader.GetString(0);
                if (reader.IsDBNull(1))
                {
                    missing++;
                    differences.Add(new(Table, id, "$", "none", "a stream"));
                }
                else if (reader.IsDBNull(2))
                {
                    differences.Add(new(Table, id, "$", "a stream", "none"));
                }
                else
                {
                    foreach (var (path, stored, folded) in JsonDifferences.Between(Json(reader, 1), Json(reader, 2))) differences.Add(new(Table, id, path["$.".Length..], stored, folded));
                }
            }
        }

        await using var count = new NpgsqlCommand($"select count(*) from public.{Table} where id <> $1", seen.Connection) { Parameters = { new() { Value = Tombstone.StreamKey } } };
        return (missing + (long)(await count.ExecuteScalarAsync(ct))!, differences);
    }

    /// <summary>
    /// Puts the rows right in a transaction that holds all writers back; answers how many. Null where a writer who waits for it holds one of
    /// them, as he does who made or locked the row and now appends: the transaction is to be given up, and he goes first.
    /// </summary>
    public static async Task<int?> PutRightAsync(NpgsqlTransaction swap, string[] ids, CancellationToken ct)
    {
        try
        {
            await ExecuteAsync($"set local lock_timeout = '{Patience}'");
            var written = await ExecuteAsync($"delete from public.{Table} s where id = any($1) and not exists (select from public.mt_events where stream_id = s.id)", ids);
            written += await ExecuteAsync(
                $"""
                insert into public.{Table} as s (id, {string.Join(", ", Columns)}, created, timestamp) {Folded("stream_id = any($1)")}
                on conflict (id) do update set {string.Join(", ", Columns.Select(c => $"{c} = excluded.{c}"))} where ({Of("s")}) is distinct from ({Of("excluded")})
                """,
                ids);
            await ExecuteAsync("set local lock_timeout to default");
            return written;
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return null;
        }

        async Task<int> ExecuteAsync(string statement, params string[][] parameters)
        {
            await using var command = new NpgsqlCommand(statement, swap.Connection);
            foreach (var value in parameters) command.Parameters.Add(new() { Value = value });
            return await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static string Folded(string which) =>
        $"select stream_id as id, max(version) as version, min(tenant_id) as tenant_id, bool_and(is_archived) as is_archived, min(timestamp), max(timestamp) from public.mt_events where {which} group by stream_id";

    private static string Of(string alias) => string.Join(", ", Columns.Select(c => $"{alias}.{c}"));

    private static string Row(string alias) => $"case when {alias}.id is not null then jsonb_build_object({string.Join(", ", Columns.Select(c => $"'{c}', {alias}.{c}"))})::text end";

    private static JsonElement Json(NpgsqlDataReader reader, int column) => JsonSerializer.Deserialize<JsonElement>(reader.GetString(column));
}

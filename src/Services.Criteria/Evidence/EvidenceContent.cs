using Marten;
using Npgsql;
using NpgsqlTypes;
using Ntm.ServiceDefaults;
using Weasel.Postgresql.Tables;

namespace Ntm.Criteria.Evidence;

/// <summary>The bytes themselves, in a table beside the documents: one backup covers them, and no projection makes them.</summary>
internal static class EvidenceContent
{
    private const string Name = "evidence_content";

    /// <summary>Two-part key of the lock that recorders and uploads share, and that the removal has alone.</summary>
    private const string Lock = "hashtext('evidence'), 1";

    public static Table Table(string schema)
    {
        var table = new Table($"{schema}.{Name}");
        table.AddColumn<string>("sha256").AsPrimaryKey();
        table.AddColumn("content", "bytea").NotNull();
        return table;
    }

    /// <summary>Until the session's transaction ends nothing is removed: what is read as kept is kept.</summary>
    public static async Task KeepAsync(IDocumentSession session, CancellationToken ct)
    {
        await session.BeginTransactionAsync(ct);
        await ExecuteAsync(session, $"select pg_advisory_xact_lock_shared({Lock})", ct);
    }

    /// <summary>Until the session's transaction ends nobody refers to a file or brings one in.</summary>
    public static async Task HoldBackAsync(IDocumentSession session, CancellationToken ct)
    {
        await session.BeginTransactionAsync(ct);
        await ExecuteAsync(session, $"select pg_advisory_xact_lock({Lock})", ct);
    }

    /// <summary>Writes the content in the session's transaction, read from the stream as it is sent on.</summary>
    public static async Task InsertAsync(IDocumentSession session, string sha256, Stream content, CancellationToken ct)
    {
        content.Position = 0;
        await using var command = new NpgsqlCommand($"insert into {Name} (sha256, content) values ($1, $2) on conflict do nothing", session.Connection);
        command.Parameters.Add(new() { Value = sha256 });
        command.Parameters.Add(new() { Value = content, NpgsqlDbType = NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync(ct);
    }

    public static Task DeleteAsync(IDocumentSession session, string sha256, CancellationToken ct) => ExecuteAsync(session, $"delete from {Name} where sha256 = $1", ct, sha256);

    /// <summary>The content, taken aside so that a slow reader holds no connection; null where there is none.</summary>
    public static async Task<Stream?> FetchAsync(NpgsqlDataSource database, string sha256, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select content from {Name} where sha256 = $1");
        command.Parameters.Add(new() { Value = sha256 });
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, ct);
        if (!await reader.ReadAsync(ct)) return null;
        var aside = Exports.Aside();
        try
        {
            await using var content = await reader.GetStreamAsync(0, ct);
            await content.CopyToAsync(aside, ct);
            aside.Position = 0;
            return aside;
        }
        catch
        {
            await aside.DisposeAsync();
            throw;
        }
    }

    private static async Task ExecuteAsync(IDocumentSession session, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }
}

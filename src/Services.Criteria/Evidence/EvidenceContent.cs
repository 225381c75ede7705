using Marten;
using Npgsql;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>The bytes themselves, and who holds them back from removal.</summary>
internal static class EvidenceContent
{
    private const string Name = "evidence_content";

    public static readonly ContentTable Files = new(Name);

    /// <summary>Two-part key of the lock that recorders and uploads share, and that the removal has alone.</summary>
    private const string Lock = "hashtext('evidence'), 1";

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

    public static Task DeleteAsync(IDocumentSession session, string sha256, CancellationToken ct) => ExecuteAsync(session, $"delete from {Name} where sha256 = $1", ct, sha256);

    private static async Task ExecuteAsync(IDocumentSession session, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }
}

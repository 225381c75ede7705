using Marten;
using Marten.Services;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>Whether the last write of this process found room on the database's disk, whoever wrote: a command, a consumer, a subscription.</summary>
internal sealed class StoreRoom(TimeProvider clock) : IMartenLogger, IMartenSessionLogger
{
    // Not every writer tells of its success, and each that fails tries again sooner.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private long failed;

    /// <summary>Until something was written again, or nothing has failed for a minute.</summary>
    public bool IsFull => Interlocked.Read(ref failed) is not 0 and var at && clock.GetElapsedTime(at) < Longest;

    public IMartenSessionLogger StartSession(IQuerySession session) => this;

    public void RecordSavedChanges(IDocumentSession session, IChangeSet commit) => Interlocked.Exchange(ref failed, 0);

    public void LogFailure(NpgsqlCommand command, Exception ex) => Failed(ex);

    public void LogFailure(NpgsqlBatch batch, Exception ex) => Failed(ex);

    public void LogFailure(Exception ex, string message) => Failed(ex);

    public void LogSuccess(NpgsqlCommand command)
    {
    }

    public void LogSuccess(NpgsqlBatch batch)
    {
    }

    public void OnBeforeExecute(NpgsqlCommand command)
    {
    }

    public void OnBeforeExecute(NpgsqlBatch batch)
    {
    }

    public void SchemaChange(string sql)
    {
    }

    private void Failed(Exception exception)
    {
        if (StoreAway.IsFull(exception)) Interlocked.Exchange(ref failed, clock.GetTimestamp());
    }
}

using Marten;
using Marten.Services;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>Whether the last write of this process found room on the database's disk, whoever wrote: a command, a consumer, a subscription.</summary>
internal sealed class StoreRoom : IMartenLogger, IMartenSessionLogger
{
    private volatile bool full;

    /// <summary>Until something was written again.</summary>
    public bool IsFull => full;

    public IMartenSessionLogger StartSession(IQuerySession session) => this;

    public void RecordSavedChanges(IDocumentSession session, IChangeSet commit) => full = false;

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
        if (StoreAway.IsFull(exception)) full = true;
    }
}

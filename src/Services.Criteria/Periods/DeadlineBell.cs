using Marten;
using Marten.Services;
using Ntm.Criteria.Calendars;

namespace Ntm.Criteria.Periods;

/// <summary>Rings when this process committed what may change a last day; what other processes commit they ring for themselves.</summary>
internal sealed class DeadlineBell : DocumentSessionListenerBase, IConfigureMarten, IDisposable
{
    private readonly SemaphoreSlim signal = new(0, 1);

    public void Configure(IServiceProvider services, StoreOptions options) => options.Listeners.Add(this);

    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (commit.GetEvents().Any(e => e.Data is PeriodOpened or PeriodClosed or CalendarDaysRecorded)) Ring();
        return Task.CompletedTask;
    }

    /// <summary>Waits for a ring, at most so long; false when there was none.</summary>
    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken ct) => signal.WaitAsync(atMost, ct);

    public void Dispose() => signal.Dispose();

    private void Ring()
    {
        lock (signal)
        {
            if (signal.CurrentCount == 0) signal.Release();
        }
    }
}

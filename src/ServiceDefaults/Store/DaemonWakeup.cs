using JasperFx.Events.Daemon.HighWater;
using Marten;
using Marten.Services;

namespace Ntm.ServiceDefaults;

/// <summary>
/// Wakes the subscription as soon as this process commits events: as fast as NOTIFY without its cost. Polling stays as the net
/// for what other processes append.
/// </summary>
public sealed class DaemonWakeup : DocumentSessionListenerBase, IDaemonWakeup, IDisposable
{
    /// <summary>A look costs half a dozen statements; what is committed at once after another makes one look, not one for each commit.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private readonly SemaphoreSlim signal = new(0, 1);
    private long looked;

    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (commit.GetEvents().Any()) Wake();
        return Task.CompletedTask;
    }

    public async Task WaitAsync(TimeSpan timeout, CancellationToken token)
    {
        await signal.WaitAsync(timeout, token);
        if (Shortest - TimeProvider.System.GetElapsedTime(looked) is { Ticks: > 0 } rest) await Task.Delay(rest, token);
        looked = TimeProvider.System.GetTimestamp();
    }

    public void Dispose() => signal.Dispose();

    private void Wake()
    {
        lock (signal)
        {
            if (signal.CurrentCount == 0) signal.Release();
        }
    }
}

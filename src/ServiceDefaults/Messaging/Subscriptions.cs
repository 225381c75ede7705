using JasperFx;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// One replica at a time owns the service's subscriptions: it announces its events and takes in the facts of others, each in order.
/// The owner is whoever holds a lock of the service's database; when it dies, the survivor has the lock within seconds.
/// </summary>
internal sealed partial class Subscriptions(
    string service, IConfiguration configuration, IProjectionCoordinator daemon, TimeProvider clock, ILogger<Subscriptions> log, Intake? intake = null, OutboxHealth? health = null,
    OutboxTurn? turn = null) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private volatile bool owns;

    /// <summary>Whether this process owns them now.</summary>
    public bool Owns => owns;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var others = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var held = await StoreLock.TryTakeAsync(configuration.GetConnectionString(service)!, "subscriptions", stoppingToken);
                if (held is null)
                {
                    others = true;
                }
                else
                {
                    // Who was seen to have it may live on and have lost no more than the lock: what it has in hand comes first.
                    if (others) await Task.Delay(StoreLock.Notice, clock, stoppingToken);
                    others = false;
                    await OwnAsync(held, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotNow(exception.Message);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OwnAsync(StoreLock held, CancellationToken stoppingToken)
    {
        Taken(service);
        turn?.Take();
        try
        {
            await daemon.ResumeAsync();
            if (intake is not null) await intake.OpenAsync(stoppingToken);
            owns = true;
            await held.HoldAsync(Revive, stoppingToken);
        }
        finally
        {
            owns = false;
            // Asked to stop, the lock is held until what is in hand has ended; lost, another takes over soon, and it is given up at once.
            var asked = stoppingToken.IsCancellationRequested;
            if (!asked && turn is not null) await turn.LetGoAsync();
            try
            {
                await Task.WhenAll(intake?.CloseAsync(asked ? Patience : StoreLock.Grace) ?? Task.CompletedTask, daemon.PauseAsync());
            }
            finally
            {
                if (turn is not null) await turn.LetGoAsync();
                health?.LetGo();
                LetGo(service);
            }
        }
    }

    /// <summary>
    /// A subscription that found its progress moved by another has stopped for good: a former owner had committed its last page late. It is
    /// begun anew from where that left it.
    /// </summary>
    private void Revive()
    {
        var mine = daemon.DaemonForMainDatabase();
        foreach (var agent in mine.CurrentAgents().Where(a => a.Status == AgentStatus.Stopped)) mine.EjectPausedShard(agent.Name.Identity);
    }

    [LoggerMessage(LogLevel.Information, "This process owns the subscriptions of {Service} now")]
    private partial void Taken(string service);

    [LoggerMessage(LogLevel.Information, "This process does not own the subscriptions of {Service} any more")]
    private partial void LetGo(string service);

    [LoggerMessage(LogLevel.Warning, "The subscriptions cannot be owned now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}

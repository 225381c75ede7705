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
    string service, IConfiguration configuration, IProjectionCoordinator daemon, Intake? intake, TimeProvider clock, ILogger<Subscriptions> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private volatile bool owns;

    /// <summary>Whether this process owns them now.</summary>
    public bool Owns => owns;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var held = await StoreLock.TryTakeAsync(configuration.GetConnectionString(service)!, "subscriptions", stoppingToken);
                if (held is not null) await OwnAsync(held, stoppingToken);
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
        try
        {
            await daemon.ResumeAsync();
            if (intake is not null) await intake.OpenAsync(stoppingToken);
            owns = true;
            await held.HoldAsync(clock, stoppingToken);
        }
        finally
        {
            owns = false;
            if (intake is not null) await intake.CloseAsync();
            await daemon.PauseAsync();
            LetGo(service);
        }
    }

    [LoggerMessage(LogLevel.Information, "This process owns the subscriptions of {Service} now")]
    private partial void Taken(string service);

    [LoggerMessage(LogLevel.Information, "This process does not own the subscriptions of {Service} any more")]
    private partial void LetGo(string service);

    [LoggerMessage(LogLevel.Warning, "The subscriptions cannot be owned now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}

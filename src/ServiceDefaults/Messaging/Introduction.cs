using Marten;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Kept once a service has asked an owner for all of its facts; gone when the store was emptied.</summary>
public sealed record Introduced(string Id);

/// <summary>A consumer that is new or was emptied asks each owner it listens to for a replay.</summary>
internal sealed partial class Introduction(string service, IDocumentStore store, IBus bus, TimeProvider clock, ILogger<Introduction> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var owner in Topology.Owners.Where(o => o.Value.Intersect(Topology.Listeners[service]).Any()).Select(o => o.Key))
        {
            while (!await TryAskAsync(owner, stoppingToken)) await Task.Delay(TimeSpan.FromSeconds(2), clock, stoppingToken);
        }
    }

    private async Task<bool> TryAskAsync(string owner, CancellationToken ct)
    {
        try
        {
            await using var session = store.LightweightSession();
            if (await session.LoadAsync<Introduced>(owner, ct) is not null) return true;
            await bus.Publish(new ReplayRequested(service, owner), ct);
            session.Store(new Introduced(owner));
            await session.SaveChangesAsync(ct);
            return true;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            NotYet(owner, exception);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Owner} could not be asked for its facts yet; it is tried again")]
    private partial void NotYet(string owner, Exception exception);
}

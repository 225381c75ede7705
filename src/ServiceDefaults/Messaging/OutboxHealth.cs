using System.Collections.Concurrent;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// Says whether the subscription hands its events over. A broker that is away degrades the service and does not stop it, and so does an
/// event that cannot be read, before which the subscription stands still.
/// </summary>
public sealed class OutboxHealth(IServiceProvider services) : IHealthCheck
{
    private readonly ConcurrentDictionary<string, string> replays = new(StringComparer.Ordinal);
    private volatile string? trouble;

    /// <summary>A page was handed over.</summary>
    public void Running() => trouble = null;

    /// <summary>This process does not announce any more: what it was stuck at is the next owner's to tell.</summary>
    public void LetGo()
    {
        trouble = null;
        replays.Clear();
    }

    /// <summary>The replay for this consumer does not go on, whatever becomes of another's.</summary>
    public void ReplayStands(string consumer, string reason) => replays[consumer] = reason;

    /// <summary>The replay for this consumer moved on, or ended.</summary>
    public void ReplayGoesOn(string consumer) => replays.TryRemove(consumer, out _);

    /// <summary>Only these consumers are owed a replay: what kept another's from going on is over with it.</summary>
    public void ReplaysOwed(IReadOnlyCollection<string> consumers)
    {
        foreach (var other in replays.Keys.Except(consumers, StringComparer.Ordinal)) ReplayGoesOn(other);
    }

    public void Stuck(string reason) => trouble = reason;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Asked for late: the daemon is made from the store, and the store with the subscription that reports here. It tries again by
        // itself every few seconds, and what it stood still for is told until a page is through.
        if (services.GetRequiredService<IProjectionCoordinator>().DaemonForMainDatabase().CurrentAgents().Select(a => a.Failure).FirstOrDefault(f => f is not null) is { } failure)
        {
            (long Sequence, string? Type)? at = failure.Event is { } e ? (e.Sequence, e.EventTypeName) : null;
            if (failure.Category == ShardFailureCategory.UnknownEventType) at = await UnknownAsync(cancellationToken);
            trouble = at is var (sequence, type)
                ? $"the subscription stands still before event {sequence} ({type}): {failure.Category}"
                : $"the subscription stands still: {failure.RootExceptionType}";
        }

        string[] reasons = [.. trouble is { } stuck ? [stuck] : Array.Empty<string>(), .. replays.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"the replay for {r.Key} stands still: {r.Value}")];
        return reasons.Length > 0 ? HealthCheckResult.Degraded(string.Join("; ", reasons)) : HealthCheckResult.Healthy();
    }

    /// <summary>The store says only that there is one.</summary>
    private async Task<(long Sequence, string? Type)?> UnknownAsync(CancellationToken ct)
    {
        var (store, database) = (services.GetRequiredService<IDocumentStore>(), services.GetRequiredService<NpgsqlDataSource>());
        return await UnknownEvent.FirstAsync(store, database, long.MaxValue, ct) is { } unknown ? (unknown.Sequence, unknown.Type) : null;
    }
}

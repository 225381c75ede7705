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
    private volatile string? trouble;

    /// <summary>A page was handed over.</summary>
    public void Running() => trouble = null;

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

        return trouble is { } reason ? HealthCheckResult.Degraded(reason) : HealthCheckResult.Healthy();
    }

    /// <summary>The first event that waits and is of no type of this program; the store says only that there is one.</summary>
    private async Task<(long Sequence, string? Type)?> UnknownAsync(CancellationToken ct)
    {
        var known = services.GetRequiredService<IDocumentStore>().Options.Events.AllKnownEventTypes().Select(t => t.EventTypeName).ToArray();
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            $"""
            select seq_id, type, mt_dotnet_type from mt_events
            where seq_id > coalesce((select last_seq_id from mt_event_progression where name = '{Outbox.SubscriptionName}:All'), 0) and type <> all ($1)
            order by seq_id limit 100
            """);
        command.Parameters.Add(new() { Value = known });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            if (Type.GetType(reader.GetString(2)) is null) return (reader.GetInt64(0), reader.GetString(1));
        return null;
    }
}

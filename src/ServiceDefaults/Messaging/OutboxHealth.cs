using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Says whether the subscription hands its events over; a broker that is away degrades the service, it does not stop it.</summary>
public sealed class OutboxHealth : IHealthCheck
{
    private volatile string? trouble;

    public void Running() => trouble = null;

    public void Stuck(string reason) => trouble = reason;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trouble is { } reason ? HealthCheckResult.Degraded($"events wait for the broker: {reason}") : HealthCheckResult.Healthy());
}

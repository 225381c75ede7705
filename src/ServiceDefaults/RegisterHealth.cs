using Marten;
using Marten.Events;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults;

/// <summary>A consumer is ready once it has learned the whole unit register for the first time; later it stays so.</summary>
internal sealed class RegisterHealth(IDocumentStore store) : IHealthCheck
{
    private volatile bool complete;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (complete) return HealthCheckResult.Healthy();
        try
        {
            await using var session = store.QuerySession();
            // Not QueryRawEventDataOnly<T>: it asks for the class's own name, not for the name the event is mapped to.
            var imported = await session.Events.QueryAllRawEvents().Where(e => e.EventTypesAre(typeof(RegisterImported))).ToListAsync(cancellationToken);
            var known = await session.Query<UnitRecord>().CountAsync(cancellationToken);
            if (imported.Count == 0 || known < imported.Max(e => ((RegisterImported)e.Data).Units)) return HealthCheckResult.Unhealthy($"{known} units learned so far");
            complete = true;
            return HealthCheckResult.Healthy();
        }
        catch (Npgsql.NpgsqlException exception)
        {
            return HealthCheckResult.Unhealthy("the database does not answer", exception);
        }
    }
}

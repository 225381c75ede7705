using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>Ready when the service's own database answers and the daemon's high-water mark follows what was appended.</summary>
internal sealed class StoreHealth(NpgsqlDataSource database, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private (long Mark, long Since) last = (-1, 0);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = database.CreateCommand(
                """
                select coalesce((select last_seq_id from mt_event_progression where name = 'HighWaterMark'), 0),
                       coalesce((select max(seq_id) from mt_events), 0)
                """);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var (mark, appended) = (reader.GetInt64(0), reader.GetInt64(1));
            if (mark != last.Mark || mark >= appended) last = (mark, clock.GetTimestamp());
            return clock.GetElapsedTime(last.Since) > Patience
                ? HealthCheckResult.Unhealthy($"the high-water mark stands at {mark}, {appended} were appended")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer", exception);
        }
    }
}

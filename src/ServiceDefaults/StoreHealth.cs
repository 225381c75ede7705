using Marten;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>
/// Ready when the service's own database answers. Degraded while its disk is full: it reads, and takes commands as soon as there
/// is room. Degraded too, with every command answered, while the daemon's high-water mark does not follow what was appended: nothing is announced or judged then.
/// </summary>
internal sealed class StoreHealth(IDocumentStore store, NpgsqlDataSource database, StoreRoom room, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Where nothing subscribes, nobody moves the mark and nobody waits for it.
    private readonly bool follows = ((StoreOptions)store.Options).Projections.AllShards().Count > 0;
    private readonly Lock gate = new();
    private (long Mark, long Since)? behind;

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
            if (room.IsFull) return HealthCheckResult.Degraded("storage full: the last write found no room on the database's disk");
            return follows && Stands(mark, appended)
                ? HealthCheckResult.Degraded($"the high-water mark stands at {mark}, {appended} were appended: nothing is announced")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer", exception);
        }
    }

    private bool Stands(long mark, long appended)
    {
        lock (gate)
        {
            if (mark >= appended) behind = null;
            else if (behind?.Mark != mark) behind = (mark, clock.GetTimestamp());
            return behind is var (_, since) && clock.GetElapsedTime(since) > Patience;
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Messaging;
using RabbitMQ.Client;

namespace Ntm.ServiceDefaults;

/// <summary>Looks every few seconds how far the subscriptions are; only the replica that owns them does.</summary>
internal sealed partial class SubscriptionWatch(
    string service, NpgsqlDataSource database, Subscriptions subscriptions, HouseMetrics metrics, IConfiguration configuration, TimeProvider clock, ILogger<SubscriptionWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);
    private IConnection? broker;

    public override void Dispose()
    {
        broker?.Dispose();
        base.Dispose();
    }

    internal async Task<SubscriptionState> LookAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"""
            select greatest(0, coalesce((select last_value from mt_events_sequence where is_called), 0) - p.at),
                   (select timestamp from mt_events where seq_id > p.at and timestamp > '-infinity' order by seq_id limit 1),
                   (select count(*) from mt_doc_parkedmessage where status = 'parked')
            from (select coalesce((select last_seq_id from mt_event_progression where name = '{Outbox.SubscriptionName}:All'), 0) at) p
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var announces = Topology.Owners.ContainsKey(service);
        DateTimeOffset? oldest = await reader.IsDBNullAsync(1, ct) ? null : reader.GetFieldValue<DateTimeOffset>(1);
        var seconds = oldest is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0;
        return new(announces ? reader.GetInt64(0) : null, announces ? seconds : null, await DepthAsync(ct), reader.GetInt64(2));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                metrics.Observe(subscriptions.Owns ? await LookAsync(stoppingToken) : null);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotSeen(exception.Message);
            }
        }
    }

    /// <summary>Messages in the service's queue; null without a queue, or while the broker does not answer.</summary>
    private async Task<long?> DepthAsync(CancellationToken ct)
    {
        if (!Topology.Listeners.ContainsKey(service)) return null;
        try
        {
            if (broker is not { IsOpen: true })
            {
                broker?.Dispose();
                broker = await new ConnectionFactory { Uri = new(configuration.GetConnectionString("broker")!), ClientProvidedName = $"ntm-{service}-watch", AutomaticRecoveryEnabled = false }
                    .CreateConnectionAsync(ct);
            }

            await using var channel = await broker.CreateChannelAsync(cancellationToken: ct);
            return (await channel.QueueDeclarePassiveAsync(Topology.QueueOf(service), ct)).MessageCount;
        }
        catch (Exception exception) when (exception is RabbitMQ.Client.Exceptions.RabbitMQClientException or System.IO.IOException or TimeoutException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Debug, "How far the subscriptions are could not be seen ({Reason})")]
    private partial void NotSeen(string reason);
}

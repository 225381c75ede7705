using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Ntm.ServiceDefaults;

/// <summary>Looks every few seconds how far the subscriptions are; only the replica that owns them does.</summary>
internal sealed partial class SubscriptionWatch(
    string service, IDocumentStore store, NpgsqlDataSource database, Subscriptions subscriptions, InboxLines lines, HouseMetrics metrics, IConfiguration configuration, TimeProvider clock,
    ILogger<SubscriptionWatch> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    // A broker that accepts and does not answer must not hold up what the database says.
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly CancellationTokenSource life = new();
    private Task<IConnection>? broker;

    /// <summary>Names of those who listen to this service and are not it.</summary>
    private IEnumerable<string> Listeners =>
        Topology.Owners.TryGetValue(service, out var own) ? Topology.Listeners.Where(l => l.Key != service && l.Value.Intersect(own).Any()).Select(l => l.Key) : [];

    public override void Dispose()
    {
        life.Cancel();
        if (broker is { IsCompletedSuccessfully: true }) broker.GetAwaiter().GetResult().Dispose();
        life.Dispose();
        turn.Dispose();
        base.Dispose();
    }

    internal async Task<SubscriptionState> LookAsync(CancellationToken ct)
    {
        var lags = await LagsAsync(ct);
        var announcing = Topology.Owners.ContainsKey(service) ? lags.Find(l => l.Name == Outbox.SubscriptionName) : null;
        await using var command = database.CreateCommand($"select count(*) from mt_doc_parkedmessage where status = '{nameof(ParkedStatus.Parked)}'");
        var parked = (long)(await command.ExecuteScalarAsync(ct))!;
        var queues = await QueuesAsync(ct);
        return new(announcing?.Events, announcing?.Seconds, queues.Find(q => q.Name == Topology.QueueOf(service))?.Messages, parked, lags, queues);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            patience.CancelAfter(Pace);
            try
            {
                metrics.Observe(subscriptions.Owns ? await LookAsync(patience.Token) : null);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // What was seen before is no news.
                metrics.Observe(null);
                NotSeen(exception.Message);
            }
        }
    }

    private async Task<List<SubscriptionLag>> LagsAsync(CancellationToken ct)
    {
        var shards = ((StoreOptions)store.Options).Projections.AllShards().Select(s => s.Name).ToDictionary(n => n.Identity, n => n.Name, StringComparer.Ordinal);
        await using var command = database.CreateCommand(
            """
            select s.shard, greatest(0, coalesce((select max(seq_id) from mt_events), 0) - s.at),
                   (select timestamp from mt_events where seq_id > s.at and timestamp > '-infinity' order by seq_id limit 1)
            from (select shard, coalesce((select last_seq_id from mt_event_progression where name = shard), 0) at from unnest($1) shard) s
            order by 1
            """);
        command.Parameters.Add(new() { Value = shards.Keys.ToArray() });
        List<SubscriptionLag> lags = [];
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            DateTimeOffset? oldest = await reader.IsDBNullAsync(2, ct) ? null : reader.GetFieldValue<DateTimeOffset>(2);
            lags.Add(new(shards[reader.GetString(0)], reader.GetInt64(1), oldest is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0));
        }

        return lags;
    }

    /// <summary>
    /// The service's own queue, and of those who listen to it the ones that nobody takes from: while a consumer is stopped, those who announce to it
    /// tell how much waits. Nothing while the broker does not answer.
    /// </summary>
    private async Task<List<QueueDepth>> QueuesAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(BrokerPatience);
        try
        {
            await turn.WaitAsync(patience.Token);
            try
            {
                return await DepthsAsync(patience.Token);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && exception is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException)
        {
            return [];
        }
    }

    private async Task<List<QueueDepth>> DepthsAsync(CancellationToken ct)
    {
        // A look gives up sooner than an attempt to connect does: the next look waits for the same one.
        if (broker is null or { IsFaulted: true } or { IsCanceled: true } || (broker.IsCompletedSuccessfully && !(await broker).IsOpen)) broker = ConnectAsync();
        var connection = await broker.WaitAsync(ct);
        try
        {
            return await DepthsAsync(connection, ct);
        }
        catch
        {
            // Whatever it was: a connection that did not answer is not asked a second time.
            broker = null;
            await connection.CloseAsync(Constants.ReplySuccess, "not answered", Farewell, abort: true, CancellationToken.None).WaitAsync(Farewell, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private Task<IConnection> ConnectAsync() => new ConnectionFactory
    {
        Uri = new(configuration.GetConnectionString("broker")!),
        ClientProvidedName = $"ntm-{service}-watch",
        AutomaticRecoveryEnabled = false,
        RequestedConnectionTimeout = BrokerPatience,
        HandshakeContinuationTimeout = BrokerPatience,
        ContinuationTimeout = BrokerPatience,
    }.CreateConnectionAsync(life.Token);

    private async Task<List<QueueDepth>> DepthsAsync(IConnection connection, CancellationToken ct)
    {
        List<QueueDepth> depths = [];
        // Where it is not answered, the channel goes with its connection: it would be waited for until it has said goodbye.
        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        if (Topology.Listeners.ContainsKey(service))
            depths.Add(new(Topology.QueueOf(service), (await channel.QueueDeclarePassiveAsync(Topology.QueueOf(service), ct)).MessageCount + lines.InHand));
        foreach (var listener in Listeners)
        {
            var queue = await channel.QueueDeclarePassiveAsync(Topology.QueueOf(listener), ct);
            if (queue.ConsumerCount == 0) depths.Add(new(queue.QueueName, queue.MessageCount));
        }

        await channel.DisposeAsync();
        return depths;
    }

    [LoggerMessage(LogLevel.Debug, "How far the subscriptions are could not be seen ({Reason})")]
    private partial void NotSeen(string reason);
}

using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>A replay that a consumer asked for and that has not ended; of each consumer's requests the last one.</summary>
/// <param name="Id">Id of the request.</param>
/// <param name="Consumer">Service that asked.</param>
/// <param name="After">Position up to which everything was sent.</param>
/// <param name="Asked">When the request came; the oldest is served first.</param>
public sealed record OwedReplay(Guid Id, string Consumer, long After, DateTimeOffset Asked);

/// <summary>
/// Takes the requests. A replay may last longer than the broker waits for an acknowledgement, or than the process lives that took the
/// request: it is kept in the store, where whoever owns the subscriptions finds it.
/// </summary>
internal sealed class ReplayRequests(IntegrationMap map, IDocumentStore store, TimeProvider clock) : IConsumer<ReplayRequested>
{
    public async Task Consume(ConsumeContext<ReplayRequested> context)
    {
        var request = context.Message;
        if (request.Owner != map.Service || !Topology.Listeners.ContainsKey(request.Consumer)) return;
        await using var session = store.LightweightSession();
        // Delivered again, it goes on where it is.
        if (await session.LoadAsync<OwedReplay>(request.Request, context.CancellationToken) is not null) return;
        session.DeleteWhere<OwedReplay>(o => o.Consumer == request.Consumer);
        session.Store(new OwedReplay(request.Request, request.Consumer, After: 0, clock.GetUtcNow()));
        await session.SaveChangesAsync(context.CancellationToken);
    }
}

/// <summary>Sends all facts of this service again, to the one consumer that asked: it is new, or it was emptied. Done by the owner of the subscriptions.</summary>
internal sealed partial class Replay(
    IntegrationMap map, IDocumentStore store, OutboxTurn turn, OutboxHealth health, Subscriptions subscriptions, IBus bus, TimeProvider clock, ILogger<Replay> log) : BackgroundService
{
    /// <summary>Positions that are looked at together, however few of them hold anything that is wanted.</summary>
    private const int Page = 1_000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Far below <see cref="Introduction.Silence"/>, after which a consumer that hears nothing asks anew.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!subscriptions.Owns) continue;
            using var mine = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, turn.Owned);
            try
            {
                var all = await OwedAsync(mine.Token);
                health.ReplaysOwed([.. all.Select(o => o.Consumer)]);
                foreach (var owed in all) await TryAsync(owed, mine.Token);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (!mine.IsCancellationRequested) NotSeen(exception.Message);
            }
        }
    }

    private async Task<IReadOnlyList<OwedReplay>> OwedAsync(CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.Query<OwedReplay>().OrderBy(o => o.Asked).ToListAsync(ct);
    }

    /// <summary>One that does not go on holds up nobody else's.</summary>
    private async Task TryAsync(OwedReplay owed, CancellationToken ct)
    {
        try
        {
            await ServeAsync(owed, ct);
            health.ReplayGoesOn(owed.Consumer);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            health.ReplayStands(owed.Consumer, exception.GetType().Name);
            NotNow(owed.Consumer, exception);
            await Task.Delay(Pace, clock, ct);
        }
    }

    private async Task ServeAsync(OwedReplay owed, CancellationToken ct)
    {
        if (!Topology.Listeners.TryGetValue(owed.Consumer, out var wanted))
        {
            // Another version knew it.
            await EndAsync(owed, ct);
            return;
        }

        var endpoint = await EndpointAsync(owed.Consumer);
        var sources = map.SourcesOf(wanted);
        // What surely yields nothing wanted is not read. Names of older versions are: the store lists only those that events have now.
        string[] others = [.. store.Options.Events.AllKnownEventTypes().Where(t => !sources.Contains(t.EventType)).Select(t => t.EventTypeName)];
        await using var session = store.QuerySession();
        long sent = 0;
        long? told = null;
        // The bulk goes beside what is announced to all; the last stretch holds that up, so that the end of the replay stands between the two.
        if (!await SendAsync(await AnnouncedAsync(ct))) return;
        await turn.Gate.WaitAsync(ct);
        try
        {
            if (!await SendAsync(await AnnouncedAsync(ct))) return;
            await Outbox.InTimeAsync(inTime => endpoint.Send(new ReplayCompleted(owed.Consumer, map.Service, owed.Id, owed.After), inTime), ct);
        }
        finally
        {
            turn.Gate.Release();
        }

        await EndAsync(owed, ct);
        Replayed(sent, owed.Consumer);

        async Task<bool> SendAsync(long through)
        {
            while (owed.After < through)
            {
                if (told is not { } before || clock.GetElapsedTime(before) >= Pace)
                {
                    if (!await TellAsync(owed, ct)) return false;
                    // Not before its first page: it may stand before that one again.
                    if (told is not null) health.ReplayGoesOn(owed.Consumer);
                    told = clock.GetTimestamp();
                }

                var next = Math.Min(owed.After + Page, through);
                var events = await PageAsync(session, owed.After, next, others, ct);
                var messages = (await Outbox.MappedAsync(map, [.. events.Where(e => sources.Contains(e.EventType))], store, ct)).Where(m => wanted.Contains(m.Message.GetType())).ToList();
                foreach (var piece in messages.Chunk(Outbox.Piece))
                {
                    await Outbox.InTimeAsync(
                        inTime => Outbox.InOrderAsync(piece, m => endpoint.Send(m.Message, m.Message.GetType(), Pipe.Execute<SendContext>(c =>
                        {
                            c.MessageId = m.Id;
                            c.Headers.Set(BrokerTopology.ReplayHeader, owed.Id.ToString());
                        }), inTime)),
                        ct);
                }

                sent += messages.Count;
                owed = owed with { After = next };
            }

            return true;
        }
    }

    /// <summary>Tells all who wait, also those whose turn has not come, and keeps how far it is; false when the consumer has asked anew.</summary>
    private async Task<bool> TellAsync(OwedReplay at, CancellationToken ct)
    {
        var all = await OwedAsync(ct);
        foreach (var owed in all)
        {
            var endpoint = await EndpointAsync(owed.Consumer);
            await Outbox.InTimeAsync(
                inTime => endpoint.Send(new ReplayUnderWay(owed.Consumer, map.Service, owed.Id, owed.Id == at.Id ? at.After : owed.After), inTime), ct);
        }

        if (all.All(o => o.Id != at.Id)) return false;
        await using var session = store.LightweightSession();
        session.Update(at);
        try
        {
            await session.SaveChangesAsync(ct);
            return true;
        }
        catch (NonExistentDocumentException)
        {
            return false;
        }
    }

    private async Task EndAsync(OwedReplay owed, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        session.Delete<OwedReplay>(owed.Id);
        await session.SaveChangesAsync(ct);
    }

    private Task<ISendEndpoint> EndpointAsync(string consumer) => bus.GetSendEndpoint(new Uri($"exchange:{BrokerTopology.ReplayExchangeOf(consumer)}"));

    /// <summary>Position up to which everything was announced to all.</summary>
    private async Task<long> AnnouncedAsync(CancellationToken ct) =>
        Math.Max(turn.Announced, await store.Advanced.ProjectionProgressFor(new(Outbox.SubscriptionName, "All", 1), token: ct));

    private static Task<IReadOnlyList<IEvent>> PageAsync(IQuerySession session, long after, long through, string[] others, CancellationToken ct) =>
        session.Events.QueryAllRawEvents().Where(e => e.Sequence > after && e.Sequence <= through && !e.EventTypeName.IsOneOf(others)).OrderBy(e => e.Sequence).ToListAsync(ct);

    [LoggerMessage(LogLevel.Information, "{Count} facts were sent again to {Consumer}")]
    private partial void Replayed(long count, string consumer);

    [LoggerMessage(LogLevel.Error, "The replay to {Consumer} does not go on now; it is tried again")]
    private partial void NotNow(string consumer, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Which replays are owed cannot be seen now ({Reason}); it is tried again")]
    private partial void NotSeen(string reason);
}

using JasperFx.Events;
using Marten;
using MassTransit;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Sends all facts of this service again, to the one consumer that asked: it is new, or it was emptied.</summary>
internal sealed partial class Replay(IntegrationMap map, IDocumentStore store, OutboxTurn turn, IBus bus, TimeProvider clock, ILogger<Replay> log) : IConsumer<ReplayRequested>
{
    /// <summary>Positions that are looked at together, however few of them hold anything that is wanted.</summary>
    private const int Page = 1_000;

    /// <summary>Far below <see cref="Introduction.Silence"/>, after which a consumer that hears nothing asks anew.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    public async Task Consume(ConsumeContext<ReplayRequested> context)
    {
        var request = context.Message;
        var ct = context.CancellationToken;
        if (request.Owner != map.Service || !Topology.Listeners.TryGetValue(request.Consumer, out var wanted)) return;

        var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{BrokerTopology.ReplayExchangeOf(request.Consumer)}"));
        var sources = map.SourcesOf(wanted);
        // What surely yields nothing wanted is not read. Names of older versions are: the store lists only those that events have now.
        string[] others = [.. store.Options.Events.AllKnownEventTypes().Where(t => !sources.Contains(t.EventType)).Select(t => t.EventTypeName)];
        await using var session = store.QuerySession();
        long sent = 0;
        long? told = null;
        // The bulk goes beside what is announced to all; the last stretch holds that up, so that the end of the replay stands between the two.
        var after = await SendAsync(0, await AnnouncedAsync(ct));
        await turn.Gate.WaitAsync(ct);
        try
        {
            after = await SendAsync(after, await AnnouncedAsync(ct));
            await endpoint.Send(new ReplayCompleted(request.Consumer, map.Service, request.Request, after), ct);
        }
        finally
        {
            turn.Gate.Release();
        }

        Replayed(sent, request.Consumer);

        async Task<long> SendAsync(long from, long through)
        {
            for (; from < through; from = Math.Min(from + Page, through))
            {
                if (told is not { } before || clock.GetElapsedTime(before) >= Pace)
                {
                    await endpoint.Send(new ReplayUnderWay(request.Consumer, map.Service, request.Request, from), ct);
                    told = clock.GetTimestamp();
                }

                var events = await PageAsync(session, from, Math.Min(from + Page, through), others, ct);
                var messages = (await Outbox.MappedAsync(map, [.. events.Where(e => sources.Contains(e.EventType))], store, ct)).Where(m => wanted.Contains(m.Message.GetType())).ToList();
                await Outbox.InOrderAsync(messages, m => endpoint.Send(m.Message, m.Message.GetType(), Pipe.Execute<SendContext>(c =>
                {
                    c.MessageId = m.Id;
                    c.Headers.Set(BrokerTopology.ReplayHeader, request.Request.ToString());
                }), ct));
                sent += messages.Count;
            }

            return through;
        }
    }

    /// <summary>Position up to which everything was announced to all.</summary>
    private async Task<long> AnnouncedAsync(CancellationToken ct) =>
        Math.Max(turn.Announced, await store.Advanced.ProjectionProgressFor(new(Outbox.SubscriptionName, "All", 1), token: ct));

    private static Task<IReadOnlyList<IEvent>> PageAsync(IQuerySession session, long after, long through, string[] others, CancellationToken ct) =>
        session.Events.QueryAllRawEvents().Where(e => e.Sequence > after && e.Sequence <= through && !e.EventTypeName.IsOneOf(others)).OrderBy(e => e.Sequence).ToListAsync(ct);

    [LoggerMessage(LogLevel.Information, "{Count} facts were sent again to {Consumer}")]
    private partial void Replayed(long count, string consumer);
}

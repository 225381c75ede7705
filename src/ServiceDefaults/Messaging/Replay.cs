using JasperFx.Events;
using Marten;
using MassTransit;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Sends all facts of this service again, to the one consumer that asked: it is new, or it was emptied.</summary>
public sealed partial class Replay(IntegrationMap map, IDocumentStore store, IBus bus, ILogger<Replay> log) : IConsumer<ReplayRequested>
{
    private const int Page = 500;

    public async Task Consume(ConsumeContext<ReplayRequested> context)
    {
        var request = context.Message;
        if (request.Owner != map.Service || !Topology.Listeners.TryGetValue(request.Consumer, out var wanted)) return;

        var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{BrokerTopology.ReplayExchangeOf(request.Consumer)}"));
        await using var session = store.QuerySession();
        long after = 0, sent = 0;
        while (await PageAfterAsync(session, after, context.CancellationToken) is { Count: > 0 } events)
        {
            foreach (var (_, message, id) in await Outbox.MappedAsync(map, events, session, context.CancellationToken))
            {
                if (!wanted.Contains(message.GetType())) continue;
                await endpoint.Send(message, message.GetType(), Pipe.Execute<SendContext>(c => c.MessageId = id), context.CancellationToken);
                sent++;
            }

            after = events[^1].Sequence;
        }

        Replayed(sent, request.Consumer);
    }

    private static Task<IReadOnlyList<IEvent>> PageAfterAsync(IQuerySession session, long after, CancellationToken ct) =>
        session.Events.QueryAllRawEvents().Where(e => e.Sequence > after).OrderBy(e => e.Sequence).Take(Page).ToListAsync(ct);

    [LoggerMessage(LogLevel.Information, "{Count} facts were sent again to {Consumer}")]
    private partial void Replayed(long count, string consumer);
}

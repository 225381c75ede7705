using System.Diagnostics;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Daemon.Internals;
using Marten.Subscriptions;
using MassTransit;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// The event store is the outbox: this subscription maps domain events to integration events and hands them to the broker, page
/// by page, at least once. Its progress is kept in the same database and moves only after the broker confirmed the whole page.
/// </summary>
public sealed partial class Outbox : SubscriptionBase
{
    private static readonly ActivitySource Tracing = new(TelemetryNames.Messaging);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly IntegrationMap map;
    private readonly IBus bus;
    private readonly OutboxHealth health;
    private readonly TimeProvider clock;
    private readonly ILogger<Outbox> log;

    // The store makes this subscription while it is being made itself: asking for it here would never end.
    public Outbox(IntegrationMap map, IBus bus, OutboxHealth health, TimeProvider clock, ILogger<Outbox> log)
    {
        (this.map, this.bus, this.health, this.clock, this.log) = (map, bus, health, clock, log);
        Name = "outbox";
        foreach (var source in map.Sources) IncludeType(source);
    }

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        await using var session = operations.DocumentStore.QuerySession();
        var messages = await MappedAsync(map, page.Events, session, cancellationToken);
        var pause = TimeSpan.FromMilliseconds(100);
        while (messages.Count > 0)
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(TimeSpan.FromSeconds(30));
                // Within a stream one after another, or a page that is sent again brings an older fact after a newer one.
                await Task.WhenAll(messages.GroupBy(m => m.Source.StreamKey, StringComparer.Ordinal).Select(stream => PublishAsync(stream, patience.Token)));
                health.Running();
                break;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The broker is down, full or returned a message: nothing is skipped, the same page is tried again.
                health.Stuck(exception.Message);
                Stuck(page.SequenceFloor, page.SequenceCeiling, exception);
                await Task.Delay(pause, clock, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }

        return NullChangeListener.Instance;
    }

    internal static async Task<List<(IEvent Source, IIntegrationEvent Message, Guid Id)>> MappedAsync(
        IntegrationMap map, IEnumerable<IEvent> events, IQuerySession session, CancellationToken ct)
    {
        List<(IEvent, IIntegrationEvent, Guid)> messages = [];
        foreach (var e in events)
        {
            var ordinal = 0;
            foreach (var message in await map.MapAsync(e, session, ct))
                messages.Add((e, message, DeterministicId.Of(e.Id.ToString(), message.GetType().FullName!, $"{ordinal++}")));
        }

        return messages;
    }

    private async Task PublishAsync(IEnumerable<(IEvent Source, IIntegrationEvent Message, Guid Id)> stream, CancellationToken ct)
    {
        foreach (var mapped in stream) await PublishAsync(mapped, ct);
    }

    private async Task PublishAsync((IEvent Source, IIntegrationEvent Message, Guid Id) mapped, CancellationToken ct)
    {
        var parent = mapped.Source.GetHeader(EventHeaders.TraceParent)?.ToString();
        using var activity = Tracing.StartActivity($"announce {mapped.Message.GetType().Name}", ActivityKind.Internal, parent);
        await bus.Publish(mapped.Message, mapped.Message.GetType(), Pipe.Execute<PublishContext>(context =>
        {
            context.MessageId = mapped.Id;
            context.CorrelationId = mapped.Source.Id;
            if (context.TryGetPayload(out RabbitMqSendContext? rabbit)) rabbit.Mandatory = true;
        }), ct);
    }

    [LoggerMessage(LogLevel.Error, "The page of events ({Floor}, {Ceiling}] could not be handed to the broker; it is tried again")]
    private partial void Stuck(long floor, long ceiling, Exception exception);
}

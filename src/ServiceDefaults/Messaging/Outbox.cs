using System.Diagnostics;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Daemon.Internals;
using Marten.Subscriptions;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// The event store is the outbox: this subscription maps domain events to integration events and hands them to the broker, page
/// by page, at least once. Its progress is kept in the same database and moves only after the broker confirmed the whole page.
/// </summary>
public sealed partial class Outbox : SubscriptionBase
{
    private static readonly ActivitySource Tracing = new(TelemetryNames.Messaging);
    private const int AtATime = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly IntegrationMap map;
    private readonly IBus bus;
    private readonly OutboxHealth health;
    private readonly OutboxTurn turn;
    private readonly NpgsqlDataSource database;
    private readonly TimeProvider clock;
    private readonly ILogger<Outbox> log;

    /// <summary>Messages whose confirms are awaited together.</summary>
    internal const int Piece = 100;

    /// <summary>Name of the subscription, under which its progress is kept.</summary>
    public const string SubscriptionName = "outbox";

    // The store makes this subscription while it is being made itself: asking for it here would never end.
    public Outbox(IntegrationMap map, IBus bus, OutboxHealth health, OutboxTurn turn, NpgsqlDataSource database, TimeProvider clock, ILogger<Outbox> log)
    {
        (this.map, this.bus, this.health, this.turn, this.database, this.clock, this.log) = (map, bus, health, turn, database, clock, log);
        Name = SubscriptionName;
        // One page at a time: what is committed while it is announced makes one page, not one for each event.
        Options.MaximumHopperSize = 1;
        // Only what is announced is read. Whether anything unknown lies between is asked of each page.
        foreach (var source in map.Sources) IncludeType(source);
    }

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Owned);
        if (await UnknownEvent.FirstAsync(operations.DocumentStore, database, page.SequenceCeiling, mine.Token) is { } unknown)
            throw new UnknownEventTypeException(unknown.Type);
        await turn.Gate.WaitAsync(mine.Token);
        try
        {
            await AnnounceAsync(page, operations.DocumentStore, mine.Token);
            health.Running();
            turn.Announced = page.SequenceCeiling;
        }
        finally
        {
            turn.Gate.Release();
        }

        // What follows moves the progress: only the owner does that.
        mine.Token.ThrowIfCancellationRequested();
        return NullChangeListener.Instance;
    }

    /// <summary>The confirms of a page are awaited together, but those of one thing one after another: a page that is sent again must not
    /// bring an older fact after a newer one.</summary>
    internal static Task InOrderAsync(
        IEnumerable<(IEvent Source, IIntegrationEvent Message, Guid Id)> messages, Func<(IEvent Source, IIntegrationEvent Message, Guid Id), Task> send) =>
        Task.WhenAll(messages.GroupBy(m => m.Message.Origin.Stream, StringComparer.Ordinal).Select(async stream =>
        {
            foreach (var message in stream) await send(message);
        }));

    /// <summary>A broker that does not confirm is waited for no longer than this.</summary>
    internal static async Task InTimeAsync(Func<CancellationToken, Task> send, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        await send(patience.Token);
    }

    /// <summary>Piece by piece, one after the other; while the broker confirms one, the next is mapped.</summary>
    private async Task AnnounceAsync(EventRange page, IDocumentStore store, CancellationToken ct)
    {
        var before = Task.CompletedTask;
        try
        {
            foreach (var piece in page.Events.Chunk(Piece))
            {
                var messages = await MappedAsync(map, piece, store, ct);
                await before;
                before = HandOverAsync(page, messages, ct);
            }
        }
        finally
        {
            await before;
        }
    }

    private async Task HandOverAsync(EventRange page, List<(IEvent Source, IIntegrationEvent Message, Guid Id)> messages, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (messages.Count > 0)
        {
            try
            {
                await InTimeAsync(ct => InOrderAsync(messages, message => PublishAsync(message, ct)), cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The broker is down, full or returned a message: nothing is skipped, the same page is tried again.
                // The outer one says only that it cannot be reached, also of a broker that lets nobody in.
                health.Stuck($"events wait for the broker: {(exception.InnerException is null ? exception.Message : $"{exception.Message} ({Reason.Of(exception)})")}");
                Stuck(page.SequenceFloor, page.SequenceCeiling, exception);
                await Task.Delay(pause, clock, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    /// <summary>
    /// The messages of the events, in their order. Several are mapped at a time; neighbours share what they read, which is nothing older
    /// than they are.
    /// </summary>
    internal static async Task<List<(IEvent Source, IIntegrationEvent Message, Guid Id)>> MappedAsync(
        IntegrationMap map, IReadOnlyList<IEvent> events, IDocumentStore store, CancellationToken ct)
    {
        var messages = new IReadOnlyList<IIntegrationEvent>[events.Count];
        var share = (events.Count + AtATime - 1) / AtATime;
        await Parallel.ForAsync(0, AtATime, ct, async (part, token) =>
        {
            await using var session = store.IdentitySession();
            for (var n = part * share; n < Math.Min(events.Count, (part + 1) * share); n++) messages[n] = await map.MapAsync(events[n], session, token);
        });
        return
        [
            .. events.Zip(messages).SelectMany(e => e.Second.Select((message, ordinal) =>
                (e.First, message, DeterministicId.Of(e.First.Id.ToString(), message.GetType().FullName!, $"{ordinal}")))),
        ];
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

/// <summary>Who talks to the broker: the page that is announced to all, or the end of a replay to one.</summary>
public sealed class OutboxTurn : IDisposable
{
    private long announced;
    private volatile CancellationTokenSource? owned;

    /// <summary>Ends when this process does not own the subscriptions any more: what it has in hand for the broker it gives up.</summary>
    public CancellationToken Owned => owned?.Token ?? CancellationToken.None;

    /// <summary>Held while a page is announced, and while a replay sends its last stretch.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Position up to which this process has announced everything; 0 before its first page.</summary>
    public long Announced
    {
        get => Interlocked.Read(ref announced);
        set => Interlocked.Exchange(ref announced, value);
    }

    internal void Take() => owned = new();

    internal Task LetGoAsync() => owned?.CancelAsync() ?? Task.CompletedTask;

    public void Dispose() => Gate.Dispose();
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using JasperFx.Events;
using Marten;
using Marten.Linq.MatchesSql;
using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>An older fact of the same turn is parked, and facts of this contract have effects of their own.</summary>
internal sealed class WaitsBehindException(string turn) : Exception($"an older fact of {turn} is parked");

/// <summary>Facts that are taken in one after another: those of one source stream under all contracts that wait.</summary>
/// <param name="Id">Owner and source stream.</param>
/// <param name="Things">Keys of its things, one for each contract.</param>
internal sealed record Turn(string Id, string[] Things)
{
    /// <summary>The owner's name stands before the first dot of a contract's name.</summary>
    public static string IdOf(Type contract, string stream) => $"{Topology.NameOf(contract).Split('.')[0]}/{stream}";

    /// <summary>Null where the contract is applied anyway.</summary>
    public static Turn? Of(Type contract, string stream) =>
        Topology.InTurnWith(contract) is { Count: > 0 } all ? new(IdOf(contract, stream), [.. all.Select(c => Learning.KeyOf(c, stream))]) : null;

    /// <summary>The turn of a thing by its key.</summary>
    public static Turn? Of(string thing) =>
        thing.IndexOf('/', StringComparison.Ordinal) is > 0 and var at && Topology.Named(thing[..at]) is { } contract ? Of(contract, thing[(at + 1)..]) : null;
}

/// <summary>
/// Where poison messages go: into the consumer's own store, as events, so that they outlive the broker and every step with them is
/// on record. Kept by the owner of the subscriptions.
/// </summary>
internal sealed partial class Parking(string service, IDocumentStore store, TimeProvider clock, HouseMetrics metrics, ILogger<Parking> log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // By its thing's mark: a copy of a fact that is known, broken on the way, is nothing that others would have to wait for.
    private const string IsAwaited =
        "((d.data ->> 'waitsBehind')::boolean or not exists (select 1 from mt_doc_inboxmark m where m.id = d.thing and (m.data ->> 'position')::bigint >= (d.data ->> 'order')::bigint))";

    private readonly ConcurrentDictionary<string, Turn> turns = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Turns of which something is parked, or was a moment ago.</summary>
    public IEnumerable<Turn> Turns => turns.Values;

    public void Dispose() => gate.Dispose();

    /// <summary>Turns of which something is parked; the store is asked before anything is made to wait.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        await using var session = store.QuerySession();
        foreach (var thing in await Awaited(session).Where(m => m.Thing != null).Select(m => m.Thing!).ToListAsync(ct))
            Remember(thing);
    }

    /// <summary>Whatever cannot be taken in from this queue is parked: unreadable, of no known contract, or failing again and again.</summary>
    public void Take(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureError(pipe => pipe.UseFilter(new Failed(this)));
        endpoint.ConfigureDeadLetter(pipe => pipe.UseFilter(new Unknown(this)));
    }

    /// <summary>Whether something is parked in the fact's turn; the store says whether it is older.</summary>
    public bool MayHaveToWait(IIntegrationEvent fact) =>
        !turns.IsEmpty && Topology.WaitsBehindParked(fact.GetType()) && turns.ContainsKey(Turn.IdOf(fact.GetType(), fact.Origin.Stream));

    /// <summary>Throws when the fact must wait: its contract says so, and an older one of its turn is parked. One that is known already need not.</summary>
    public async Task MustNotWaitAsync(IIntegrationEvent fact, CancellationToken ct)
    {
        if (!MayHaveToWait(fact) || Turn.Of(fact.GetType(), fact.Origin.Stream) is not { } turn) return;
        var position = fact.Origin.Position;
        await using var session = store.QuerySession();
        if (await session.LoadAsync<InboxMark>(Learning.KeyOf(fact), ct) is { } mark && mark.Position >= position) return;
        if (await Awaited(session).AnyAsync(m => m.Order < position && m.Thing!.IsOneOf(turn.Things), ct))
            throw new WaitsBehindException(turn.Id);
    }

    /// <summary>Whether this service takes in facts of the contract at all.</summary>
    public bool Listens(Type contract) => Topology.Listeners.GetValueOrDefault(service)?.Contains(contract) == true;

    internal Task ParkAsync(ReceiveContext context, Exception? reason) => ParkAsync(context.GetMessageId(), context.GetBody(), reason, context.CancellationToken);

    /// <summary>Puts a message aside, unless an operator gave it up before.</summary>
    /// <param name="reason">What was thrown; null when nobody here takes such a message.</param>
    internal async Task ParkAsync(Guid? message, byte[] bytes, Exception? reason, CancellationToken ct)
    {
        var body = MessageReading.Read(bytes);
        var root = reason is null ? null : Reason.Telling(reason);
        // What this service does not take in is no thing of its own, and nothing waits for it.
        var thing = body.Contract is { } contract && Listens(contract) ? body.Thing : null;
        var parked = new MessageParked(
            message?.ToString() ?? DeterministicId.Of(Convert.ToHexString(SHA256.HashData(bytes))).ToString(), body.Contract is null ? null : Topology.NameOf(body.Contract), thing, body.Position,
            WordsOf(root, body), root is WaitsBehindException, Convert.ToBase64String(bytes), clock.GetUtcNow());
        await gate.WaitAsync(ct);
        try
        {
            (parked, var stored) = await StoreAsync(parked, MessageReading.Saying(bytes), ct);
            if (!stored)
            {
                StaysDropped(parked.Message, parked.Contract ?? "unreadable");
                return;
            }

            Remember(thing);
        }
        finally
        {
            gate.Release();
        }

        Parked(parked.Message, parked.Contract ?? "unreadable", root?.GetType().Name ?? "unknown");
    }

    /// <summary>
    /// What is parked and is waited for, or waits itself. Of what is wrong the rest stays listed and holds nobody: as new a fact of its
    /// thing is known, and an operator settles it when he likes.
    /// </summary>
    internal static IQueryable<ParkedMessage> Awaited(IQuerySession session) => session.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Parked).Where(m => m.MatchesSql(IsAwaited));

    /// <summary>Lets the turn go once nothing of it is waited for.</summary>
    internal async Task ForgetAsync(Turn turn, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await using var session = store.QuerySession();
            if (!await Awaited(session).AnyAsync(m => m.Thing!.IsOneOf(turn.Things), ct)) turns.TryRemove(turn.Id, out _);
        }
        finally
        {
            gate.Release();
        }
    }

    private void Remember(string? thing)
    {
        if (thing is not null && Turn.Of(thing) is { } turn) turns[turn.Id] = turn;
    }

    private string WordsOf(Exception? root, MessageReading body) =>
        root is not null ? Reason.Of(root) : body.Contract is { } contract && !Listens(contract) ? $"{service} does not take in {Topology.NameOf(contract)}" : body.Fault ?? "nobody took it";

    /// <summary>Says under which id it stands, and false when an operator gave the message, or the fact that it brings, up.</summary>
    /// <param name="saying">As of <see cref="MessageReading.Saying"/>.</param>
    private async Task<(MessageParked Parked, bool Stored)> StoreAsync(MessageParked parked, string saying, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await using var session = store.LightweightSession();
                session.LastModifiedBy = "system:inbox";
                session.SetHeader(EventHeaders.Client, "system:inbox");
                var stream = await session.Events.FetchForWriting<ParkedMessage>(ParkedMessage.Key(parked.Message), ct);
                if (stream.Aggregate is { } other && MessageReading.Saying(Convert.FromBase64String(other.Body)) != saying)
                {
                    // Two messages under one id: neither stands for the other.
                    parked = parked with { Message = DeterministicId.Of(parked.Message, saying).ToString() };
                    continue;
                }

                if ((stream.Aggregate is { Status: ParkedStatus.Dropped } known && Holds(known.Body, parked)) || await IsDroppedAsync(session, parked, ct)) return (parked, false);
                // Delivered again while it waits here: once is enough.
                if (stream.Aggregate is { Status: ParkedStatus.Parked } here && here.WaitsBehind == parked.WaitsBehind) return (parked, true);
                stream.AppendOne(parked);
                await session.SaveChangesAsync(ct);
                metrics.WasParked(parked.Contract ?? "unreadable");
                return (parked, true);
            }
            catch (Exception exception) when (StoreAway.Is(exception) && !ct.IsCancellationRequested)
            {
                await Task.Delay(Pause, clock, ct);
            }
        }
    }

    /// <summary>The same fact may have come under another id.</summary>
    private static async Task<bool> IsDroppedAsync(IQuerySession session, MessageParked parked, CancellationToken ct)
    {
        if (parked is not { Thing: { } thing, Position: var position }) return false;
        var dropped = await session.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Dropped && m.Thing == thing && m.Order == position).Select(m => m.Body).ToListAsync(ct);
        return dropped.Any(body => Holds(body, parked));
    }

    /// <summary>What was given up because it could not be read says nothing of the same fact sent whole.</summary>
    private static bool Holds(string dropped, MessageParked parked) => MessageReading.IsWhole(dropped) || !MessageReading.IsWhole(parked.Body);

    [LoggerMessage(LogLevel.Error, "Message {Message} ({Contract}) is parked: {Reason}; an operator replays or drops it")]
    private partial void Parked(string message, string contract, string reason);

    [LoggerMessage(LogLevel.Information, "Message {Message} ({Contract}) came again and stays dropped, as an operator ordered")]
    private partial void StaysDropped(string message, string contract);

    private sealed class Failed(Parking parking) : IFilter<ExceptionReceiveContext>
    {
        public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) => parking.ParkAsync(context, context.Exception);

        public void Probe(ProbeContext context) => context.CreateFilterScope("parking");
    }

    private sealed class Unknown(Parking parking) : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => parking.ParkAsync(context, null);

        public void Probe(ProbeContext context) => context.CreateFilterScope("parking");
    }
}

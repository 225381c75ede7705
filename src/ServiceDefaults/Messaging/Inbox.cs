using System.Diagnostics;
using JasperFx.Events;
using Marten;
using MassTransit;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>How far a consumer has learned one foreign thing under one contract.</summary>
/// <param name="Id">Key of the stream that keeps the facts, <c>{contract}/{source stream}</c>.</param>
/// <param name="Position">Source position of the last fact that was kept.</param>
/// <param name="Version">Version of the keeping stream.</param>
public sealed record InboxMark(string Id, long Position, long Version);

/// <summary>
/// What a service learns, it records: the fact becomes an event in its own store, in one transaction with the projections that
/// rest on it. A position not newer than the last is dropped, so delivery may repeat and swap.
/// </summary>
public sealed class Learning(IDocumentStore store, UnitRegister units, HouseMetrics metrics)
{
    private const int Attempts = 4;

    /// <summary>One stream per foreign thing and contract.</summary>
    public static string KeyOf(IIntegrationEvent fact) => KeyOf(fact.GetType(), fact.Origin.Stream);

    /// <summary>The stream that keeps what is known of a source stream under a contract.</summary>
    public static string KeyOf(Type contract, string sourceStream) => $"{Topology.NameOf(contract)}/{sourceStream}";

    /// <summary>
    /// Records the facts, of one thing at most one, in their order and in one transaction; says how many were newer than what is known.
    /// One that an operator gave up stays given up, however often it is sent again; what was given up because it could not be read is another
    /// thing than the same fact sent whole.
    /// </summary>
    internal async Task<int> TogetherAsync(IReadOnlyCollection<Delivery> deliveries, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        var taken = await AppendAsync(session, deliveries, heeded: [.. deliveries.Select(d => KeyOf(d.Fact))], ct);
        if (taken.Learned.Count > 0) await session.SaveChangesAsync(ct);
        Took(taken);
        return taken.Learned.Count;
    }

    /// <summary>
    /// Records the fact that a parked message brings, also one that an operator gave up, and that the message is settled by it, in one
    /// transaction: who had it taken in is on record with the fact, or neither is. The fact stays its author's.
    /// </summary>
    /// <param name="describe">Says whose the settlement is.</param>
    /// <returns>What settled it; null where another has settled it, or parked it anew: it is to be judged by that.</returns>
    internal async Task<ParkedMessageReplayed?> SettleAsync(ParkedMessage parked, IIntegrationEvent fact, string by, DateTimeOffset at, Action<IEvent> describe, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var session = store.LightweightSession();
            var stream = await session.Events.FetchForWriting<ParkedMessage>(parked.Id, ct);
            if (stream.CurrentVersion != parked.Version) return null;
            var taken = await AppendAsync(session, [new(fact, parked.Message, Replay: null, Activity.Current)], [], ct);
            var settled = new ParkedMessageReplayed(parked.Message, taken.Learned is [_], by, at);
            stream.AppendOne(settled);
            describe(stream.Events[^1]);
            try
            {
                await session.SaveChangesAsync(ct);
                Took(taken);
                return settled;
            }
            catch (Exception race) when (attempt < Attempts && Commands.IsRace(race))
            {
                // What looks like a race each time is a rule of the store's that the fact breaks.
            }
        }
    }

    /// <param name="heeded">Things of which what was given up is left out.</param>
    private static async Task<Taken> AppendAsync(IDocumentSession session, IReadOnlyCollection<Delivery> deliveries, string[] heeded, CancellationToken ct)
    {
        var batch = session.CreateBatchQuery();
        var known = batch.LoadMany<InboxMark>().ByIdList(deliveries.Select(d => KeyOf(d.Fact)));
        var dropped = batch.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Dropped && m.Thing!.IsOneOf(heeded)).Select(m => new GivenUp { Thing = m.Thing!, Order = m.Order, Body = m.Body }).ToList();
        await batch.Execute(ct);
        var marks = (await known).ToDictionary(m => m.Id, StringComparer.Ordinal);
        HashSet<(string, long)> givenUp = [.. (await dropped).Where(d => MessageReading.IsWhole(d.Body)).Select(d => (d.Thing, d.Order))];
        List<IIntegrationEvent> learned = [];
        List<IIntegrationEvent> old = [];
        foreach (var delivery in deliveries)
        {
            var (fact, mark) = (delivery.Fact, marks.GetValueOrDefault(KeyOf(delivery.Fact)));
            if (mark is not null && mark.Position >= fact.Origin.Position)
            {
                old.Add(fact);
            }
            else if (!givenUp.Contains((KeyOf(fact), fact.Origin.Position)))
            {
                Describe(Append(session, fact, mark), delivery);
                learned.Add(fact);
            }
        }

        return new(learned, old);
    }

    /// <summary>Once it is saved: facts that are not taken in together are tried again alone, and would count twice.</summary>
    private void Took(Taken taken)
    {
        foreach (var fact in taken.Old) metrics.FactWasOld(fact);
        if (taken.Learned.Exists(fact => fact is UnitChanged)) units.Invalidate();
    }

    private static IEvent Append(IDocumentSession session, IIntegrationEvent fact, InboxMark? mark)
    {
        var key = KeyOf(fact);
        if (mark is null)
        {
            session.Insert(new InboxMark(key, fact.Origin.Position, 1));
            return session.Events.StartStream(key, fact).Events[0];
        }

        session.Store(mark with { Position = fact.Origin.Position, Version = mark.Version + 1 });
        return session.Events.Append(key, mark.Version + 1, fact).Events[0];
    }

    private static void Describe(IEvent e, Delivery delivery)
    {
        e.UserName = delivery.Fact.Origin.Person;
        e.CorrelationId = delivery.Fact.Origin.Correlation ?? "";
        e.CausationId = delivery.MessageId ?? "";
        e.SetHeader(EventHeaders.Client, delivery.Fact.Origin.Client);
        if (delivery.Activity?.Id is { } traceparent) e.SetHeader(EventHeaders.TraceParent, traceparent);
        if (delivery.Fact.Origin.Demonstration) e.SetHeader(EventHeaders.Demonstration, true);
    }

    private sealed record Taken(List<IIntegrationEvent> Learned, List<IIntegrationEvent> Old);

    /// <summary>A fact that an operator dropped.</summary>
    private sealed record GivenUp
    {
        public required string Thing { get; init; }

        public required long Order { get; init; }

        public required string Body { get; init; }
    }
}

/// <summary>Takes the facts of one contract from the queue.</summary>
internal sealed class Inbox<TContract>(InboxLines lines, Parking parking, Learning learning) : IConsumer<TContract>
    where TContract : class, IIntegrationEvent
{
    public async Task Consume(ConsumeContext<TContract> context)
    {
        MessageReading.MustBeWhole(context.Message, context.SupportedMessageTypes);
        var delivery = new Delivery(
            context.Message, context.MessageId?.ToString(), Guid.TryParse(context.Headers.Get<string>(BrokerTopology.ReplayHeader), out var replay) ? replay : null, Activity.Current);
        if (await lines.TurnAsync(context.ReceiveContext, delivery)) return;
        if (!lines.Counts(delivery)) return;
        await parking.MustNotWaitAsync(delivery.Fact, context.CancellationToken);
        await learning.TogetherAsync([delivery], context.CancellationToken);
    }
}

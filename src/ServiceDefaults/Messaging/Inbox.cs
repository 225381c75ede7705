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
    /// <summary>One stream per foreign thing and contract.</summary>
    public static string KeyOf(IIntegrationEvent fact) => KeyOf(fact.GetType(), fact.Origin.Stream);

    /// <summary>The stream that keeps what is known of a source stream under a contract.</summary>
    public static string KeyOf(Type contract, string sourceStream) => $"{Topology.NameOf(contract)}/{sourceStream}";

    /// <summary>Records the fact, also one that an operator gave up; false when it is not newer than what is known of its thing.</summary>
    public async Task<bool> LearnAsync(IIntegrationEvent fact, string? messageId, CancellationToken ct) =>
        await RecordAsync([new(fact, messageId, Replay: null, Activity.Current)], [], ct) == 1;

    /// <summary>
    /// Records the facts, of one thing at most one, in their order and in one transaction; says how many were newer than what is known.
    /// One that an operator gave up stays given up, however often it is sent again; what was given up because it could not be read is another
    /// thing than the same fact sent whole.
    /// </summary>
    internal Task<int> TogetherAsync(IReadOnlyCollection<Delivery> deliveries, CancellationToken ct) =>
        RecordAsync(deliveries, [.. deliveries.Select(d => KeyOf(d.Fact))], ct);

    /// <param name="heeded">Things of which what was given up is left out.</param>
    private async Task<int> RecordAsync(IReadOnlyCollection<Delivery> deliveries, string[] heeded, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
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

        if (learned.Count > 0) await session.SaveChangesAsync(ct);
        // Facts that are not taken in together are tried again alone: only then would they count twice.
        foreach (var fact in old) metrics.FactWasOld(fact);
        if (learned.Exists(fact => fact is UnitChanged)) units.Invalidate();
        return learned.Count;
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

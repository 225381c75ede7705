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

    /// <summary>Records the fact; false when it is not newer than what is known of its thing.</summary>
    public async Task<bool> LearnAsync(IIntegrationEvent fact, string? messageId, CancellationToken ct)
    {
        var key = KeyOf(fact);
        await using var session = store.LightweightSession();
        var mark = await session.LoadAsync<InboxMark>(key, ct);
        if (mark is not null && mark.Position >= fact.Origin.Position)
        {
            metrics.FactWasOld(fact);
            return false;
        }

        session.LastModifiedBy = fact.Origin.Person;
        session.CorrelationId = fact.Origin.Correlation ?? "";
        session.CausationId = messageId ?? "";
        session.SetHeader(EventHeaders.Client, fact.Origin.Client);
        if (Activity.Current?.Id is { } traceparent) session.SetHeader(EventHeaders.TraceParent, traceparent);
        if (fact.Origin.Demonstration) session.SetHeader(EventHeaders.Demonstration, true);

        var version = (mark?.Version ?? 0) + 1;
        if (mark is null)
        {
            session.Events.StartStream(key, fact);
            session.Insert(new InboxMark(key, fact.Origin.Position, version));
        }
        else
        {
            session.Events.Append(key, version, fact);
            session.Store(mark with { Position = fact.Origin.Position, Version = version });
        }

        await session.SaveChangesAsync(ct);
        if (fact is UnitChanged) units.Invalidate();
        return true;
    }
}

/// <summary>Takes the facts of one contract from the queue.</summary>
internal sealed class Inbox<TContract>(Learning learning, Introductions introductions, Introduction introduction, Parking parking) : IConsumer<TContract>
    where TContract : class, IIntegrationEvent
{
    public async Task Consume(ConsumeContext<TContract> context)
    {
        var fact = context.Message;
        var owner = fact.Origin.Service;
        if (introductions.IsAwaited(owner))
        {
            if (!context.Headers.TryGetHeader(BrokerTopology.ReplayHeader, out _)) return;
            introduction.Heard(owner);
        }

        await parking.MustNotWaitAsync(fact, context.CancellationToken);
        await learning.LearnAsync(fact, context.MessageId?.ToString(), context.CancellationToken);
    }
}

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
public sealed class Inbox<TContract>(IDocumentStore store, UnitRegister units) : IConsumer<TContract>
    where TContract : class, IIntegrationEvent
{
    public async Task Consume(ConsumeContext<TContract> context)
    {
        var fact = context.Message;
        var key = KeyOf(fact.Origin.Stream);
        await using var session = store.LightweightSession();
        var mark = await session.LoadAsync<InboxMark>(key, context.CancellationToken);
        if (mark is not null && mark.Position >= fact.Origin.Position) return;

        session.LastModifiedBy = fact.Origin.Person;
        session.CorrelationId = fact.Origin.Correlation ?? context.CorrelationId?.ToString() ?? "";
        session.CausationId = context.MessageId?.ToString() ?? "";
        session.SetHeader(EventHeaders.Client, fact.Origin.Client);
        if (System.Diagnostics.Activity.Current?.Id is { } traceparent) session.SetHeader(EventHeaders.TraceParent, traceparent);
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

        await session.SaveChangesAsync(context.CancellationToken);
        if (fact is UnitChanged) units.Invalidate();
    }

    /// <summary>One stream per foreign thing and contract.</summary>
    public static string KeyOf(string sourceStream) => $"{Topology.NameOf(typeof(TContract))}/{sourceStream}";
}

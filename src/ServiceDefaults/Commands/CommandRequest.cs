using System.Diagnostics;
using System.Text.Json;
using JasperFx.Events;
using Marten;
using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults;

/// <summary>What a command's request says beside its body: who, under which key, expecting which version.</summary>
internal sealed record CommandRequest(
    Actor Actor, Guid Key, long? Expected, string ReceiptId, string Hash, string Correlation, Activity? Activity, bool Demonstration)
{
    /// <summary>All that the session stores is this request's.</summary>
    public void Describe(IDocumentSession session)
    {
        session.LastModifiedBy = Actor.Person;
        session.CorrelationId = Correlation;
        session.CausationId = Key.ToString();
        foreach (var (name, value) in Headers()) session.SetHeader(name, value);
    }

    /// <summary>This one event is this request's; what an event says of itself goes before what its session says.</summary>
    public void Describe(IEvent e)
    {
        e.UserName = Actor.Person;
        e.CorrelationId = Correlation;
        e.CausationId = Key.ToString();
        foreach (var (name, value) in Headers()) e.SetHeader(name, value);
    }

    public Receipt ReceiptOf(Outcome outcome, DateTimeOffset now) => new(
        ReceiptId, Hash, outcome.Status, outcome.Version, outcome.Location, JsonSerializer.Serialize(outcome.Body, NtmJson.Http), now);

    /// <summary>The first answer, or a refusal where the key comes with another body.</summary>
    public IResult Again(Receipt receipt) => receipt.Request == Hash ? new ReceiptResult(receipt) : Problems.Of(KeyReused);

    private static Refusal KeyReused { get; } = Refusal.Invalid(
        "Idempotency-Key", "idempotency-key-reused", "Khóa này đã dùng cho một nội dung khác.", "This key was used for another body.");

    private IEnumerable<(string Name, object Value)> Headers()
    {
        yield return (EventHeaders.Client, Actor.Client);
        if (Activity?.Id is { } traceparent) yield return (EventHeaders.TraceParent, traceparent);
        if (Demonstration) yield return (EventHeaders.Demonstration, true);
    }
}

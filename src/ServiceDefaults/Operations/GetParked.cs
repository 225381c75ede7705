using System.Text;
using JasperFx.Events;
using Marten;
using Microsoft.AspNetCore.Http;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.ServiceDefaults.Operations;

/// <summary>Parked messages, for operators and auditors.</summary>
public static class GetParked
{
    /// <param name="Status">parked, replayed or dropped.</param>
    /// <param name="WaitsBehind">True when it only waits for an older parked one of its thing.</param>
    /// <param name="Times">How often it was parked.</param>
    public sealed record Item(
        string Message, string Status, string? Contract, string? Thing, long SourcePosition, string Reason, bool WaitsBehind, int Times, DateTimeOffset ParkedAt,
        string? SettledBy, string? SettledBecause, DateTimeOffset? SettledAt);

    /// <param name="Body">The message as it came; bytes that are no text are shown as the replacement character.</param>
    /// <param name="Steps">All that was done with it, the first one first.</param>
    public sealed record Whole(Item Item, string Body, IReadOnlyList<Step> Steps);

    /// <param name="Type">Name of the event, e.g. <c>parked-message-dropped.v1</c>.</param>
    /// <param name="Person">Who did it: a person's id, <c>system:inbox</c> or <c>system:release</c>.</param>
    /// <param name="Client">Client through which it was done.</param>
    /// <param name="Reason">Why it was parked, failed again or was dropped, or what its replay came to.</param>
    public sealed record Step(string Type, string Person, string Client, DateTimeOffset At, string? Reason);

    internal static Item Of(ParkedMessage m) =>
        new(m.Message, m.Status.ToString().ToLowerInvariant(), m.Contract, m.Thing, m.Order, m.Reason, m.WaitsBehind, m.Times, m.ParkedAt, m.SettledBy, m.SettledBecause, m.SettledAt);

    internal static async Task<IResult> HandleAll(HttpContext http, IDocumentStore store, string? status, string? after, int? limit, CancellationToken ct)
    {
        if (!OperationsModule.MayLook(http)) return Problems.Of(OperationsModule.OperatorsOnly);
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        var wanted = ParkedStatus.Parked;
        faults.Unless(
            status is null || (status.All(char.IsAsciiLetterLower) && Enum.TryParse(status, ignoreCase: true, out wanted)),
            "status", "status là parked, replayed hoặc dropped.", "status is parked, replayed or dropped.");
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        await using var session = store.QuerySession();
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        var query = session.Query<ParkedMessage>().Where(m => m.Status == wanted);
        // The session ends with this call, and a list of faults is short.
        if (format is not null) return Exports.Of(http, "parked", format, (await query.OrderBy(m => m.Message).ToListAsync(ct)).Select(Of).ToAsyncEnumerable());
        if (after is not null) query = query.Where(m => m.Message.CompareTo(after) > 0);
        var items = await query.OrderBy(m => m.Message).Take(take + 1).ToListAsync(ct);
        return TypedResults.Ok(Paging.Page(http, items.OrderBy(m => m.Message, StringComparer.Ordinal).Select(Of), m => m.Message, after, take));
    }

    internal static async Task<IResult> HandleOne(string message, HttpContext http, IDocumentStore store, CancellationToken ct)
    {
        if (!OperationsModule.MayLook(http)) return Problems.Of(OperationsModule.OperatorsOnly);
        await using var session = store.QuerySession();
        if (await session.LoadAsync<ParkedMessage>(ParkedMessage.Key(message), ct) is not { } found) return Problems.Of(Unknown);
        http.Response.Headers.ETag = ETags.Of(found.Version);
        var events = await session.Events.FetchStreamAsync(found.Id, version: found.Version, token: ct);
        return TypedResults.Ok(new Whole(Of(found), Encoding.UTF8.GetString(Convert.FromBase64String(found.Body)), [.. events.Select(StepOf)]));
    }

    private static Step StepOf(IEvent e)
    {
        var (at, reason) = e.Data switch
        {
            MessageParked p => (p.At, p.Reason),
            ParkedMessageReplayed r => (r.At, r.Because),
            ParkedMessageReplayFailed f => (f.At, f.Reason),
            ParkedMessageDropped d => (d.At, d.Reason),
            _ => (e.Timestamp, null),
        };
        return new(e.EventTypeName, e.UserName ?? "", e.ClientOf(), at, reason);
    }

    internal static Refusal Unknown { get; } = Refusal.NotFound("Không có thông điệp này.", "No such parked message.");
}

using Marten;
using Microsoft.AspNetCore.Http;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.ServiceDefaults.Operations;

/// <summary>An operator has a parked message taken in after all, also one that was given up before.</summary>
public static class ReplayParked
{
    internal static Task<IResult> Handle(string message, HttpContext http, Commands commands, IDocumentStore store, Parking parking, Learning learning) =>
        commands.Run(http, ParkedMessage.Key(message), async (c, ct) =>
        {
            if (!c.Actor.Has(Roles.Operator)) return OperationsModule.OperatorsOnly;
            if (await c.Session.LoadAsync<ParkedMessage>(ParkedMessage.Key(message), ct) is not { } parked) return GetParked.Unknown;
            if (await IsDoneAsync(c, parked, ct)) return Outcome.Ok(GetParked.Of(parked), parked.Version);
            if (c.IsStale(parked.Version)) return Refusal.Stale(parked.Version);
            if (parked.Status == ParkedStatus.Replayed) return NotParked;
            var body = MessageReading.Read(Convert.FromBase64String(parked.Body));
            if (body.Contract is { } contract && !parking.Listens(contract)) return NotTakenIn(Topology.NameOf(contract));
            if (body.Fact is not { } fact)
            {
                // What is old does nothing, whatever it says.
                var old = body.Thing is { } thing && await c.Session.LoadAsync<InboxMark>(thing, ct) is { } mark && mark.Position >= body.Position;
                return old ? await SettleAsync(c, parked, new ParkedMessageReplayed(message, Applied: false, c.Actor.Person, c.Now), ct) : await FailedAsync(c, store, parked, body.Fault!, Unreadable, ct);
            }

            if (await OlderAsync(c.Session, parked, ct) is { } older) return OlderFirst(older);
            try
            {
                // In one transaction with the fact, and not with the answer: whoever asks again under the same key is told that it is done.
                var settled = await learning.SettleAsync(parked, fact, c.Actor.Person, c.Now, c.Request.Describe, ct);
                return settled is null ? Outcome.Raced : Outcome.Ok(GetParked.Of(ParkedMessage.Fold(parked, parked.Id, settled)!), parked.Version + 1);
            }
            catch (Exception exception) when (!StoreAway.Is(exception) && !ct.IsCancellationRequested)
            {
                return await FailedAsync(c, store, parked, Reason.Of(exception), StillFails(Reason.Telling(exception).GetType().Name), ct);
            }
        });

    internal static Refusal NotParked { get; } = Refusal.Conflict("not-parked", "Thông điệp đã được xử lý.", "The message is settled already.");

    internal static async Task<Outcome> SettleAsync(CommandContext c, ParkedMessage parked, object settled, CancellationToken ct)
    {
        var stream = await c.Session.Events.FetchForWriting<ParkedMessage>(parked.Id, ct);
        if (stream.CurrentVersion != parked.Version) return Outcome.Raced;
        stream.AppendOne(settled);
        return Outcome.Ok(GetParked.Of(ParkedMessage.Fold(parked, parked.Id, settled)!), parked.Version + 1);
    }

    internal static Refusal OlderFirst(string older) =>
        Refusal.Conflict("older-one-parked", $"Thông điệp cũ hơn {older} của cùng đối tượng phải được xử lý trước.", $"The older message {older} of the same thing must be settled first.");

    private static Refusal Unreadable { get; } =
        Refusal.Conflict("message-unreadable", "Không đọc được thông điệp này; chỉ có thể bỏ.", "This message cannot be read; it can only be dropped.");

    private static Refusal StillFails(string kind) => Refusal.Conflict("message-still-fails", $"Vẫn không nhận được: {kind}.", $"It still fails: {kind}.");

    private static Refusal NotTakenIn(string contract) =>
        Refusal.Conflict("contract-not-taken-in", $"Dịch vụ này không tiếp nhận {contract}; chỉ có thể bỏ.", $"This service does not take in {contract}; it can only be dropped.");

    /// <summary>Whether this very request took it in, and its answer was lost.</summary>
    private static async Task<bool> IsDoneAsync(CommandContext c, ParkedMessage parked, CancellationToken ct) =>
        parked.Status == ParkedStatus.Replayed
        && await c.Session.Events.FetchStreamAsync(parked.Id, version: parked.Version, fromVersion: parked.Version, token: ct) is [var last]
        && (last.CausationId, last.UserName) == (c.Request.Key.ToString(), c.Actor.Person);

    /// <summary>A refusal saves nothing, and that somebody tried is on record nevertheless.</summary>
    private static async Task<Outcome> FailedAsync(CommandContext c, IDocumentStore store, ParkedMessage parked, string reason, Refusal refusal, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        c.Request.Describe(session);
        var stream = await session.Events.FetchForWriting<ParkedMessage>(parked.Id, ct);
        if (stream.CurrentVersion != parked.Version) return Outcome.Raced;
        stream.AppendOne(new ParkedMessageReplayFailed(parked.Message, reason, c.Actor.Person, c.Now));
        try
        {
            await session.SaveChangesAsync(ct);
        }
        catch (Exception exception) when (Commands.IsRace(exception))
        {
            return Outcome.Raced;
        }

        return refusal with { More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = reason } };
    }

    private static async Task<string?> OlderAsync(IQuerySession session, ParkedMessage parked, CancellationToken ct)
    {
        if (parked.Thing is not { } thing) return null;
        string[] things = Turn.Of(thing)?.Things ?? [thing];
        return (await Parking.Awaited(session).Where(m => m.Order < parked.Order && m.Thing!.IsOneOf(things)).OrderBy(m => m.Order).FirstOrDefaultAsync(ct))?.Message;
    }
}

/// <summary>An operator gives a parked message up.</summary>
public static class DropParked
{
    public sealed record Body(string? Reason);

    internal static Task<IResult> Handle(string message, Body body, HttpContext http, Commands commands) =>
        commands.Run(http, ParkedMessage.Key(message), async (c, ct) =>
        {
            if (!c.Actor.Has(Roles.Operator)) return OperationsModule.OperatorsOnly;
            if (await c.Session.LoadAsync<ParkedMessage>(ParkedMessage.Key(message), ct) is not { } parked) return GetParked.Unknown;
            if (string.IsNullOrWhiteSpace(body.Reason) || body.Reason.Length > 2000)
                return Refusal.Invalid("reason", "reason-required", "Cần lý do, tối đa 2000 ký tự.", "A reason of at most 2000 characters is needed.");
            if (c.IsStale(parked.Version)) return Refusal.Stale(parked.Version);
            if (parked.Status != ParkedStatus.Parked) return ReplayParked.NotParked;
            return await ReplayParked.SettleAsync(c, parked, new ParkedMessageDropped(message, body.Reason, c.Actor.Person, c.Now), ct);
        });
}

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
            if (c.IsStale(parked.Version)) return Refusal.Stale(parked.Version);
            if (parked.Status == ParkedStatus.Replayed) return NotParked;
            var body = MessageReading.Read(Convert.FromBase64String(parked.Body));
            if (body.Contract is { } contract && !parking.Listens(contract)) return NotTakenIn(Topology.NameOf(contract));
            if (body.Fact is not { } fact)
            {
                // What is old does nothing, whatever it says.
                var old = body.Thing is { } thing && await c.Session.LoadAsync<InboxMark>(thing, ct) is { } mark && mark.Position >= body.Position;
                return old ? Settle(c, parked, new ParkedMessageReplayed(message, Applied: false, c.Actor.Person, c.Now)) : Unreadable(body.Fault);
            }

            if (await OlderAsync(store, parked, ct) is { } older) return OlderFirst(older);
            bool applied;
            try
            {
                // In a transaction of its own: who caused the fact is another than who has it taken in. Repeated, it is old and does nothing.
                applied = await learning.LearnAsync(fact, message, ct);
            }
            catch (Exception exception) when (!StoreAway.Is(exception) && !ct.IsCancellationRequested)
            {
                return Refusal.Conflict("message-still-fails", $"Vẫn không nhận được: {exception.GetType().Name}.", $"It still fails: {exception.GetType().Name}.") with
                {
                    More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = exception.Message },
                };
            }

            return Settle(c, parked, new ParkedMessageReplayed(message, applied, c.Actor.Person, c.Now));
        });

    internal static Refusal NotParked { get; } = Refusal.Conflict("not-parked", "Thông điệp đã được xử lý.", "The message is settled already.");

    internal static Outcome Settle(CommandContext c, ParkedMessage parked, object settled)
    {
        c.Session.Events.Append(parked.Id, parked.Version + 1, settled);
        return Outcome.Ok(GetParked.Of(ParkedMessage.Fold(parked, parked.Id, settled)!), parked.Version + 1);
    }

    internal static Refusal OlderFirst(string older) =>
        Refusal.Conflict("older-one-parked", $"Thông điệp cũ hơn {older} của cùng đối tượng phải được xử lý trước.", $"The older message {older} of the same thing must be settled first.");

    private static Refusal Unreadable(string? fault) =>
        Refusal.Conflict("message-unreadable", "Không đọc được thông điệp này; chỉ có thể bỏ.", "This message cannot be read; it can only be dropped.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = fault },
        };

    private static Refusal NotTakenIn(string contract) =>
        Refusal.Conflict("contract-not-taken-in", $"Dịch vụ này không tiếp nhận {contract}; chỉ có thể bỏ.", $"This service does not take in {contract}; it can only be dropped.");

    private static async Task<string?> OlderAsync(IDocumentStore store, ParkedMessage parked, CancellationToken ct)
    {
        if (parked.Thing is not { } thing) return null;
        string[] things = Turn.Of(thing)?.Things ?? [thing];
        await using var session = store.QuerySession();
        var older = await session.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Parked && m.Order < parked.Order && m.Thing!.IsOneOf(things)).OrderBy(m => m.Order).FirstOrDefaultAsync(ct);
        return older?.Message;
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
            return ReplayParked.Settle(c, parked, new ParkedMessageDropped(message, body.Reason, c.Actor.Person, c.Now));
        });
}

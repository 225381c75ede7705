using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Inbox;

/// <summary>A recipient marks an entry as read.</summary>
public static class MarkRead
{
    private const long Unread = 0;
    private const long Read = 1;

    /// <summary><paramref name="mark"/> is that of an entry that was read before: nothing is recorded again.</summary>
    public static Decision Decide(InboxEntry entry, ReadMark? mark, IReadOnlyCollection<string> callerIs, string by, DateTimeOffset now) => mark switch
    {
        _ when !callerIs.Contains(entry.Recipient) => Refusal.Forbidden(
            "Chỉ người nhận được đánh dấu đã đọc.", "Only a recipient marks an entry as read."),
        null => Decision.Record(new EntryRead(entry.Id, entry.Recipient, by, now)),
        _ => Decision.Record(),
    };

    internal static Task<IResult> Handle(Guid id, HttpContext http, Commands commands, UnitRegister units) => commands.Run(http, async (c, ct) =>
    {
        if (await c.Session.LoadAsync<InboxEntry>(id, ct) is not { } entry)
            return Refusal.NotFound("Không có thông báo này.", "No such entry.");

        var mark = await c.Session.LoadAsync<ReadMark>(id, ct);
        var decision = Decide(entry, mark, Recipient.Of(c.Actor, await units.GetAsync(ct), c.Today), c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        if (c.IsStale(mark is null ? Unread : Read)) return Refusal.Stale(mark is null ? Unread : Read);

        // Two readers at once start the same stream: one goes through, the other is judged anew and finds it read.
        if (decision.Events.Count > 0) c.Session.Events.StartStream($"entry/{id}", decision.Events);
        return Outcome.Ok(EntryView.Of(entry, mark?.At ?? c.Now, http), Read);
    });
}

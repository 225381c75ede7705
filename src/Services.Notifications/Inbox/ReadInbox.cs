using System.Globalization;
using System.Text.Json.Serialization;
using Marten;
using Marten.Linq.MatchesSql;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Inbox;

/// <summary>An entry as it is answered, in the caller's language.</summary>
/// <param name="ToDo">True when the recipient is asked to act.</param>
/// <param name="Link">Path of the call that shows the thing.</param>
/// <param name="ReadAt">When it was read first; null while unread.</param>
/// <param name="CausedBy">Id of the integration event.</param>
public sealed record EntryView(
    Guid Id, string Kind, bool ToDo, string Subject, string Body, string Link, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt, Guid CausedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Demonstration)
{
    internal static EntryView Of(InboxEntry e, DateTimeOffset? readAt, HttpContext http) =>
        new(e.Id, e.Kind, e.ToDo, e.Subject.For(http), e.Body.For(http), e.Link, e.CreatedAt, readAt, e.CausedBy, e.Demonstration);
}

/// <summary>One page of the inbox, newest first.</summary>
/// <param name="Unread">Unread entries in the whole inbox.</param>
public sealed record InboxPage(IReadOnlyList<EntryView> Items, int Unread, string? Next);

/// <summary>The caller's own entries: the person's and those of the units and roles in the token.</summary>
internal static class ReadInbox
{
    private const int LongestPage = 200;

    internal static async Task<IResult> Handle(
        string? after, string? limit, HttpContext http, UnitRegister units, TimeProvider clock, IQuerySession session, CancellationToken ct)
    {
        if (Actor.Of(http) is not { } actor) return Problems.Of(Problems.OfStatus(401));
        var size = 50;
        InboxPlace? last = null;
        var faults = new Faults()
            .Unless(after is null || InboxPlace.TryParse(after, out last), "after", "Không phải là mốc của trang trước.", "Not the mark of an earlier page.")
            .Unless(
                limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size is >= 1 and <= LongestPage),
                "limit", $"Là số từ 1 đến {LongestPage}.", $"A number from 1 to {LongestPage}.");
        if (faults.Refuse(400, "malformed-query") is { } refusal) return Problems.Of(refusal);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);

        var mine = Recipient.Of(actor, await units.GetAsync(ct), clock.Today());
        var entries = session.Query<InboxEntry>().Where(e => e.Recipient.IsOneOf(mine));
        if (last is not null) entries = entries.Where(e => e.MatchesSql("(CAST(d.data ->> 'ticks' as bigint), d.id) < (?, ?)", last.Ticks, last.Id));
        if (format is not null)
        {
            var marks = (await session.Query<ReadMark>().Where(m => m.Recipient.IsOneOf(mine)).ToListAsync(ct)).ToDictionary(m => m.Id, m => m.At);
            var all = entries.OrderByDescending(e => e.Ticks).ThenByDescending(e => e.Id).ToAsyncEnumerable(ct);
            return Exports.Of(http, "inbox", format, all.Select(e => EntryView.Of(e, marks.TryGetValue(e.Id, out var at) ? at : null, http)));
        }

        var page = await entries.OrderByDescending(e => e.Ticks).ThenByDescending(e => e.Id).Take(size + 1).ToListAsync(ct);
        var ids = page.Select(e => e.Id).ToArray();
        var read = (await session.LoadManyAsync<ReadMark>(ct, ids)).ToDictionary(m => m.Id, m => m.At);
        var unread = await session.Query<InboxEntry>().CountAsync(e => e.Recipient.IsOneOf(mine), ct)
            - await session.Query<ReadMark>().CountAsync(m => m.Recipient.IsOneOf(mine), ct);
        var next = page.Count > size
            ? $"/api/notifications/inbox?after={InboxPlace.Of(page[size - 1])}&limit={size.ToString(CultureInfo.InvariantCulture)}"
            : null;

        EntryView[] items = [.. page.Take(size).Select(e => EntryView.Of(e, read.TryGetValue(e.Id, out var at) ? at : null, http))];
        return TypedResults.Ok(new InboxPage(items, Math.Max(0, unread), next));
    }
}

/// <summary>A place in the inbox: instant and id of an entry.</summary>
internal sealed record InboxPlace(long Ticks, Guid Id)
{
    internal static InboxPlace Of(InboxEntry entry) => new(entry.Ticks, entry.Id);

    internal static bool TryParse(string text, out InboxPlace? place)
    {
        place = text.Split('.') is [var ticks, var id]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Guid.TryParseExact(id, "N", out var guid)
            ? new(number, guid)
            : null;
        return place is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ticks}.{Id:N}");
}

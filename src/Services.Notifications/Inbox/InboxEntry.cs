using Ntm.Contracts;
using Ntm.Notifications.Wording;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Inbox;

/// <summary>One recipient is told of one cause, once.</summary>
/// <param name="ToDo">True when the recipient is asked to act.</param>
/// <param name="Ticks">The instant as a number: the order of the inbox.</param>
/// <param name="CausedBy">Id of the integration event.</param>
public sealed record InboxEntry(
    Guid Id, string Recipient, string Kind, bool ToDo, Text Subject, Text Body, string Link, DateTimeOffset CreatedAt, long Ticks, Guid CausedBy,
    bool Demonstration)
{
    /// <summary>Entries that a fact gives: for whoever must act next and for the unit concerned. The same fact gives the same entries for ever.</summary>
    /// <param name="levels">Levels of the units that are told; without those that are not known yet.</param>
    public static IEnumerable<InboxEntry> Of(IIntegrationEvent fact, Guid cause, IReadOnlyDictionary<Guid, string> levels)
    {
        if (Notice.Of(fact) is not { } notice) return [];
        var asked = notice.Next
            .SelectMany(step => Inbox.Recipient.OfStep(step, notice.Unit.Id).Select(recipient => (recipient, step)))
            .ToLookup(x => x.recipient, x => x.step, StringComparer.Ordinal);
        return asked.Select(a => a.Key).Concat(notice.Told.Select(unit => Inbox.Recipient.Concerned(unit, levels.GetValueOrDefault(unit.Id))))
            .Concat(notice.ToldPersons.Select(Inbox.Recipient.Person)).Distinct(StringComparer.Ordinal).Select(recipient =>
        {
            NextStep[] steps = [.. asked[recipient]];
            return new InboxEntry(
                DeterministicId.Of(cause.ToString(), recipient), recipient, notice.Kind, steps.Length > 0,
                notice.SubjectFor(steps), notice.BodyFor(steps), notice.Link,
                fact.Origin.RecordedAt, fact.Origin.RecordedAt.UtcTicks, cause, fact.Origin.Demonstration);
        });
    }
}

/// <summary>Somebody read an entry; for a unit's role, it is read for all who hold the role there.</summary>
/// <param name="Id">Id of the entry.</param>
public sealed record EntryRead(Guid Id, string Recipient, string By, DateTimeOffset At);

/// <summary>That, and when, an entry was read first.</summary>
public sealed record ReadMark(Guid Id, string Recipient, DateTimeOffset At);

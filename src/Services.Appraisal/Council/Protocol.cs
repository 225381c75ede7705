using Ntm.Appraisal.Dossiers;
using Ntm.Contracts;

namespace Ntm.Appraisal.Council;

/// <summary>What minutes are written from: alike of a council in a session and of one that was named for one dossier.</summary>
/// <param name="Session">Null without a session, as <paramref name="Appointment"/> and <paramref name="Secretary"/> are.</param>
/// <param name="Province">Null of a council that is the country's, and without a session.</param>
/// <param name="By">Id of who named the council.</param>
/// <param name="Present">Who attends, null before the attendance was taken; without a session, who voted.</param>
/// <param name="Outcomes">Null before the count.</param>
/// <param name="Dossiers">As they stood when it ended: what came after is in no minutes.</param>
public sealed record Protocol(
    Guid? Session, UnitRef? Province, Appointment? Appointment, string By, DateTimeOffset At, bool IsSecret, string Chair, string? Secretary, IReadOnlyList<CouncilMember> Members,
    IReadOnlyList<string>? Present, IReadOnlyList<SessionRecusal> Recusals, DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt, SessionDissolved? Dissolved,
    IReadOnlyList<SessionOutcome>? Outcomes, IReadOnlyList<DossierCase> Dossiers)
{
    public static Protocol Of(SessionCase at) => new(
        at.Session.Number, at.Session.Province, at.Session.Appointment, at.Session.By, at.Session.At, at.Session.IsSecret, at.Session.Chair, at.Session.Secretary, at.Session.Members,
        at.Session.Present, at.Session.Recusals, at.Session.OpenedAt, at.Session.ClosedAt, at.Session.Dissolved, at.Session.Outcomes, [.. at.Own]);

    /// <summary>Of the last council in a dossier's events.</summary>
    /// <exception cref="ArgumentException">No council was named for this dossier alone.</exception>
    public static Protocol Of(IReadOnlyList<object> events, Func<Dossier, DossierCase> caseOf)
    {
        var begun = Enumerable.Range(0, events.Count).LastOrDefault(i => events[i] is CouncilNamed, -1);
        if (begun < 0 || events[begun] is not CouncilNamed { Session: null } named) throw new ArgumentException("No council was named for this dossier alone.", nameof(events));
        var heard = HeardBy(events, begun, events.Count);
        var at = caseOf(Dossier.Fold(events.Take(heard)));
        var (number, dissolved, closed) = (at.Dossier.Number, events.ElementAtOrDefault(heard) as CouncilDissolved, events[heard - 1] as VoteClosed);
        return new(
            null, null, null, named.By, named.At, IsSecret: false, named.Chair, null, named.Members, [.. at.Dossier.Ballots.Select(b => b.Person)],
            [.. events.Take(heard).Skip(begun).OfType<CouncilMemberRecused>().Select(r => new SessionRecusal(r.Member, [number], r.Reason ?? "–", r.By, r.At))],
            named.At, closed?.At, dissolved is null ? null : new(dissolved.Reason ?? "–", dissolved.By, dissolved.At),
            closed is null ? null : [new(number, closed.To, closed.Tally)], [at]);
    }

    /// <summary>How many of a dossier's events a session's council has heard of: up to its own count, or to its dissolution and not with it.</summary>
    /// <param name="before">How many were recorded before the session ended.</param>
    public static int HeardInSession(IReadOnlyList<object> events, Guid session, int before)
    {
        var begun = Enumerable.Range(0, events.Count).FirstOrDefault(i => events[i] is CouncilNamed named && named.Session?.Id == session, -1);
        return begun < 0 ? before : HeardBy(events, begun, before);
    }

    private static int HeardBy(IReadOnlyList<object> events, int begun, int otherwise)
    {
        var over = Enumerable.Range(begun + 1, events.Count - begun - 1).FirstOrDefault(i => events[i] is VoteClosed or CouncilDissolved or CouncilNamed, -1);
        return over < 0 ? otherwise : events[over] switch { VoteClosed => over + 1, CouncilDissolved => over, _ => otherwise };
    }
}

using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>A session as it is listed: whom it names, on what it votes, how far it is. Nobody's reason and nobody's choice is in it.</summary>
/// <param name="Province">Null of a council that is the country's.</param>
/// <param name="Persons">Members and who is invited.</param>
/// <param name="Members">How many vote.</param>
/// <param name="EndedAt">When it was counted or dissolved; null before.</param>
/// <param name="Passed">How many of its dossiers passed; null before the count.</param>
public sealed record ListedSession(
    string Id, Guid Number, string State, UnitRef? Province, Appointment Appointment, string Ballot, string Chair, string Secretary, IReadOnlyList<string> Persons, int Members,
    IReadOnlyList<SessionDossier> Dossiers, DateTimeOffset AppointedAt, DateTimeOffset? OpenedAt, DateTimeOffset? EndedAt, int? Passed, bool Demonstration)
{
    public static ListedSession Of(SessionAppointed e, bool demonstration) => new(
        Session.Key(e.Session), e.Session, SessionStates.Appointed, e.Province, e.Appointment, e.Ballot, e.Chair, e.Secretary, [.. e.Members.Select(m => m.Person)],
        e.Members.Count(m => m.Voting != false), e.Dossiers, e.At, null, null, null, demonstration);
}

/// <summary>Keeps the list of sessions.</summary>
public sealed partial class ListedSessionProjection : SingleStreamProjection<ListedSession, string>
{
    public static ListedSession Create(IEvent<SessionAppointed> e) => ListedSession.Of(e.Data, e.IsDemonstration());

    public ListedSession Apply(SessionAttendanceTaken e, ListedSession session) => session with { State = SessionStates.Voting, OpenedAt = session.OpenedAt ?? e.At };

    public ListedSession Apply(SessionClosed e, ListedSession session) =>
        session with { State = SessionStates.Closed, EndedAt = e.At, Passed = e.Outcomes.Count(o => o.Tally?.Passed == true) };

    public ListedSession Apply(SessionDissolved e, ListedSession session) => session with { State = SessionStates.Dissolved, EndedAt = e.At };
}

using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>A member of the council, and whether he attends; null before the attendance was taken.</summary>
public sealed record SeatView(string Person, string Client, string? Body, bool Voting, bool? Present);

/// <summary>The ballot on one dossier.</summary>
/// <param name="Unanswered">Numbers of the flags of its basis that the council has not answered: it is not closed before.</param>
/// <param name="Voted">Who has voted. What, is in no answer of a secret ballot.</param>
/// <param name="Waiting">Who attends, may vote and has not.</param>
public sealed record BallotView(
    Guid Dossier, string Unit, Guid UnitId, string UnitName, string Title, string State, IReadOnlyList<int> Unanswered, IReadOnlyList<string> Voted,
    IReadOnlyList<string> Waiting, VoteExplained Vote);

/// <summary>A session as it is answered.</summary>
/// <param name="State"><c>appointed</c>; <c>voting</c> once the attendance was taken; <c>closed</c>, or <c>dissolved</c> before the count.</param>
/// <param name="Province">Null of a council that is the country's.</param>
/// <param name="Dissolved">Why, by whom and when it was dissolved; null unless it was.</param>
/// <param name="AsOfPosition">Store position that the answer stands for, in an answer to <c>asOf</c>.</param>
public sealed record SessionView(
    Guid Id, string State, long Version, UnitRef? Province, Appointment Appointment, string Ballot, string Chair, string Secretary, IReadOnlyList<SeatView> Members,
    IReadOnlyList<SessionRecusal> Recusals, IReadOnlyList<BallotView> Dossiers, DateTimeOffset AppointedAt, DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt,
    SessionDissolved? Dissolved, IReadOnlyList<NextStep> NextSteps, long? AsOfPosition, bool Demonstration);

/// <summary>Makes views of sessions.</summary>
internal sealed class SessionViews(Demonstration demonstration)
{
    public SessionView Of(SessionCase at, long version, DateOnly today, long? position = null)
    {
        var session = at.Session;
        return new(
            session.Number, session.State, version, session.Province, session.Appointment,
            session.Ballot, session.Chair, session.Secretary,
            [.. session.Members.Select(m => new SeatView(m.Person, m.Client, m.Body, m.Voting != false, session.Present?.Contains(m.Person)))],
            session.Recusals, [.. at.Own.Select(d => BallotOf(session, d))], session.At, session.OpenedAt, session.ClosedAt, session.Dissolved,
            NextSteps(at, today), position, demonstration.On);
    }

    private static BallotView BallotOf(Session session, DossierCase at)
    {
        var dossier = at.Dossier;
        string[] voted = [.. session.Votes.Where(v => v.Dossiers.Contains(dossier.Number)).Select(v => v.By)];
        var open = session.ClosedAt is null && session.Dissolved is null;
        var waits = open && session.Present is not null;
        return new(
            dossier.Number, dossier.Unit.Code, dossier.Unit.Id, dossier.Unit.Name, dossier.Title, dossier.State,
            open ? [.. dossier.Flags.Where(f => !f.IsSettled).Select(f => f.No)] : [],
            voted, waits ? [.. dossier.Entitled().Where(p => session.Present!.Contains(p) && !voted.Contains(p))] : [],
            VoteExplained.Of(at, session.TallyOf(dossier.Number)));
    }

    private static List<NextStep> NextSteps(SessionCase at, DateOnly today)
    {
        var session = at.Session;
        if (session.ClosedAt is not null || session.Dissolved is not null) return [];
        var voting = at.Voting.ToArray();
        string[] waiting = [.. session.Members.Select(m => m.Person).Where(p => voting.Any(d => Waits(d.Dossier, p)))];
        var steps = new List<NextStep> { Step("attendance", [.. new[] { session.Secretary, session.Chair }.Distinct(StringComparer.Ordinal)]) };
        if (waiting.Length > 0) steps.Add(Step("votes", waiting));
        if (voting.Any(d => d.Dossier.IsStuck(d.Procedure.Step(StepIds.CloseVotes)!)))
        {
            var (namers, whose) = at.Dossiers[0].Procedure.Step(StepIds.Council)!.TakenBy(today);
            steps.Add(new("dissolution", $"/api/appraisal/sessions/{session.Number}/dissolution", namers, whose == "country" ? null : session.Province?.Id));
        }
        else if (session.Present?.Contains(session.Chair) == true && voting.All(d => d.Dossier.HasQuorum(d.Procedure.Step(StepIds.CloseVotes)!) && d.Dossier.Flags.TrueForAll(f => f.IsSettled)))
            steps.Add(Step("close", [session.Chair]));
        return steps;

        NextStep Step(string step, IReadOnlyList<string> persons)
        {
            var (roles, of) = at.Dossiers[0].Procedure.Step(StepIds.Votes)!.TakenBy(today);
            return new(step, $"/api/appraisal/sessions/{session.Number}/{step}", roles, of == "country" ? null : session.Province?.Id, Persons: persons);
        }

        static bool Waits(Dossier dossier, string person) =>
            dossier.Sitting?.Present?.Contains(person) == true && dossier.Entitled().Contains(person) && !dossier.Ballots.Exists(b => b.Person == person);
    }
}

using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A span in which a step's time ran before a return stopped it.</summary>
public sealed record RanFor(DateOnly From, DateOnly To);

/// <summary>The time of a step, for whatever calendar.</summary>
/// <param name="Since">Day that it is counted from, itself not counted.</param>
/// <param name="Ran">What had run of it before.</param>
public sealed record StepTime(Deadline Deadline, DateOnly Since, IReadOnlyList<RanFor> Ran)
{
    /// <summary>The last day; null where the calendar is needed and not known.</summary>
    public DateOnly? Due(WorkingDays? calendar)
    {
        var used = 0;
        foreach (var span in Ran)
        {
            if (Deadlines.Ran(Deadline, span.From, span.To, calendar) is not { } ran) return null;
            used += ran;
        }

        return Deadlines.Due(Deadline, Since, calendar, used);
    }
}

/// <summary>What the procedure's file says about a dossier: which steps are allowed now, to whom, until when. Pure.</summary>
public static class DossierRules
{
    /// <summary>The refusal when the state does not allow the step, or a step before it was not taken; null when it may be taken.</summary>
    public static Refusal? Forbids(this Dossier dossier, Procedure procedure, string step)
    {
        string[] allowed = [.. dossier.StepsNow(procedure).Select(s => s.Id)];
        if (allowed.Contains(step)) return null;
        var (vi, en) = procedure.StateName(dossier.State);
        var steps = allowed.Length == 0 ? "–" : string.Join(", ", allowed);
        return Refusal.Conflict(
            "step-not-allowed",
            $"Hồ sơ đang ở trạng thái \"{vi}\" ({dossier.State}), không cho phép bước \"{step}\". Bước được phép: {steps}.",
            $"The dossier is in the state \"{en}\" ({dossier.State}), which does not allow the step \"{step}\". Allowed: {steps}.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["state"] = dossier.State, ["allowed"] = allowed },
        };
    }

    /// <summary>Steps that the state allows and whose earlier steps were taken; what is recorded or on paper is not asked for here.</summary>
    private static IEnumerable<ProcedureStep> StepsNow(this Dossier dossier, Procedure procedure) => procedure.StepsFrom(dossier.State)
        .Where(s => (s.After ?? []).All(id => procedure.Step(id) is null or { IsRecorded: true } || dossier.Steps.Exists(taken => taken.Step == id)));

    /// <summary>
    /// The first refusal that a command meets before its own decision: no such step 409, no right on that day or not among the named
    /// persons 403, not in this state or something demanded missing 409; null when it may decide.
    /// </summary>
    /// <param name="within">Whether something is added to a step that may have been taken: what the step demands is not asked for again.</param>
    /// <param name="answers">Whether something recorded in the step is answered: that may be done after its state too, until the dossier has ended.</param>
    /// <param name="stale">The refusal of a version that is not the dossier's any more: whoever has no right learns nothing of it.</param>
    public static Refusal? Refuses(this Dossier dossier, Procedure procedure, string step, UnitTree tree, Actor actor, DateOnly today, Refusal? stale = null, bool within = false, bool answers = false)
    {
        if (procedure.Step(step) is not { } known) return dossier.Forbids(procedure, step);
        return !dossier.MayTake(known, tree, actor, today) || dossier.IsForOthers(known, actor.Person)
            ? Problems.OfStatus(403)
            : stale ?? (answers && dossier.IsAnswerable(procedure, known) ? null : dossier.Forbids(procedure, step)) ?? (within || answers ? null : dossier.Lacks(procedure, known, today));
    }

    /// <summary>Whether what was recorded in the step may still be answered.</summary>
    private static bool IsAnswerable(this Dossier dossier, Procedure procedure, ProcedureStep step) =>
        step.From.Contains(dossier.State) || (!procedure.IsEnd(dossier.State) && dossier.Remarks.Exists(r => r.Step == step.Id));

    /// <summary>Whether a role of the actor takes the step on the day.</summary>
    public static bool MayTake(this Dossier dossier, ProcedureStep step, UnitTree tree, Actor actor, DateOnly today) =>
        step.TakenBy(today, dossier.State).Any(term => dossier.Acts(term.Roles, term.Of, tree, actor, today, term.Department));

    internal static bool Acts(this Dossier dossier, IReadOnlyList<string> roles, string of, UnitTree tree, Actor actor, DateOnly today, string? department = null)
    {
        if (of == "country") return roles.Any(actor.Has);
        var unit = of switch { "unit" => dossier.Unit.Id, "district" => dossier.District ?? tree.Above(dossier.Unit.Id, "district", dossier.Day), _ => dossier.Province };
        return unit is { } whose && roles.Any(role => tree.ActsAs(actor, role, whose, today, department));
    }

    /// <summary>The first day of the survey that is under way: begun and not summed up since; null where none is.</summary>
    public static DateOnly? SurveyBegun(this Dossier dossier) => dossier.Steps.FindLast(s => s.Step is StepIds.Survey or StepIds.SurveyStart) is { Step: StepIds.SurveyStart } start ? start.On : null;

    /// <summary>Persons whom the step recuses: nobody approves what he himself entered.</summary>
    public static IReadOnlySet<string> Recused(this Dossier dossier, ProcedureStep step) => step.Recuses
        .SelectMany(group => group switch
        {
            "dossier" => dossier.Preparers.Concat(dossier.WhoTook(StepIds.Preparing)),
            "figures" => dossier.Basis.Entered,
            "basis" => dossier.Basis.Persons.Concat(dossier.Basis.Confirmations.Select(c => c.By)).Concat(dossier.WhoTook([.. StepIds.Judging, .. dossier.Outcomes.Keys])).Concat(dossier.Contributors),
            _ => Enumerable.Empty<string>(),
        })
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> WhoTook(this Dossier dossier, IReadOnlyList<string> steps) => dossier.Steps.Where(s => steps.Contains(s.Step)).Select(s => s.By);

    /// <summary>The refusal when the person prepared what the step approves.</summary>
    public static Refusal? RefuseSelfApproval(this Dossier dossier, ProcedureStep step, string person) => dossier.Recused(step).Contains(person)
        ? Refusal.Forbidden(
            $"Người \"{person}\" đã lập hồ sơ hoặc nhập số liệu nên không được duyệt.",
            $"The person \"{person}\" prepared the dossier or entered its figures and may not approve it.",
            "self-approval")
        : null;

    /// <summary>Those who may vote: the members who vote, but for those who are recused from this dossier.</summary>
    public static IEnumerable<string> Entitled(this Dossier dossier) => dossier.Voters().Where(p => dossier.Sitting?.Recused.Contains(p) != true);

    private static IEnumerable<string> Voters(this Dossier dossier) => (dossier.Council?.Members ?? []).Where(m => m.Voting != false).Select(m => m.Person);

    /// <summary>
    /// What shares of the vote are taken of. Without a session, who voted was present. Who is recused stays a member: nobody's recusal
    /// makes a quorum easier to reach (house rule).
    /// </summary>
    public static VoteBase Counted(this Dossier dossier)
    {
        string[] entitled = [.. dossier.Entitled()];
        return new(
            dossier.Voters().Count(), dossier.Council?.Session is null ? dossier.Ballots.Count : entitled.Count(p => dossier.Sitting?.Present?.Contains(p) == true), dossier.Ballots.Count);
    }

    public static bool IsSecret(this Dossier dossier) => dossier.Council?.Session?.Ballot == CouncilSession.Secret;

    /// <summary>Who makes the quorum: those present; of a secret ballot those who voted, for a count of few tells what each of them chose (house rule).</summary>
    public static int InQuorum(this Dossier dossier) => dossier.IsSecret() ? dossier.Counted().Cast : dossier.Counted().Present;

    /// <summary>The fewest votes with which a secret ballot is counted: as the procedure says, else two (house rule).</summary>
    public static int FewestInSecret(this ProcedureStep close) => close.FewestSecret?.Value ?? 2;

    /// <summary>Whether so few voted in secret that the count would say who chose what.</summary>
    public static bool IsTooFewInSecret(this Dossier dossier, ProcedureStep close) => dossier.IsSecret() && dossier.Ballots.Count < close.FewestInSecret();

    /// <summary>Whether a session votes without the chair, who alone closes it: he was not there when the attendance was taken.</summary>
    public static bool IsChairAway(this Dossier dossier) =>
        dossier.Council is { Session: not null } council && dossier.Sitting?.Present?.Contains(council.Chair) == false;

    /// <summary>Those who may vote, are there as far as it is known, and have not voted.</summary>
    private static IEnumerable<string> Awaited(this Dossier dossier) =>
        dossier.Entitled().Where(p => dossier.Sitting?.Present?.Contains(p) != false && dossier.Ballots.TrueForAll(b => b.Person != p));

    /// <summary>Whether all who are there have voted in a session and too few are: only who comes later can make it enough.</summary>
    private static bool IsShort(this Dossier dossier, Procedure procedure) =>
        dossier.Sitting?.Present is { } present && !dossier.Awaited().Any() && !dossier.HasQuorum(procedure.Step(StepIds.CloseVotes)!) && dossier.Entitled().Any(p => !present.Contains(p));

    /// <summary>
    /// Whether this council comes to no end and another must be appointed: all have voted who ever can, and too few; or the result is the
    /// chair's to state, and he is recused.
    /// </summary>
    public static bool IsStuck(this Dossier dossier, ProcedureStep close) => dossier.Council is { } council
        && ((close.Pass!.Share is null && dossier.Sitting?.Recused.Contains(council.Chair) == true)
            || (!dossier.HasQuorum(close) && dossier.Entitled().All(p => dossier.Ballots.Exists(b => b.Person == p))));

    /// <summary>Whether the chair may close the vote: enough members are present, and somebody has voted.</summary>
    public static bool HasQuorum(this Dossier dossier, ProcedureStep close) =>
        dossier.Council is not null && dossier.Ballots.Count > 0 && dossier.IsQuorate(close) && !dossier.IsTooFewInSecret(close);

    /// <summary>Whether enough members are present; a quorum that is not set is none.</summary>
    public static bool IsQuorate(this Dossier dossier, ProcedureStep close) => close.Quorum!.IsReached(dossier.InQuorum(), dossier.Counted()) != false;

    /// <summary>The refusal of a vote in the open where the procedure wants it secret: only a session has a key to seal choices with.</summary>
    public static Refusal? RefuseInTheOpen(this ProcedureStep votes) => votes.Ballot == CouncilSession.Secret
        ? Refusal.Conflict(
            "ballot-secret",
            "Quy trình quy định bỏ phiếu kín: Hội đồng được lập và bỏ phiếu trong một phiên họp (/api/appraisal/sessions).",
            "The procedure sets a secret ballot: the council is appointed to, and votes in, a session (/api/appraisal/sessions).")
        : null;

    /// <summary>The refusal of a vote beside the session in which the council votes on the dossier.</summary>
    public static Refusal? RefuseBesideSession(this Dossier dossier) => dossier.Council?.Session is { } session
        ? Refusal.Conflict(
            "votes-in-session",
            $"Hội đồng bỏ phiếu về hồ sơ này trong phiên họp: /api/appraisal/sessions/{session.Id}.",
            $"The council votes on this dossier in a session: /api/appraisal/sessions/{session.Id}.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["session"] = session.Id },
        }
        : null;

    /// <summary>
    /// The steps that can be taken now, with those who are asked; recorded ones say whether they are waited for. Once the dossier has
    /// ended, only what waits is told.
    /// </summary>
    /// <param name="today">Day by which the roles are resolved.</param>
    /// <param name="calendar">Null before it was learned: then no last day in working days is told.</param>
    public static IReadOnlyList<NextStep> NextSteps(this Dossier dossier, Procedure procedure, DateOnly today, KnownCalendar? calendar)
    {
        var days = calendar?.WorkingDays();
        var sealedVote = procedure.Step(StepIds.Votes)?.Ballot == CouncilSession.Secret;
        return
        [
            .. from step in dossier.StepsNow(procedure)
               where step.Id != StepIds.CloseVotes || (dossier.HasQuorum(step) && !dossier.IsStuck(step))
               // While the council has not answered a flag, neither is taken.
               where step.Id is not (StepIds.CloseVotes or StepIds.Decision) || dossier.Flags.TrueForAll(f => f.IsSettled)
               // Off the way while the council votes, unless this council comes to no end: the procedure tells it, nobody is asked for it.
               where step.Id != StepIds.Dissolve || (procedure.Step(StepIds.CloseVotes) is { } count && dossier.IsStuck(count))
               where dossier.Lacks(procedure, step, today) is null
               let required = step.Id == StepIds.Dissolve ? (bool?)null : step.IsRecorded ? (step.Required?.Value == true && !dossier.HasTaken(step.Id)) || (step.Records == StepIds.Survey && dossier.SurveyBegun() is not null) : StepIds.Exits.Contains(step.Id) ? false : (bool?)null
               where required != false || !procedure.IsEnd(dossier.State)
               let session = step.Id is StepIds.Votes or StepIds.CloseVotes or StepIds.Dissolve ? dossier.Council?.Session : null
               let name = session is null ? step.Id
                   : step.Id == StepIds.Dissolve ? "dissolution"
                   : step.Id == StepIds.Votes && dossier.IsShort(procedure) ? "attendance"
                   : dossier.Sitting!.Present is null || (step.Id == StepIds.CloseVotes && dossier.IsChairAway()) ? "attendance"
                   : step.Id == StepIds.Votes ? "votes" : "close"
               let persons = dossier.PersonsAsked(procedure, step)
               where persons is not { Count: 0 }
               from term in step.TakenBy(today, dossier.State)
               where term.Roles.Count > 0
               let due = dossier.DueOf(step, days)
               select new NextStep(
                   name is "close" or "dissolution" ? step.Id : name,
                   session is not null ? $"/api/appraisal/sessions/{session.Id}/{name}" : step.Id == StepIds.Council && sealedVote ? "/api/appraisal/sessions" : $"/api/appraisal/dossiers/{dossier.Number}/{step.Path}", term.Roles, dossier.Whose(term.Of), due, term.Department, persons,
                   due is not null && step.Deadline.GoesByCalendar() ? calendar?.Calendar.Version : null, required, step.IsOwn ? step.NameVi : null, step.IsOwn ? step.NameEn : null),
            .. from remark in dossier.Remarks
               where remark.Answer is null
               let step = procedure.Step(remark.Step)
               where step is not null && dossier.IsAnswerable(procedure, step)
               from term in step.TakenBy(today, dossier.State)
               where term.Roles.Count > 0
               select new NextStep(
                   $"{remark.Step}/answer", $"/api/appraisal/dossiers/{dossier.Number}/{AnswerPath(remark)}", term.Roles, dossier.Whose(term.Of), Department: term.Department,
                   Required: remark.Step == StepIds.Complaint || step.Required?.Value == true),
        ];
    }

    internal static Guid? Whose(this Dossier dossier, string of) => of switch { "unit" => dossier.Unit.Id, "district" => dossier.District, "province" => dossier.Province, _ => null };

    private static string AnswerPath(Remark remark) => remark.Step switch
    {
        StepIds.Consultation => $"consultation/remarks/{remark.No}/answer",
        StepIds.List => $"list/opinions/{remark.No}/answer",
        _ => $"{remark.Step}/{remark.No}/answer",
    };

    /// <summary>The last day of the step; null where the law's value, its beginning, its calendar or what a return does to it is not known.</summary>
    private static DateOnly? DueOf(this Dossier dossier, ProcedureStep step, WorkingDays? calendar) => dossier.TermOf(step)?.Due(calendar);

    /// <summary>From when the step's time runs, and what of it had run before; null where the law's value, its beginning or what a return does to it is not known.</summary>
    public static StepTime? TermOf(this Dossier dossier, ProcedureStep step)
    {
        var deadline = step.Deadline;
        if (!deadline.IsSet || (deadline.From == StepIds.SurveyStart && dossier.SurveyBegun() is null)) return null;
        var steps = dossier.Steps;
        // Without a step that it is counted from, whatever led into the state begins it.
        bool Begins(int i) => deadline.From is { } from ? steps[i].Step == from : steps[i].To == dossier.State && (i == 0 || steps[i - 1].To != dossier.State);
        int[] begins = [.. Enumerable.Range(0, steps.Count).Where(Begins)];
        if (begins.Length == 0) return null;
        // A survey that was begun anew has nothing to do with what was returned before.
        var (first, last) = (deadline.From == StepIds.SurveyStart ? begins[^1] : begins[0], begins[^1]);
        // A return that begins the time does not stop it.
        int[] returns = [.. Enumerable.Range(first, steps.Count - first).Where(i => steps[i].Step == StepIds.Return && !Begins(i))];
        if (returns.Length == 0 || deadline.Kind == Deadlines.BeforeDate) return new(deadline, DayOf(last), []);

        var again = Onwards(returns[^1]);
        if (again < 0 || deadline.OnReturn is null) return null;
        if (deadline.OnReturn == "restart") return new(deadline, DayOf(Math.Max(again, last)), []);

        List<RanFor> ran = [];
        var begun = first;
        foreach (var stop in returns)
        {
            ran.Add(new(DayOf(begun), DayOf(stop)));
            begun = Onwards(stop);
        }

        return new(deadline, DayOf(again), ran);

        // What is recorded while the dossier is back with the unit does not hand it in again.
        int Onwards(int stop) => steps.FindIndex(stop + 1, s => deadline.From is null ? s.To == dossier.State : s.To != steps[stop].To);

        DateOnly DayOf(int index) => steps[index].On ?? VietnamTime.DayOf(steps[index].At);
    }

    /// <summary>The named persons among the step's roles; null where any holder of the role may act.</summary>
    private static IReadOnlyList<string>? PersonsAsked(this Dossier dossier, Procedure procedure, ProcedureStep step) => (step.Persons, dossier.Council) switch
    {
        // A chair who was away closes nothing before he is put on the list.
        ("chair", { Session: { } session } council) when dossier.IsChairAway() => [.. new[] { session.Secretary, council.Chair }.Distinct(StringComparer.Ordinal)],
        ("chair", { } council) => [council.Chair],
        ("council", { Session: { } session } council) when dossier.Sitting!.Present is null || dossier.IsShort(procedure) => [.. new[] { session.Secretary, council.Chair }.Distinct(StringComparer.Ordinal)],
        ("council", _) => [.. dossier.Awaited()],
        _ => null,
    };

    /// <summary>Whether the step is for named persons and the caller is none of them.</summary>
    public static bool IsForOthers(this Dossier dossier, ProcedureStep step, string person) => (step.Persons, dossier.Council) switch
    {
        ("chair", { } council) => council.Chair != person,
        ("council", { } council) => !council.HasVoter(person),
        _ => false,
    };
}

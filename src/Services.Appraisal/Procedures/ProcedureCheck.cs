using System.Text.RegularExpressions;
using Ntm.Appraisal.Dossiers;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>Refuses a procedure that the code could not follow, naming the place in the file.</summary>
public static partial class ProcedureCheck
{
    private static readonly string[] Marks = ["seen", "seen-pred", "recalled", "derived", "unknown", "internal"];
    private static readonly string[] Conditions = [Condition.Criteria, "arrears", "satisfaction", "security"];

    private const string Start = ".start";
    private const int LongestId = 60;

    /// <summary>Names under which <c>nextSteps</c> asks for other calls.</summary>
    private static readonly string[] OtherCalls = [TransferDossier.Step, AttachDocument.Step, "attendance", "close"];

    private static readonly string[] Whose = ["unit", "district", "province", "country"];

    private static readonly string[] KnownRoles =
    [
        Roles.CommuneOfficer, Roles.DistrictOfficer, Roles.DepartmentOfficer, Roles.ProvinceOfficer, Roles.CouncilMember,
        Roles.FrontOfficer, Roles.ProvinceChair, Roles.Ministry, Roles.Operator, Roles.Auditor,
    ];

    /// <exception cref="InvalidDataException">The file is at fault; the message begins with its name and the place.</exception>
    public static void Check(Procedure procedure, IReadOnlyList<KnownTitle> titles, string file)
    {
        var at = new Places(file);
        var papers = procedure.PaperSteps ?? [];
        at.Known(procedure.Title, titles.Select(t => t.Id), "title");
        at.Demand(titles.Any(t => t.Id == procedure.Title && t.Tier == procedure.Tier), "tier", "is not the title's tier");
        at.Demand(!procedure.Version.Contains('+', StringComparison.Ordinal), "version", "has a +, which stands before a province's file");
        at.Demand(procedure.ValidTo is not { } to || to >= procedure.ValidFrom, "valid_to", "is before valid_from");
        at.Mark(procedure.Transition.Mark, "transition.mark");
        if (procedure.Transition.Rule is { } rule) at.Known(rule, [Transition.Keep, Transition.Transfer], "transition.rule");
        Places.Each(procedure.Legal, "legal", (act, place) => at.Mark(act.Mark, $"{place}.mark"));
        Places.Each(procedure.Conditions, "conditions", (c, place) => CheckCondition(c, at, place));
        at.Unique(procedure.Conditions.Select(c => c.Id), "conditions");
        at.Unique(procedure.States.Select(s => s.Id), "states");
        at.Unique(procedure.Steps.Select(s => s.Id), "steps");
        at.Unique(papers.Select(s => s.Id).Concat(StepIds.All.Union(procedure.Steps.Select(s => s.Id))), "paper_steps");

        var targets = procedure.States.Select(s => s.Id).Concat(procedure.Steps.Select(s => s.Id)).Concat(papers.Select(s => s.Id)).ToArray();
        Places.Each(procedure.Steps, "steps", (step, place) => CheckStep(procedure, step, targets, at, place));
        Places.Each(papers, "paper_steps", (step, place) => CheckPaper(step, [.. procedure.Steps.Select(s => s.Id), .. papers.Select(s => s.Id)], targets, at, place));
        CheckCouncil(procedure, at);
        CheckReach(procedure, at);
        CheckRequired(procedure, at);
        CheckTimes(procedure, at);
        CheckDays(procedure, at);
        Places.Each(procedure.Steps, "steps", (step, place) => CheckEnds(step, procedure, at, place));
        if (procedure.Revocation is { } revocation) CheckRevocation(revocation, at);
    }

    /// <summary>Whether a province may name a step or a file of its own so: Latin words in lower case with hyphens, at most 60 characters.</summary>
    public static bool IsName(string id) => id.Length <= LongestId && OwnId().IsMatch(id);

    /// <summary>Refuses a province's decision that cannot be looked up.</summary>
    /// <exception cref="InvalidDataException">The decision has no number, no day or an unknown mark.</exception>
    public static void CheckDecision(LegalAct decision, string file, string place)
    {
        var at = new Places(file);
        at.Demand(!string.IsNullOrWhiteSpace(decision.Number), $"{place}.number", "is empty");
        at.Demand(decision.Date > DateOnly.MinValue, $"{place}.date", "is no day");
        at.Mark(decision.Mark, $"{place}.mark");
    }

    private static void CheckCondition(Condition condition, Places at, string place)
    {
        at.Known(condition.Id, Conditions, $"{place}.id");
        at.Mark(condition.Mark, $"{place}.mark");
        at.Demand(condition.Id == Condition.Criteria == condition.ConfirmedBy is null, $"{place}.confirmed_by", "is for the conditions beside the criteria");
        if (condition.ConfirmedBy is not { } confirmer) return;
        at.Known(confirmer.Role, KnownRoles, $"{place}.confirmed_by.role");
        if (confirmer.Of is { } of) at.Known(of, [Confirmer.Country], $"{place}.confirmed_by.of");
    }

    private static void CheckStep(Procedure procedure, ProcedureStep step, IReadOnlyList<string> targets, Places at, string place)
    {
        var states = procedure.States.Select(s => s.Id).ToArray();
        if (step.IsOwn) at.Demand(IsName(step.Id) && !StepIds.All.Concat(OtherCalls).Contains(step.Id), $"{place}.id", "is no name for a step of a province's own");
        else at.Known(step.Id, StepIds.All, $"{place}.id");
        at.Mark(step.Mark, $"{place}.mark");
        if (step.Actors is { } actors)
        {
            at.Demand(step.Roles.Count == 0 && step.Of is null, $"{place}.roles", "stands beside actors");
            CheckActors(actors, step.From, at, $"{place}.actors");
            at.Demand(step.IsRecorded || actors.Any(a => a.Roles.Count > 0), $"{place}.actors", "nobody takes it on any day");
        }
        else
        {
            at.Demand(step.Roles.Count > 0, $"{place}.roles", "is empty");
            Places.Each(step.Roles, $"{place}.roles", (role, where) => at.Known(role, KnownRoles, where));
            at.Known(step.Of ?? "null", Whose, $"{place}.of");
        }

        Places.Each(step.From, $"{place}.from", (state, where) => at.Known(state, states, where));
        Places.Each(step.Recuses, $"{place}.recuses", (group, where) => at.Known(group, ["dossier", "figures", "basis"], where));
        at.Demand(step.Id == StepIds.Open == (step.From.Count == 0), $"{place}.from", "is empty for the step open, and for no other");
        if (step.LeadsTo is { } to) at.Known(to, states, $"{place}.to");
        CheckRecorded(step, at, place);
        at.Demand(step.Deadline.From?.EndsWith(Start, StringComparison.Ordinal) != true || (step.Records == StepIds.Survey && step.Deadline.From == $"{step.Id}{Start}"), $"{place}.deadline.from", "a beginning is known of a survey alone, and for itself");
        if (step.Persons is { } persons) at.Known(persons, ["council", "chair"], $"{place}.persons");
        CheckWhat(step.After ?? [], step.Deadline, step.Documents, step.Refusals, [.. procedure.Steps.Select(s => s.Id), .. (procedure.PaperSteps ?? []).Select(s => s.Id)], targets, at, place);

        var closes = step.Id == StepIds.CloseVotes;
        at.Demand(closes == step.RefusedTo is not null, $"{place}.refused_to", "belongs to votes/close");
        if (step.RefusedTo is { } refused) at.Known(refused, states, $"{place}.refused_to");
        at.Demand(closes == step.Quorum is not null, $"{place}.quorum", "belongs to votes/close");
        at.Demand((closes || IsMeeting(step)) == step.Pass is not null, $"{place}.pass", "belongs to votes/close and to a meeting");
        at.Demand(!IsMeeting(step) || step.Pass?.Of is null or "present", $"{place}.pass.of", "is not those present, whom alone a meeting counts");
        CheckVote(step.Quorum, at, $"{place}.quorum");
        at.Demand(step.Quorum?.Of is null or VoteRule.Members, $"{place}.quorum.of", "is always reached: whoever votes is present");
        CheckVote(step.Pass, at, $"{place}.pass");
        CheckBallot(step.Ballot, at, $"{place}.ballot");
        at.Demand(step.Ballot is null || step.Id == StepIds.Votes || IsMeeting(step), $"{place}.ballot", "belongs to votes and to a meeting");
        at.Demand(step.FewestSecret is null || closes, $"{place}.fewest_secret", "belongs to votes/close");
        at.Demand(step.FewestSecret?.Value is null or > 0, $"{place}.fewest_secret.value", "is not a number of votes");
        if (step.FewestSecret is { } fewest) at.Mark(fewest.Mark, $"{place}.fewest_secret.mark");
    }

    /// <summary>Steps that may end a dossier: the title is granted before, or free again.</summary>
    private static readonly string[] FreesOrGrants = [StepIds.Withdraw, StepIds.Refuse, StepIds.Publication];

    private static void CheckEnds(ProcedureStep step, Procedure procedure, Places at, string place)
    {
        at.Demand(step.RefusedTo is null || procedure.IsEnd(step.RefusedTo), $"{place}.refused_to", "is no end: a lost vote frees the title for another dossier");
        at.Demand(step.LeadsTo is null || FreesOrGrants.Contains(step.Id) || !procedure.IsEnd(step.LeadsTo), $"{place}.to", "is an end in which the title would stay taken");
    }

    private static void CheckRecorded(ProcedureStep step, Places at, string place)
    {
        at.Demand(step.IsRecorded == step.LeadsTo is null, $"{place}.records", "belongs to the steps that stay in the state, and to all of them");
        if (step.Records is { } records && !step.IsOwn)
        {
            at.Known(records, StepIds.Recorded, $"{place}.records");
            at.Demand(records == step.Id, $"{place}.records", $"is recorded by the call \"{records}\" and not by \"{step.Id}\"");
        }

        at.Demand(step.Required is null || step.IsRecorded, $"{place}.required", "belongs to the steps that stay in the state");
        if (step.Required is { } required) at.Mark(required.Mark, $"{place}.required.mark");
        at.Demand(step.Blocks is null || IsMeeting(step) || step.Records is StepIds.Survey or StepIds.Completeness or StepIds.Report or StepIds.Paper, $"{place}.blocks", "belongs to what finds for or against the dossier");
        if (step.Blocks is { } blocks) at.Mark(blocks.Mark, $"{place}.blocks.mark");
        at.Demand(step.Blocks?.Supplement is null || step.Records == StepIds.Report, $"{place}.blocks.supplement", "belongs to a report");
        if (step.Blocks?.Supplement is { } supplement) at.Mark(supplement.Mark, $"{place}.blocks.supplement.mark");
        if (step.Times is { } times)
        {
            at.Mark(times.Mark, $"{place}.times.mark");
            at.Demand(times.Value is null or > 0, $"{place}.times.value", "is not a number of times");
        }

        at.Demand((step.Records == StepIds.Survey) == step.Survey is not null, $"{place}.survey", "belongs to a survey");
        if (step.Survey is { } survey)
        {
            at.Known(survey.Scope, [SurveyRules.Unit, SurveyRules.EachPart], $"{place}.survey.scope");
            if (survey.Mark is { } sure) at.Mark(sure, $"{place}.survey.mark");
            at.Mark(survey.MinSampleShare.Mark, $"{place}.survey.min_sample_share.mark");
            at.Mark(survey.MinSharePerQuestion.Mark, $"{place}.survey.min_share_per_question.mark");
            at.Mark(survey.MinMeanShare.Mark, $"{place}.survey.min_mean_share.mark");
            at.Mark(survey.MinOverall.Mark, $"{place}.survey.min_overall.mark");
            if (survey.MinPartSampleShare is { } ofPart) at.Mark(ofPart.Mark, $"{place}.survey.min_part_sample_share.mark");
        }

        at.Demand(step.Departments is null || step.Records == StepIds.Opinions, $"{place}.departments", "belongs to opinions");
        at.Unique((step.Departments ?? []).Select(d => d.Code), $"{place}.departments");
        Places.Each(step.Departments ?? [], $"{place}.departments", (department, where) => at.Mark(department.Mark, $"{where}.mark"));
    }

    private static bool IsMeeting(ProcedureStep step) => step.Records is { } records && StepIds.Meetings.Contains(records);

    private static void CheckPaper(PaperStep step, IReadOnlyList<string> steps, IReadOnlyList<string> targets, Places at, string place)
    {
        at.Mark(step.Mark, $"{place}.mark");
        CheckActors(step.Actors, [], at, $"{place}.actors");
        CheckWhat(step.After, step.Deadline, step.Documents, step.Refusals, steps, targets, at, place);
        CheckVote(step.Quorum, at, $"{place}.quorum");
        CheckVote(step.Pass, at, $"{place}.pass");
        CheckBallot(step.Ballot, at, $"{place}.ballot");
        at.Demand(step.Deadline.From?.EndsWith(Start, StringComparison.Ordinal) != true, $"{place}.deadline.from", "a beginning is known of a survey alone, and for itself");
    }

    private static void CheckWhat(
        IReadOnlyList<string> after, Deadline deadline, IReadOnlyList<DemandedDocument>? documents, IReadOnlyList<StepRefusal>? refusals,
        IReadOnlyList<string> steps, IReadOnlyList<string> targets, Places at, string place)
    {
        Places.Each(after, $"{place}.after", (id, where) => at.Known(id, steps, where));
        at.Mark(deadline.Mark, $"{place}.deadline.mark");
        at.Demand(deadline.Value is null or > 0, $"{place}.deadline.value", "is not a number of days");
        if (deadline.Kind is not null || deadline.IsSet) at.Known(deadline.Kind ?? "null", Deadlines.Kinds, $"{place}.deadline.kind");
        at.Demand(deadline.Kind != Deadlines.BeforeDate || deadline.Value is null, $"{place}.deadline.value", "a date has no number of days");
        at.Demand(deadline.Before is null || (deadline.Kind == Deadlines.BeforeDate && Deadlines.MonthDay(deadline.Before) is not null), $"{place}.deadline.before", "is no month and day of before_date");
        if (deadline.From is { } from) at.Known(from, steps.Append($"{StepIds.Survey}{Start}"), $"{place}.deadline.from");
        if (deadline.OnReturn is { } onReturn) at.Known(onReturn, ["pause", "restart"], $"{place}.deadline.on_return");
        at.Unique((documents ?? []).Select(d => d.Kind), $"{place}.documents");
        Places.Each(documents ?? [], $"{place}.documents", (document, where) =>
        {
            at.Mark(document.Mark, $"{where}.mark");
            at.Demand(document.Copies is null or > 0, $"{where}.copies", "is not a number of sets");
        });
        Places.Each(refusals ?? [], $"{place}.refusals", (refusal, where) =>
        {
            at.Mark(refusal.Mark, $"{where}.mark");
            if (refusal.To is { } to) at.Known(to, targets, $"{where}.to");
        });
    }

    /// <summary>
    /// Somebody is named for every day, or it is said that nobody knows who: in each state the terms follow each other without a gap. Several
    /// bodies may share the very same days.
    /// </summary>
    private static void CheckActors(IReadOnlyList<ActorTerm> terms, IReadOnlyList<string> from, Places at, string place)
    {
        at.Demand(terms.Count > 0, place, "is empty");
        Places.Each(terms, place, (term, where) =>
        {
            at.Mark(term.Mark, $"{where}.mark");
            at.Demand(!(term.To < term.From), $"{where}.to", "is before from");
            Places.Each(term.Roles, $"{where}.roles", (role, inner) => at.Known(role, KnownRoles, inner));
            if (term.Roles.Count > 0) at.Known(term.Of ?? "null", Whose, $"{where}.of");
            at.Demand(term.States is not { Count: 0 }, $"{where}.states", "is empty");
            at.Unique(term.States ?? [], $"{where}.states");
            at.Demand(term.Department is null || term.Roles is [Roles.DepartmentOfficer], $"{where}.department", "stands beside other roles than a department's");
            Places.Each(term.States ?? [], $"{where}.states", (state, inner) => at.Known(state, from, inner));
        });
        for (var i = 1; i < terms.Count; i++)
            at.Demand(!terms.Take(i).Any(earlier => Overlap(earlier, terms[i])), $"{place}[{i}].from", "overlaps another term in time");
        int[] all = [.. Enumerable.Range(0, terms.Count)];
        foreach (var ofState in terms.Any(t => t.States is not null) ? from.Select(state => all.Where(i => terms[i].States?.Contains(state) != false)) : [all])
        {
            int[] those = [.. ofState.DistinctBy(i => (terms[i].From, terms[i].To))];
            at.Demand(those.Length > 0, place, "leaves a state without anybody");
            at.Demand(terms[those[0]].From is null, $"{place}[{those[0]}].from", "leaves the time before without anybody");
            foreach (var (before, i) in those.Zip(those.Skip(1)))
                at.Demand(terms[before].To?.AddDays(1) is { } next && terms[i].From == next, $"{place}[{i}].from", "is not the day after the one before: a gap in time");
            at.Demand(terms[those[^1]].To is null, $"{place}[{those[^1]}].to", "leaves the time after without anybody");
        }
    }

    /// <summary>Whether both say who takes the step on one day in one state, though not on the very same days.</summary>
    private static bool Overlap(ActorTerm one, ActorTerm other) =>
        (one.From, one.To) != (other.From, other.To) && !(one.To < other.From) && !(other.To < one.From)
        && (one.States is null || other.States is null || one.States.Intersect(other.States).Any());

    private static void CheckVote(VoteRule? rule, Places at, string place)
    {
        if (rule is null) return;
        at.Mark(rule.Mark, $"{place}.mark");
        if (rule.Share is not null || rule.Of is not null) at.Known(rule.Of ?? "null", [VoteRule.Members, VoteRule.Present, VoteRule.Cast], $"{place}.of");
    }

    private static void CheckBallot(string? ballot, Places at, string place)
    {
        if (ballot is not null) at.Known(ballot, [CouncilSession.Secret, CouncilSession.Open], place);
    }

    /// <summary>What is required is recorded by somebody, and something waits for it; that it comes before is a matter of what is reached.</summary>
    private static void CheckRequired(Procedure procedure, Places at)
    {
        Places.Each(procedure.Steps, "steps", (step, place) =>
        {
            if (step.Required?.Value != true) return;
            at.Demand(procedure.Steps.Any(s => !s.IsRecorded && procedure.RecordedBefore(s).Contains(step)), $"{place}.required", "no step waits for it");
            at.Demand(step.Actors is null || step.Actors.Any(a => a.Roles.Count > 0), $"{place}.required", "nobody takes it on any day");
        });
    }

    private static void CheckRevocation(Revocation revocation, Places at)
    {
        at.Mark(revocation.Mark, "revocation.mark");
        Places.Each(revocation.Any, "revocation.any", (ground, place) =>
        {
            at.Mark(ground.Mark, $"{place}.mark");
            at.Demand(ground.FailedGe is not null || ground.UnitsRevokedGe is not null, place, "names no share");
            at.Demand(ground.FailedLt is not { } below || (ground.FailedGe is { } least && least.IsBelow(below)), $"{place}.failed_lt", "is not above failed_ge");
        });
        var steps = revocation.Steps.Select(s => s.Id).ToArray();
        at.Unique(steps, "revocation.steps");
        for (var i = 0; i < revocation.Steps.Count; i++)
        {
            CheckPaper(revocation.Steps[i], steps, steps, at, $"revocation.steps[{i}]");
            Places.Each(revocation.Steps[i].After, $"revocation.steps[{i}].after", (id, where) => at.Demand(Array.IndexOf(steps, id) < i, where, $"\"{id}\" comes later"));
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.NonBacktracking)]
    private static partial Regex OwnId();

    private sealed class Places(string file)
    {
        public void Demand(bool ok, string place, string what)
        {
            if (!ok) throw new InvalidDataException($"{file}: {place}: {what}");
        }

        public void Known(string value, IEnumerable<string> known, string place) => Demand(known.Contains(value), place, $"unknown \"{value}\"");

        public void Mark(string mark, string place) => Known(mark, Marks, place);

        public static void Each<T>(IReadOnlyList<T> items, string place, Action<T, string> check)
        {
            for (var i = 0; i < items.Count; i++) check(items[i], $"{place}[{i}]");
        }

        public void Unique(IEnumerable<string> ids, string place) =>
            Demand(ids.GroupBy(id => id, StringComparer.Ordinal).All(g => g.Count() == 1), place, "an id stands twice");
    }
}

using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>Refuses a procedure that the code could not follow, naming the place in the file.</summary>
public static class ProcedureCheck
{
    private static readonly string[] Marks = ["seen", "seen-pred", "recalled", "derived", "unknown", "internal"];
    private static readonly string[] Conditions = [Condition.Criteria, "arrears", "satisfaction", "security"];

    private static readonly string[] KnownRoles =
    [
        Roles.CommuneOfficer, Roles.DistrictOfficer, Roles.DepartmentOfficer, Roles.ProvinceOfficer, Roles.CouncilMember,
        Roles.FrontOfficer, Roles.ProvinceChair, Roles.Ministry, Roles.Operator, Roles.Auditor,
    ];

    /// <exception cref="InvalidDataException">The file is at fault; the message begins with its name and the place.</exception>
    public static void Check(Procedure procedure, IReadOnlyList<KnownTitle> titles, string file)
    {
        var at = new Places(file);
        at.Known(procedure.Title, titles.Select(t => t.Id), "title");
        at.Demand(titles.Any(t => t.Id == procedure.Title && t.Tier == procedure.Tier), "tier", "is not the title's tier");
        at.Demand(procedure.ValidTo is not { } to || to >= procedure.ValidFrom, "valid_to", "is before valid_from");
        for (var i = 0; i < procedure.Conditions.Count; i++) CheckCondition(procedure.Conditions[i], at, $"conditions[{i}]");
        at.Unique(procedure.Conditions.Select(c => c.Id), "conditions");
        at.Unique(procedure.States.Select(s => s.Id), "states");
        at.Unique(procedure.Steps.Select(s => s.Id), "steps");
        for (var i = 0; i < procedure.Steps.Count; i++) CheckStep(procedure, procedure.Steps[i], at, $"steps[{i}]");
        CheckReach(procedure, at);
    }

    private static void CheckCondition(Condition condition, Places at, string place)
    {
        at.Known(condition.Id, Conditions, $"{place}.id");
        at.Known(condition.Mark, Marks, $"{place}.mark");
        at.Demand(condition.Id == Condition.Criteria == condition.ConfirmedBy is null, $"{place}.confirmed_by", "is for the conditions beside the criteria");
        if (condition.ConfirmedBy is { } confirmer) at.Known(confirmer.Role, KnownRoles, $"{place}.confirmed_by.role");
    }

    private static void CheckStep(Procedure procedure, ProcedureStep step, Places at, string place)
    {
        var states = procedure.States.Select(s => s.Id).ToArray();
        at.Known(step.Id, StepIds.All, $"{place}.id");
        at.Known(step.Mark, Marks, $"{place}.mark");
        at.Demand(step.Roles.Count > 0, $"{place}.roles", "is empty");
        for (var i = 0; i < step.Roles.Count; i++) at.Known(step.Roles[i], KnownRoles, $"{place}.roles[{i}]");
        for (var i = 0; i < step.From.Count; i++) at.Known(step.From[i], states, $"{place}.from[{i}]");
        for (var i = 0; i < step.Recuses.Count; i++) at.Known(step.Recuses[i], ["dossier", "figures", "basis"], $"{place}.recuses[{i}]");
        at.Demand(step.Id == StepIds.Open == (step.From.Count == 0), $"{place}.from", "is empty for the step open, and for no other");
        at.Known(step.To, states, $"{place}.to");
        at.Known(step.Of, ["unit", "province"], $"{place}.of");
        if (step.Persons is { } persons) at.Known(persons, ["council", "chair"], $"{place}.persons");
        at.Known(step.Deadline.Mark, Marks, $"{place}.deadline.mark");
        at.Demand(step.Deadline.Value is null or > 0, $"{place}.deadline.value", "is not a number of days");
        if (step.Deadline.Value is not null) at.Known(step.Deadline.Kind ?? "null", Deadlines.Kinds, $"{place}.deadline.kind");

        var closes = step.Id == StepIds.CloseVotes;
        at.Demand(closes == step.RefusedTo is not null, $"{place}.refused_to", "belongs to votes/close");
        if (step.RefusedTo is { } refused) at.Known(refused, states, $"{place}.refused_to");
        CheckVote(step.Quorum, closes, at, $"{place}.quorum");
        CheckVote(step.Pass, closes, at, $"{place}.pass");
    }

    private static void CheckVote(VoteRule? rule, bool closes, Places at, string place)
    {
        at.Demand(closes == rule is not null, place, "belongs to votes/close");
        if (rule is null) return;
        at.Known(rule.Of, ["members", "present"], $"{place}.of");
        at.Known(rule.Mark, Marks, $"{place}.mark");
    }

    private static void CheckReach(Procedure procedure, Places at)
    {
        at.Demand(procedure.Step(StepIds.Open) is not null, "steps", "has no step open");
        var reached = new HashSet<string>(StringComparer.Ordinal) { procedure.Step(StepIds.Open)!.To };
        while (procedure.Steps.Where(s => s.From.Any(reached.Contains)).SelectMany(s => new[] { s.To, s.RefusedTo ?? s.To }).Any(reached.Add))
        {
        }

        for (var i = 0; i < procedure.States.Count; i++)
            at.Demand(reached.Contains(procedure.States[i].Id), $"states[{i}]", $"\"{procedure.States[i].Id}\" is reached by no step");
    }

    private sealed class Places(string file)
    {
        public void Demand(bool ok, string place, string what)
        {
            if (!ok) throw new InvalidDataException($"{file}: {place}: {what}");
        }

        public void Known(string value, IEnumerable<string> known, string place) => Demand(known.Contains(value), place, $"unknown \"{value}\"");

        public void Unique(IEnumerable<string> ids, string place) =>
            Demand(ids.GroupBy(id => id, StringComparer.Ordinal).All(g => g.Count() == 1), place, "an id stands twice");
    }
}

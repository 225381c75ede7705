using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A condition as it is shown, with what the law requires and how sure that is.</summary>
/// <param name="Mark">seen or recalled: how sure it is that the law requires the condition.</param>
/// <param name="RuleMark">Of the condition <c>criteria</c>: the least sure mark among the rules of its indicators, unknown, recalled, judged or seen.</param>
/// <param name="TextMark">Of the condition <c>criteria</c>: the least sure mark among their texts.</param>
public sealed record ConditionView(
    string Id, string Status, bool Required, string Name, string Requirement, string LegalRef, string Mark, string? RuleMark, string? TextMark)
{
    public static ConditionView Of(JudgedCondition judged, bool english)
    {
        var condition = judged.Condition;
        return english
            ? new(condition.Id, judged.Status, condition.Required, condition.NameEn, condition.RequiredEn, condition.LegalRef, condition.Mark, judged.RuleMark, judged.TextMark)
            : new(condition.Id, judged.Status, condition.Required, condition.NameVi, condition.RequiredVi, condition.LegalRef, condition.Mark, judged.RuleMark, judged.TextMark);
    }
}

/// <summary>A report that the figures come from.</summary>
public sealed record ReportUsed(string Period, long Version);

/// <summary>What was judged by.</summary>
/// <param name="ReportVersion">Version of the last report that counts; null before any approval.</param>
/// <param name="SetVersion">Version of the set that counts; null before it was learned.</param>
/// <param name="SetComplete">False when a part of that version's text is not known: no title rests on it.</param>
/// <param name="GoverningVersion">Version of the set that governs the day; another one than <paramref name="SetVersion"/> where the figures were measured before it.</param>
/// <param name="GoverningComplete">False when a part of that version's text is not known: no title rests on it either.</param>
public sealed record BasedOn(
    string Set, long? ReportVersion, IReadOnlyList<ReportUsed> Reports, long? AssessmentPosition, int? SetVersion, bool? SetComplete, int? GoverningVersion,
    bool? GoverningComplete)
{
    public static BasedOn Of(Procedure procedure, EligibilityFacts facts)
    {
        ReportUsed[] reports = [.. (facts.Assessment?.Assessment.Basis ?? []).Select(b => new ReportUsed(b.Period, b.ReportVersion))];
        return new(procedure.Set, reports.LastOrDefault()?.Version, reports, facts.Assessment?.Position, VersionOf(facts.Set), facts.Set?.Complete,
            VersionOf(facts.Governing), facts.Governing?.Complete);

        static int? VersionOf(SetState? set) => set is null ? null : set.Version ?? 1;
    }
}

/// <summary>Answer to "may this unit be proposed for this title?".</summary>
public sealed record EligibilityView(
    string Unit, Guid UnitId, string UnitName, string Title, bool Eligible, IReadOnlyList<ConditionView> Conditions,
    IReadOnlyList<MissingIndicator> Missing, BasedOn BasedOn, bool Demonstration, long? AsOfPosition)
{
    public static EligibilityView Of(UnitRef unit, Procedure procedure, EligibilityFacts facts, bool english, bool demonstration, long? position)
    {
        var result = EligibilityResult.Judge(procedure, facts);
        return new(
            unit.Code, unit.Id, unit.Name, procedure.Title, result.Eligible, [.. result.Conditions.Select(c => ConditionView.Of(c, english))],
            result.Missing, BasedOn.Of(procedure, facts), demonstration, position);
    }
}

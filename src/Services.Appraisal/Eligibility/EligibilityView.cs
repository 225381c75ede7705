using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A condition as it is shown, with what the law requires and how sure that is.</summary>
/// <param name="Mark">seen or recalled: how sure it is that the law requires the condition.</param>
/// <param name="RuleMark">Of the condition <c>criteria</c>: the least sure mark among the rules of its indicators, unknown, recalled, judged or seen.</param>
/// <param name="TextMark">Of the condition <c>criteria</c>: the least sure mark among their texts.</param>
/// <param name="Source">Who said so and by which document; null where nobody has said anything yet.</param>
public sealed record ConditionView(
    string Id, string Status, bool Required, string Name, string Requirement, string LegalRef, string Mark, string? RuleMark, string? TextMark, ConditionSource? Source)
{
    public static ConditionView Of(JudgedCondition judged, ApprovedAssessment? assessment, bool english)
    {
        var c = judged.Condition;
        var source = c.Id == Condition.Criteria ? ConditionSource.Of(assessment) : ConditionSource.Of(judged.Confirmed);
        return new(
            c.Id, judged.Status, c.Required, english ? c.NameEn : c.NameVi, english ? c.RequiredEn : c.RequiredVi, c.LegalRef, c.Mark, judged.RuleMark, judged.TextMark, source);
    }
}

/// <summary>What a condition was judged by: a confirmation, or the approved reports.</summary>
/// <param name="Persons">Ids of those who confirmed, or who entered, judged, verified or approved.</param>
/// <param name="Value">In percent, where the condition is a rate.</param>
/// <param name="Version">Version of the confirmation's stream.</param>
/// <param name="Reports">The approved reports, of the condition <c>criteria</c>.</param>
public sealed record ConditionSource(
    IReadOnlyList<string> Persons, DateTimeOffset? At, DateOnly? ValidOn, bool? Met, decimal? Value, string? Basis, IReadOnlyList<EvidenceRef> Evidence, long? Version,
    IReadOnlyList<ReportUsed> Reports)
{
    public static ConditionSource? Of(Confirmation? c) => c is null ? null : new([c.By], c.At, c.ValidOn, c.Met, c.Value, c.Basis, c.Evidence ?? [], c.Revision, []);

    public static ConditionSource? Of(ApprovedAssessment? a) => a?.Assessment.Basis is not { } reports
        ? null
        : new(
            [.. reports.SelectMany(r => r.Persons).Distinct(StringComparer.Ordinal)], null, null, null, null, null, [], null,
            [.. reports.Select(r => new ReportUsed(r.Period, r.ReportVersion))]);
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
/// <param name="Since">When the unit was found to have become what <paramref name="Eligible"/> says; null where it was never found otherwise, or that is only being told.</param>
/// <param name="NotSeen">What the finding rests on that nobody read in a source.</param>
public sealed record EligibilityView(
    string Unit, Guid UnitId, string UnitName, string Title, bool Eligible, DateTimeOffset? Since, IReadOnlyList<ConditionView> Conditions,
    IReadOnlyList<MissingIndicator> Missing, IReadOnlyList<Unsure> NotSeen, BasedOn BasedOn, bool Demonstration, long? AsOfPosition)
{
    public static EligibilityView Of(UnitRef unit, Procedure procedure, EligibilityFacts facts, KeptEligibility? kept, bool english, bool demonstration, long? position)
    {
        var result = EligibilityResult.Judge(procedure, facts);
        return new(
            unit.Code, unit.Id, unit.Name, procedure.Title, result.Eligible, kept?.Eligible == result.Eligible ? kept.Since : null,
            [.. result.Conditions.Select(c => ConditionView.Of(c, facts.Assessment, english))],
            result.Missing, result.NotSeen, BasedOn.Of(procedure, facts), demonstration, position);
    }
}

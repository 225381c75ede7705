using System.Text.Json.Serialization;

namespace Ntm.Contracts.Criteria;

/// <summary>Result of one indicator over approved values.</summary>
/// <param name="Status">met, notMet, notReported or undetermined.</param>
/// <param name="Rule">The rule that was applied, in words.</param>
/// <param name="Mark">seen, recalled or unknown: how sure the rule's figure is; <c>judged</c> where an authority judged.</param>
/// <param name="EventId">The domain event behind the value.</param>
/// <param name="TextMark">seen or recalled: how sure the indicator's text is; null in what was announced before it was said.</param>
public sealed record AssessedIndicator(
    string Code, int Criterion, string Status, ReportedValue? Value, string? Rule, string? LegalBasis, string Mark, Guid? EventId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TextMark = null);

/// <summary>A report that the approved assessment rests on.</summary>
/// <param name="Persons">Ids of those who entered, judged, verified or approved it.</param>
/// <param name="Entered">Ids of those among them who entered figures; where it is null, all of <paramref name="Persons"/> count as such.</param>
public sealed record AssessmentBasis(string Period, long ReportVersion, IReadOnlyList<string> Persons, IReadOnlyList<string>? Entered = null);

/// <summary>Assessment of a unit against a set by approved values only. What was announced before there were more members has null there.</summary>
/// <param name="SetVersion">Version of the set that it was measured by; null as 1.</param>
/// <param name="Dimension">region or communeGroup: what the set's figures differ by.</param>
/// <param name="At">Where the unit stands along it; null where nobody knows.</param>
/// <param name="AtMark">seen, recalled, derived or unknown.</param>
public sealed record AssessmentState(
    UnitRef Unit, string Set, int Met, int NotMet, int NotReported, int Undetermined, int CriteriaMet, int CriteriaTotal,
    IReadOnlyList<AssessedIndicator> Indicators, IReadOnlyList<AssessmentBasis> Basis,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Dimension = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? At = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AtMark = null);

/// <summary>The approved assessment of a unit changed.</summary>
public sealed record AssessmentChanged(Origin Origin, AssessmentState Assessment) : IIntegrationEvent;

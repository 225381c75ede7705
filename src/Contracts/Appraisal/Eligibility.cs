using System.Text.Json.Serialization;

namespace Ntm.Contracts.Appraisal;

/// <summary>A condition of recognition and how it stands.</summary>
/// <param name="Id">criteria, arrears, satisfaction or security.</param>
/// <param name="Status">met, notMet or unknown.</param>
/// <param name="Mark">seen, recalled or unknown: how sure it is that the law requires it.</param>
/// <param name="RuleMark">Of the criteria: the least sure mark among their rules.</param>
/// <param name="TextMark">Of the criteria: the least sure mark among their texts.</param>
public sealed record EligibilityCondition(string Id, string Status, bool Required, string Mark, string? RuleMark, string? TextMark);

/// <summary>An indicator that is not met by approved figures.</summary>
/// <param name="Reason">notReported, notMet or undetermined.</param>
/// <param name="Rule">The rule that says so.</param>
/// <param name="Mark">seen, recalled, unknown or judged: how sure the rule is.</param>
public sealed record EligibilityGap(string Indicator, string Reason, string? Rule, string? Mark, string? TextMark);

/// <summary>Whether a unit may be proposed for a title, and what that was judged by.</summary>
/// <param name="Day">Day that it was judged for.</param>
/// <param name="SetVersion">Version of the set that the figures were measured by; null before it was learned.</param>
/// <param name="ReportVersion">Version of the last report that counts; null before any approval.</param>
/// <param name="Superiors">The district of the day, where there is one, and the province.</param>
/// <param name="Ended">First day without the unit, where that is why it is no longer eligible; null else.</param>
/// <param name="ProcedureEnded">First day without a procedure for the title, where that is why; null else.</param>
public sealed record EligibilityState(
    UnitRef Unit, string Title, bool Eligible, DateOnly Day, string Procedure, string ProcedureVersion, string Set, int? SetVersion, long? ReportVersion,
    IReadOnlyList<EligibilityCondition> Conditions, IReadOnlyList<EligibilityGap> Missing, IReadOnlyList<UnitRef> Superiors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? Ended = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? ProcedureEnded = null);

/// <summary>A unit met the last of the conditions of a title.</summary>
public sealed record UnitEligible(Origin Origin, EligibilityState Eligibility) : IIntegrationEvent;

/// <summary>A unit does not meet all conditions of a title any more, or it or the title's procedure has ended.</summary>
public sealed record UnitNoLongerEligible(Origin Origin, EligibilityState Eligibility) : IIntegrationEvent;

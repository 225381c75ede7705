using System.Text.Json.Serialization;

namespace Ntm.Contracts.Criteria;

/// <summary>A report when it moved: one unit, one period, one set.</summary>
/// <param name="Status">open, submitted, returned, verified or approved.</param>
/// <param name="Version">Version of the report's stream.</param>
/// <param name="ApprovedVersion">Version that the last approval covers; null before it.</param>
/// <param name="DueUnits">Day after which the unit's report is late.</param>
/// <param name="SetVersion">Version of the set that governs the period's day; null as 1.</param>
/// <param name="ApprovalStale">Whether the report moved on since its last approval; null in what was announced before it was said.</param>
public sealed record ReportState(
    UnitRef Unit, string Period, string Set, DateOnly FiguresAsOf, string Status, long Version, long? ApprovedVersion, DateOnly? DueUnits,
    IReadOnlyList<ReportFigure> Figures, IReadOnlyList<NextStep> NextSteps,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? ApprovalStale = null);

/// <summary>One figure of a report.</summary>
/// <param name="Mark">seen, recalled or unknown: how sure the set's figure is that decides it; null in what was announced before it was said.</param>
public sealed record ReportFigure(
    string Indicator, ReportedValue Value, DateOnly ValidOn, DateTimeOffset RecordedAt, string RecordedBy, string Status, string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mark = null);

/// <summary>The commune handed its report in.</summary>
public sealed record ReportSubmitted(Origin Origin, ReportState Report) : IIntegrationEvent;

/// <summary>The next one up the chain sent indicators back.</summary>
public sealed record ReportReturned(Origin Origin, ReportState Report) : IIntegrationEvent;

/// <summary>The level between verified the report.</summary>
public sealed record ReportVerified(Origin Origin, ReportState Report) : IIntegrationEvent;

/// <summary>The province approved the report at an exact version.</summary>
public sealed record ReportApproved(Origin Origin, ReportState Report) : IIntegrationEvent;

/// <summary>An approved report was opened again.</summary>
public sealed record ReportReopened(Origin Origin, ReportState Report) : IIntegrationEvent;

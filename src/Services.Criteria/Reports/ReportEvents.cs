using System.Text.Json.Serialization;
using Ntm.Contracts;

namespace Ntm.Criteria.Reports;

// Event names are the storage format: upcast, never edit.

/// <summary>A unit's report for a period began with its first figure.</summary>
/// <param name="SetVersion">Version of the set that the report is made by; null in what was recorded before it was pinned.</param>
public sealed record ReportOpened(
    string Period, Guid UnitId, string Set, DateOnly FiguresAsOf, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null);

/// <summary>Evidence behind a figure, named by its content.</summary>
/// <param name="Sha256">64 hexadecimal digits.</param>
/// <param name="Size">Bytes.</param>
public sealed record EvidenceRef(string Sha256, long? Size, string? MediaType);

/// <summary>An officer entered one figure. What was recorded before corrections had a name of their own holds corrections as well.</summary>
/// <param name="EnteredOn">Day on which it was entered without a network; null where it was entered here.</param>
public sealed record IndicatorRecorded(
    string Indicator, ReportedValue Value, DateOnly ValidOn, string? Note, IReadOnlyList<EvidenceRef> Evidence, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? EnteredOn = null)
{
    /// <summary>The figure that the event set, whether entered or corrected; null for any other event.</summary>
    public static IndicatorRecorded? Of(object e) => e as IndicatorRecorded
        ?? (e is IndicatorCorrected c ? new(c.Indicator, c.Value, c.ValidOn, c.Note, c.Evidence, c.By, c.At, c.EnteredOn) : null);
}

/// <summary>An officer corrected a figure that stood already.</summary>
/// <param name="Reason">Why, where the officer says so.</param>
/// <param name="EnteredOn">Day on which it was entered without a network; null where it was entered here.</param>
public sealed record IndicatorCorrected(
    string Indicator, ReportedValue Value, DateOnly ValidOn, string? Note, IReadOnlyList<EvidenceRef> Evidence, string? Reason, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? EnteredOn = null);

/// <summary>An authority judged an indicator whose threshold is unknown or delegated to the province.</summary>
public sealed record IndicatorJudged(string Indicator, bool Met, string Basis, string By, DateTimeOffset At);

/// <summary>The commune handed its report in; <see cref="Missing"/> says what it left out and why.</summary>
public sealed record ReportSubmitted(IReadOnlyList<string> Missing, string? IncompleteBecause, string By, DateTimeOffset At);

/// <summary>One indicator sent back, with the reason.</summary>
public sealed record ReturnedItem(string Indicator, string Reason);

/// <summary>The next one up the chain sent indicators back; only those are unlocked.</summary>
public sealed record ReportReturned(IReadOnlyList<ReturnedItem> Items, string By, DateTimeOffset At);

/// <summary>The level between verified the report (thẩm tra).</summary>
public sealed record ReportVerified(string By, DateTimeOffset At);

/// <summary>The province approved the report as it stood at <see cref="Version"/>.</summary>
/// <param name="SetVersion">Version of the set that it was approved under; null in what was recorded before it was pinned.</param>
public sealed record ReportApproved(
    long Version, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null);

/// <summary>An approved report was opened again; what was approved stays approved until the next approval.</summary>
/// <param name="SetVersion">Version of the set that governs from here on; null in what was recorded before it was pinned.</param>
public sealed record ReportReopened(
    string? Reason, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null);

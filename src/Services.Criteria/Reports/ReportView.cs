using System.Text.Json.Serialization;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>A report as its readers see it: every indicator of the set, also those that are missing.</summary>
/// <param name="ApprovedVersion">Version that the last approval covers; it never moves with what came after.</param>
/// <param name="SetVersion">The version of the set that the report is made by; before its first figure, the one that governs the period's day.</param>
/// <param name="ApprovalStale">Whether the report moved on since its last approval.</param>
/// <param name="Difficulties">Khó khăn, vướng mắc that are attached to it; not part of the answer to a command.</param>
public sealed record ReportView(
    string Period, string Unit, Guid UnitId, string Code, string Name, string Set, DateOnly FiguresAsOf, string Status, long Version, long? ApprovedVersion,
    IReadOnlyList<ReportView.Indicator> Indicators, IReadOnlyList<NextStep> NextSteps, bool Demonstration, long? AsOfPosition, int SetVersion, bool ApprovalStale,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ReportView.Difficulty>? Difficulties = null)
{
    /// <param name="Mark">seen, recalled or unknown: how sure the figure is that decides the indicator.</param>
    /// <param name="TextMark">seen or recalled: how sure its text is.</param>
    /// <param name="Version">Version of the report at which the value was set, for <c>basedOn</c>; null where that was not kept yet.</param>
    /// <param name="EnteredOn">Day on which it was entered without a network; null where it was entered here.</param>
    public sealed record Indicator(
        string Code, ReportedValue? Value, DateOnly? ValidOn, DateTimeOffset? RecordedAt, string? RecordedBy, string Status, string? Reason, string? Note,
        IReadOnlyList<Evidence>? Evidence, Judgement? Judgement, string Mark, string TextMark, long? Version, DateOnly? EnteredOn);

    /// <param name="Status">raised, passed-on, answered or withdrawn.</param>
    public sealed record Difficulty(Guid Id, string? Indicator, string Text, string Status);

    /// <param name="Stored">Whether the unit's file is kept here; left out where it was not looked up: in answers about the past and to other steps.</param>
    public sealed record Evidence(
        string Sha256, long? Size, string? MediaType, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Stored);

    /// <param name="held">Files that are kept and are the unit's own, by hash: they say themselves how large they are and of what kind; null where that was not looked up.</param>
    public static ReportView Of(
        Report? report, Period period, SetVersion set, ReportChain chain, UnitTree tree, bool demonstration, long? position = null, IReadOnlyDictionary<string, EvidenceFile>? held = null) => new(
        period.Code, chain.Unit.Code, chain.Unit.Id, chain.Unit.Code, chain.Unit.Name, set.Set.Id, period.FiguresAsOf, NameOf(report?.Status ?? ReportStatus.Open),
        report?.Version ?? 0, report?.ApprovedVersion,
        [.. set.Set.InOrder().Select(x => IndicatorOf(x.Indicator, report?.Figures.GetValueOrDefault(x.Indicator.Code), held))],
        chain.NextSteps(period, report?.Status ?? ReportStatus.Open, chain.EntryRole(tree)),
        demonstration, position, set.Number, report?.ApprovalStale ?? false);

    /// <summary>The summary that answers a write to one indicator: the report with that indicator alone.</summary>
    public ReportView With(string? indicator) => indicator is null ? this : this with { Indicators = [.. Indicators.Where(i => i.Code == indicator)] };

    public static string NameOf(ReportStatus status) => status switch
    {
        ReportStatus.Open => "open",
        ReportStatus.Submitted => "submitted",
        ReportStatus.Returned => "returned",
        ReportStatus.Verified => "verified",
        _ => "approved",
    };

    public static string NameOf(FigureStatus status) => status switch
    {
        FigureStatus.Missing => "missing",
        FigureStatus.Recorded => "recorded",
        FigureStatus.Returned => "returned",
        FigureStatus.Verified => "verified",
        _ => "approved",
    };

    private static Indicator IndicatorOf(Catalogue.Indicator i, Figure? f, IReadOnlyDictionary<string, EvidenceFile>? held) => f is null
        ? new(i.Code, null, null, null, null, NameOf(FigureStatus.Missing), null, null, null, null, i.ThresholdSource, i.Source, null, null)
        : new(i.Code, f.Value, f.ValidOn, f.RecordedAt, f.RecordedBy, NameOf(f.Status), f.Reason, f.Note,
            [.. f.Evidence.Select(e => held?.GetValueOrDefault(e.Sha256) is { } file ? new Evidence(e.Sha256, file.Size, file.MediaType, true) : new(e.Sha256, e.Size, e.MediaType, held is null ? null : false))], f.Judgement, i.ThresholdSource, i.Source, f.Version, f.EnteredOn);
}

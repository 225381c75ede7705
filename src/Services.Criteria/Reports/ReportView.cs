using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>A report as its readers see it: every indicator of the set, also those that are missing.</summary>
public sealed record ReportView(
    string Period, string Unit, Guid UnitId, string Code, string Name, string Set, DateOnly FiguresAsOf, string Status, long Version, long? ApprovedVersion,
    IReadOnlyList<ReportView.Indicator> Indicators, IReadOnlyList<NextStep> NextSteps, bool Demonstration, long? AsOfPosition)
{
    public sealed record Indicator(
        string Code, ReportedValue? Value, DateOnly? ValidOn, DateTimeOffset? RecordedAt, string? RecordedBy, string Status, string? Reason, string? Note,
        IReadOnlyList<EvidenceRef>? Evidence, Judgement? Judgement);

    public static ReportView Of(
        Report? report, Period period, CriteriaSet set, ReportChain chain, UnitTree tree, bool demonstration, long? position = null) => new(
        period.Code, chain.Unit.Code, chain.Unit.Id, chain.Unit.Code, chain.Unit.Name, set.Id, period.FiguresAsOf, NameOf(report?.Status ?? ReportStatus.Open),
        report?.Version ?? 0, report?.ApprovedVersion,
        [.. set.InOrder().Select(x => IndicatorOf(x.Indicator.Code, report?.Figures.GetValueOrDefault(x.Indicator.Code)))],
        chain.NextSteps(period, report?.Status ?? ReportStatus.Open, chain.EntryRole(tree)),
        demonstration, position);

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

    private static Indicator IndicatorOf(string code, Figure? f) => f is null
        ? new(code, null, null, null, null, NameOf(FigureStatus.Missing), null, null, null, null)
        : new(code, f.Value, f.ValidOn, f.RecordedAt, f.RecordedBy, NameOf(f.Status), f.Reason, f.Note, f.Evidence, f.Judgement);
}

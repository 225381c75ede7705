using JasperFx.Events;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests.Assessments;

/// <summary>What counts, by a plain fold that keeps every value: the reference that the product's trails are held against.</summary>
internal sealed class Reference
{
    private readonly Dictionary<string, List<Value>> byIndicator = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> standing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> periods = new(StringComparer.Ordinal);

    /// <param name="events">Of one unit's reports against the set, in the order in which they were recorded.</param>
    public static IReadOnlyList<Assessment.AssessedIndicator> Of(CriteriaSet set, string? at, IEnumerable<IEvent> events, DateOnly day, bool approvedOnly)
    {
        var values = new Reference();
        foreach (var e in events) values.Apply(e);
        return [.. set.Criteria.OrderBy(c => c.No).SelectMany(c => c.Indicators).Select(i => Assess(set, i, at, values.Latest(i.Code, day, approvedOnly)))];
    }

    private static Assessment.AssessedIndicator Assess(CriteriaSet set, Indicator indicator, string? at, Value? value)
    {
        var judged = value?.Judgement is not null && Threshold.LeavesOpen(indicator, at);
        var met = judged ? value!.Judgement!.Met : value is null ? null : Threshold.Decide(indicator, at, value.Reported);
        var status = value is null ? "notReported" : met switch { true => "met", false => "notMet", null => "undetermined" };
        return new(
            indicator.Code, status, value?.Reported, value?.Approved ?? false, judged ? value!.Judgement!.Basis : Threshold.Describe(indicator, at), indicator.LegalSource ?? set.LegalText,
            judged ? "judged" : indicator.ThresholdSource, value?.Event.Id, value?.ValidOn, value?.Period, judged ? value!.Judgement : null, indicator.Source)
        { Sequence = value?.Event.Sequence };
    }

    private Value? Latest(string indicator, DateOnly day, bool approvedOnly) =>
        byIndicator.GetValueOrDefault(indicator)?.LastOrDefault(v => v.ValidOn <= day && (v.Approved || !approvedOnly)) is { } latest
            ? approvedOnly ? latest with { Judgement = latest.ApprovedJudgement } : latest
            : null;

    private void Apply(IEvent e)
    {
        var stream = e.StreamKey!;
        switch (e.Data)
        {
            case ReportOpened opened:
                (periods[stream], standing[stream]) = (opened.Period, new(StringComparer.Ordinal));
                break;
            case IndicatorRecorded r:
                Set(e, r.Indicator, r.Value, r.ValidOn);
                break;
            case IndicatorCorrected c:
                Set(e, c.Indicator, c.Value, c.ValidOn);
                break;
            case IndicatorJudged j:
                Change(stream, j.Indicator, v => v with { Judgement = new(j.Met, j.Basis, j.By, j.At) });
                break;
            case Reports.ReportApproved:
                foreach (var indicator in standing[stream].Keys) Change(stream, indicator, v => v with { Approved = true, ApprovedJudgement = v.Judgement });
                break;
        }
    }

    private void Set(IEvent e, string indicator, ReportedValue value, DateOnly validOn)
    {
        if (!byIndicator.TryGetValue(indicator, out var list)) byIndicator[indicator] = list = [];
        standing[e.StreamKey!][indicator] = list.Count;
        list.Add(new(value, validOn, periods[e.StreamKey!], e, false, null, null));
    }

    private void Change(string stream, string indicator, Func<Value, Value> change)
    {
        var at = standing[stream][indicator];
        byIndicator[indicator][at] = change(byIndicator[indicator][at]);
    }

    /// <param name="ApprovedJudgement">The judgement that the last approval covers; a later one does not change what was approved.</param>
    private sealed record Value(ReportedValue Reported, DateOnly ValidOn, string Period, IEvent Event, bool Approved, Judgement? Judgement, Judgement? ApprovedJudgement);
}

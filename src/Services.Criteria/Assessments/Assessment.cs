using JasperFx.Events;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Assessments;

/// <summary>
/// A unit measured against a set: for each indicator the latest recorded value that is valid by the day, over all periods of the set,
/// the rule that was applied, and the event behind it.
/// </summary>
public sealed record Assessment(int Met, int NotMet, int NotReported, int Undetermined, int CriteriaMet, IReadOnlyList<Assessment.AssessedCriterion> Criteria)
{
    /// <param name="Approved">Whether an approval covers the value.</param>
    /// <param name="Rule">The threshold that was applied, or the authority's basis where it judged.</param>
    /// <param name="Mark">seen, recalled or unknown (the threshold's), or judged.</param>
    /// <param name="EventId">The event behind the value.</param>
    public sealed record AssessedIndicator(
        string Code, string Status, ReportedValue? Value, bool Approved, string? Rule, string? LegalBasis, string Mark, Guid? EventId,
        DateOnly? ValidOn, string? Period, Judgement? Judgement, string TextMark);

    public sealed record AssessedCriterion(int No, string NameVi, string NameEn, string Status, IReadOnlyList<AssessedIndicator> Indicators);

    /// <param name="at">Where the unit stands along the set's dimension; null where nobody knows.</param>
    public static Assessment Of(CriteriaSet set, string? at, IEnumerable<IEvent> events, DateOnly day, bool approvedOnly)
    {
        var values = new Values();
        foreach (var e in events) values.Apply(e);
        var criteria = set.Criteria.OrderBy(c => c.No).Select(criterion =>
        {
            var indicators = criterion.Indicators.Select(i => Assess(set, i, at, values.Latest(i.Code, day, approvedOnly))).ToList();
            return new AssessedCriterion(criterion.No, criterion.NameVi, criterion.NameEn, StatusOf(indicators), indicators);
        }).ToList();
        int Count(string status) => criteria.Sum(c => c.Indicators.Count(i => i.Status == status));
        return new(Count("met"), Count("notMet"), Count("notReported"), Count("undetermined"), criteria.Count(c => c.Status == "met"), criteria);
    }

    private static AssessedIndicator Assess(CriteriaSet set, Indicator indicator, string? at, Value? value)
    {
        var judged = value?.Judgement is not null && Threshold.LeavesOpen(indicator, at);
        var met = judged ? value!.Judgement!.Met : value is null ? null : Threshold.Decide(indicator, at, value.Reported);
        var status = value is null ? "notReported" : met switch { true => "met", false => "notMet", null => "undetermined" };
        return new(
            indicator.Code, status, value?.Reported, value?.Approved ?? false,
            judged ? value!.Judgement!.Basis : Threshold.Describe(indicator, at),
            indicator.LegalSource ?? set.LegalText, judged ? "judged" : indicator.ThresholdSource, value?.EventId,
            value?.ValidOn, value?.Period, judged ? value!.Judgement : null, indicator.Source);
    }

    /// <summary>A criterion is met when all of its indicators are; one that fails decides against it.</summary>
    private static string StatusOf(List<AssessedIndicator> indicators) =>
        indicators.Count == 0 ? "undetermined"
        : indicators.Any(i => i.Status == "notMet") ? "notMet"
        : indicators.Any(i => i.Status == "notReported") ? "notReported"
        : indicators.Any(i => i.Status == "undetermined") ? "undetermined"
        : "met";

    /// <param name="ApprovedJudgement">The judgement that the last approval covers; a later one does not change what was approved.</param>
    private sealed record Value(
        ReportedValue Reported, DateOnly ValidOn, string Period, Guid EventId, bool Approved, Judgement? Judgement, Judgement? ApprovedJudgement);

    /// <summary>All recorded values, in the order in which they were recorded.</summary>
    private sealed class Values
    {
        private readonly Dictionary<string, List<Value>> byIndicator = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Dictionary<string, int>> standing = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> periods = new(StringComparer.Ordinal);

        public Value? Latest(string indicator, DateOnly day, bool approvedOnly) =>
            byIndicator.GetValueOrDefault(indicator)?.LastOrDefault(v => v.ValidOn <= day && (v.Approved || !approvedOnly)) is { } latest
                ? approvedOnly ? latest with { Judgement = latest.ApprovedJudgement } : latest
                : null;

        public void Apply(IEvent e)
        {
            var stream = e.StreamKey!;
            if (IndicatorRecorded.Of(e.Data) is { } r)
            {
                if (!byIndicator.TryGetValue(r.Indicator, out var list)) byIndicator[r.Indicator] = list = [];
                standing[stream][r.Indicator] = list.Count;
                list.Add(new(r.Value, r.ValidOn, periods[stream], e.Id, false, null, null));
                return;
            }

            switch (e.Data)
            {
                case ReportOpened opened:
                    (periods[stream], standing[stream]) = (opened.Period, new(StringComparer.Ordinal));
                    break;
                case IndicatorJudged j:
                    Change(stream, j.Indicator, v => v with { Judgement = new(j.Met, j.Basis, j.By, j.At) });
                    break;
                case Reports.ReportApproved:
                    foreach (var indicator in standing[stream].Keys) Change(stream, indicator, v => v with { Approved = true, ApprovedJudgement = v.Judgement });
                    break;
            }
        }

        private void Change(string stream, string indicator, Func<Value, Value> change)
        {
            var at = standing[stream][indicator];
            byIndicator[indicator][at] = change(byIndicator[indicator][at]);
        }
    }
}

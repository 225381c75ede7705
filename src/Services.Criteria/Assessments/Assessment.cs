using System.Text.Json.Serialization;
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
        DateOnly? ValidOn, string? Period, Judgement? Judgement, string TextMark)
    {
        /// <summary>Position of the event in the store.</summary>
        [JsonIgnore]
        public long? Sequence { get; init; }
    }

    public sealed record AssessedCriterion(int No, string NameVi, string NameEn, string Status, IReadOnlyList<AssessedIndicator> Indicators);

    /// <summary>Assessment by the events of the unit's reports against the set.</summary>
    /// <param name="at">Where the unit stands along the set's dimension; null where nobody knows.</param>
    public static Assessment Of(CriteriaSet set, string? at, IEnumerable<IEvent> events, DateOnly day, bool approvedOnly)
    {
        var reports = events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal).Select(stream =>
            ReportTrail.Of(stream.Key, null, stream.Select((e, n) => new StoredEvent(n + 1, e.Sequence, e.Id, e.Data))));
        return Of(new Yardstick(set, at), reports, day, ReportTrail.Now, approvedOnly);
    }

    /// <summary>Assessment by what the unit's reports against the set said at the position.</summary>
    internal static Assessment Of(Yardstick by, IEnumerable<ReportTrail> reports, DateOnly day, long position, bool approvedOnly = false) =>
        Of(by, ReportTrail.Latest(reports, by.Slots, day, position, approvedOnly));

    /// <param name="standing">The figures that count, by the yardstick's slots.</param>
    internal static Assessment Of(Yardstick by, IReadOnlyList<Standing?> standing)
    {
        List<AssessedCriterion> criteria = new(by.Criteria.Count);
        int met = 0, notMet = 0, notReported = 0, undetermined = 0;
        foreach (var (criterion, measures) in by.Criteria)
        {
            List<AssessedIndicator> indicators = new(measures.Count);
            foreach (var measure in measures)
            {
                var assessed = Assess(measure, standing[measure.Slot]);
                indicators.Add(assessed);
                if (assessed.Status == "met") met++;
                else if (assessed.Status == "notMet") notMet++;
                else if (assessed.Status == "notReported") notReported++;
                else undetermined++;
            }

            criteria.Add(new(criterion.No, criterion.NameVi, criterion.NameEn, StatusOf(indicators), indicators));
        }

        return new(met, notMet, notReported, undetermined, criteria.Count(c => c.Status == "met"), criteria);
    }

    private static AssessedIndicator Assess(Yardstick.Measure measure, Standing? value)
    {
        var indicator = measure.Indicator;
        var judgement = measure.LeavesOpen ? value?.Judgement : null;
        var met = judgement?.Met ?? (value is null ? null : Threshold.Meets(indicator, measure.Bound, value.Value));
        var status = value is null ? "notReported" : met switch { true => "met", false => "notMet", null => "undetermined" };
        return new(
            indicator.Code, status, value?.Value, value?.Approved ?? false, judgement is null ? measure.Rule : judgement.Basis, measure.LegalBasis,
            judgement is null ? indicator.ThresholdSource : "judged", value?.EventId, value?.ValidOn, value?.Period, judgement, indicator.Source)
        { Sequence = value?.Sequence };
    }

    /// <summary>A criterion is met when all of its indicators are; one that fails decides against it.</summary>
    private static string StatusOf(List<AssessedIndicator> indicators) =>
        indicators.Count == 0 ? "undetermined"
        : indicators.Any(i => i.Status == "notMet") ? "notMet"
        : indicators.Any(i => i.Status == "notReported") ? "notReported"
        : indicators.Any(i => i.Status == "undetermined") ? "undetermined"
        : "met";
}

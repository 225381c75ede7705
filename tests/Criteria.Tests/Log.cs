using JasperFx.Events;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>What the store holds of one unit's reports for one set, in the order in which it was recorded.</summary>
internal sealed class Log
{
    private readonly List<IEvent> events = [];

    public IReadOnlyList<IEvent> Events => events;

    private static readonly Guid Unit = Given.Unit(Given.Commune, Given.EndOf2024).Id;

    public static Guid IdAt(int position) => DeterministicId.Of("event", $"{position}");

    public Log Recorded(string period, string indicator, ReportedValue value, DateOnly validOn)
    {
        if (!events.Any(e => e.StreamKey == Report.Key(period, Unit)))
            Add(period, new ReportOpened(period, Unit, Given.Set.Id, Given.EndOf2024, "an", Given.Imported));
        return Add(period, new IndicatorRecorded(indicator, value, validOn, null, [], "an", Given.Imported));
    }

    public Log Corrected(string period, string indicator, ReportedValue value, DateOnly validOn) =>
        Add(period, new IndicatorCorrected(indicator, value, validOn, null, [], "Nhập nhầm", "an", Given.Imported));

    public Log Judged(string period, string indicator, bool met) => Add(period, new IndicatorJudged(indicator, met, "Biên bản 12/BB", "phuong", Given.Imported));

    public Log Approved(string period) => Add(period, new ReportApproved(events.Count(e => e.StreamKey == Report.Key(period, Unit)) + 1, "phuong", Given.Imported));

    public Log Reopened(string period) => Add(period, new ReportReopened(null, "phuong", Given.Imported));

    public Log Returned(string period, string indicator) => Add(period, new ReportReturned([new(indicator, "Thiếu tài liệu")], "dung", Given.Imported));

    public Log Submitted(string period) => Add(period, new ReportSubmitted([], null, "an", Given.Imported));

    public Assessment Assess(CriteriaSet set, DateOnly day, bool approvedOnly, string? region = "Bắc Trung Bộ") => Assessment.Of(set, region, events, day, approvedOnly);

    private Log Add(string period, object data)
    {
        var e = Event.For(data);
        (e.StreamKey, e.Id, e.Sequence) = (Report.Key(period, Unit), IdAt(events.Count + 1), events.Count + 1);
        events.Add(e);
        return this;
    }
}

using JasperFx.Events;
using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>Gathers what is behind an assessment and lets <see cref="Assessment"/> fold it.</summary>
internal sealed class Assessor(Trails trails)
{
    /// <summary>Assessment by the figures recorded up to the position (null: all) that are valid by the day.</summary>
    /// <param name="at">Where the unit stands along the set's dimension; null where nobody knows.</param>
    public async Task<Assessment> AssessAsync(CriteriaSet set, Guid unit, string? at, DateOnly day, long? position, CancellationToken ct) =>
        Assessment.Of(new Yardstick(set, at), await ReportsAsync(set.Id, unit, ct), day, position ?? ReportTrail.Now);

    /// <summary>The unit's reports against the set.</summary>
    public async Task<IReadOnlyList<ReportTrail>> ReportsAsync(string set, Guid unit, CancellationToken ct) =>
        [.. (await trails.OfUnitsAsync([unit], ct)).Where(r => r.Set == set)];

    /// <summary>The approved assessment by the events of the unit's reports, as it is announced.</summary>
    public static AssessmentState Approved(SetVersion set, IReadOnlyList<IEvent> events, UnitRef unit, UnitLevel level)
    {
        var assessment = Assessment.Of(set.Set, level.Value, events, DateOnly.MaxValue, approvedOnly: true);
        return new(
            unit, set.Set.Id, assessment.Met, assessment.NotMet, assessment.NotReported, assessment.Undetermined, assessment.CriteriaMet, assessment.Criteria.Count,
            [.. assessment.Criteria.SelectMany(c => c.Indicators.Select(i => new AssessedIndicator(
                // What an authority wrote as its basis is for those who may read the report.
                i.Code, c.No, i.Status, i.Value, i.Judgement is null ? i.Rule : null, i.LegalBasis, i.Mark, i.EventId, i.TextMark)))],
            [.. Bases(events)], set.Number, level.Dimension, level.Value, level.Mark);
    }

    /// <summary>The report of the latest approved period, as it was approved last; null before any approval.</summary>
    public static Report? LastApproved(IReadOnlyList<IEvent> events)
    {
        Dictionary<string, Report?> reports = new(StringComparer.Ordinal);
        Report? last = null;
        foreach (var e in events)
        {
            var report = reports[e.StreamKey!] = Report.Fold(reports.GetValueOrDefault(e.StreamKey!), e.StreamKey!, e.Data);
            if (e.Data is Reports.ReportApproved && report!.FiguresAsOf >= (last?.FiguresAsOf ?? DateOnly.MinValue)) last = report;
        }

        return last;
    }

    /// <summary>Each approved report at its approved version, with everybody who had a hand in it by then.</summary>
    private static IEnumerable<AssessmentBasis> Bases(IReadOnlyList<IEvent> events)
    {
        foreach (var stream in events.GroupBy(e => e.StreamKey!))
        {
            Report? report = null, approved = null;
            HashSet<string> entered = new(StringComparer.Ordinal);
            string[] enteredByThen = [];
            foreach (var e in stream)
            {
                if (IndicatorRecorded.Of(e.Data) is { } recorded) entered.Add(recorded.By);
                report = Report.Fold(report, stream.Key, e.Data);
                if (e.Data is Reports.ReportApproved) (approved, enteredByThen) = (report, [.. entered]);
            }

            if (approved is { ApprovedVersion: { } version }) yield return new(approved.Period, version, [.. approved.Persons], enteredByThen);
        }
    }

    /// <summary>The events of all reports of the unit against the set, up to the position (null: all).</summary>
    /// <param name="approvedOnly">Without the reports that were never approved: to what is announced they add nothing, and their streams may be long.</param>
    public static async Task<IReadOnlyList<IEvent>> EventsAsync(IQuerySession session, Guid unit, string set, long? position, CancellationToken ct, bool approvedOnly = false)
    {
        var keys = await session.Query<Report>().Where(r => r.UnitId == unit && r.Set == set && (!approvedOnly || r.ApprovedVersion != null)).Select(r => r.Id).ToListAsync(ct);
        if (keys.Count == 0) return [];
        var last = position ?? long.MaxValue;
        var wanted = keys.ToArray();
        return await session.Events.QueryAllRawEvents().Where(e => wanted.Contains(e.StreamKey!) && e.Sequence <= last).OrderBy(e => e.Sequence).ToListAsync(ct);
    }
}

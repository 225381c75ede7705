using JasperFx.Events;
using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>Gathers the events behind an assessment and lets <see cref="Assessment"/> fold them.</summary>
internal sealed class Assessor(IQuerySession session)
{
    /// <summary>Assessment by the figures recorded up to the position (null: all) that are valid by the day.</summary>
    public async Task<Assessment> AssessAsync(CriteriaSet set, UnitState unit, DateOnly day, long? position, CancellationToken ct) =>
        Assessment.Of(set, unit.Region, await EventsAsync(session, unit.Id, set.Id, position, ct), day, approvedOnly: false);

    /// <summary>The approved assessment by the events of the unit's reports, as it is announced.</summary>
    public static AssessmentState Approved(CriteriaSet set, IReadOnlyList<IEvent> events, UnitRef unit, string? region)
    {
        var assessment = Assessment.Of(set, region, events, DateOnly.MaxValue, approvedOnly: true);
        return new(
            unit, set.Id, assessment.Met, assessment.NotMet, assessment.NotReported, assessment.Undetermined, assessment.CriteriaMet, assessment.Criteria.Count,
            [.. assessment.Criteria.SelectMany(c => c.Indicators.Select(i => new AssessedIndicator(
                // What an authority wrote as its basis is for those who may read the report.
                i.Code, c.No, i.Status, i.Value, i.Judgement is null ? i.Rule : null, i.LegalBasis, i.Mark, i.EventId)))],
            [.. Bases(events)]);
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
                if (e.Data is IndicatorRecorded recorded) entered.Add(recorded.By);
                report = Report.Fold(report, stream.Key, e.Data);
                if (e.Data is Reports.ReportApproved) (approved, enteredByThen) = (report, [.. entered]);
            }

            if (approved is { ApprovedVersion: { } version }) yield return new(approved.Period, version, [.. approved.Persons], enteredByThen);
        }
    }

    /// <summary>The events of all reports of the unit against the set, up to the position (null: all).</summary>
    public static async Task<IReadOnlyList<IEvent>> EventsAsync(IQuerySession session, Guid unit, string set, long? position, CancellationToken ct)
    {
        var keys = await session.Query<Report>().Where(r => r.UnitId == unit && r.Set == set).Select(r => r.Id).ToListAsync(ct);
        if (keys.Count == 0) return [];
        var last = position ?? long.MaxValue;
        var wanted = keys.ToArray();
        return await session.Events.QueryAllRawEvents().Where(e => wanted.Contains(e.StreamKey!) && e.Sequence <= last).OrderBy(e => e.Sequence).ToListAsync(ct);
    }
}

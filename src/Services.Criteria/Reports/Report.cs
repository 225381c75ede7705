using System.Collections.Immutable;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Contracts;

namespace Ntm.Criteria.Reports;

public enum ReportStatus
{
    Open,
    Submitted,
    Returned,
    Verified,
    Approved,
}

public enum FigureStatus
{
    Missing,
    Recorded,
    Returned,
    Verified,
    Approved,
}

/// <summary>An authority's word on a figure that the set leaves to it.</summary>
public sealed record Judgement(bool Met, string Basis, string By, DateTimeOffset At);

/// <summary>The figure that stands in the report now.</summary>
public sealed record Figure(
    ReportedValue Value, DateOnly ValidOn, DateTimeOffset RecordedAt, string RecordedBy, FigureStatus Status, string? Reason, string? Note,
    IReadOnlyList<EvidenceRef> Evidence, Judgement? Judgement);

/// <summary>One unit's report for one period (báo cáo), a stream of its own.</summary>
/// <param name="ApprovedVersion">Version that the last approval covers; a later change does not alter what was signed.</param>
/// <param name="Persons">Persons who recorded, judged, verified or approved.</param>
public sealed record Report(
    string Id, string Period, Guid UnitId, string Set, DateOnly FiguresAsOf, ReportStatus Status, ImmutableSortedDictionary<string, Figure> Figures,
    long? ApprovedVersion, ImmutableSortedSet<string> Persons, long Version)
{
    public static string Key(string period, Guid unitId) => $"report/{period}/{unitId}";

    /// <summary>Persons whose figures stand in the report: none of them may verify, judge or approve it.</summary>
    public bool WasEnteredBy(string person) => Figures.Values.Any(f => f.RecordedBy == person);

    public static Report? Fold(Report? report, string id, object e)
    {
        if (e is ReportOpened opened)
        {
            return new(
                id, opened.Period, opened.UnitId, opened.Set, opened.FiguresAsOf, ReportStatus.Open, ImmutableSortedDictionary<string, Figure>.Empty,
                null, [], 1);
        }

        var next = e switch
        {
            IndicatorRecorded r => report!.With(r.Indicator, r.By, _ => new Figure(r.Value, r.ValidOn, r.At, r.By, FigureStatus.Recorded, null, r.Note, r.Evidence, null)),
            IndicatorJudged j => report!.With(j.Indicator, j.By, f => f! with { Judgement = new(j.Met, j.Basis, j.By, j.At) }),
            ReportSubmitted => report! with { Status = ReportStatus.Submitted },
            ReportReturned r => r.Items.Aggregate(
                report! with { Status = ReportStatus.Returned },
                (all, item) => all.With(item.Indicator, r.By, f => f! with { Status = FigureStatus.Returned, Reason = item.Reason })),
            ReportVerified v => report!.All(FigureStatus.Verified, v.By) with { Status = ReportStatus.Verified },
            ReportApproved a => report!.All(FigureStatus.Approved, a.By) with { Status = ReportStatus.Approved, ApprovedVersion = a.Version },
            ReportReopened => report! with { Status = ReportStatus.Open },
            _ => null,
        };
        return next is null ? report : next with { Version = report!.Version + 1 };
    }

    private Report With(string indicator, string person, Func<Figure?, Figure> change) => this with
    {
        Figures = Figures.SetItem(indicator, change(Figures.GetValueOrDefault(indicator))),
        Persons = Persons.Add(person),
    };

    private Report All(FigureStatus status, string person) => this with
    {
        Figures = Figures.ToImmutableSortedDictionary(f => f.Key, f => f.Value with { Status = status, Reason = null }),
        Persons = Persons.Add(person),
    };
}

public sealed partial class ReportProjection : SingleStreamProjection<Report, string>
{
    public override Report? Evolve(Report? snapshot, string id, IEvent e) => Report.Fold(snapshot, id, e.Data);
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;

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
/// <param name="Unlocked">Whether it may be corrected while the report is returned: it was sent back, or was missing.</param>
/// <param name="Version">Version of the report at which its value was set; null in what was stored before it was kept.</param>
/// <param name="EnteredOn">Day on which it was entered without a network; null where it was entered here.</param>
public sealed record Figure(
    ReportedValue Value, DateOnly ValidOn, DateTimeOffset RecordedAt, string RecordedBy, FigureStatus Status, string? Reason, string? Note,
    IReadOnlyList<EvidenceRef> Evidence, Judgement? Judgement, bool Unlocked,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Version = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? EnteredOn = null);

/// <summary>One unit's report for one period (báo cáo), a stream of its own.</summary>
/// <param name="ApprovedVersion">Version that the last approval covers; a later change does not alter what was signed.</param>
/// <param name="Persons">Persons who recorded, judged, verified or approved.</param>
/// <param name="SetVersion">Version of the set that it is made by since it was opened, or opened again; null where no event names it.</param>
/// <param name="SetKnownAt">Instant by which what was published counts, where no event names the version.</param>
public sealed record Report(
    string Id, string Period, Guid UnitId, string Set, DateOnly FiguresAsOf, ReportStatus Status, ImmutableSortedDictionary<string, Figure> Figures,
    long? ApprovedVersion, ImmutableSortedSet<string> Persons, long Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? SetKnownAt = null)
{
    // A stored report comes back with the comparer of the culture, under which two persons may be one.
    public ImmutableSortedDictionary<string, Figure> Figures { get; init; } = Figures.WithComparers(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Persons { get; init; } = Persons.WithComparer(StringComparer.Ordinal);

    public static string Key(string period, Guid unitId) => $"report/{period}/{unitId}";

    /// <summary>Whether the unit has yet to hand in: it has no report, or one that it works on and that was never approved.</summary>
    public static bool IsAwaited(Report? report) => report is null or { Status: ReportStatus.Open or ReportStatus.Returned, ApprovedVersion: null };

    /// <summary>Whether anything happened to the report since it was approved: what was signed then is not what stands now.</summary>
    [JsonIgnore]
    public bool ApprovalStale => ApprovedVersion is { } approved && Version > approved;

    /// <summary>Persons whose figures stand in the report: none of them may verify, judge or approve it.</summary>
    public bool WasEnteredBy(string person) => Figures.Values.Any(f => f.RecordedBy == person);

    /// <summary>The version of its set that the report is made by: a later one does not alter what was opened or signed under it.</summary>
    public SetVersion VersionOf(SetRecord set) =>
        (SetVersion is { } pinned ? set.Find(pinned) : null) ?? (SetKnownAt is { } known ? set.On(FiguresAsOf, known) : set.On(FiguresAsOf));

    public static Report? Fold(Report? report, string id, object e)
    {
        if (e is ReportOpened opened)
        {
            return new(
                id, opened.Period, opened.UnitId, opened.Set, opened.FiguresAsOf, ReportStatus.Open, ImmutableSortedDictionary.Create<string, Figure>(StringComparer.Ordinal),
                null, ImmutableSortedSet.Create<string>(StringComparer.Ordinal), 1, opened.SetVersion, opened.SetVersion is null ? opened.At : null);
        }

        var next = e switch
        {
            IndicatorRecorded or IndicatorCorrected => report!.With(IndicatorRecorded.Of(e)!),
            IndicatorJudged j => report!.With(j.Indicator, j.By, f => f! with { Judgement = new(j.Met, j.Basis, j.By, j.At) }),
            // What was sent back and not corrected is handed in again as it stands.
            ReportSubmitted => report!.Each(f => f with { Status = f.Status == FigureStatus.Returned ? FigureStatus.Recorded : f.Status, Unlocked = false }) with { Status = ReportStatus.Submitted },
            ReportReturned r => r.Items.Aggregate(
                report! with { Status = ReportStatus.Returned },
                (all, item) => all with { Figures = all.Figures.SetItem(item.Indicator, all.Figures[item.Indicator] with { Status = FigureStatus.Returned, Reason = item.Reason, Unlocked = true }) }),
            ReportVerified v => report!.Signed(FigureStatus.Verified, v.By) with { Status = ReportStatus.Verified },
            ReportApproved a => report!.Signed(FigureStatus.Approved, a.By) with
            {
                Status = ReportStatus.Approved,
                ApprovedVersion = a.Version,
                SetVersion = a.SetVersion ?? report!.SetVersion,
                SetKnownAt = a.SetVersion is null && report!.SetVersion is null ? a.At : null,
            },
            ReportReopened r => report! with { Status = ReportStatus.Open, SetVersion = r.SetVersion, SetKnownAt = r.SetVersion is null ? r.At : null },
            _ => null,
        };
        return next is null ? report : next with { Version = report!.Version + 1 };
    }

    private Report With(IndicatorRecorded r) => With(r.Indicator, r.By, _ => new Figure(
        r.Value, r.ValidOn, r.At, r.By, FigureStatus.Recorded, null, r.Note, r.Evidence, null, Status == ReportStatus.Returned, Version + 1, r.EnteredOn));

    private Report With(string indicator, string person, Func<Figure?, Figure> change) => this with
    {
        Figures = Figures.SetItem(indicator, change(Figures.GetValueOrDefault(indicator))),
        Persons = Persons.Add(person),
    };

    private Report Signed(FigureStatus status, string person) => Each(f => f with { Status = status, Reason = null }) with { Persons = Persons.Add(person) };

    private Report Each(Func<Figure, Figure> change) => this with
    {
        Figures = Figures.ToImmutableSortedDictionary(f => f.Key, f => change(f.Value), StringComparer.Ordinal),
    };
}

public sealed partial class ReportProjection : SingleStreamProjection<Report, string>
{
    public ReportProjection()
    {
        IncludeType<ReportOpened>();
        IncludeType<IndicatorRecorded>();
        IncludeType<IndicatorCorrected>();
        IncludeType<IndicatorJudged>();
        IncludeType<ReportSubmitted>();
        IncludeType<ReportReturned>();
        IncludeType<ReportVerified>();
        IncludeType<ReportApproved>();
        IncludeType<ReportReopened>();
    }

    public override Report? Evolve(Report? snapshot, string id, IEvent e) => Report.Fold(snapshot, id, e.Data);
}

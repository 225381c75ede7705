using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using JasperFx.Events;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Assessments;

/// <summary>What is kept of reports in memory against a fold of their events made afresh.</summary>
public sealed class TrailTests
{
    private static readonly Yardstick By = new(Given.Set, "Bắc Trung Bộ");

    /// <summary>Any day and any position, of reports that were read in any pieces.</summary>
    [Property(MaxTest = 120, Replay = "2025,717")]
    public Property Kept_trails_say_what_a_fresh_fold_of_the_events_by_then_says() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (seed, approvedOnly) =>
        {
            var random = new Random(seed);
            var events = Made.Of(random, units: 1, periods: 4);
            var trails = InPieces(events, random);
            var position = random.Next(events.Count + 2);
            var day = Given.EndOf2024.AddDays(-random.Next(420));
            var fresh = Reference.Of(Given.Set, "Bắc Trung Bộ", events.Where(e => e.Sequence <= position), day, approvedOnly);
            Assert.Equal(fresh, Flat(Assessment.Of(By, trails, day, position, approvedOnly)));
            foreach (var trail in trails) SameAsReport(events, trail, position);
        });

    [Fact]
    public void Events_that_are_known_are_passed_over()
    {
        var events = Made.Of(new(1), units: 1, periods: 1);
        var trail = ReportTrail.Of(events[0].StreamKey!, null, events.Select(Stored));
        var again = ReportTrail.Of(trail.Id, trail, events.Select(Stored));
        Assert.Equal((trail.Version, trail.Figures, trail.Weight, trail.LastEvent), (again.Version, again.Figures, again.Weight, again.LastEvent));
    }

    [Fact]
    public void A_trail_never_changes_once_made()
    {
        var events = Made.Of(new(2), units: 1, periods: 1);
        var half = ReportTrail.Of(events[0].StreamKey!, null, events.Take(events.Count / 2).Select(Stored));
        var (version, figures) = (half.Version, half.Figures);
        Assert.True(ReportTrail.Of(half.Id, half, events.Select(Stored)).Version > version);
        Assert.Equal((version, figures), (half.Version, half.Figures));
    }

    /// <summary>Status, figures and version of the set, as the report itself folds them.</summary>
    private static void SameAsReport(IReadOnlyList<IEvent> events, ReportTrail trail, long position)
    {
        var report = events.Where(e => e.StreamKey == trail.Id && e.Sequence <= position).Aggregate((Report?)null, (r, e) => Report.Fold(r, trail.Id, e.Data));
        Assert.Equal(report is not null, trail.IsOpenAt(position));
        if (report is null) return;
        Assert.Equal((report.Status, report.Figures.Count), (trail.StatusAt(position), trail.RecordedAt(position, report.Figures.Keys.ToHashSet(StringComparer.Ordinal))));
        Assert.Equal(Report.IsAwaited(report), trail.IsAwaitedAt(position));
        Assert.Equal(events.Count(e => e.StreamKey == trail.Id && e.Sequence <= position && e.Data is ReportReturned), trail.ReturnsAt(position));
        Assert.Equal(report.VersionOf(Made.Record).Number, trail.VersionOf(Made.Record, position).Number);
        var submitted = events.FirstOrDefault(e => e.StreamKey == trail.Id && e.Sequence <= position && e.Data is ReportSubmitted)?.Data as ReportSubmitted;
        Assert.Equal(submitted?.At, trail.FirstSubmittedAt(position));
    }

    private static List<ReportTrail> InPieces(IReadOnlyList<IEvent> events, Random random)
    {
        List<ReportTrail> trails = [];
        foreach (var stream in events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal))
        {
            ReportTrail? trail = null;
            foreach (var piece in stream.Chunk(1 + random.Next(70)))
            {
                random.Shuffle(piece);
                trail = ReportTrail.Of(stream.Key, trail, piece.Select(Stored));
            }

            trails.Add(trail!);
        }

        return trails;
    }

    private static StoredEvent Stored(IEvent e) => new(e.Version, e.Sequence, e.Id, e.Data);

    private static IEnumerable<Assessment.AssessedIndicator> Flat(Assessment a) => a.Criteria.SelectMany(c => c.Indicators);
}

/// <summary>Random histories of real communes, decided by the product's own decisions, as the store would hold them.</summary>
internal static class Made
{
    public static readonly SetRecord Record = Given.Recorded(Given.Set);

    public static IReadOnlyList<string> Communes { get; } = [.. Given.Tree.Below(Given.Unit("42", Given.EndOf2024).Id, "commune", Given.EndOf2024).Select(u => u.Version.Code)];

    /// <summary>Reports of the first communes and the last quarters of 2024, told in the order of their instants.</summary>
    public static IReadOnlyList<IEvent> Of(Random random, int units, int periods)
    {
        List<(DateTimeOffset At, string Stream, object Data)> all = [];
        foreach (var opened in Bench.Histories.Quarters(Given.Tree, Given.Set.Id, Given.EndOf2024, periods))
        {
            var period = Criteria.Periods.Period.Fold(null, Criteria.Periods.Period.Key(opened.Code), opened)!;
            foreach (var code in Communes.Take(units))
            {
                var key = Report.Key(period.Code, Given.Unit(code, period.FiguresAsOf).Id);
                foreach (var stage in Bench.Histories.Of(Given.Tree, period, Record.Latest, code, random)) all.AddRange(stage.Events.Select(e => (stage.At, key, e)));
            }
        }

        Dictionary<string, long> versions = new(StringComparer.Ordinal);
        return
        [
            .. all.OrderBy(e => e.At).Select((e, n) =>
            {
                var made = Event.For(e.Data);
                (made.StreamKey, made.Id, made.Sequence) = (e.Stream, DeterministicId.Of("event", $"{n}"), n + 1);
                made.Version = versions[e.Stream] = versions.GetValueOrDefault(e.Stream) + 1;
                return made;
            }),
        ];
    }

    public static ILookup<Guid, ReportTrail> Trails(IReadOnlyList<IEvent> events) => events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal)
        .Select(s => ReportTrail.Of(s.Key, null, s.Select(e => new StoredEvent(e.Version, e.Sequence, e.Id, e.Data)))).ToLookup(t => t.Unit);
}

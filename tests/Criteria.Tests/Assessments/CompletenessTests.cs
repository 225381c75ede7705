using JasperFx.Events;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Completeness;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Assessments;

/// <summary>Who has reported, and who is late: the due day of the quarter is 14 December 2024.</summary>
public sealed class CompletenessTests
{
    private static readonly Period Quarter = Given.Quarter2024;
    private static readonly Guid Unit = Given.Unit(Given.Commune, Given.EndOf2024).Id;
    private static readonly DateTimeOffset Midnight = new(2024, 12, 15, 0, 0, 0, VietnamTime.Offset);
    private static readonly ReportOpened Opened = new(Quarter.Code, Unit, Given.Set.Id, Quarter.FiguresAsOf, "an", Given.Morning(2024, 12, 2), 1);

    [Fact]
    public void Without_a_figure_it_is_open_and_late_only_after_the_due_days_end()
    {
        Assert.Equal(new Cell("2024-Q4", "open", 0, 7, false, null, null, true, 0, false, null), CellOf([], Midnight.AddTicks(-1)));
        Assert.Equal(new Cell("2024-Q4", "open", 0, 7, true, null, 1, true, 0, false, null), CellOf([], Midnight));
        Assert.Equal(10, CellOf([], Midnight.AddDays(9)).DaysLate);
    }

    [Theory]
    [InlineData(-1, false, null)]
    [InlineData(0, true, 1)]
    [InlineData(863_999_999_999, true, 1)]
    [InlineData(864_000_000_000, true, 2)]
    public void Handed_in_first_after_the_due_days_end_is_late_whatever_comes_after(long ticks, bool late, int? days)
    {
        var submitted = Midnight.AddTicks(ticks);
        object[] events = [Opened, Figure("5"), new ReportSubmitted([], null, "an", submitted), new ReportReturned([new("5", "x")], "dung", submitted.AddDays(3)), new ReportSubmitted([], null, "an", submitted.AddDays(5))];
        Assert.Equal(new Cell("2024-Q4", "submitted", 1, 7, late, submitted, days, false, 1, true, 51), CellOf(events, Midnight.AddDays(60)));
    }

    [Fact]
    public void What_was_sent_back_is_missing_until_it_is_handed_in_again_or_was_approved_once()
    {
        object[] returned = [Opened, Figure("5"), new ReportSubmitted([], null, "an", Midnight), new ReportReturned([new("5", "x")], "dung", Midnight)];
        Assert.True(CellOf(returned, Midnight) is { Missing: true, Returns: 1, SubmittedAt: not null });
        object[] again = [.. returned, new ReportSubmitted([], null, "an", Midnight)];
        Assert.False(CellOf(again, Midnight).Missing);
        Assert.False(CellOf([.. again, new ReportApproved(6, "phuong", Midnight, 1), new ReportReopened("x", "phuong", Midnight, 1)], Midnight).Missing);
    }

    [Fact]
    public void A_report_approved_after_the_departments_day_stays_late_there()
    {
        object[] submitted = [Opened, Figure("5"), new ReportSubmitted([], null, "an", Midnight.AddDays(-1))];
        var end = new DateTimeOffset(2024, 12, 25, 0, 0, 0, VietnamTime.Offset);
        Assert.True(CellOf(submitted, end.AddTicks(-1)) is { ApprovalLate: false, ApprovalDaysLate: null });
        Assert.True(CellOf([.. submitted, new ReportApproved(4, "phuong", end, 1)], end.AddDays(30)) is { Late: false, ApprovalLate: true, ApprovalDaysLate: 1 });
        Assert.False(CellOf([.. submitted, new ReportApproved(4, "phuong", end.AddTicks(-1), 1)], end.AddDays(30)).ApprovalLate);
    }

    [Fact]
    public void Figures_of_indicators_that_the_version_does_not_have_are_not_counted() =>
        Assert.True(CellOf([Opened, Figure("5"), Figure("5") with { Indicator = "99.9" }], Midnight) is { Recorded: 1, Of: 7 });

    [Fact]
    public void A_period_without_a_due_day_makes_nobody_late() =>
        Assert.False(Cell.For(Quarter with { DueUnits = null }, Made.Record, null, ReportTrail.Now, Midnight.AddDays(60)).Late);

    [Fact]
    public void Each_position_shows_the_report_as_it_was()
    {
        object[] events = [Opened, Figure("5"), Figure("5"), Figure("10"), new ReportSubmitted([], null, "an", Midnight.AddDays(-2)), new ReportVerified("dung", Midnight), new ReportApproved(7, "phuong", Midnight, 1)];
        var trail = TrailOf(events);
        Assert.Equal(
            ["open 0", "open 0", "open 1", "open 1", "open 2", "submitted 2", "verified 2", "approved 2"],
            Enumerable.Range(0, 8).Select(position => Cell.For(Quarter, Made.Record, trail, position, Midnight)).Select(c => $"{c.Status} {c.Recorded}"));
    }

    [Fact]
    public void The_matrix_has_the_units_of_each_periods_own_day()
    {
        var none = new Dictionary<Guid, ReportTrail>();
        var (before, after) = (ColumnOf(Given.Quarter2024), ColumnOf(Given.Quarter2025));
        Assert.Equal((Given.Tree.Below(Quarter.UnderId, "commune", Given.EndOf2024).Count(), 69), (before.Totals.Asked, after.Totals.Asked));
        Assert.Equal(before.Totals.Asked, before.Totals.Missing);
        Assert.Equal(before.Totals.Asked, before.Totals.Late);
        Assert.Equal(7 * before.Totals.Asked, before.Totals.Of);

        PeriodColumn ColumnOf(Period period) =>
            PeriodColumn.For(period, PeriodColumn.Asked(Given.Tree, period, Given.Unit("42", period.FiguresAsOf).Id), Made.Record, none, ReportTrail.Now, Given.Morning(2026, 1, 2));
    }

    private static IndicatorRecorded Figure(string code) => new(code, Given.ValueOf(code), Given.EndOf2024.AddDays(-20), null, [], "an", Given.Morning(2024, 12, 3));

    private static Cell CellOf(object[] events, DateTimeOffset now) => Cell.For(Quarter, Made.Record, events.Length == 0 ? null : TrailOf(events), ReportTrail.Now, now);

    private static ReportTrail TrailOf(object[] events) =>
        ReportTrail.Of(Report.Key(Quarter.Code, Unit), null, events.Select((e, n) => new StoredEvent(n + 1, n + 1, DeterministicId.Of("event", $"{n}"), Event.For(e).Data)));
}

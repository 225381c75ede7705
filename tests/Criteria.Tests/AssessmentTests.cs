using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Tests;

public sealed class AssessmentTests
{
    private const string Q3 = "2024-Q3";
    private const string Q4 = "2024-Q4";
    private static readonly DateOnly September = new(2024, 9, 30);
    private static readonly DateOnly December = Given.EndOf2024;

    [Fact]
    public void Without_any_figure_nothing_is_reported()
    {
        var assessment = new Log().Assess(Given.Set, December, approvedOnly: false);
        Assert.Equal((0, 0, 7, 0, 0), (assessment.Met, assessment.NotMet, assessment.NotReported, assessment.Undetermined, assessment.CriteriaMet));
        Assert.All(assessment.Criteria, c => Assert.Equal("notReported", c.Status));
        Assert.All(assessment.Criteria.SelectMany(c => c.Indicators), i => Assert.Equal((null, null, false), (i.Value, i.EventId, i.Approved)));
    }

    [Fact]
    public void A_criterion_is_met_by_all_of_its_indicators()
    {
        Assert.Equal("met", Criterion5(("5", 70m), ("5.3", "Mức độ 3")));
        Assert.Equal("notMet", Criterion5(("5", 69.9m), ("5.3", "Mức độ 3")));
        Assert.Equal("notMet", Criterion5(("5", 69.9m)));
        Assert.Equal("notReported", Criterion5(("5", 70m)));
        Assert.Equal("undetermined", Criterion5(("5", 70m), ("5.3", "Mức độ 2")));
    }

    [Fact]
    public void A_criterion_without_indicators_is_undetermined() =>
        Assert.All(new Log().Assess(Given.SetOf("xa-ntm-2026-2030"), December, approvedOnly: false).Criteria, c => Assert.Equal("undetermined", c.Status));

    [Fact]
    public void Counts_are_of_indicators_and_of_criteria()
    {
        var log = new Log()
            .Recorded(Q4, "2.1", ReportedValue.Of(100m), December).Recorded(Q4, "3.1", ReportedValue.Of(80m), December)
            .Recorded(Q4, "5", ReportedValue.Of(60m), December).Recorded(Q4, "8.4", ReportedValue.Of(true), December);
        var assessment = log.Assess(Given.Set, December, approvedOnly: false);
        Assert.Equal((2, 1, 3, 1), (assessment.Met, assessment.NotMet, assessment.NotReported, assessment.Undetermined));
        Assert.Equal((2, 6), (assessment.CriteriaMet, assessment.Criteria.Count));
    }

    [Fact]
    public void An_indicator_shows_rule_law_mark_and_the_event_behind_it()
    {
        var i = IndicatorOf(new Log().Recorded(Q4, "5", ReportedValue.Of(70m), September).Assess(Given.Set, December, approvedOnly: false), "5");
        Assert.Equal(("met", "≥ 70 % (Bắc Trung Bộ)", "seen", "seen"), (i.Status, i.Rule, i.Mark, i.TextMark));
        Assert.Equal("QĐ 318/QĐ-TTg (2022-03-08); QĐ 211/QĐ-TTg (2024-03-01)", i.LegalBasis);
        Assert.Equal((Log.IdAt(2), September, Q4), (i.EventId, i.ValidOn, i.Period));
    }

    [Fact]
    public void A_corrected_value_counts_as_a_recorded_one()
    {
        var log = new Log().Recorded(Q4, "3.1", ReportedValue.Of(75m), December).Corrected(Q4, "3.1", ReportedValue.Of(85m), December).Approved(Q4);
        var corrected = IndicatorOf(log.Assess(Given.Set, December, approvedOnly: true), "3.1");
        Assert.Equal(("met", ReportedValue.Of(85m), Log.IdAt(3)), (corrected.Status, corrected.Value, corrected.EventId));
    }

    [Fact]
    public void The_latest_recorded_value_counts_over_all_periods()
    {
        var log = new Log().Recorded(Q4, "3.1", ReportedValue.Of(85m), December).Recorded(Q3, "3.1", ReportedValue.Of(75m), September);
        var i = IndicatorOf(log.Assess(Given.Set, December, approvedOnly: false), "3.1");
        Assert.Equal((ReportedValue.Of(75m), Q3, "notMet"), (i.Value, i.Period, i.Status));
    }

    [Fact]
    public void A_value_counts_from_its_own_day_on()
    {
        var log = new Log().Recorded(Q3, "3.1", ReportedValue.Of(75m), September).Recorded(Q4, "3.1", ReportedValue.Of(85m), December);
        Assert.Equal("notReported", StatusOn(September.AddDays(-1)));
        Assert.Equal("notMet", StatusOn(September));
        Assert.Equal("notMet", StatusOn(December.AddDays(-1)));
        Assert.Equal("met", StatusOn(December));

        string StatusOn(DateOnly day) => IndicatorOf(log.Assess(Given.Set, day, approvedOnly: false), "3.1").Status;
    }

    [Fact]
    public void Only_approved_values_count_where_approval_is_asked_for()
    {
        var log = new Log().Recorded(Q3, "3.1", ReportedValue.Of(85m), September).Submitted(Q3).Approved(Q3).Recorded(Q4, "3.1", ReportedValue.Of(75m), December);
        var approved = IndicatorOf(log.Assess(Given.Set, December, approvedOnly: true), "3.1");
        Assert.Equal(("met", true, Q3), (approved.Status, approved.Approved, approved.Period));
        var latest = IndicatorOf(log.Assess(Given.Set, December, approvedOnly: false), "3.1");
        Assert.Equal(("notMet", false, Q4), (latest.Status, latest.Approved, latest.Period));
    }

    [Fact]
    public void An_approval_covers_what_stands_in_its_own_report()
    {
        var log = new Log()
            .Recorded(Q3, "3.1", ReportedValue.Of(85m), September).Recorded(Q4, "8.4", ReportedValue.Of(true), December)
            .Recorded(Q4, "3.1", ReportedValue.Of(70m), September).Recorded(Q4, "3.1", ReportedValue.Of(75m), December).Approved(Q4);
        Assert.Equal("notReported", IndicatorOf(log.Assess(Given.Set, December.AddDays(-1), approvedOnly: true), "3.1").Status);
        Assert.Equal(ReportedValue.Of(75m), IndicatorOf(log.Assess(Given.Set, December, approvedOnly: true), "3.1").Value);
        Assert.True(IndicatorOf(log.Assess(Given.Set, December, approvedOnly: false), "8.4").Approved);
    }

    [Fact]
    public void A_correction_after_the_approval_does_not_change_what_was_approved()
    {
        var log = new Log().Recorded(Q4, "3.1", ReportedValue.Of(85m), December).Approved(Q4).Reopened(Q4).Recorded(Q4, "3.1", ReportedValue.Of(75m), December);
        Assert.Equal((ReportedValue.Of(85m), "met"), ValueAndStatus(approvedOnly: true));
        Assert.Equal((ReportedValue.Of(75m), "notMet"), ValueAndStatus(approvedOnly: false));

        log.Approved(Q4);
        Assert.Equal((ReportedValue.Of(75m), "notMet"), ValueAndStatus(approvedOnly: true));

        (ReportedValue?, string) ValueAndStatus(bool approvedOnly)
        {
            var i = IndicatorOf(log.Assess(Given.Set, December, approvedOnly), "3.1");
            return (i.Value, i.Status);
        }
    }

    [Fact]
    public void Where_the_set_leaves_it_open_the_judgement_decides()
    {
        var log = new Log().Recorded(Q4, "10", ReportedValue.Of(52.3m), December);
        Assert.Equal(("undetermined", null, "unknown"), Judged(log, "10"));
        Assert.Equal(("met", "Biên bản 12/BB", "judged"), Judged(log.Judged(Q4, "10", met: true), "10"));
        Assert.Equal(("notMet", "Biên bản 12/BB", "judged"), Judged(log.Judged(Q4, "10", met: false), "10"));
    }

    [Fact]
    public void A_judgement_goes_with_the_figure_it_was_made_of()
    {
        var log = new Log().Recorded(Q3, "10", ReportedValue.Of(48m), September).Judged(Q3, "10", met: true).Recorded(Q4, "10", ReportedValue.Of(52m), December);
        Assert.Equal("undetermined", IndicatorOf(log.Assess(Given.Set, December, approvedOnly: false), "10").Status);
        Assert.Equal("met", IndicatorOf(log.Assess(Given.Set, September, approvedOnly: false), "10").Status);
    }

    [Fact]
    public void Where_the_set_decides_a_judgement_changes_nothing() =>
        Assert.Equal(("notMet", "≥ 80 %", "seen"), Judged(new Log().Recorded(Q4, "3.1", ReportedValue.Of(75m), December).Judged(Q4, "3.1", met: true), "3.1"));

    private static (string, string?, string) Judged(Log log, string indicator)
    {
        var i = IndicatorOf(log.Assess(Given.Set, December, approvedOnly: false), indicator);
        return (i.Status, i.Rule, i.Mark);
    }

    private static string Criterion5(params (string Code, object Value)[] figures) => figures
        .Aggregate(new Log(), (log, f) => log.Recorded(Q4, f.Code, f.Value is decimal number ? ReportedValue.Of(number) : ReportedValue.Of((string)f.Value), December))
        .Assess(Given.Set, December, approvedOnly: false).Criteria.Single(c => c.No == 5).Status;

    private static Assessment.AssessedIndicator IndicatorOf(Assessment assessment, string code) => assessment.Criteria.SelectMany(c => c.Indicators).Single(i => i.Code == code);
}

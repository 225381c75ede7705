using Ntm.Contracts;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests;

public sealed class RecordIndicatorTests
{
    private static readonly DateOnly Mid = new(2024, 12, 15);

    [Fact]
    public void The_first_figure_opens_the_report_of_the_unit_of_that_day()
    {
        var scene = Scene.ThreeTiers;
        var decision = Scene.Record("3.1", ReportedValue.Of(85.25m), Mid)(scene.As(Given.CommuneOfficer));
        Assert.Equal(
            new ReportOpened("2024-Q4", Given.Unit(Given.Commune, Given.EndOf2024).Id, "xa-ntm-2021-2025", Given.EndOf2024, "an", scene.Now, 1), decision.Events[0]);
        var recorded = Assert.IsType<IndicatorRecorded>(decision.Events[1]);
        Assert.Equal(("3.1", 85.25m, Mid, "an", scene.Now), (recorded.Indicator, recorded.Value.Number, recorded.ValidOn, recorded.By, recorded.At));
        Assert.Equal(2, decision.Events.Count);
    }

    [Fact]
    public void A_correction_is_one_more_event()
    {
        var scene = Scene.ThreeTiers.Recorded("3.1");
        Assert.IsType<IndicatorRecorded>(Assert.Single(Scene.Record("3.1", ReportedValue.Of(70m))(scene.As(Given.CommuneOfficer)).Events));
        var corrected = scene.When(Given.CommuneOfficer, Scene.Record("3.1", ReportedValue.Of(70m))).Report!;
        Assert.Equal(ReportedValue.Of(70m), corrected.Figures["3.1"].Value);
        Assert.Equal(3, corrected.Version);
    }

    [Theory]
    [InlineData("commune-officer@18070#x")]
    [InlineData("district-officer@436#x")]
    [InlineData("province-officer@42#x")]
    [InlineData("auditor@0#x")]
    public void Only_the_units_own_officer_enters_figures(string client) => Scene.ThreeTiers.Refuses(client, Scene.Record("3.1"), 403, "forbidden");

    [Fact]
    public void A_code_names_two_communes_in_2024_and_2025()
    {
        Assert.Equal("Phường Nam Hà", Scene.ThreeTiers.Chain.Unit.Name);
        Assert.Equal("Phường Thành Sen", Scene.TwoTiers.Chain.Unit.Name);
        Assert.NotEqual(Scene.ThreeTiers.Recorded("3.1").Report!.UnitId, Scene.TwoTiers.Recorded("3.1").Report!.UnitId);
        Scene.TwoTiers.Refuses("commune-officer@18073~2024-12-31#an", Scene.Record("3.1"), 403, "forbidden");
    }

    [Fact]
    public void A_successors_officer_corrects_the_predecessors_report()
    {
        var late = Scene.ThreeTiers with { Now = Given.Morning(2026, 3, 2) };
        var report = late.When("commune-officer@18073#an", Scene.Record("3.1", validOn: Mid)).Report!;
        Assert.Equal(Given.Unit(Given.Commune, Given.EndOf2024).Id, report.UnitId);
        late.Refuses("commune-officer@18652#x", Scene.Record("3.1", validOn: Mid), 403, "forbidden");
    }

    [Fact]
    public void An_indicator_of_another_set_is_not_found() => Scene.ThreeTiers.Refuses(Given.CommuneOfficer, Scene.Record("9.9"), 404, "not-found");

    [Fact]
    public void A_stranger_learns_nothing_of_the_set() => Scene.ThreeTiers.Refuses("commune-officer@18070#x", Scene.Record("9.9"), 403, "forbidden");

    [Fact]
    public void A_figure_is_not_valid_after_the_periods_day()
    {
        var afterwards = Scene.ThreeTiers with { Now = Given.Morning(2025, 2, 3) };
        afterwards.Faults(Given.CommuneOfficer, Scene.Record("3.1", validOn: Given.EndOf2024.AddDays(1)), "validOn");
        Assert.NotNull(afterwards.When(Given.CommuneOfficer, Scene.Record("3.1", validOn: Given.EndOf2024)).Report);
    }

    [Fact]
    public void A_figure_is_not_valid_after_today_as_vietnam_counts_it()
    {
        var lateEvening = Scene.ThreeTiers with { Now = new(2024, 12, 20, 17, 30, 0, TimeSpan.Zero) };
        Assert.NotNull(lateEvening.When(Given.CommuneOfficer, Scene.Record("3.1", validOn: new(2024, 12, 21))).Report);
        lateEvening.Faults(Given.CommuneOfficer, Scene.Record("3.1", validOn: new(2024, 12, 22)), "validOn");
    }

    [Fact]
    public void Value_and_day_are_required() =>
        Scene.ThreeTiers.Faults(Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(null, null, null, null)), "value", "validOn");

    [Fact]
    public void A_closed_period_takes_no_figures()
    {
        var closed = Period.Fold(Given.Quarter2024, Given.Quarter2024.Id, new PeriodClosed("phuong", Given.Imported))!;
        (Scene.ThreeTiers with { Period = closed }).Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "period-closed");
        (Scene.ThreeTiers.Recorded("3.1") with { Period = closed }).Refuses(Given.CommuneOfficer, Scene.Record("8.4"), 409, "period-closed");
    }

    [Fact]
    public void A_submitted_report_is_locked() => Scene.ThreeTiers.Submitted().Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");

    [Fact]
    public void A_submitted_report_is_locked_also_where_a_figure_is_missing() =>
        Scene.ThreeTiers.Recorded("3.1").Handed().Refuses(Given.CommuneOfficer, Scene.Record("8.4"), 409, "report-locked");

    [Fact]
    public void A_verified_report_is_locked() => Scene.ThreeTiers.Verified().Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");

    [Fact]
    public void An_approved_report_is_locked_until_it_is_reopened()
    {
        Scene.ThreeTiers.Approved().Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");
        Scene.TwoTiers.Approved().Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");
        Assert.Equal(FigureStatus.Recorded, Scene.ThreeTiers.Reopened().Recorded("3.1").Report!.Figures["3.1"].Status);
    }

    [Fact]
    public void What_the_province_returns_is_unlocked_and_what_was_verified_stays_locked()
    {
        var returned = Scene.ThreeTiers.Verified().Returned(Given.ProvinceOfficer, "8.4");
        returned.Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");
        var corrected = returned.Recorded("8.4");
        Assert.Equal(FigureStatus.Recorded, corrected.Report!.Figures["8.4"].Status);
        Assert.Null(corrected.Report.Figures["8.4"].Reason);
    }

    [Fact]
    public void A_returned_figure_may_be_corrected_twice() => Assert.NotNull(Scene.ThreeTiers.Verified().Returned(Given.ProvinceOfficer, "8.4").Recorded("8.4", "8.4").Report);

    [Fact]
    public void A_returned_report_takes_what_was_missing() =>
        Assert.Equal(2, Scene.ThreeTiers.Recorded("3.1").Handed().Returned(Given.DistrictOfficer, "3.1").Recorded("8.4").Report!.Figures.Count);

    [Fact]
    public void Note_and_evidence_are_kept()
    {
        var hash = new string('A', 64);
        var recorded = (IndicatorRecorded)RecordIndicator
            .Decide(Scene.ThreeTiers.As(Given.CommuneOfficer), "3.1", new(ReportedValue.Of(1m), Mid, "Ghi chú", [new(hash, 12, "image/jpeg")])).Events[1];
        Assert.Equal("Ghi chú", recorded.Note);
        Assert.Equal(new EvidenceRef(new string('a', 64), 12, "image/jpeg"), Assert.Single(recorded.Evidence));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Evidence_is_named_by_its_hash(string? hash) => Scene.ThreeTiers.Faults(
        Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(1m), Mid, null, [new(hash, null, null)])), "evidence");
}

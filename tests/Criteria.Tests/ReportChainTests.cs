using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests;

public sealed class ReportChainTests
{
    [Fact]
    public void Until_June_2025_commune_district_and_province_are_asked()
    {
        var chain = Scene.ThreeTiers.Chain;
        Assert.Equal(Given.Unit("436", Given.EndOf2024).Id, chain.District);
        Assert.Equal(Given.Unit("42", Given.EndOf2024).Id, chain.Province);
    }

    [Fact]
    public void A_commune_that_moved_is_checked_by_the_district_of_the_periods_day()
    {
        var before = ReportChain.Of(Given.Tree, Given.Quarter2024, "18568")!;
        var after = ReportChain.Of(Given.Tree, Given.Quarter2024 with { FiguresAsOf = new(2025, 3, 31) }, "18568")!;
        Assert.Equal(before.Unit.Id, after.Unit.Id);
        Assert.Equal("Huyện Lộc Hà", Given.Tree.Ref(before.District!.Value, Given.EndOf2024)!.Name);
        Assert.Equal("Huyện Thạch Hà", Given.Tree.Ref(after.District!.Value, new(2025, 3, 31))!.Name);
    }

    [Theory]
    [InlineData("99999")]
    [InlineData("436")]
    [InlineData("42")]
    [InlineData("18106")]
    public void A_code_that_no_commune_carries_on_the_day_has_no_report(string code) => Assert.Null(ReportChain.Of(Given.Tree, Given.Quarter2024, code));

    [Fact]
    public void A_period_under_a_district_asks_its_communes_alone()
    {
        var period = Given.Quarter2024 with { UnderId = Given.Unit("436", Given.EndOf2024).Id };
        Assert.NotNull(ReportChain.Of(Given.Tree, period, Given.Commune));
        Assert.Null(ReportChain.Of(Given.Tree, period, "18568"));
    }

    [Fact]
    public void A_period_of_one_commune_asks_that_commune()
    {
        var period = Given.Quarter2024 with { UnderId = Given.Unit(Given.Commune, Given.EndOf2024).Id };
        Assert.NotNull(ReportChain.Of(Given.Tree, period, Given.Commune));
        Assert.Null(ReportChain.Of(Given.Tree, period, "18070"));
    }

    [Theory]
    [InlineData("commune", "18073", "commune-officer")]
    [InlineData("district", "436", "district-officer")]
    [InlineData("province", "42", "province-officer")]
    public void Figures_come_from_the_officers_of_the_level(string level, string code, string role) =>
        Assert.Equal(role, ReportChain.Of(Given.Tree, Given.Quarter2024 with { Level = level }, code)!.EntryRole(Given.Tree));

    [Fact]
    public void Before_the_first_figure_a_report_is_open_and_everything_is_missing()
    {
        var view = View(Scene.ThreeTiers);
        Assert.Equal(("open", 0L, null), (view.Status, view.Version, view.ApprovedVersion));
        Assert.Equal(["2.1", "3.1", "5", "5.3", "8.4", "9.1", "10"], view.Indicators.Select(i => i.Code));
        Assert.All(view.Indicators, i => Assert.Equal(("missing", null, null), (i.Status, i.Value, i.RecordedBy)));
    }

    [Fact]
    public void A_report_shows_where_it_stands_and_what_is_next()
    {
        (Scene Scene, string Status, string[] Steps, string Role)[] stations =
        [
            (Scene.ThreeTiers.Recorded("3.1"), "open", ["submit"], "commune-officer"),
            (Scene.ThreeTiers.Submitted(), "submitted", ["verify", "return"], "district-officer"),
            (Scene.ThreeTiers.Verified(), "verified", ["approve", "return"], "province-officer"),
            (Scene.ThreeTiers.Verified().Returned(Given.ProvinceOfficer, "8.4"), "returned", ["submit"], "commune-officer"),
            (Scene.ThreeTiers.Approved(), "approved", ["reopen"], "province-officer"),
            (Scene.TwoTiers.Submitted(), "submitted", ["approve", "return"], "province-officer"),
        ];
        Assert.All(stations, station =>
        {
            var view = View(station.Scene);
            Assert.Equal(station.Status, view.Status);
            Assert.Equal(station.Steps, view.NextSteps.Select(s => s.Step));
            Assert.All(view.NextSteps, s => Assert.Equal([station.Role], s.Roles));
            Assert.All(view.NextSteps, s => Assert.Equal($"/api/criteria/reports/{station.Scene.Period.Code}/18073/{s.Step}", s.Href));
        });
    }

    [Fact]
    public void Steps_carry_the_periods_due_days()
    {
        Assert.Equal(Given.Quarter2024.DueUnits, View(Scene.ThreeTiers).NextSteps[0].Due);
        Assert.All(View(Scene.ThreeTiers.Submitted()).NextSteps, s => Assert.Equal(Given.Quarter2024.DueDepartment, s.Due));
        Assert.Null(View(Scene.ThreeTiers.Approved()).NextSteps[0].Due);
    }

    [Fact]
    public void A_figure_shows_who_recorded_it_when_and_what_was_judged()
    {
        var scene = Scene.ThreeTiers.Submitted().When(Given.DistrictOfficer, Scene.Judge("10"));
        var indicator = View(scene).Indicators.Single(i => i.Code == "10");
        Assert.Equal(("recorded", "an", scene.Now, scene.Today), (indicator.Status, indicator.RecordedBy, indicator.RecordedAt, indicator.ValidOn));
        Assert.Equal("Biên bản 12/BB", indicator.Judgement?.Basis);
    }

    private static ReportView View(Scene s) => ReportView.Of(s.Report, s.Period, Given.Recorded(s.Set).Latest, s.Chain, Given.Tree, demonstration: false);
}

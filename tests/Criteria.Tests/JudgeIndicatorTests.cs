using System.Text;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests;

public sealed class JudgeIndicatorTests
{
    [Theory]
    [InlineData("2.1")]
    [InlineData("5.3")]
    [InlineData("10")]
    public void What_the_set_leaves_open_is_judged(string indicator)
    {
        var scene = Scene.ThreeTiers.Submitted();
        var judged = Assert.IsType<IndicatorJudged>(Assert.Single(Scene.Judge(indicator)(scene.As(Given.DistrictOfficer)).Events));
        Assert.Equal(new IndicatorJudged(indicator, true, "Biên bản 12/BB", "dung", scene.Now), judged);
    }

    [Theory]
    [InlineData("3.1")]
    [InlineData("5")]
    [InlineData("8.4")]
    [InlineData("9.1")]
    public void Where_the_set_decides_nobody_judges(string indicator) =>
        Scene.ThreeTiers.Submitted().Refuses(Given.ProvinceOfficer, Scene.Judge(indicator), 409, "set-decides");

    [Fact]
    public void Both_levels_above_may_judge_and_the_later_word_stands()
    {
        var judged = Scene.ThreeTiers.Submitted().When(Given.DistrictOfficer, Scene.Judge("10")).When(Given.ProvinceOfficer, Scene.Judge("10", met: false));
        var judgement = judged.Report!.Figures["10"].Judgement;
        Assert.Equal((false, "phuong"), (judgement?.Met, judgement?.By));
    }

    [Theory]
    [InlineData("commune-officer@18073#x")]
    [InlineData("district-officer@437#x")]
    [InlineData("department-officer@42:SNN#x")]
    [InlineData("auditor@0#x")]
    public void Nobody_judges_but_those_above(string client) => Scene.ThreeTiers.Submitted().Refuses(client, Scene.Judge("10"), 403, "forbidden");

    [Fact]
    public void After_June_2025_the_province_alone_judges()
    {
        Scene.TwoTiers.Submitted().Refuses(Given.DistrictOfficer, Scene.Judge("10"), 403, "forbidden");
        Assert.NotNull(Scene.TwoTiers.Submitted().When(Given.ProvinceOfficer, Scene.Judge("10")).Report!.Figures["10"].Judgement);
    }

    [Fact]
    public void Nobody_judges_the_figure_he_entered()
    {
        Scene.ThreeTiers.Submitted().Refuses("district-officer@436#an", Scene.Judge("10"), 403, "own-figures");
        Scene.TwoTiers.Submitted().Refuses("province-officer@42#an", Scene.Judge("10"), 403, "own-figures");
    }

    [Fact]
    public void An_unknown_indicator_is_not_found() => Scene.ThreeTiers.Submitted().Refuses(Given.ProvinceOfficer, Scene.Judge("9.9"), 404, "not-found");

    [Fact]
    public void A_missing_figure_is_not_judged()
    {
        Scene.ThreeTiers.Refuses(Given.ProvinceOfficer, Scene.Judge("10"), 409, "no-figure");
        Scene.ThreeTiers.Recorded("3.1").Handed().Refuses(Given.DistrictOfficer, Scene.Judge("10"), 409, "no-figure");
    }

    [Fact]
    public void An_approved_report_is_judged_no_more() => Scene.ThreeTiers.Approved().Refuses(Given.ProvinceOfficer, Scene.Judge("10"), 409, "out-of-turn");

    [Fact]
    public void A_judgement_says_met_or_not_and_on_what_basis()
    {
        Scene.ThreeTiers.Submitted().Faults(Given.DistrictOfficer, c => CheckReport.DecideJudge(c, "10", new(null, null)), "met", "basis");
        Scene.ThreeTiers.Submitted().Faults(Given.DistrictOfficer, c => CheckReport.DecideJudge(c, "10", new(true, " ")), "basis");
        Scene.ThreeTiers.Submitted().Faults(Given.DistrictOfficer, c => CheckReport.DecideJudge(c, "10", new(true, new string('x', 4001))), "basis");
    }

    [Fact]
    public void A_basis_is_kept_composed()
    {
        var body = new CheckReport.JudgeBody(false, "Quyết định của tỉnh".Normalize(NormalizationForm.FormD));
        var judged = (IndicatorJudged)CheckReport.DecideJudge(Scene.ThreeTiers.Submitted().As(Given.DistrictOfficer), "10", body).Events[0];
        Assert.Equal((false, "Quyết định của tỉnh"), (judged.Met, judged.Basis));
    }

    [Fact]
    public void A_new_figure_needs_a_new_judgement()
    {
        var judged = Scene.ThreeTiers.Complete().When(Given.DistrictOfficer, Scene.Judge("10"));
        Assert.NotNull(judged.Report!.Figures["10"].Judgement);
        Assert.Null(judged.Recorded("10").Report!.Figures["10"].Judgement);
    }

    [Fact]
    public void Who_judged_may_approve() =>
        Assert.Equal(ReportStatus.Approved, Scene.TwoTiers.Submitted().When(Given.ProvinceOfficer, Scene.Judge("10")).When(Given.ProvinceOfficer, CheckReport.DecideApprove).Report!.Status);
}

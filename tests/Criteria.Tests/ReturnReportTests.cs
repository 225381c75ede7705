using System.Text;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests;

public sealed class ReturnReportTests
{
    [Fact]
    public void A_return_names_each_indicator_with_its_reason()
    {
        var scene = Scene.ThreeTiers.Submitted();
        var body = new CheckReport.ReturnBody([new("8.4", "Chưa có ảnh".Normalize(NormalizationForm.FormD)), new("3.1", "Sai kỳ")]);
        var returned = Assert.IsType<ReportReturned>(Assert.Single(CheckReport.DecideReturn(scene.As(Given.DistrictOfficer), body).Events));
        Assert.Equal([new("8.4", "Chưa có ảnh"), new("3.1", "Sai kỳ")], returned.Items);
        Assert.Equal("dung", returned.By);
    }

    [Fact]
    public void What_was_returned_shows_why()
    {
        var report = Scene.ThreeTiers.Submitted().Returned(Given.DistrictOfficer, "8.4").Report!;
        Assert.Equal(ReportStatus.Returned, report.Status);
        Assert.Equal((FigureStatus.Returned, "Chưa có minh chứng"), (report.Figures["8.4"].Status, report.Figures["8.4"].Reason));
        Assert.Equal((FigureStatus.Recorded, null), (report.Figures["3.1"].Status, report.Figures["3.1"].Reason));
    }

    [Fact]
    public void An_indicator_named_twice_is_refused()
    {
        var decision = Scene.Return("8.4", "8.4")(Scene.ThreeTiers.Submitted().As(Given.DistrictOfficer));
        Assert.Equal(["items[1].indicator"], decision.Refusal!.Errors!.Keys);
    }

    [Fact]
    public void More_than_the_set_has_is_one_fault()
    {
        var refusal = CheckReport.DecideReturn(Scene.ThreeTiers.Submitted().As(Given.DistrictOfficer), new([.. Enumerable.Repeat(new CheckReport.Item("8.4", "Sai"), 10_000)])).Refusal!;
        Assert.Single(refusal.Errors!["items"]);
        Assert.Equal(1 + Given.Set.Indicators.Count() - 1, refusal.Errors.Count);
    }

    [Fact]
    public void Nothing_named_is_no_return()
    {
        Scene.ThreeTiers.Submitted().Faults(Given.DistrictOfficer, Scene.Return(), "items");
        Scene.ThreeTiers.Submitted().Faults(Given.DistrictOfficer, c => CheckReport.DecideReturn(c, new(null)), "items");
    }

    [Fact]
    public void Each_item_needs_a_known_indicator_and_a_reason() => Scene.ThreeTiers.Submitted().Faults(
        Given.DistrictOfficer,
        c => CheckReport.DecideReturn(c, new([new("8.4", "Sai"), new("9.9", "Sai"), new("3.1", " "), new(null, null), new("5", new string('x', 4001))])),
        "items[1].indicator",
        "items[2].reason",
        "items[3].indicator",
        "items[3].reason",
        "items[4].reason");

    [Fact]
    public void A_missing_figure_cannot_be_returned() =>
        Scene.ThreeTiers.Recorded("3.1").Handed().Refuses(Given.DistrictOfficer, Scene.Return("3.1", "8.4"), 409, "nothing-to-return");

    [Fact]
    public void The_next_one_up_the_chain_returns_and_nobody_else_in_turn()
    {
        Scene.ThreeTiers.Submitted().Refuses(Given.ProvinceOfficer, Scene.Return("8.4"), 409, "out-of-turn");
        Scene.ThreeTiers.Verified().Refuses(Given.DistrictOfficer, Scene.Return("8.4"), 409, "out-of-turn");
        Assert.Equal(ReportStatus.Returned, Scene.ThreeTiers.Verified().Returned(Given.ProvinceOfficer, "8.4").Report!.Status);
        Assert.Equal(ReportStatus.Returned, Scene.TwoTiers.Submitted().Returned(Given.ProvinceOfficer, "8.4").Report!.Status);
    }

    [Fact]
    public void Nothing_is_returned_before_it_is_submitted_or_after_it_is_approved()
    {
        Scene.TwoTiers.Refuses(Given.ProvinceOfficer, Scene.Return("8.4"), 409, "out-of-turn");
        Scene.TwoTiers.Complete().Refuses(Given.ProvinceOfficer, Scene.Return("8.4"), 409, "out-of-turn");
        Scene.TwoTiers.Approved().Refuses(Given.ProvinceOfficer, Scene.Return("8.4"), 409, "out-of-turn");
    }

    [Theory]
    [InlineData("commune-officer@18073#an")]
    [InlineData("district-officer@437#x")]
    [InlineData("auditor@0#x")]
    public void Nobody_else_returns(string client) => Scene.ThreeTiers.Submitted().Refuses(client, Scene.Return("8.4"), 403, "forbidden");

    [Fact]
    public void A_verification_ends_what_a_return_began()
    {
        var again = Scene.ThreeTiers.Submitted().Returned(Given.DistrictOfficer, "8.4").Recorded("8.4").Handed().When(Given.DistrictOfficer, CheckReport.DecideVerify);
        Assert.All(again.Report!.Figures.Values, f => Assert.Equal((FigureStatus.Verified, null), (f.Status, f.Reason)));
    }
}

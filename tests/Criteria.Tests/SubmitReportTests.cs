using System.Text;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class SubmitReportTests
{
    [Fact]
    public void A_complete_report_is_submitted_without_a_reason()
    {
        var submitted = Submitted(Scene.ThreeTiers.Complete(), "Không cần");
        Assert.Empty(submitted.Missing);
        Assert.Null(submitted.IncompleteBecause);
        Assert.Equal("an", submitted.By);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void An_incomplete_report_needs_a_reason(string? reason)
    {
        var refusal = Scene.Submit(reason)(Scene.ThreeTiers.Recorded("3.1", "8.4").As(Given.CommuneOfficer)).Refusal;
        Assert.Equal((409, "incomplete"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(["2.1", "5", "5.3", "9.1", "10"], MissingOf(refusal));
    }

    [Fact]
    public void An_incomplete_report_goes_with_its_reason()
    {
        var submitted = Submitted(Scene.ThreeTiers.Recorded("2.1", "3.1", "5", "5.3", "8.4", "9.1"), "Chưa có số liệu thu nhập".Normalize(NormalizationForm.FormD));
        Assert.Equal(["10"], submitted.Missing);
        Assert.Equal("Chưa có số liệu thu nhập", submitted.IncompleteBecause);
    }

    [Fact]
    public void Nothing_at_all_is_not_submitted_whatever_the_reason()
    {
        Scene.ThreeTiers.Refuses(Given.CommuneOfficer, Scene.Submit("Chưa có"), 409, "nothing-to-submit");
        Assert.Equal(7, MissingOf(Scene.Submit()(Scene.ThreeTiers.As(Given.CommuneOfficer)).Refusal).Count);
    }

    [Fact]
    public void A_reason_has_at_most_4000_characters()
    {
        Scene.ThreeTiers.Recorded("3.1").Faults(Given.CommuneOfficer, Scene.Submit(new string('x', 4001)), "incompleteBecause");
        Assert.NotNull(Submitted(Scene.ThreeTiers.Recorded("3.1"), new string('x', 4000)).IncompleteBecause);
    }

    [Theory]
    [InlineData("commune-officer@18070#x")]
    [InlineData("district-officer@436#x")]
    [InlineData("province-officer@42#x")]
    public void Only_the_units_own_officer_submits(string client) => Scene.ThreeTiers.Complete().Refuses(client, Scene.Submit(), 403, "forbidden");

    [Fact]
    public void Another_officer_of_the_unit_may_submit_what_a_colleague_entered() =>
        Assert.Equal(ReportStatus.Submitted, Scene.ThreeTiers.Complete().When("commune-officer@18073#binh", Scene.Submit()).Report!.Status);

    [Fact]
    public void A_successors_officer_submits_for_the_predecessor()
    {
        var late = Scene.ThreeTiers.Complete() with { Now = Given.Morning(2026, 3, 2) };
        Assert.Equal(ReportStatus.Submitted, late.When("commune-officer@18073#binh", Scene.Submit()).Report!.Status);
    }

    [Fact]
    public void A_report_is_not_submitted_twice()
    {
        Scene.ThreeTiers.Submitted().Refuses(Given.CommuneOfficer, Scene.Submit(), 409, "out-of-turn");
        Scene.ThreeTiers.Verified().Refuses(Given.CommuneOfficer, Scene.Submit(), 409, "out-of-turn");
        Scene.ThreeTiers.Approved().Refuses(Given.CommuneOfficer, Scene.Submit(), 409, "out-of-turn");
    }

    [Fact]
    public void A_returned_report_is_submitted_again()
    {
        var again = Scene.TwoTiers.Submitted().Returned(Given.ProvinceOfficer, "8.4").Recorded("8.4").When(Given.CommuneOfficer, Scene.Submit());
        Assert.Equal(ReportStatus.Submitted, again.Report!.Status);
    }

    [Fact]
    public void A_reopened_report_is_submitted_again() => Assert.Equal(ReportStatus.Submitted, Scene.TwoTiers.Reopened().When(Given.CommuneOfficer, Scene.Submit()).Report!.Status);

    private static ReportSubmitted Submitted(Scene scene, string reason) =>
        Assert.IsType<ReportSubmitted>(Assert.Single(Scene.Submit(reason)(scene.As(Given.CommuneOfficer)).Events));

    private static IReadOnlyList<string> MissingOf(Refusal? refusal) => (IReadOnlyList<string>)refusal!.More!["missing"]!;
}

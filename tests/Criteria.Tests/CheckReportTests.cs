using Ntm.Contracts;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class CheckReportTests
{
    [Fact]
    public void The_district_verifies_what_was_submitted()
    {
        var scene = Scene.ThreeTiers.Submitted();
        Assert.Equal(new ReportVerified("dung", scene.Now), Assert.Single(CheckReport.DecideVerify(scene.As(Given.DistrictOfficer)).Events));
        Assert.All(scene.When(Given.DistrictOfficer, CheckReport.DecideVerify).Report!.Figures.Values, f => Assert.Equal(FigureStatus.Verified, f.Status));
    }

    [Fact]
    public void The_province_approves_what_was_verified_at_its_exact_version()
    {
        var scene = Scene.ThreeTiers.Verified();
        Assert.Equal(new ReportApproved(11, "phuong", scene.Now, 1), Assert.Single(CheckReport.DecideApprove(scene.As(Given.ProvinceOfficer)).Events));
        var report = Scene.ThreeTiers.Approved().Report!;
        Assert.Equal((ReportStatus.Approved, 11L, 11L), (report.Status, report.Version, report.ApprovedVersion));
        Assert.All(report.Figures.Values, f => Assert.Equal(FigureStatus.Approved, f.Status));
    }

    [Fact]
    public void After_June_2025_the_province_approves_what_was_submitted()
    {
        Assert.Null(Scene.TwoTiers.Chain.District);
        Assert.Equal(ReportStatus.Approved, Scene.TwoTiers.Submitted().When(Given.ProvinceOfficer, CheckReport.DecideApprove).Report!.Status);
    }

    [Fact]
    public void After_June_2025_nobody_verifies()
    {
        Scene.TwoTiers.Submitted().Refuses(Given.ProvinceOfficer, CheckReport.DecideVerify, 409, "no-level-between");
        Scene.TwoTiers.Submitted().Refuses(Given.DistrictOfficer, CheckReport.DecideVerify, 403, "forbidden");
    }

    [Fact]
    public void The_periods_day_decides_the_chain_not_today()
    {
        var late = Scene.ThreeTiers.Submitted() with { Now = Given.Morning(2026, 3, 2) };
        late.Refuses(Given.ProvinceOfficer, CheckReport.DecideApprove, 409, "out-of-turn");
        Assert.Equal(ReportStatus.Verified, late.When(Given.DistrictOfficer, CheckReport.DecideVerify).Report!.Status);
    }

    [Theory]
    [InlineData("commune-officer@18073#x")]
    [InlineData("district-officer@437#x")]
    [InlineData("department-officer@42:SNN#x")]
    [InlineData("province-officer@42#x")]
    [InlineData("auditor@0#x")]
    public void Nobody_but_the_units_district_verifies(string client) => Scene.ThreeTiers.Submitted().Refuses(client, CheckReport.DecideVerify, 403, "forbidden");

    [Theory]
    [InlineData("commune-officer@18073#x")]
    [InlineData("district-officer@436#x")]
    [InlineData("province-chair@42#x")]
    [InlineData("auditor@0#x")]
    public void Nobody_but_the_province_approves(string client) => Scene.ThreeTiers.Verified().Refuses(client, CheckReport.DecideApprove, 403, "forbidden");

    [Fact]
    public void A_step_out_of_turn_names_the_steps_that_are_next()
    {
        var refusal = CheckReport.DecideApprove(Scene.ThreeTiers.Submitted().As(Given.ProvinceOfficer)).Refusal;
        Assert.Equal((409, "out-of-turn"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(["verify", "return"], ((IReadOnlyList<NextStep>)refusal!.More!["nextSteps"]!).Select(s => s.Step));
    }

    [Fact]
    public void Nothing_is_verified_or_approved_before_it_is_submitted()
    {
        foreach (var scene in (Scene[])[Scene.ThreeTiers, Scene.ThreeTiers.Complete(), Scene.ThreeTiers.Reopened(), Scene.ThreeTiers.Submitted().Returned(Given.DistrictOfficer, "8.4")])
        {
            scene.Refuses(Given.DistrictOfficer, CheckReport.DecideVerify, 409, "out-of-turn");
            scene.Refuses(Given.ProvinceOfficer, CheckReport.DecideApprove, 409, "out-of-turn");
        }
    }

    [Fact]
    public void Nothing_is_verified_or_approved_twice()
    {
        Scene.ThreeTiers.Verified().Refuses(Given.DistrictOfficer, CheckReport.DecideVerify, 409, "out-of-turn");
        Scene.ThreeTiers.Approved().Refuses(Given.DistrictOfficer, CheckReport.DecideVerify, 409, "out-of-turn");
        Scene.ThreeTiers.Approved().Refuses(Given.ProvinceOfficer, CheckReport.DecideApprove, 409, "out-of-turn");
    }

    [Fact]
    public void Nobody_verifies_what_he_entered_in_another_role()
    {
        Scene.ThreeTiers.Submitted().Refuses("district-officer@436#an", CheckReport.DecideVerify, 403, "own-figures");
        Scene.ThreeTiers.Submitted().Refuses("commune-officer@18073+district-officer@436#an", CheckReport.DecideVerify, 403, "own-figures");
    }

    [Fact]
    public void Nobody_approves_what_he_entered_in_another_role()
    {
        Scene.ThreeTiers.Verified().Refuses("province-officer@42#an", CheckReport.DecideApprove, 403, "own-figures");
        Scene.TwoTiers.Submitted().Refuses("province-officer@42#an", CheckReport.DecideApprove, 403, "own-figures");
    }

    [Fact]
    public void One_own_figure_among_many_is_enough()
    {
        var scene = Scene.TwoTiers.Complete().When("commune-officer@18073#phuong", Scene.Record("8.4")).Handed();
        scene.Refuses(Given.ProvinceOfficer, CheckReport.DecideApprove, 403, "own-figures");
        Assert.Equal(ReportStatus.Approved, scene.When("province-officer@42#quang", CheckReport.DecideApprove).Report!.Status);
    }

    [Fact]
    public void The_person_counts_not_the_client()
    {
        var scene = Scene.TwoTiers.When("commune-officer@18073~2025-12-31#an", Scene.Record("8.4")).Handed();
        scene.Refuses("province-officer@42~2025-12-31#an", CheckReport.DecideApprove, 403, "own-figures");
    }

    [Fact]
    public void Who_verified_may_approve_in_another_role() =>
        Assert.Equal(ReportStatus.Approved, Scene.ThreeTiers.Verified().When("province-officer@42#dung", CheckReport.DecideApprove).Report!.Status);

    [Fact]
    public void Only_an_approved_report_is_reopened()
    {
        foreach (var scene in (Scene[])[Scene.ThreeTiers, Scene.ThreeTiers.Complete(), Scene.ThreeTiers.Submitted(), Scene.ThreeTiers.Verified(), Scene.ThreeTiers.Reopened()])
            scene.Refuses(Given.ProvinceOfficer, Scene.Reopen, 409, "out-of-turn");
        Assert.Equal(ReportStatus.Open, Scene.ThreeTiers.Approved().When(Given.ProvinceOfficer, Scene.Reopen).Report!.Status);
    }

    [Theory]
    [InlineData("commune-officer@18073#an")]
    [InlineData("district-officer@436#dung")]
    [InlineData("auditor@0#x")]
    public void Only_the_province_reopens(string client) => Scene.ThreeTiers.Approved().Refuses(client, Scene.Reopen, 403, "forbidden");

    [Fact]
    public void A_reopening_says_why_in_at_most_4000_characters()
    {
        foreach (var reason in (string?[])[null, " ", new string('x', 4001)])
            Scene.ThreeTiers.Approved().Faults(Given.ProvinceOfficer, c => CheckReport.DecideReopen(c, new(reason)), "reason");
        var scene = Scene.ThreeTiers.Approved();
        Assert.Equal(new ReportReopened("Đính chính", "phuong", scene.Now, 1), Assert.Single(CheckReport.DecideReopen(scene.As(Given.ProvinceOfficer), new("Đính chính")).Events));
    }

    [Fact]
    public void An_approval_is_stale_as_soon_as_the_report_moves_on()
    {
        Assert.False(Scene.ThreeTiers.Verified().Report!.ApprovalStale);
        Assert.False(Scene.ThreeTiers.Approved().Report!.ApprovalStale);
        Assert.True(Scene.ThreeTiers.Reopened().Report!.ApprovalStale);
        var again = Scene.TwoTiers.Reopened().Recorded("3.1").Handed().When(Given.ProvinceOfficer, CheckReport.DecideApprove);
        Assert.False(again.Report!.ApprovalStale);
    }

    [Fact]
    public void What_was_approved_keeps_its_version_until_the_next_approval()
    {
        var corrected = Scene.ThreeTiers.Reopened().Recorded("3.1");
        Assert.Equal(11, corrected.Report!.ApprovedVersion);
        var again = corrected.Handed().When(Given.DistrictOfficer, CheckReport.DecideVerify).When(Given.ProvinceOfficer, CheckReport.DecideApprove);
        Assert.Equal(16, again.Report!.ApprovedVersion);
    }

    [Fact]
    public void A_report_of_the_district_goes_straight_to_the_province()
    {
        var period = Given.Quarter2024 with { Level = "district" };
        var scene = new Scene(period, "436", Given.Morning(2024, 12, 20)).When(Given.DistrictOfficer, Scene.Record("8.4")).When(Given.DistrictOfficer, Scene.Submit("Thiếu"));
        scene.Refuses(Given.ProvinceOfficer, CheckReport.DecideVerify, 409, "no-level-between");
        Assert.Equal(ReportStatus.Approved, scene.When(Given.ProvinceOfficer, CheckReport.DecideApprove).Report!.Status);
    }

    [Fact]
    public void All_who_had_a_hand_in_the_report_are_known() =>
        Assert.Equal(["an", "dung", "phuong"], Scene.ThreeTiers.Approved().Report!.Persons);
}

using System.Text.Json;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Catalogue;

/// <summary>Where sets are used: periods, reports, assessments, announcements.</summary>
public sealed class GoverningVersionTests
{
    private static readonly LegalAct Act = new("211/QĐ-TTg", new(2024, 3, 1), null, null);
    private static readonly SetRecord Amended = Given.Recorded(
        Given.Set, new Criteria.Catalogue.SetAmended(2, Given.Set with { InForceFrom = new(2024, 3, 1) }, Act, "bo", Given.Imported));

    private static readonly OpenPeriod.Body Whole = new("2024-Q4", "quarter", Given.Set.Id, Given.EndOf2024, null, null, null, "42", "commune");

    [Fact]
    public void A_period_is_opened_on_a_set_of_the_nation_or_of_its_own_province()
    {
        Assert.Null(Open(Amended).Refusal);
        Assert.Equal(["set"], Open(Amended, foreign: true).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void After_its_last_day_a_retired_set_takes_no_period()
    {
        var retired = SetRecord.Fold(Amended, Amended.Id, new Criteria.Catalogue.SetRetired(Act, new(2024, 12, 30), null, "bo", Given.Imported))!;
        Assert.Equal(["set"], Open(retired).Refusal?.Errors?.Keys);
        Assert.Null(Open(SetRecord.Fold(Amended, Amended.Id, new Criteria.Catalogue.SetRetired(Act, Given.EndOf2024, null, "bo", Given.Imported))!).Refusal);
    }

    [Fact]
    public void An_opened_period_says_whether_its_set_is_in_force()
    {
        var json = JsonSerializer.SerializeToElement<object>(new OpenedPeriod(Given.Quarter2024, 2, null), NtmJson.Http);
        Assert.Equal((2, JsonValueKind.Null, "2024-Q4"), (json.GetProperty("setVersion").GetInt32(), json.GetProperty("setInForce").ValueKind, json.GetProperty("code").GetString()));
    }

    [Fact]
    public void A_report_shows_the_version_and_every_mark()
    {
        var scene = Scene.ThreeTiers.Recorded("3.1");
        var view = ReportView.Of(scene.Report, scene.Period, Amended.On(Given.EndOf2024), scene.Chain, Given.Tree, demonstration: false);
        Assert.Equal(2, view.SetVersion);
        Assert.Equal(Given.Set.InOrder().Select(x => (x.Indicator.ThresholdSource, x.Indicator.Source)), view.Indicators.Select(i => (i.Mark, i.TextMark)));
    }

    [Fact]
    public void A_report_keeps_the_version_that_it_was_opened_and_signed_under_until_it_is_opened_again()
    {
        var approved = Scene.ThreeTiers.Approved();
        Assert.Equal(1, approved.Report!.VersionOf(Amended).Number);
        Assert.Equal(2, Amended.On(Given.EndOf2024).Number);
        var reopened = Assert.IsType<Criteria.Reports.ReportReopened>(Assert.Single(
            CheckReport.DecideReopen(approved.As(Given.ProvinceOfficer) with { SetVersion = 1, Governing = 2 }, new("Đính chính")).Events));
        var again = Report.Fold(approved.Report, approved.Report.Id, reopened)!;
        Assert.Equal(2, again.VersionOf(Amended).Number);
        Assert.Equal(2, Report.Fold(again, again.Id, new Criteria.Reports.ReportApproved(again.Version + 1, "phuong", Given.Imported, 2))!.VersionOf(Amended).Number);
    }

    [Fact]
    public void What_was_recorded_before_versions_were_pinned_goes_by_what_was_published_at_that_instant()
    {
        var later = Given.Imported.AddDays(30);
        var record = Given.Recorded(Given.Set, new Criteria.Catalogue.SetAmended(2, Given.Set with { InForceFrom = new(2024, 3, 1) }, Act, "bo", later));
        var opened = Report.Fold(null, "report/x", new ReportOpened("2024-Q4", Guid.Empty, Given.Set.Id, Given.EndOf2024, "an", later.AddDays(-1)))!;
        Assert.Equal(1, opened.VersionOf(record).Number);
        Assert.Equal(1, Report.Fold(opened, opened.Id, new Criteria.Reports.ReportApproved(2, "phuong", later.AddDays(-1)))!.VersionOf(record).Number);
        var signed = Report.Fold(opened, opened.Id, new Criteria.Reports.ReportApproved(2, "phuong", later))!;
        Assert.Equal(2, signed.VersionOf(record).Number);
        Assert.Equal(2, (opened with { SetKnownAt = null }).VersionOf(record).Number);
    }

    [Fact]
    public void The_approved_assessment_goes_by_the_report_of_the_latest_period()
    {
        var log = new Log().Recorded("2024-Q4", "3.1", ReportedValue.Of(92.5m), Given.EndOf2024);
        Assert.Null(Assessor.LastApproved(log.Events));
        var approved = Assessor.LastApproved(log.Approved("2024-Q4").Reopened("2024-Q4").Events)!;
        Assert.Equal((ReportStatus.Approved, 3L), (approved.Status, approved.Version));
    }

    [Fact]
    public void An_announced_assessment_says_what_it_was_measured_by()
    {
        var state = Assessor.Approved(Amended.On(Given.EndOf2024), [], Given.Unit(Given.Commune, Given.EndOf2024), new("region", null, "unknown", null));
        Assert.Equal((2, "region", null, "unknown"), (state.SetVersion, state.Dimension, state.At, state.AtMark));
        Assert.All(state.Indicators, i => Assert.NotNull(i.TextMark));
    }

    [Fact]
    public void Where_a_unit_stands_is_asked_of_the_register_on_the_day()
    {
        var unit = Given.Unit(Given.Commune, Given.EndOf2025);
        Assert.Equal(("region", "Bắc Trung Bộ"), (Of(Given.Set).Dimension, Of(Given.Set).Value));
        var groups = Given.SetOf("xa-ntm-2026-2030");
        Assert.Equal(new("communeGroup", null, "unknown", null), Of(groups));
        var classified = new UnitTree([Given.Tree.Find(unit.Id)! with { Facts = [new(UnitFacts.CommuneGroup, "2", Given.EndOf2025, null, "QĐ 1", "seen")] }]);
        Assert.Equal(new UnitLevel("communeGroup", "2", "seen", "QĐ 1"), Dimensions.Of(classified, groups, unit.Id, Given.EndOf2025));
        Assert.Null(Dimensions.Of(classified, groups, unit.Id, Given.EndOf2025.AddDays(-1)).Value);

        UnitLevel Of(CriteriaSet set) => Dimensions.Of(Given.Tree, set, unit.Id, Given.EndOf2025);
    }

    [Fact]
    public void An_announcement_carries_the_whole_state()
    {
        var set = Given.SetOf("huyen-ntm-2021-2025") with { Note = "ghi chú", SpecialRuleVi = "quy định riêng", Refs = ["https://vanban.chinhphu.vn"] };
        var record = Given.Recorded(set, new Criteria.Catalogue.SetRetired(Act, new(2026, 2, 14), "hết giai đoạn", "bo", Given.Imported));
        var state = SetAnnouncements.StateOf(record, record.Latest);
        Assert.Equal((1, "national", "region", set.Criteria.Count), (state.Version, state.Scope, state.Dimension, state.Criteria!.Count));
        Assert.Equal(("ghi chú", "quy định riêng", "https://vanban.chinhphu.vn"), (state.Note, state.SpecialRuleVi, state.Refs![0]));
        Assert.Equal(set.Preconditions!.Value.GetArrayLength(), state.Preconditions!.Value.GetArrayLength());
        Assert.Equal((Act.Number, new DateOnly(2026, 2, 14), "hết giai đoạn"), (state.Retired!.Act.Number, state.Retired.LastDay, state.Retired.Reason));
        Assert.Equal(set.Indicators.Select(i => i.ThresholdSource).Order(), state.Indicators.Select(i => i.Mark).Order());
        Assert.NotNull(SetAnnouncements.StateOf(Given.Recorded(Given.SetOf("xa-ntm-2026-2030")), Given.Recorded(Given.SetOf("xa-ntm-2026-2030")).Latest).CommuneGroups);
        Assert.Equal("xa-ntm-2021-2025", SetAnnouncements.StateOf(Given.Recorded(Given.SetOf("xa-ntm-ha-tinh-2022-2025")), Given.Recorded(Given.SetOf("xa-ntm-ha-tinh-2022-2025")).Latest).Amends);
        Assert.Equal(Act.Number, SetAnnouncements.StateOf(Amended, Amended.Latest).Act!.Number);
    }

    private static Decision Open(SetRecord set, bool foreign = false) =>
        OpenPeriod.Decide(new(null, set, foreign, Given.Unit("42", Given.EndOf2024), Given.Tree, Calendars.WorkCalendar.Empty, "phuong", Given.Imported), Whole);
}

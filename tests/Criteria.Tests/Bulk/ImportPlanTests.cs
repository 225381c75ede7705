using Ntm.Contracts;
using Ntm.Criteria.Bulk;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests.Bulk;

public sealed class ImportPlanTests
{
    private const string OtherPerson = "commune-officer@18073#binh";
    private static readonly SetRecord Set = Given.Recorded(Given.Set);

    [Fact]
    public void Good_rows_are_recorded_and_the_first_opens_the_report()
    {
        var plan = Plan(Given.CommuneOfficer, null, Row(2, "3.1", "92,5"), Row(3, "8.4", "có"), Row(4, "10", null));
        Assert.Equal((2, 0, 0, 1, 0), (plan.Recorded, plan.Corrected, plan.Unchanged, plan.Skipped, plan.Faults.Count));
        var events = Assert.Single(plan.Events).Value;
        Assert.Equal([typeof(ReportOpened), typeof(IndicatorRecorded), typeof(IndicatorRecorded)], events.Select(e => e.GetType()));
        Assert.Equal((ReportedValue.Of(92.5m), Given.EndOf2024), (((IndicatorRecorded)events[1]).Value, ((IndicatorRecorded)events[1]).ValidOn));
    }

    [Fact]
    public void The_same_again_is_no_event()
    {
        var scene = Late.When(Given.CommuneOfficer, Scene.Record("3.1", ReportedValue.Of(92.5m), Given.EndOf2024));
        var plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "92,50"), Row(3, "5", "  "));
        Assert.Equal((1, 1, 0), (plan.Unchanged, plan.Skipped, plan.Events.Count));
    }

    [Fact]
    public void What_somebody_else_entered_meanwhile_is_shown_side_by_side_and_a_person_decides()
    {
        var scene = Late.When(OtherPerson, Scene.Record("3.1", ReportedValue.Of(80m), Given.EndOf2024));
        var plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "92,5", (Template.BasedOn, "0")));
        var conflict = Assert.Single(plan.Conflicts);
        Assert.Equal((ReportedValue.Of(92.5m), ReportedValue.Of(80m), "binh"), (conflict.Both.Mine.Value, conflict.Both.Other.Value, conflict.Both.Other.RecordedBy));
        Assert.Empty(plan.Events);

        plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "92,5", (Template.BasedOn, "0"), (Template.Decision, "theirs")));
        Assert.Equal((0, 0, 1), (plan.Events.Count, plan.Conflicts.Count, plan.Skipped));
        // What came after the version that the person looked at is shown again, whatever he decided.
        plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "92,5", (Template.BasedOn, "0"), (Template.Decision, "mine"), (Template.Reason, "Đếm lại")));
        Assert.Equal((0, 1), (plan.Events.Count, plan.Conflicts.Count));
        var shown = conflict.Both.Other.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "92,5", (Template.BasedOn, shown), (Template.Decision, "mine")));
        Assert.Equal("reason", Assert.Single(plan.Faults).Rule);
        plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "92,5", (Template.BasedOn, shown), (Template.Decision, "mine"), (Template.Reason, "Đếm lại")));
        Assert.Equal("Đếm lại", Assert.IsType<IndicatorCorrected>(Assert.Single(Assert.Single(plan.Events).Value)).Reason);
        Assert.Equal(1, plan.Corrected);
    }

    [Fact]
    public void Who_names_no_version_replaces_his_own_figure_and_nobody_elses()
    {
        var theirs = Late.When(OtherPerson, Scene.Record("3.1", ReportedValue.Of(80m), Given.EndOf2024)).Report;
        Assert.Single(Plan(Given.CommuneOfficer, theirs, Row(2, "3.1", "92,5")).Conflicts);
        Assert.Equal((0, 1), (Plan(Given.CommuneOfficer, theirs, Row(2, "3.1", "80")).Conflicts.Count, Plan(Given.CommuneOfficer, theirs, Row(2, "3.1", "80")).Unchanged));
        var own = Late.When(Given.CommuneOfficer, Scene.Record("3.1", ReportedValue.Of(80m), Given.EndOf2024)).Report;
        Assert.Equal(1, Plan(Given.CommuneOfficer, own, Row(2, "3.1", "92,5")).Corrected);
    }

    [Fact]
    public void What_a_file_does_not_say_stays_as_it_stands()
    {
        var day = new DateOnly(2024, 11, 30);
        var scene = Late.When(Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(80m), day, "Biên bản", null)));
        Assert.Equal(1, Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "80")).Unchanged);
        var corrected = Assert.IsType<IndicatorCorrected>(Assert.Single(Assert.Single(Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "81")).Events).Value));
        Assert.Equal((day, "Biên bản"), (corrected.ValidOn, corrected.Note));
        var emptied = Row(2, "3.1", "80");
        emptied = emptied with { Cells = new Dictionary<string, object?>(emptied.Cells, StringComparer.Ordinal) { [Template.Note] = null } };
        Assert.Null(Assert.IsType<IndicatorCorrected>(Assert.Single(Assert.Single(Plan(Given.CommuneOfficer, scene.Report, emptied).Events).Value)).Note);
    }

    [Fact]
    public void Every_rule_has_its_name_and_its_law()
    {
        var plan = Plan(
            Given.CommuneOfficer, null, Row(2, "3.1", "abc"), Row(3, "8.4", "12"), Row(4, "3.1", "50,1234567", unit: "18076"), Row(5, "10", "5", (Template.ValidOn, "2025-01-01")),
            Row(6, "2.1", "50", (Template.EnteredOn, "2030-01-01")), Row(7, "9.1", "5", (Template.Note, "=1")));
        Assert.Equal(["not-a-number", "not-yes-or-no", "forbidden", "after-cut-off", "future-day", "formula"], plan.Faults.Select(f => f.Rule));
        Assert.All(plan.Faults.Take(2), f => Assert.NotNull(f.LegalBasis));

        Assert.Equal("value-digits", Assert.Single(Plan(Given.CommuneOfficer, null, Row(2, "3.1", "50,1234567")).Faults).Rule);
        Assert.Equal(["value-digits", "value-percent"], Plan(Given.CommuneOfficer, null, Row(2, "3.1", "120,1234567")).Faults.Select(f => f.Rule));
        var early = new ImportPlan(Given.Quarter2024, Set, Given.Tree, Given.Actor(Given.CommuneOfficer), Given.Morning(2024, 12, 20));
        early.Decide([Row(2, "3.1", "50", (Template.ValidOn, "2024-12-25")), Row(3, "8.4", "x", (Template.ValidOn, "2025-01-02"))], new Dictionary<Guid, Report>());
        Assert.Equal(["future-day", "after-cut-off", "future-day"], early.Faults.Select(f => f.Rule));

        var commune = Given.Unit(Given.Commune, Given.EndOf2024).Id;
        var rural = new ImportPlan(
            Given.Quarter2024 with { Rural = new([Given.Tree.On(commune, Given.EndOf2024)!.Kind], "Luật X") }, Set, Given.Tree, Given.Actor(Given.CommuneOfficer), Late.Now);
        rural.Decide([Row(2, "3.1", "50")], new Dictionary<Guid, Report>());
        var urban = Assert.Single(rural.Faults);
        Assert.Equal(("unit", "urban-unit", "Luật X"), (urban.Column, urban.Rule, urban.LegalBasis));
    }

    [Fact]
    public void What_somebody_wrote_is_shown_no_longer_than_it_takes()
    {
        var plan = Plan(Given.CommuneOfficer, null, Row(2, new string('9', 30_000), "1"), Row(3, "3.1", "1", unit: new string('8', 30_000)), Row(4, "3.1", "1", (Template.Decision, new string('x', 30_000))));
        Assert.Equal(3, plan.Faults.Count);
        Assert.All(plan.Faults, f => Assert.True(f.Words.Vi.Length < 200, f.Rule));
    }

    [Fact]
    public void A_correction_from_a_file_keeps_the_evidence()
    {
        var reference = new EvidenceRef(new string('a', 64), 3, null);
        var scene = Late.When(Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(80m), Given.EndOf2024, null, [new(reference.Sha256, 3, null)])));
        var plan = Plan(Given.CommuneOfficer, scene.Report, Row(2, "3.1", "81"));
        Assert.Equal([reference], Assert.IsType<IndicatorCorrected>(Assert.Single(Assert.Single(plan.Events).Value)).Evidence);
    }

    [Fact]
    public void Every_fault_is_told_with_row_column_rule_and_law()
    {
        var plan = Plan(
            Given.CommuneOfficer, null, Row(2, "3.1", "120"), Row(3, "3.2", "1.234"), Row(4, "8.4", "12"), Row(5, "99", "1"), Row(6, "3.1", "50", unit: "18070"), Row(7, "3.1", "50", unit: "77777"),
            Row(8, "10", "5", (Template.ValidOn, "2026-04-01")), Row(9, "9.1", "=1+1"), Row(10, "5", "1"), Row(11, "5", "2"), Row(12, "2.1", "abc"));
        Assert.Equal(
            [
                (2, "value", "value-percent"), (4, "value", "not-yes-or-no"), (5, "indicator", "unknown-indicator"), (6, "unit", "forbidden"), (7, "unit", "unknown-unit"),
                (8, "validOn", "after-cut-off"), (9, "value", "formula"), (10, null, "duplicate"), (11, null, "duplicate"), (12, "value", "not-a-number"),
            ],
            plan.Faults.Where(f => f.Row != 3).DistinctBy(f => f.Row).Select(f => (f.Row, f.Column, f.Rule)));
        Assert.Equal((11, 10), (plan.Faults.Single(f => f.Row == 10).Other, plan.Faults.Single(f => f.Row == 11).Other));
        Assert.Contains("318", plan.Faults[0].LegalBasis, StringComparison.Ordinal);
        Assert.Empty(plan.Events);
    }

    [Fact]
    public void A_code_that_the_spreadsheet_changed_is_noticed_by_its_text()
    {
        var plan = Plan(Given.CommuneOfficer, null, Row(2, "3.1", "50", (Template.IndicatorText, Given.Set.Find("5")!.TextVi)), Row(3, "8.4", "x", (Template.UnitName, "Xã Khác")));
        Assert.Equal(["not-the-indicator", "not-the-unit"], plan.Faults.Select(f => f.Rule));
    }

    [Theory]
    [InlineData("district-officer@436#dung", true)]
    [InlineData("province-officer@42#phuong", true)]
    [InlineData("district-officer@437#x", false)]
    [InlineData("auditor@0#x", false)]
    public void Those_above_the_unit_enter_by_file_what_came_on_paper(string client, bool may) =>
        Assert.Equal(may ? 1 : 0, Plan(client, null, Row(2, "3.1", "92,5")).Recorded);

    [Fact]
    public void Who_entered_by_file_does_not_approve()
    {
        var plan = Plan("province-officer@42#phuong", null, Row(2, "3.1", "92,5"));
        var report = Assert.Single(plan.Events).Value.Aggregate((Report?)null, (r, e) => Report.Fold(r, "x", e))!;
        Assert.True(report.WasEnteredBy("phuong"));
    }

    [Fact]
    public void A_locked_report_and_a_closed_period_take_nothing()
    {
        Assert.Equal("report-locked", Assert.Single(Plan(Given.CommuneOfficer, Scene.ThreeTiers.Submitted().Report, Row(2, "3.1", "1")).Faults).Rule);
        var closed = new ImportPlan(Given.Quarter2024 with { Closed = true }, Set, Given.Tree, Given.Actor(Given.CommuneOfficer), Late.Now);
        closed.Decide([Row(2, "3.1", "1")], new Dictionary<Guid, Report>());
        Assert.Equal("period-closed", Assert.Single(closed.Faults).Rule);
    }

    private static Scene Late => Scene.ThreeTiers with { Now = Given.Morning(2025, 1, 10) };

    private static ImportPlan Plan(string client, Report? report, params FilledRow[] rows)
    {
        var plan = new ImportPlan(Given.Quarter2024, Set, Given.Tree, Given.Actor(client), Late.Now);
        plan.Decide(rows, report is null ? new Dictionary<Guid, Report>() : new() { [report.UnitId] = report });
        return plan;
    }

    private static FilledRow Row(int number, string indicator, string? value, params (string Column, object Cell)[] more) => Row(number, indicator, value, Given.Commune, more);

    private static FilledRow Row(int number, string indicator, string? value, string unit, params (string Column, object Cell)[] more)
    {
        var cells = more.Append((Template.Unit, unit)).Append((Template.Indicator, indicator)).ToDictionary(c => c.Item1, c => (object?)c.Item2, StringComparer.Ordinal);
        if (value is not null) cells[Template.Value] = value;
        return new(number, cells);
    }
}

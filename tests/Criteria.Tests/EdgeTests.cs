using System.Text.Json;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>Each of these was once wrong.</summary>
public sealed class EdgeTests
{
    [Fact]
    public void A_first_return_unlocks_only_what_was_returned()
    {
        Scene.TwoTiers.Submitted().Returned(Given.ProvinceOfficer, "8.4").Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");
    }

    [Fact]
    public void A_districts_return_unlocks_only_what_was_returned()
    {
        Scene.ThreeTiers.Submitted().Returned(Given.DistrictOfficer, "8.4").Refuses(Given.CommuneOfficer, Scene.Record("3.1"), 409, "report-locked");
    }

    [Fact]
    public void A_judgement_after_the_approval_does_not_change_what_was_approved()
    {
        var log = new Log().Recorded("2024-Q4", "10", ReportedValue.Of(52m), Given.EndOf2024).Judged("2024-Q4", "10", met: true).Approved("2024-Q4")
            .Reopened("2024-Q4").Judged("2024-Q4", "10", met: false);
        Assert.Equal("met", log.Assess(Given.Set, Given.EndOf2024, approvedOnly: true).Criteria.SelectMany(c => c.Indicators).Single(i => i.Code == "10").Status);
    }

    [Fact]
    public void A_districts_successor_answers_for_it()
    {
        var lateWinter = new Scene(Given.Quarter2024, "18568", Given.Morning(2025, 2, 3)).When("commune-officer@18568#an", Scene.Record("8.4", validOn: Given.EndOf2024)).When("commune-officer@18568#an", Scene.Submit("x"));
        Assert.Equal(ReportStatus.Verified, lateWinter.When("district-officer@445#dung", CheckReport.DecideVerify).Report!.Status);
    }

    [Fact]
    public void Every_successor_names_its_predecessor() => Assert.All(Given.Tree.All, unit =>
        Assert.All(unit.Successors, link => Assert.Single(Given.Tree.Find(link.Unit)!.Predecessors, p => p == link with { Unit = unit.Id })));

    [Fact]
    public void An_empty_item_is_a_fault_not_a_crash()
    {
        var body = JsonSerializer.Deserialize<CheckReport.ReturnBody>("""{ "items": [null] }""", NtmJson.Http)!;
        Assert.Equal(422, CheckReport.DecideReturn(Scene.TwoTiers.Submitted().As(Given.ProvinceOfficer), body).Refusal?.Status);
    }

    [Fact]
    public void An_empty_evidence_is_a_fault_not_a_crash()
    {
        var body = JsonSerializer.Deserialize<RecordIndicator.Body>("""{ "value": 1, "validOn": "2024-12-20", "evidence": [null] }""", NtmJson.Http)!;
        Assert.Equal(422, RecordIndicator.Decide(Scene.ThreeTiers.As(Given.CommuneOfficer), "3.1", body).Refusal?.Status);
    }

    [Fact]
    public void A_line_break_is_no_part_of_a_code() => Assert.NotNull(OpenPeriod.Decide(
        new(null, Given.Recorded(Given.Set), Foreign: false, Given.Unit("42", Given.EndOf2024), Given.Tree, Calendars.WorkCalendar.Empty, "phuong", Given.Imported),
        new("2024-Q4\n", "quarter", Given.Set.Id, Given.EndOf2024, null, null, null, "42", "commune")).Refusal);

    [Fact]
    public void A_line_break_is_no_part_of_a_hash() => Scene.ThreeTiers.Faults(
        Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(1m), c.Today, null, [new(new string('a', 64) + "\n", null, null)])), "evidence");

    [Fact]
    public void Text_that_jsonb_cannot_hold_is_refused() => Scene.ThreeTiers.Faults(
        Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(1m), c.Today, "a\0b", null)), "note");

    [Fact]
    public void A_text_is_measured_as_it_is_kept() => Assert.NotNull(
        RecordIndicator.Decide(Scene.ThreeTiers.As(Given.CommuneOfficer), "5.3", new(ReportedValue.Of(new string('\u0958', 4000)), Scene.ThreeTiers.Today, null, null)).Refusal);

    [Fact]
    public void Blanks_are_no_value() => Scene.ThreeTiers.Faults(Given.CommuneOfficer, Scene.Record("5.3", ReportedValue.Of("  ")), "value");

    [Fact]
    public void Evidence_has_bounds() => Scene.ThreeTiers.Faults(
        Given.CommuneOfficer, c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(1m), c.Today, null, [new(new string('a', 64), -1, new string('x', 100000))])), "evidence");

    [Fact]
    public void Who_returned_had_no_hand_in_the_figures() =>
        Assert.DoesNotContain("dung", Scene.ThreeTiers.Submitted().Returned(Given.DistrictOfficer, "8.4").Report!.Persons);

    [Fact]
    public void Persons_differ_by_every_letter() => Assert.Equal(
        2, Scene.ThreeTiers.Recorded("3.1").When("commune-officer@18073#a\u00ADn", Scene.Record("8.4")).Report!.Persons.Count);

    [Fact]
    public void A_report_of_a_closed_period_is_not_sent_back()
    {
        var closed = Period.Fold(Given.Quarter2024, Given.Quarter2024.Id, new PeriodClosed("phuong", Given.Imported))!;
        var stuck = Scene.ThreeTiers.Submitted() with { Period = closed };
        stuck.Refuses(Given.DistrictOfficer, Scene.Return("8.4"), 409, "period-closed");
    }

    [Theory]
    [InlineData("1e40")]
    [InlineData("0.12345600000000000000000000000001")]
    [InlineData("1e-30")]
    public void A_number_is_never_rounded(string json)
    {
        var body = JsonSerializer.Deserialize<RecordIndicator.Body>($$"""{ "value": {{json}}, "validOn": "2024-12-20" }""", NtmJson.Http)!;
        Assert.Equal(422, RecordIndicator.Decide(Scene.ThreeTiers.As(Given.CommuneOfficer), "3.1", body).Refusal?.Status);
    }

    [Fact]
    public void Enlargements_have_a_legal_basis() =>
        Assert.DoesNotContain(Given.UnitStreams.Values.SelectMany(s => s).OfType<UnitEnlarged>(), e => e.LegalBasis is null);

    [Fact]
    public void What_was_returned_may_be_handed_in_again_as_it_stands()
    {
        var again = Scene.TwoTiers.Submitted().Returned(Given.ProvinceOfficer, "8.4").When(Given.CommuneOfficer, Scene.Submit()).Report!;
        Assert.Equal((ReportStatus.Submitted, FigureStatus.Recorded), (again.Status, again.Figures["8.4"].Status));
    }
}

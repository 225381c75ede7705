using Ntm.Contracts;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

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
        var decision = RecordIndicator.Decide(scene.As(Given.CommuneOfficer), "3.1", new(ReportedValue.Of(70m), Mid, null, null, " Nhập nhầm "));
        Assert.Equal("Nhập nhầm", Assert.IsType<IndicatorCorrected>(Assert.Single(decision.Events)).Reason);
        var corrected = scene.When(Given.CommuneOfficer, Scene.Record("3.1", ReportedValue.Of(70m))).Report!;
        Assert.Equal(ReportedValue.Of(70m), corrected.Figures["3.1"].Value);
        Assert.Equal((3L, 3L), (corrected.Version, corrected.Figures["3.1"].Version));
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

    [Fact]
    public void A_correction_needs_a_figure_and_says_why_in_at_most_4000_characters()
    {
        Scene.ThreeTiers.Faults(Given.CommuneOfficer, Entry(reason: "Nhập nhầm"), "reason");
        Scene.ThreeTiers.Recorded("3.1").Faults(Given.CommuneOfficer, Entry(reason: new string('x', 4001)), "reason");
    }

    [Fact]
    public void A_correction_of_a_returned_figure_is_one_too()
    {
        var returned = Scene.ThreeTiers.Submitted().Returned(Given.DistrictOfficer, "3.1");
        Assert.IsType<IndicatorCorrected>(Assert.Single(Scene.Record("3.1")(returned.As(Given.CommuneOfficer)).Events));
        Assert.True(returned.Recorded("3.1").Report!.Figures["3.1"].Unlocked);
    }

    [Fact]
    public void What_was_stored_as_recorded_twice_folds_as_a_correction_does()
    {
        var scene = Scene.ThreeTiers.Recorded("3.1");
        var entry = new IndicatorRecorded("3.1", ReportedValue.Of(70m), Mid, "Ghi chú", [], "an", scene.Now, Mid);
        var recorded = Report.Fold(scene.Report, scene.Report!.Id, entry)!;
        var corrected = Report.Fold(scene.Report, scene.Report!.Id, new IndicatorCorrected("3.1", entry.Value, Mid, "Ghi chú", entry.Evidence, "Nhập nhầm", "an", scene.Now, Mid))!;
        Assert.Equal(recorded.Figures["3.1"], corrected.Figures["3.1"]);
        Assert.Equal((recorded.Version, recorded.Status), (corrected.Version, corrected.Status));
    }

    [Fact]
    public void An_offline_entry_says_when_it_was_entered_and_what_it_was_based_on()
    {
        var scene = Scene.ThreeTiers.Recorded("3.1");
        var entered = scene.When(Given.CommuneOfficer, Entry(basedOn: 1, enteredOn: Mid)).Report!.Figures["3.1"];
        Assert.Equal((Mid, 3L), (entered.EnteredOn, entered.Version));
        scene.Faults(Given.CommuneOfficer, Entry(basedOn: 2, enteredOn: scene.Today.AddDays(1)), "enteredOn");
        scene.Faults(Given.CommuneOfficer, Entry(basedOn: 3), "basedOn");
        scene.Faults(Given.CommuneOfficer, Entry(basedOn: -1), "basedOn");
        Scene.ThreeTiers.Faults(Given.CommuneOfficer, Entry(basedOn: 1), "basedOn");
    }

    [Fact]
    public void What_somebody_else_entered_meanwhile_is_shown_beside_and_nothing_is_written()
    {
        var scene = Scene.ThreeTiers.Recorded("8.4").When("commune-officer@18073#binh", Scene.Record("3.1", ReportedValue.Of(80m), Mid));
        scene.Refuses(Given.CommuneOfficer, Entry(70m, basedOn: 2), 409, "figure-conflict");
        var conflict = FigureConflict.Of(scene.Report, new("3.1", ReportedValue.Of(70m), Mid, null, [], "an", scene.Now, Mid), 2, named: true)!;
        Assert.Equal((ReportedValue.Of(70m), Mid, Mid, 2), (conflict.Mine.Value, conflict.Mine.ValidOn, conflict.Mine.EnteredOn, conflict.Mine.BasedOn));
        Assert.Equal(
            (ReportedValue.Of(80m), Mid, "binh", scene.Now, null, 3), (conflict.Other.Value, conflict.Other.ValidOn, conflict.Other.RecordedBy, conflict.Other.RecordedAt, conflict.Other.EnteredOn, conflict.Other.Version));
        Assert.Contains("conflict", conflict.Refuse().More!.Keys);
        Assert.NotNull(scene.When(Given.CommuneOfficer, Entry(70m, basedOn: 3, reason: "Theo biên bản")).Report);
    }

    [Fact]
    public void There_is_no_conflict_without_a_claim_with_oneself_or_over_the_same_figure()
    {
        var scene = Scene.ThreeTiers.Recorded("8.4").When("commune-officer@18073#binh", Scene.Record("3.1", ReportedValue.Of(80m), Mid));
        Assert.NotNull(scene.When(Given.CommuneOfficer, Entry(70m)).Report);
        Assert.NotNull(scene.When(Given.CommuneOfficer, Entry(80m, basedOn: 2)).Report);
        Assert.NotNull(scene.When("commune-officer@18073#binh", Entry(70m, basedOn: 2)).Report);
        Assert.NotNull(Scene.ThreeTiers.Recorded("8.4").When(Given.CommuneOfficer, Entry(70m, basedOn: 0)).Report);
    }

    [Fact]
    public void Where_no_version_was_kept_a_person_decides_too()
    {
        var scene = Scene.ThreeTiers.Recorded("8.4").When("commune-officer@18073#binh", Scene.Record("3.1", ReportedValue.Of(80m), Mid));
        var old = scene with { Report = scene.Report! with { Figures = scene.Report!.Figures.SetItem("3.1", scene.Report.Figures["3.1"] with { Version = null }) } };
        old.Refuses(Given.CommuneOfficer, Entry(70m, basedOn: 2), 409, "figure-conflict");
        Assert.NotNull(old.When(Given.CommuneOfficer, Entry(70m, reason: "Theo biên bản", basedOn: 3)).Report);
    }

    [Fact]
    public void An_offline_entry_over_a_figure_names_the_version_that_it_was_made_from()
    {
        Scene.ThreeTiers.Recorded("3.1").Faults(Given.CommuneOfficer, Entry(enteredOn: Mid), "basedOn");
        Assert.NotNull(Scene.ThreeTiers.Recorded("8.4").When(Given.CommuneOfficer, Entry(enteredOn: Mid)).Report);
        Assert.NotNull(Scene.ThreeTiers.Recorded("3.1").When(Given.CommuneOfficer, Entry()).Report);
    }

    [Fact]
    public void Whoever_replaces_anothers_figure_having_seen_it_says_why()
    {
        var scene = Scene.ThreeTiers.When("commune-officer@18073#binh", Scene.Record("3.1", ReportedValue.Of(80m), Mid));
        var refusal = Entry(70m, basedOn: 2)(scene.As(Given.CommuneOfficer)).Refusal!;
        Assert.Equal((422, "reason-required"), (refusal.Status, refusal.Rule));
        Assert.Equal(["reason"], refusal.Errors!.Keys);
        Assert.NotNull(scene.When(Given.CommuneOfficer, Entry(80m, basedOn: 2)).Report);
        Assert.NotNull(scene.When(Given.CommuneOfficer, Entry(70m, reason: "Theo biên bản", basedOn: 2)).Report);
        Assert.NotNull(scene.When("commune-officer@18073#binh", Entry(70m, basedOn: 2)).Report);
    }

    [Fact]
    public void A_client_without_a_person_has_no_entries_of_its_own()
    {
        const string client = "commune-officer@18073";
        var scene = Scene.ThreeTiers.Recorded("8.4").When(client, Scene.Record("3.1", ReportedValue.Of(80m), Mid));
        scene.Refuses(client, Entry(70m, basedOn: 2), 409, "figure-conflict");
        Assert.NotNull(scene.When(client, Entry(70m)).Report);
    }

    [Fact]
    public void Another_note_or_other_evidence_is_a_conflict_as_another_value_is()
    {
        var evidence = new RecordIndicator.Evidence(new string('a', 64), 12, "image/jpeg");
        var scene = Scene.ThreeTiers.Recorded("8.4")
            .When("commune-officer@18073#binh", c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(80m), Mid, "Theo biên bản", [evidence])));
        scene.Refuses(Given.CommuneOfficer, Body("Theo báo cáo", evidence), 409, "figure-conflict");
        scene.Refuses(Given.CommuneOfficer, Body("Theo biên bản"), 409, "figure-conflict");
        Assert.NotNull(scene.When(Given.CommuneOfficer, Body(" Theo biên bản ", evidence)).Report);
        var conflict = FigureConflict.Of(scene.Report, new("3.1", ReportedValue.Of(80m), Mid, "Theo báo cáo", [], "an", scene.Now, Mid), 2, named: true)!;
        Assert.Equal(("Theo báo cáo", 0, "Theo biên bản", 1), (conflict.Mine.Note, conflict.Mine.Evidence.Count, conflict.Other.Note, conflict.Other.Evidence.Count));

        static Func<ReportCase, Decision> Body(string note, params RecordIndicator.Evidence[] evidence) =>
            c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(80m), Mid, note, evidence, BasedOn: 2));
    }

    [Fact]
    public void A_thousand_pieces_of_evidence_are_one_fault()
    {
        var refusal = RecordIndicator.Decide(
            Scene.ThreeTiers.As(Given.CommuneOfficer), "3.1", new(ReportedValue.Of(1m), Mid, null, [.. Enumerable.Repeat(new RecordIndicator.Evidence(new string('a', 64), 1, null), 50), .. new RecordIndicator.Evidence[950]])).Refusal!;
        Assert.Single(refusal.Errors!["evidence"]);
    }

    [Fact]
    public void A_refusal_names_field_and_legal_source()
    {
        var unknown = Scene.Record("9.9")(Scene.ThreeTiers.As(Given.CommuneOfficer)).Refusal!;
        Assert.Equal((404, Given.Set.LegalText), (unknown.Status, unknown.LegalBasis!["indicator"]));
        Assert.Equal(["indicator"], unknown.Errors!.Keys);
        var closed = Period.Fold(Given.Quarter2024, Given.Quarter2024.Id, new PeriodClosed("phuong", Given.Imported))!;
        Assert.Equal("NĐ 09/2019/NĐ-CP, điều 8 khoản 5 (seen)", Scene.Record("3.1")((Scene.ThreeTiers with { Period = closed }).As(Given.CommuneOfficer)).Refusal!.LegalBasis!["period"]);
        var typed = Scene.Record("3.1")((Scene.ThreeTiers with { Period = closed with { Type = "unit-quarter" } }).As(Given.CommuneOfficer)).Refusal!;
        Assert.Equal((409, "period-closed", "Kế hoạch chuyển đổi số trong xây dựng nông thôn mới Hà Tĩnh 2023–2025 (seen)"), (typed.Status, typed.Rule, typed.LegalBasis!["period"]));
        Assert.NotNull(Scene.Record("3.1", validOn: new(2024, 12, 21))(Scene.ThreeTiers.As(Given.CommuneOfficer)).Refusal!.LegalBasis!["validOn"]);
    }

    private static Func<ReportCase, Decision> Entry(decimal value = 70m, string? reason = null, long? basedOn = null, DateOnly? enteredOn = null) =>
        c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of(value), Mid, null, null, reason, basedOn, enteredOn));
}

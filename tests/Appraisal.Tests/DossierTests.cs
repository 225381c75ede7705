using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

public sealed class DossierTests
{
    private static readonly Guid Other = DeterministicId.Of("other");

    [Fact]
    public void An_eligible_unit_opens_a_dossier_that_pins_its_basis_and_procedure()
    {
        var dossier = Given.Opened();
        Assert.Equal("opened", dossier.State);
        Assert.Equal("qd18-2022.1", dossier.ProcedureVersion);
        Assert.Equal((61L, 4711L), (dossier.Basis.ReportVersion, dossier.Basis.AssessmentPosition));
        Assert.Equal(["an"], dossier.Basis.Entered);
        Assert.Equal(["arrears", "satisfaction", "security"], dossier.Basis.Confirmations.Select(c => c.Condition));
    }

    [Fact]
    public void One_dossier_is_open_at_a_time() =>
        Assert.Equal("dossier-open", Open(new("t", Other, null)).Refusal?.Rule);

    [Fact]
    public void A_title_in_force_is_not_sought_again() =>
        Assert.Equal("title-in-force", Open(new("t", null, Other)).Refusal?.Rule);

    [Fact]
    public void After_a_lost_vote_another_may_be_opened() =>
        Assert.Null(Open(TitleHold.Create(new(Given.Unit.Id, "commune-ntm", Other, "an", Given.Now)).Apply(new TitleReleased(Other, "1", Given.Now))).Refusal);

    [Fact]
    public void A_unit_that_is_not_eligible_hears_what_is_missing()
    {
        var facts = Given.Eligible() with { Assessment = Given.Assessed(("1.1", "met"), ("1.2", "notMet")), Confirmations = [Given.Confirmed("arrears")] };
        var refusal = OpenDossier.Decide(null, Given.Target(), facts, Other, "an", Given.Now).Refusal;
        Assert.Equal((409, "not-eligible"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(["missing", "conditions"], refusal?.More?.Keys);
    }

    [Theory]
    [InlineData(StepIds.Accept)]
    [InlineData(StepIds.Votes)]
    [InlineData(StepIds.Decision)]
    [InlineData(StepIds.Open)]
    public void A_step_out_of_turn_names_state_and_allowed_steps(string step)
    {
        var refusal = Given.Opened().Forbids(Given.Procedure, step);
        Assert.Equal(409, refusal?.Status);
        Assert.Equal("opened", refusal?.More?["state"]);
        Assert.Equal(["submit", "withdraw"], ((string[])refusal!.More!["allowed"]!).Except(StepIds.Recorded));
        Assert.Equal(["register", "self-assessment", "consultation", "meeting", "survey"], ((string[])refusal.More["allowed"]!).Intersect(StepIds.Recorded));
    }

    [Fact]
    public void A_returned_dossier_may_be_submitted_again()
    {
        var returned = Given.Submitted().After(_ => ReturnDossier.Decide(Given.Step(StepIds.Return), new("Thiếu", [new("8.4", "Chưa có ảnh")]), "po", Given.Now));
        Assert.Equal("returned", returned.State);
        Assert.Null(returned.Forbids(Given.Procedure, StepIds.Submit));
    }

    [Fact]
    public void A_return_says_why()
    {
        var refusal = ReturnDossier.Decide(Given.Step(StepIds.Return), new(" ", [new("8.4", null), null]), "po", Given.Now).Refusal;
        Assert.Equal(422, refusal?.Status);
        Assert.Equal(["reason", "items[0].reason", "items[1].reason"], refusal?.Errors?.Keys);
    }

    [Fact]
    public void Nobody_accepts_what_he_entered_but_the_approver_of_the_report_may()
    {
        Assert.Equal((403, "self-approval"), Refused(AcceptDossier.Decide(Given.Submitted(), Given.Step(StepIds.Accept), "an", Given.Now)));
        Assert.Null(AcceptDossier.Decide(Given.Submitted(), Given.Step(StepIds.Accept), "po", Given.Now).Refusal);
    }

    [Fact]
    public void Nobody_signs_what_he_entered() =>
        Assert.Equal((403, "self-approval"), Refused(SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), new("1", Given.Today, "x"), "an", Given.Now)));

    [Fact]
    public void A_decision_is_not_of_the_future_and_may_be_of_a_day_before_its_recording()
    {
        Assert.Equal(["date"], SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), new("1", Given.Today.AddDays(1), "x"), "c", Given.Now).Refusal?.Errors?.Keys);
        Assert.Null(SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), new("1", Given.Today.AddDays(-400), "x"), "c", Given.Now).Refusal);
        Assert.Equal(
            ["number", "legalBasis", "date"],
            SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), new(null, null, ""), "c", Given.Now).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void A_decision_is_of_a_day_on_which_there_were_the_unit_and_the_procedure()
    {
        var (first, last) = (new DateOnly(2025, 7, 1), new DateOnly(2026, 6, 30));
        IEnumerable<string>? Faults(DateOnly date) =>
            SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), new("1", date, "x"), "c", Given.Now, first, last).Refusal?.Errors?.Keys;
        Assert.Equal(["date"], Faults(first.AddDays(-1)));
        Assert.Null(Faults(first));
        Assert.Null(Faults(last));
        Assert.Equal(["date"], Faults(last.AddDays(1)));
    }

    [Fact]
    public void A_decision_names_the_year_of_the_title_or_says_nothing_of_it()
    {
        SignDecision.Body Of(int? year) => new("1", Given.Today, "QĐ 18", year);
        Assert.Equal(2025, Given.Passed().After(d => SignDecision.Decide(d, Given.Step(StepIds.Decision), Of(2025), "c", Given.Now)).Decision?.Year);
        Assert.Null(Given.Decided().Decision?.Year);
        foreach (var year in new[] { 2009, 2027 }) Assert.Equal(["year"], SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), Of(year), "c", Given.Now).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void A_publication_follows_the_decision()
    {
        var step = Given.Step(StepIds.Publication);
        Assert.Equal("published", Given.Decided().After(d => PublishDossier.Decide(d, step, new(Given.Today, "Cổng tỉnh"), "po", Given.Now)).State);
        Assert.Equal(["date"], PublishDossier.Decide(Given.Decided(), step, new(Given.Today.AddDays(-1), "x"), "po", Given.Now).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void A_published_dossier_asks_nobody() => Assert.Empty(
        Given.Decided().After(d => PublishDossier.Decide(d, Given.Step(StepIds.Publication), new(Given.Today, "x"), "po", Given.Now)).NextSteps(Given.Procedure, Given.Today, null));

    [Fact]
    public void A_deadline_that_is_not_set_shows_no_day() =>
        Assert.All(Given.Submitted().NextSteps(Given.Procedure, Given.Today, null), next => Assert.Null(next.Due));

    [Theory]
    [InlineData("restart", "2025-09-12")]
    [InlineData("pause", "2025-09-10")]
    [InlineData(null, null)]
    public void A_return_stops_or_restarts_the_clock_as_the_file_says_and_else_tells_no_day(string? onReturn, string? due)
    {
        var step = Given.Step(StepIds.Accept);
        var procedure = Given.Procedure with
        {
            Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Accept ? step with { Deadline = new(5, "working_days", "seen", StepIds.Submit, onReturn) } : s)],
        };
        // Submitted on Thursday 28 August; returned on Wednesday 3 September, two working days later; submitted again on Friday 5 September.
        var once = Given.Opened().Apply(new DossierSubmitted("submitted", "an", At(28, 8)));
        Assert.Equal((new DateOnly(2025, 9, 8), 3L), Due(once) is var first ? (first.Due, first.CalendarVersion) : default);
        var again = once.Apply(new DossierReturned("Thiếu", [], "returned", "po", At(3, 9))).Apply(new DossierSubmitted("submitted", "an", At(5, 9)));
        Assert.Equal(due, Due(again).Due?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(due is null ? null : 3L, Due(again).CalendarVersion);
        Assert.Null(once.NextSteps(procedure, Given.Today, null).Single(n => n.Step == StepIds.Accept).Due);

        Contracts.NextStep Due(Dossier dossier) => dossier.NextSteps(procedure, Given.Today, Given.Calendar).Single(n => n.Step == StepIds.Accept);

        static DateTimeOffset At(int day, int month) => new(2025, month, day, 9, 0, 0, VietnamTime.Offset);
    }

    [Fact]
    public void A_step_waits_for_the_commands_before_it_and_not_for_what_is_done_on_paper()
    {
        var waits = Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Accept ? s with { After = [StepIds.Return, "forward"] } : s)] };
        Assert.Equal("step-not-allowed", Given.Submitted().Forbids(waits, StepIds.Accept)?.Rule);
        Assert.Null(Given.Submitted().Forbids(Given.Procedure, StepIds.Accept));
    }

    [Fact]
    public void A_number_of_a_decision_is_the_same_whatever_its_blanks_and_case()
    {
        Assert.Equal(DecisionNumber.Key(Other, 2026, "12/QĐ-UBND"), DecisionNumber.Key(Other, 2026, " 12 / qđ-ubnd"));
        Assert.NotEqual(DecisionNumber.Key(Other, 2026, "12"), DecisionNumber.Key(Other, 2025, "12"));
    }

    private static Decision Open(TitleHold hold) => OpenDossier.Decide(hold, Given.Target(), Given.Eligible(), Other, "an", Given.Now);

    private static (int?, string?) Refused(Decision decision) => (decision.Refusal?.Status, decision.Refusal?.Rule);

    [Fact]
    public void A_day_in_the_past_opens_nothing_for_a_unit_or_a_procedure_that_is_not_todays()
    {
        UnitTree Tree(DateOnly? last) => new([new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, last, null, "seen")], [], [])]);
        Target On(DateOnly? last, Procedure procedure) => new(Tree(last), Given.Unit, Given.Province, new(2025, 6, 30), procedure);
        Assert.Null(On(null, Given.Procedure).RefusePast(Given.Book, Given.Today));
        Assert.Equal((422, "unit-ended"), On(new(2025, 6, 30), Given.Procedure).RefusePast(Given.Book, Given.Today) is var ended ? (ended?.Status, ended?.Rule) : default);
        var old = Given.Procedure with { Version = "old.1", ValidTo = new(2025, 12, 31) };
        ProcedureBook book = new(Given.Book.Titles, [old, Given.Procedure with { ValidFrom = new(2026, 1, 1) }]);
        Assert.Equal((422, "procedure-ended"), On(null, old).RefusePast(book, Given.Today) is var past ? (past?.Status, past?.Rule) : default);
    }
}

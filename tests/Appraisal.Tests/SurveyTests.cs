using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

public sealed class SurveyTests
{
    private static readonly SurveyRule Unset = new(null, "unknown");
    private static readonly ProcedureStep Step = Given.Step(StepIds.Survey);
    private static readonly ProcedureStep District = Given.Book.Version("district-ntm", "qd18-2022.1").Step(StepIds.Survey)!;

    private static readonly Dossier Dossier = Given.Opened() with { Day = new(2024, 11, 1) };
    private static readonly UnitRef[] Communes = [new(DeterministicId.Of("a"), "18001", "Xã A"), new(DeterministicId.Of("b"), "18002", "Xã B")];

    /// <summary>Triệu Sơn (2024): 92 % of the households, questions 1 to 9 on the mean 95 %, the overall one 98 %.</summary>
    private static readonly SurveyRules TrieuSon = new("phieu-5", SurveyRules.Unit, new(new(92, 100), "seen"), Unset, new(new(95, 100), "seen"), new(new(98, 100), "seen"));

    [Fact]
    public void Where_no_share_is_set_the_result_is_unknown_and_what_was_reached_is_told()
    {
        var survey = Summarised(Step, Body(100, 80, [(1, 80, false), (2, 79, false)]));
        Assert.Equal(SurveyResult.Unknown, survey.Result);
        Assert.All(survey.Rules, r => Assert.Equal((null, "unknown", SurveyResult.Unknown), (r.Share, r.Mark, r.Result)));
        Assert.Equal(["80/100", "79/80", "159/160", null], survey.Rules.Select(r => r.Reached));
        Assert.Equal("phieu-1", survey.Form);
    }

    [Theory]
    [InlineData(92, 95, 98, "passed")]
    [InlineData(91, 95, 98, "failed")]
    [InlineData(92, 94, 98, "failed")]
    [InlineData(92, 95, 97, "failed")]
    public void Each_rule_that_is_set_must_be_reached(int answered, int mean, int overall, string result)
    {
        // Every question is answered by all who answered; its counts stand for percent.
        var (all, households) = (answered * 100, 10_000);
        var (found, rules) = SurveyResult.Of(TrieuSon, households, all, [Question(1, answered * mean, all), Question(2, answered * mean, all), Question(10, answered * overall, all, overall: true)], []);
        Assert.Equal(result, found);
        Assert.Equal(["sample", "per-question", "mean", "overall"], rules.Select(r => r.Rule));
        Assert.Equal(SurveyResult.Unknown, rules[1].Result);
    }

    [Fact]
    public void Each_question_in_each_commune_of_a_district_must_reach_its_share()
    {
        var parts = new SummariseSurvey.Part?[]
        {
            new(null, 100, 100, 100, [new(1, null, 100, 0), new(2, null, 100, 0, 0, true)], "18001"),
            new(null, 100, 100, 100, [new(1, null, 79, 21), new(2, null, 90, 10, 0, true)], "18002"),
        };
        var survey = Summarised(District, new("phieu-4", Given.Today.AddDays(-5), Given.Today, 200, 200, 200, [new(1, null, 179, 21), new(2, null, 190, 10, 0, true)], parts));
        var perQuestion = survey.Rules.Single(r => r.Rule == "per-question");
        Assert.Equal(("80/100", "seen", SurveyResult.Failed, "79/100", 1, "Xã B"), (perQuestion.Share, perQuestion.Mark, perQuestion.Result, perQuestion.Reached, perQuestion.Question, perQuestion.Part));
        Assert.Equal((SurveyResult.Failed, SurveyResult.Passed), (survey.Result, survey.Rules.Single(r => r.Rule == "overall").Result));
        Assert.Equal(["18001", "18002"], survey.Parts.Select(p => p.Code));
    }

    [Fact]
    public void A_district_s_survey_names_all_its_communes_and_no_other_unit()
    {
        SummariseSurvey.Body Counted(params SummariseSurvey.Part?[] parts) => new(
            "phieu-4", Given.Today.AddDays(-5), Given.Today, 100 * Math.Max(1, parts.Length), 100 * Math.Max(1, parts.Length), 100 * Math.Max(1, parts.Length), [new(1, null, 100 * Math.Max(1, parts.Length), 0)], parts);
        SummariseSurvey.Part Of(string? code, string? name = null) => new(name, 100, 100, 100, [new(1, null, 100, 0)], code);
        Assert.Equal(["parts"], Refused(Counted()));
        Assert.Equal(["parts"], Refused(Counted(Of("18001"))));
        Assert.Equal(["parts[1].code", "parts"], Refused(Counted(Of("18001"), Of(null, "Xã A"))));
        Assert.Equal(["parts[2].code"], Refused(Counted(Of("18001"), Of("18002"), Of("18003"))));
        Assert.Equal(["parts[1].name", "parts"], Refused(Counted(Of("18001"), Of("18001"))));
        Assert.Null(Refused(Counted(Of("18001"), Of("18002"))));
        Assert.Equal(["parts[0].code"], SummariseSurvey.Decide(Dossier, Step, Body(10, 5, [(1, 5, false)]) with { Parts = [new("Thôn 1", 10, 10, 5, [new(1, null, 5, 0)], "18001")] }, "mn", Given.Now).Refusal?.Errors?.Keys);

        static IEnumerable<string>? Refused(SummariseSurvey.Body body) => SummariseSurvey.Decide(Dossier, District, body, "mn", Given.Now, Communes).Refusal?.Errors?.Keys;
    }

    [Fact]
    public void A_survey_begins_on_the_dossiers_day_at_the_earliest_and_its_last_day_goes_by_the_calendar()
    {
        var body = Body(10, 10, [(1, 10, false)]);
        Assert.Equal(["from"], Faults(body with { From = Dossier.Day.AddDays(-1) }));
        Assert.Null(Faults(body with { From = Dossier.Day }));
        var step = Step with { Deadline = new(5, "working_days", "internal", "survey.start") };
        // From Thursday 28 August 2025: Friday, then Wednesday to Friday after two holidays, and Monday.
        var early = body with { From = new(2025, 8, 28), To = new(2025, 9, 9) };
        var summarised = Assert.IsType<SurveySummarised>(Assert.Single(SummariseSurvey.Decide(Dossier, step, early, "mn", Given.Now, calendar: Given.Calendar.WorkingDays()).Events)).Survey;
        Assert.Equal((new DateOnly(2025, 9, 8), true), (summarised.Due, summarised.Late));
        Assert.Null(Assert.IsType<SurveySummarised>(Assert.Single(SummariseSurvey.Decide(Dossier, step, early, "mn", Given.Now).Events)).Survey.Due);
    }

    [Fact]
    public void Twenty_days_without_saturdays_and_sundays_lie_between_start_and_summary()
    {
        // From Friday 29 November 2024: the twentieth day of Monday to Friday is Friday 27 December.
        var (start, last) = (new DateOnly(2024, 11, 29), new DateOnly(2024, 12, 27));
        Assert.Equal((last, false), (Summarised(Step, Body(10, 10, [(1, 10, false)]) with { From = start, To = last }) is var kept ? (kept.Due, kept.Late) : default));
        Assert.Equal((last, true), (Summarised(Step, Body(10, 10, [(1, 10, false)]) with { From = start, To = last.AddDays(3) }) is var late ? (late.Due, late.Late) : default));
    }

    [Fact]
    public void Another_form_than_the_procedures_is_refused_and_where_it_sets_none_any_is_taken()
    {
        Assert.Equal("phieu-1", Step.Survey!.Form);
        Assert.Equal(["form"], Faults(Body(10, 10, [(1, 10, false)]) with { Form = "phieu-2" }));
        Assert.Null(Faults(Body(10, 10, [(1, 10, false)]) with { Form = " phieu-1 " }));
        Assert.Equal("phieu-1", Summarised(Step, Body(10, 10, [(1, 10, false)]) with { Form = null }).Form);
        Assert.Equal("phieu-2", Summarised(Step with { Survey = Step.Survey with { Form = null } }, Body(10, 10, [(1, 10, false)]) with { Form = "phieu-2" }).Form);
    }

    [Fact]
    public void What_does_not_add_up_is_refused()
    {
        Assert.Equal(["asked", "answered"], Faults(Body(10, 12, [(1, 0, false)]) with { Asked = 11 }));
        Assert.Equal(["questions[0]"], Faults(Body(10, 5, [(1, 6, false)])));
        Assert.Equal(["Không được âm."], SummariseSurvey.Decide(Dossier, Step, Body(10, 5, [(1, 5, false)]) with { Answered = -1, Questions = [new(1, null, 0, 0)] }, "mn", Given.Now).Refusal?.Errors?["answered"].Select(t => t.Vi));
        Assert.Equal(["questions[1].no", "questions[1].overall"], Faults(Body(10, 5, [(1, 5, true), (1, 5, true)])));
        Assert.Equal(["questions"], Faults(Body(10, 5, [])));
        Assert.Equal(["to"], Faults(Body(10, 5, [(1, 5, false)]) with { From = Given.Today.AddDays(1) }));
        Assert.Equal(["to"], Faults(Body(10, 5, [(1, 5, false)]) with { To = Given.Today.AddDays(1) }));
        Assert.Equal(["parts"], Faults(Body(10, 5, [(1, 5, false)]) with { Parts = [new("Thôn 1", 10, 10, 4, [new(1, null, 4, 0)])] }));
        Assert.Equal(["parts[0].questions", "parts"], Faults(Body(10, 5, [(1, 5, false)]) with { Parts = [new("Thôn 1", 10, 10, 5, [new(2, null, 5, 0)])] }));
    }

    [Fact]
    public void A_survey_confirms_nothing_and_its_difference_from_what_was_confirmed_shows()
    {
        var failing = Step with { Survey = Step.Survey! with { MinSharePerQuestion = new(new(90, 100), "internal") } };
        var dossier = Dossier.After(d => SummariseSurvey.Decide(d, failing, Body(100, 100, [(1, 89, false)]), "mn", Given.Now));
        Assert.Equal((true, 96.5m, true), SurveyView.Of(dossier) is var view ? (view?.Confirmed, view?.Value, view?.Differs) : default);
        Assert.Equal("opened", dossier.State);
        Assert.Null(dossier.Lacks(Given.Procedure, Given.Step(StepIds.Submit), Given.Today));
        var unknown = Dossier.After(d => SummariseSurvey.Decide(d, Step, Body(100, 100, [(1, 89, false)]), "mn", Given.Now));
        Assert.Null(SurveyView.Of(unknown)!.Differs);
    }

    /// <summary>The reference multiplies every denominator out; floating point or a rounded percentage would differ.</summary>
    [Property(MaxTest = 300)]
    public Property The_mean_of_the_questions_is_an_exact_fraction() => Prop.ForAll(
        Gen.Choose(1, 997).SelectMany(all => Gen.Choose(0, all).Select(satisfied => (satisfied, all))).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(1, 100).ToArbitrary(),
        (questions, percent) =>
        {
            var asked = questions.Take(12).ToArray();
            var rules = new SurveyRules(null, SurveyRules.Unit, Unset, Unset, new(new(percent, 100), "internal"), Unset);
            var (result, _) = SurveyResult.Of(rules, 1000, 1000, [.. asked.Select((q, i) => Question(i + 1, q.satisfied, q.all))], []);
            var product = asked.Aggregate(BigInteger.One, (all, q) => all * q.all);
            var sum = asked.Aggregate(BigInteger.Zero, (total, q) => total + (product / q.all * q.satisfied));
            return result == (sum * 100 >= percent * product * asked.Length ? SurveyResult.Passed : SurveyResult.Failed);
        });

    [Property(MaxTest = 300)]
    public Property The_lowest_question_decides() => Prop.ForAll(
        Gen.Choose(1, 500).SelectMany(all => Gen.Choose(0, all).Select(satisfied => (satisfied, all))).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(1, 100).ToArbitrary(),
        (questions, percent) =>
        {
            var rules = new SurveyRules(null, SurveyRules.Unit, Unset, new(new(percent, 100), "internal"), Unset, Unset);
            var (result, _) = SurveyResult.Of(rules, 1000, 1000, [.. questions.Select((q, i) => Question(i + 1, q.satisfied, q.all))], []);
            return result == (questions.TrueForAll(q => q.satisfied * 100 >= percent * q.all) ? SurveyResult.Passed : SurveyResult.Failed);
        });

    /// <summary>Of the questions some were answered by nobody: one known share below the rule fails it, else nothing is known.</summary>
    [Property(MaxTest = 300)]
    public Property A_share_below_its_rule_fails_whatever_is_not_known() => Prop.ForAll(
        Gen.Choose(0, 500).SelectMany(all => Gen.Choose(0, all).Select(satisfied => (satisfied, all))).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(1, 100).ToArbitrary(),
        (questions, percent) =>
        {
            var rules = new SurveyRules(null, SurveyRules.Unit, Unset, new(new(percent, 100), "internal"), Unset, Unset);
            var (result, _) = SurveyResult.Of(rules, 1000, 1000, [.. questions.Select((q, i) => Question(i + 1, q.satisfied, q.all))], []);
            return result == (questions.Any(q => q.all > 0 && q.satisfied * 100 < percent * q.all) ? SurveyResult.Failed
                : questions.Any(q => q.all == 0) ? SurveyResult.Unknown : SurveyResult.Passed);
        });

    [Fact]
    public void A_question_that_nobody_answered_hides_no_failed_one_in_a_commune_of_a_district()
    {
        var rules = District.Survey!;
        SurveyPart Of(string name, int satisfied, int answers) => new(name, 100, 100, 100, [Question(1, satisfied, answers), Question(2, 100, 100, overall: true)]);
        var (result, found) = SurveyResult.Of(rules, 200, 200, [Question(1, 79, 100), Question(2, 200, 200, overall: true)], [Of("Xã A", 0, 0), Of("Xã B", 79, 100)]);
        Assert.Equal((SurveyResult.Failed, "79/100", "Xã B"), (result, found[1].Reached, found[1].Part));
        (result, found) = SurveyResult.Of(rules, 200, 200, [Question(1, 80, 100), Question(2, 200, 200, overall: true)], [Of("Xã A", 0, 0), Of("Xã B", 80, 100)]);
        Assert.Equal((SurveyResult.Unknown, SurveyResult.Unknown, null), (result, found[1].Result, found[1].Reached));
    }

    [Fact]
    public void Each_village_must_give_its_share_of_the_sample_where_a_province_says_so()
    {
        Assert.All(Given.Book.All, p => Assert.Null(p.Step(StepIds.Survey)!.Survey!.MinPartSampleShare));
        var rules = TrieuSon with { MinMeanShare = Unset, MinOverall = Unset, MinSampleShare = Unset, MinPartSampleShare = new(new(70, 100), "internal") };
        SurveyPart Village(string name, int answered) => new(name, 100, 100, answered, [Question(1, answered, answered)]);
        string Result(params SurveyPart[] parts) => SurveyResult.Of(rules, 200, 150, [Question(1, 150, 150)], parts).Result;
        Assert.Equal(SurveyResult.Failed, Result(Village("Thôn 1", 90), Village("Thôn 2", 69)));
        Assert.Equal(SurveyResult.Passed, Result(Village("Thôn 1", 90), Village("Thôn 2", 70)));
        // Who did not count by village tells nothing of them.
        Assert.Equal(SurveyResult.Unknown, Result());
        Assert.Equal(("sample-per-part", "69/100", "Thôn 2", null), SurveyResult.Of(rules, 200, 159, [Question(1, 159, 159)], [Village("Thôn 1", 90), Village("Thôn 2", 69)]).Rules[^1] is var r ? (r.Rule, r.Reached, r.Part, r.Question) : default);
    }

    [Fact]
    public void A_survey_that_was_begun_is_waited_for_with_its_last_day_until_it_is_summed_up()
    {
        var (start, last, asked) = (new DateOnly(2024, 11, 29), new DateOnly(2024, 12, 27), new DateOnly(2025, 6, 30));
        NextStep Next(Dossier d) => d.NextSteps(Given.Procedure, asked, null).Single(n => n.Step == StepIds.Survey);
        Assert.Equal((null, false), (Next(Dossier).Due, Next(Dossier).Required));
        Assert.DoesNotContain(OpenSteps.Of(Dossier, Given.Book, asked).Steps, s => s.Step == StepIds.Survey);
        var wrong = Dossier.After(d => StartSurvey.Decide(d, new(start.AddDays(-3)), "hn", Given.Now));
        var begun = wrong.After(d => StartSurvey.Decide(d, new(start), "hn", Given.Now));
        Assert.Equal((last, true), (Next(begun).Due, Next(begun).Required));
        Assert.Equal((last, "opened"), (OpenSteps.Of(begun, Given.Book, asked).Steps.Single(s => s.Step == StepIds.Survey).Due, begun.State));
        // Read back from what the queue keeps.
        Assert.Equal(last, Next(OpenSteps.Of(begun, Given.Book, asked).Dossier).Due);

        var body = Body(10, 10, [(1, 10, false)]) with { To = last.AddDays(3) };
        Assert.Equal(["from"], SummariseSurvey.Decide(begun, Step, body with { From = start.AddDays(1) }, "hn", Given.Now).Refusal?.Errors?.Keys);
        var summed = begun.After(d => SummariseSurvey.Decide(d, Step, body with { From = null }, "hn", Given.Now));
        Assert.Equal((start, last, true), (summed.Survey!.From, summed.Survey.Due, summed.Survey.Late));
        Assert.Equal((null, false), (Next(summed).Due, Next(summed).Required));
    }

    [Fact]
    public void A_survey_begins_neither_before_the_dossier_nor_in_the_future()
    {
        IEnumerable<string>? Faults(DateOnly? date) => StartSurvey.Decide(Dossier, new(date), "hn", Given.Now).Refusal?.Errors?.Keys;
        Assert.Equal(["date"], Faults(Dossier.Day.AddDays(-1)));
        Assert.Null(Faults(Dossier.Day));
        Assert.Equal(["date"], Faults(Given.Today.AddDays(1)));
        Assert.Equal(["date"], Faults(null));
    }

    private static SurveyQuestion Question(int no, int satisfied, int all, bool overall = false) => new(no, null, satisfied, all - satisfied, 0, overall);

    private static SummariseSurvey.Body Body(int households, int answered, (int No, int Satisfied, bool Overall)[] questions) => new(
        null, Given.Today.AddDays(-5), Given.Today, households, Math.Max(answered, households), answered, [.. questions.Select(q => new SummariseSurvey.Question(q.No, null, q.Satisfied, Math.Max(0, answered - q.Satisfied), 0, q.Overall))]);

    private static Survey Summarised(ProcedureStep step, SummariseSurvey.Body body) =>
        Assert.IsType<SurveySummarised>(Assert.Single(SummariseSurvey.Decide(Dossier, step, body, "mn", Given.Now, step == District ? Communes : null) is { Refusal: null } decision ? decision.Events : [])).Survey;

    private static IEnumerable<string>? Faults(SummariseSurvey.Body body) => SummariseSurvey.Decide(Dossier, Step, body, "mn", Given.Now).Refusal?.Errors?.Keys;
}

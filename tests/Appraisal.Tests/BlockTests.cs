using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>What found against the dossier stops the way, where the file says so, until it finds for it.</summary>
public sealed class BlockTests
{
    private static readonly DateOnly WithDistricts = new(2025, 6, 30);
    private static readonly Procedure District = Given.Book.Version("district-ntm", "qd18-2022.1");

    [Fact]
    public void The_files_say_what_stops_the_way() => Assert.All(
        Given.Book.All, p => Assert.All(
            p.Steps.Where(s => s.Records is StepIds.Meeting or StepIds.Survey or StepIds.Completeness or StepIds.Report), s => Assert.Equal((true, false), (s.Blocks?.Value, s.Blocks?.Mark == "seen"))));

    [Fact]
    public void An_incomplete_dossier_is_not_accepted_until_another_check_finds_it_complete()
    {
        var lacking = Check(Given.Submitted(), false);
        var refusal = lacking.Lacks(Given.Procedure, Given.Step(StepIds.Accept), WithDistricts);
        Assert.Equal((409, "dossier-incomplete"), (refusal?.Status, refusal?.Rule));
        Assert.Contains("Tờ trình", refusal!.Detail.Vi, StringComparison.Ordinal);
        Assert.Null(lacking.Lacks(Given.Procedure, Given.Step(StepIds.Return), WithDistricts));
        Assert.Null(lacking.Lacks(Given.Procedure, Given.Step(StepIds.Withdraw), WithDistricts));
        Assert.Null(Check(lacking, true).Lacks(Given.Procedure, Given.Step(StepIds.Accept), WithDistricts));
        // Once nobody checks it any more, nobody could mend the finding.
        Assert.Null(lacking.Lacks(Given.Procedure, Given.Step(StepIds.Accept), Given.Today));

        static Dossier Check(Dossier dossier, bool complete) =>
            dossier.After(d => CheckCompleteness.Decide(d, Given.Step(StepIds.Completeness), new(Given.Today, complete, complete ? null : ["Tờ trình"]), "hn", Given.Now));
    }

    [Fact]
    public void A_survey_under_the_threshold_stops_a_district_at_each_step_that_leads_on()
    {
        var failed = Given.Opened().Apply(new SurveySummarised(Survey(SurveyResult.Failed), "fn", Given.Now));
        foreach (var step in new[] { StepIds.Submit, StepIds.Accept, StepIds.Council })
            Assert.Equal((409, "survey-failed"), failed.Lacks(District, District.Step(step)!, WithDistricts) is var refusal ? (refusal?.Status, refusal?.Rule) : default);
        foreach (var step in new[] { StepIds.Return, StepIds.Withdraw, StepIds.Refuse, StepIds.Consultation, StepIds.Survey })
            Assert.Null(failed.Lacks(District, District.Step(step)!, WithDistricts));
        foreach (var result in new[] { SurveyResult.Passed, SurveyResult.Unknown })
            Assert.Null(failed.Apply(new SurveySummarised(Survey(result), "fn", Given.Now)).Lacks(District, District.Step(StepIds.Submit)!, WithDistricts));
        Assert.Equal("survey-failed", failed.Lacks(Given.Procedure, Given.Step(StepIds.Accept), WithDistricts)?.Rule);
    }

    [Theory]
    [InlineData(ReportAppraisal.Propose, null)]
    [InlineData(ReportAppraisal.NotPropose, "not-proposed")]
    [InlineData(Findings.MustSupplement, "not-proposed")]
    public void Only_a_report_that_proposes_leads_to_the_council(string recommendation, string? rule)
    {
        var reported = Given.Accepted().After(d => ReportAppraisal.Decide(d, Given.Step(StepIds.Report), new(Given.Today, recommendation, "Báo cáo"), "po", Given.Now));
        Assert.Equal(rule, reported.Lacks(Given.Procedure, Given.Step(StepIds.Council), Given.Today)?.Rule);
        Assert.Null(reported.Lacks(Given.Procedure, Given.Step(StepIds.Refuse), Given.Today));
        Assert.Equal(rule is null, reported.NextSteps(Given.Procedure, Given.Today, null).Any(n => n.Step == StepIds.Council));
    }

    [Theory]
    [InlineData("commune-ntm")]
    [InlineData("commune-advanced")]
    [InlineData("commune-model")]
    [InlineData("district-ntm")]
    [InlineData("district-advanced")]
    public void The_files_say_that_a_report_that_asks_for_more_stops_the_way_and_how_sure_that_is(string procedure) =>
        Assert.Equal((true, "internal"), Given.Book.Version(procedure, "qd18-2022.1").Step(StepIds.Report)!.Blocks!.Supplement is { } s ? (s.Value, s.Mark) : default);

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, null, false)]
    [InlineData(false, true, true)]
    public void Whether_a_report_that_asks_for_more_stops_the_way_is_a_value_of_its_own(bool others, bool? supplement, bool stops)
    {
        var procedure = Given.Procedure with
        {
            Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Report ? s with { Blocks = new(others, "recalled", null, new(supplement, "derived")) } : s)],
        };
        Refusal? After(string recommendation) => Given.Accepted().After(d => ReportAppraisal.Decide(d, Given.Step(StepIds.Report), new(Given.Today, recommendation, "Báo cáo"), "po", Given.Now))
            .Lacks(procedure, procedure.Step(StepIds.Council)!, Given.Today);
        Assert.Equal(stops ? "Báo cáo thẩm định gần nhất yêu cầu bổ sung (suy ra)." : null, After(Findings.MustSupplement)?.Detail.Vi);
        Assert.Equal(others, After(ReportAppraisal.NotPropose) is not null);
    }

    [Fact]
    public void A_refusal_says_in_words_how_sure_the_rule_is()
    {
        var reported = Given.Accepted().After(d => ReportAppraisal.Decide(d, Given.Step(StepIds.Report), new(Given.Today, ReportAppraisal.NotPropose, "Chưa đủ"), "po", Given.Now));
        var lacking = Given.Submitted().After(d => CheckCompleteness.Decide(d, Given.Step(StepIds.Completeness), new(Given.Today, false, ["Tờ trình"]), "hn", Given.Now));
        var failed = Given.Accepted().Apply(new SurveySummarised(Survey(SurveyResult.Failed), "fn", Given.Now));
        foreach (var (refusal, id) in new[]
        {
            (reported.Lacks(Given.Procedure, Given.Step(StepIds.Council), Given.Today), StepIds.Report),
            (lacking.Lacks(Given.Procedure, Given.Step(StepIds.Accept), WithDistricts), StepIds.Completeness),
            (failed.Lacks(Given.Procedure, Given.Step(StepIds.Council), WithDistricts), StepIds.Survey),
        })
        {
            var mark = Given.Step(id).Blocks!.Mark;
            Assert.Contains($"({MarkNames.Of(mark).Vi})", refusal!.Detail.Vi, StringComparison.Ordinal);
            Assert.DoesNotContain(mark, refusal.Detail.Vi, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Where_the_file_does_not_say_so_a_finding_stops_nothing()
    {
        var reported = Given.Accepted().After(d => ReportAppraisal.Decide(d, Given.Step(StepIds.Report), new(Given.Today, ReportAppraisal.NotPropose, "Chưa đủ"), "po", Given.Now));
        foreach (var blocks in new[] { null, new Blocking(null, "unknown"), new Blocking(false, "internal") })
        {
            var open = Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Report ? s with { Blocks = blocks } : s)] };
            Assert.Null(reported.Lacks(open, open.Step(StepIds.Council)!, Given.Today));
        }
    }

    [Fact]
    public void What_finds_nothing_stops_nothing()
    {
        var file = Given.ProcedureFile("commune-ntm.json");
        file["steps"]!.AsArray().First(s => (string?)s!["id"] == StepIds.Verification)!["blocks"] = new System.Text.Json.Nodes.JsonObject { ["value"] = true, ["mark"] = "internal" };
        Assert.Contains("blocks", Assert.Throws<InvalidDataException>(() => Given.BookWith(("commune-ntm.json", file))).Message, StringComparison.Ordinal);
    }

    private static Survey Survey(string result) => new("phieu-4", Given.Today, Given.Today, 10, 10, 10, [], [], result, [], null, null, []);
}

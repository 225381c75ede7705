using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Eligibility;

namespace Ntm.Appraisal.Tests;

public sealed class EligibilityTests
{
    [Fact]
    public void All_four_conditions_met_make_a_unit_eligible()
    {
        var result = Judge(Given.Eligible());
        Assert.True(result.Eligible);
        Assert.Equal(["criteria", "arrears", "satisfaction", "security"], result.Conditions.Select(c => c.Condition.Id));
        Assert.Empty(result.Missing);
    }

    [Theory]
    [InlineData("notMet", "notMet")]
    [InlineData("notReported", "notMet")]
    [InlineData("undetermined", "unknown")]
    public void One_indicator_short_and_the_criteria_are_not_met(string indicator, string condition)
    {
        var result = Judge(Given.Eligible() with { Assessment = Given.Assessed(("1.1", "met"), ("1.2", indicator)) });
        Assert.False(result.Eligible);
        Assert.Equal(condition, result.Conditions[0].Status);
        Assert.Equal(new("1.2", indicator, "≥ 90", "seen"), Assert.Single(result.Missing));
    }

    [Fact]
    public void An_indicator_of_the_set_that_was_never_assessed_is_not_reported()
    {
        var result = Judge(Given.Eligible() with { Assessment = null });
        Assert.Equal(["1.1", "1.2"], result.Missing.Select(m => m.Indicator));
        Assert.All(result.Missing, m => Assert.Equal("notReported", m.Reason));
    }

    [Fact]
    public void A_set_that_is_incomplete_or_not_known_yet_decides_nothing()
    {
        Assert.Equal("unknown", Judge(Given.Eligible() with { Set = null }).Conditions[0].Status);
        Assert.Equal("unknown", Judge(Given.Eligible() with { Set = Given.Set("1.1") with { Complete = false } }).Conditions[0].Status);
    }

    [Fact]
    public void What_is_missing_and_the_criteria_say_how_sure_their_rules_are()
    {
        var set = Given.Set("1.1", "1.2");
        var result = Judge(Given.Eligible() with
        {
            Set = set with { Indicators = [set.Indicators[0] with { TextMark = "seen" }, set.Indicators[1] with { Mark = "unknown", TextMark = "recalled" }] },
            Assessment = Given.Assessed(("1.1", "met")),
        });
        Assert.Equal(("1.2", "unknown", "recalled"), Assert.Single(result.Missing) is var m ? (m.Indicator, m.Mark, m.TextMark) : default);
        Assert.Equal(("unknown", "recalled"), (result.Conditions[0].RuleMark, result.Conditions[0].TextMark));
        Assert.Null(result.Conditions[1].RuleMark);
    }

    [Fact]
    public void A_condition_nobody_confirmed_is_unknown_and_one_denied_is_not_met()
    {
        var result = Judge(Given.Eligible() with { Confirmations = [Given.Confirmed("arrears", met: false), Given.Confirmed("security")] });
        Assert.Equal(["met", "notMet", "unknown", "met"], result.Conditions.Select(c => c.Status));
        Assert.False(result.Eligible);
    }

    [Fact]
    public void Without_a_known_threshold_the_finding_of_the_Front_counts() =>
        Assert.Equal("met", Judge(Given.Eligible() with { Confirmations = [Given.Confirmed("satisfaction", value: 12m)] }).Conditions[2].Status);

    [Theory]
    [InlineData(90, "met")]
    [InlineData(89, "notMet")]
    [InlineData(null, "unknown")]
    public void A_threshold_set_in_the_file_is_compared(int? value, string status)
    {
        var procedure = Given.Procedure with { Conditions = [.. Given.Procedure.Conditions.Select(c => c.Id == "satisfaction" ? c with { Minimum = 90 } : c)] };
        var facts = Given.Eligible() with { Confirmations = [Given.Confirmed("satisfaction", value: value)] };
        Assert.Equal(status, EligibilityResult.Judge(procedure, facts).Conditions[2].Status);
    }

    [Fact]
    public void A_confirmation_names_all_its_faults_at_once()
    {
        var refusal = ConfirmCondition.Decide(Given.Unit.Id, "commune-ntm", "arrears", new(null, 101, "", null), "x", Given.Now).Refusal;
        Assert.Equal(["met", "basis", "value", "validOn"], refusal?.Errors?.Keys);
        var future = ConfirmCondition.Decide(Given.Unit.Id, "commune-ntm", "arrears", new(true, null, "BC", Given.Today.AddDays(1)), "x", Given.Now).Refusal;
        Assert.Equal(["validOn"], future?.Errors?.Keys);
    }

    [Fact]
    public void A_later_confirmation_supersedes_the_earlier()
    {
        var first = Confirmation.Create(Confirm(true));
        var second = first.Apply(Confirm(false));
        Assert.Equal((false, 2L), (second.Met, second.Revision));
    }

    private static ConditionConfirmed Confirm(bool met) =>
        (ConditionConfirmed)ConfirmCondition.Decide(Given.Unit.Id, "commune-ntm", "arrears", new(met, null, "BC", Given.Today), "x", Given.Now).Events[0];

    private static EligibilityResult Judge(EligibilityFacts facts) => EligibilityResult.Judge(Given.Procedure, facts);
}

using Ntm.Contracts;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Tests;

public sealed class ThresholdTests
{
    private const string Region = "Bắc Trung Bộ";
    private static readonly Indicator Both = Given.Set.Find("5")! with { Threshold = ReportedValue.Of(90m) };

    [Fact]
    public void The_regions_figure_goes_before_the_general_one()
    {
        Assert.Equal(ReportedValue.Of(70m), Threshold.Of(Both, Region));
        Assert.True(Threshold.Decide(Both, Region, ReportedValue.Of(75m)));
        Assert.Equal("≥ 70 % (Bắc Trung Bộ)", Threshold.Describe(Both, Region));
    }

    [Fact]
    public void Without_a_figure_of_the_region_the_general_one_decides()
    {
        Assert.Equal(ReportedValue.Of(90m), Threshold.Of(Both, "Tây Bắc"));
        Assert.False(Threshold.Decide(Both, "Tây Bắc", ReportedValue.Of(75m)));
        Assert.Equal("≥ 90 %", Threshold.Describe(Both, "Tây Bắc"));
    }

    [Fact]
    public void Where_figures_differ_by_region_and_nobody_knows_the_units_nothing_decides()
    {
        Assert.Null(Threshold.Of(Both, null));
        Assert.True(Threshold.LeavesOpen(Both, null));
        Assert.Equal(ReportedValue.Of(80m), Threshold.Of(Given.Set.Find("3.1")!, null));
    }

    [Theory]
    [InlineData("1", 90)]
    [InlineData("3", 70)]
    [InlineData("2", 60)]
    public void From_2026_on_the_figure_is_the_one_of_the_commune_group(string group, int figure)
    {
        var indicator = Given.Set.Find("3.1")! with { Threshold = ReportedValue.Of(60m), Thresholds = [new("nhom-1", ReportedValue.Of(90m)), new("3", ReportedValue.Of(70m))] };
        Assert.Equal(ReportedValue.Of((decimal)figure), Threshold.Of(indicator, group));
        Assert.Equal("≥ 90 % (nhóm 1)", Threshold.Describe(indicator, "1"));
    }

    [Fact]
    public void Without_any_figure_nothing_is_decided()
    {
        var unknown = Given.Set.Find("10")!;
        Assert.Null(Threshold.Of(unknown, Region));
        Assert.Null(Threshold.Decide(unknown, Region, ReportedValue.Of(1000m)));
        Assert.Null(Threshold.Describe(unknown, Region));
        Assert.Null(Threshold.Decide(Given.Set.Find("5")!, null, ReportedValue.Of(75m)));
    }

    [Theory]
    [InlineData(">=", 79.999999, false)]
    [InlineData(">=", 80, true)]
    [InlineData("<=", 80, true)]
    [InlineData("<=", 80.000001, false)]
    [InlineData("=", 80, true)]
    [InlineData("=", 80.000001, false)]
    public void A_bound_is_compared_exactly(string comparison, double value, bool met) =>
        Assert.Equal(met, Threshold.Decide(Given.Set.Find("3.1")! with { Comparison = comparison }, Region, ReportedValue.Of((decimal)value)));

    [Fact]
    public void Yes_meets_and_no_does_not()
    {
        Assert.True(Threshold.Decide(Given.Set.Find("8.4")!, Region, ReportedValue.Of(true)));
        Assert.False(Threshold.Decide(Given.Set.Find("8.4")!, Region, ReportedValue.Of(false)));
        Assert.Equal("Đạt", Threshold.Describe(Given.Set.Find("8.4")!, Region));
    }

    [Fact]
    public void A_grade_other_than_the_one_asked_for_is_for_an_authority_to_judge()
    {
        Assert.True(Threshold.Decide(Given.Grade, Region, ReportedValue.Of("mức độ 3")));
        Assert.Null(Threshold.Decide(Given.Grade, Region, ReportedValue.Of("Mức độ 2")));
        Assert.True(Threshold.LeavesOpen(Given.Grade, Region));
    }

    [Fact]
    public void A_delegated_or_unknown_figure_is_left_open()
    {
        Assert.True(Threshold.LeavesOpen(Given.Set.Find("2.1")!, Region));
        Assert.True(Threshold.LeavesOpen(Given.Set.Find("10")!, Region));
        Assert.True(Threshold.LeavesOpen(Given.Set.Find("3.1")! with { DelegatedToProvince = true }, Region));
        Assert.False(Threshold.LeavesOpen(Given.Set.Find("3.1")!, Region));
        Assert.False(Threshold.LeavesOpen(Given.Set.Find("5")!, Region));
        Assert.True(Threshold.LeavesOpen(Given.Set.Find("5")!, null));
    }

    [Fact]
    public void In_words_a_bound_reads_with_its_sign_and_unit()
    {
        Assert.Equal("= 0 nhà", Threshold.Describe(Given.Set.Find("9.1")!, Region));
        Assert.Equal("≤ 5 % (Bắc Trung Bộ)", Threshold.Describe(Given.SetOf("xa-ntm-2021-2025").Find("11")!, Region));
        Assert.Equal("≥ 2 m2/người", Threshold.Describe(Given.SetOf("xa-ntm-2021-2025").Find("17.4")!, Region));
    }
}

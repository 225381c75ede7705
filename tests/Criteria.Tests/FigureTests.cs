using System.Globalization;
using System.Text;
using System.Text.Json;
using Ntm.Contracts;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class FigureTests
{
    [Theory]
    [InlineData("123456789012.123456")]
    [InlineData("-123456789012.123456")]
    [InlineData("999999999999999999")]
    [InlineData("0.000001")]
    [InlineData("0.100000000000")]
    [InlineData("12.500000000000000000000")]
    [InlineData("0")]
    public void Eighteen_digits_fit_with_six_after_the_point(string number) => Assert.Equal(Decimal(number), Taken("10", number).Number);

    [Theory]
    [InlineData("1234567890123.123456")]
    [InlineData("1000000000000000000")]
    [InlineData("-1000000000000000000")]
    [InlineData("0.0000001")]
    [InlineData("1.1234567")]
    [InlineData("79228162514264337593543950335")]
    public void A_longer_number_is_refused(string number) => Refuses("10", number);

    [Theory]
    [InlineData("0")]
    [InlineData("100")]
    [InlineData("100.000000")]
    [InlineData("92.5")]
    public void A_percentage_lies_between_0_and_100(string number) => Assert.Equal(Decimal(number), Taken("3.1", number).Number);

    [Theory]
    [InlineData("-0.000001")]
    [InlineData("100.000001")]
    [InlineData("1e3")]
    public void A_percentage_outside_is_refused(string number) => Refuses("3.1", number);

    [Fact]
    public void What_the_law_sets_is_refused_with_its_source()
    {
        const string set = "QĐ 318/QĐ-TTg (2022-03-08); QĐ 211/QĐ-TTg (2024-03-01)";
        Assert.Equal(set, BasisOf("3.1", ReportedValue.Of(101m), Scene.ThreeTiers)!["value"]);
        Assert.Equal(set, BasisOf("8.4", ReportedValue.Of(1m), Scene.ThreeTiers)!["value"]);
        Assert.Equal(set, BasisOf("9.9", ReportedValue.Of(1m), Scene.ThreeTiers)!["indicator"]);
        var closing = Scene.ThreeTiers with { Period = Given.Quarter2024 with { FiguresAsOf = new(2024, 12, 14), CutOffAct = "NĐ 09/2019/NĐ-CP, điều 12 khoản 2" } };
        Assert.Equal("NĐ 09/2019/NĐ-CP, điều 12 khoản 2", BasisOf("3.1", ReportedValue.Of(1m), closing)!["validOn"]);
        var tomorrow = RecordIndicator.Decide(Scene.ThreeTiers.As(Given.CommuneOfficer), "3.1", new(ReportedValue.Of(1m), Scene.ThreeTiers.Today.AddDays(1), null, null));
        Assert.Equal("NĐ 09/2019/NĐ-CP, điều 8 khoản 5 (seen)", tomorrow.Refusal!.LegalBasis!["validOn"]);

        static IReadOnlyDictionary<string, string>? BasisOf(string indicator, ReportedValue value, Scene scene) =>
            RecordIndicator.Decide(scene.As(Given.CommuneOfficer), indicator, new(value, scene.Today, null, null)).Refusal!.LegalBasis;
    }

    [Theory]
    [InlineData("3.1", "true")]
    [InlineData("3.1", "\"92.5\"")]
    [InlineData("9.1", "false")]
    [InlineData("10", "\"\"")]
    [InlineData("8.4", "1")]
    [InlineData("8.4", "\"true\"")]
    [InlineData("5.3", "3")]
    [InlineData("5.3", "true")]
    [InlineData("5.3", "\"\"")]
    public void Each_indicator_takes_its_own_kind_of_value(string indicator, string json) => Refuses(indicator, json);

    [Fact]
    public void Yes_and_no_are_both_figures()
    {
        Assert.True(Taken("8.4", "true").Yes);
        Assert.False(Taken("8.4", "false").Yes);
    }

    [Fact]
    public void A_text_is_kept_composed()
    {
        const string composed = "Mức độ 2";
        var taken = Taken("5.3", JsonSerializer.Serialize(composed.Normalize(NormalizationForm.FormD)));
        Assert.Equal(composed, taken.Text);
        Assert.NotEqual(composed.Length, composed.Normalize(NormalizationForm.FormD).Length);
    }

    [Fact]
    public void A_note_is_kept_composed()
    {
        var decision = Decide("3.1", new(ReportedValue.Of(1m), Scene.ThreeTiers.Today, "Số liệu tạm tính".Normalize(NormalizationForm.FormD), null));
        Assert.Equal("Số liệu tạm tính", ((IndicatorRecorded)decision.Events[1]).Note);
    }

    [Fact]
    public void A_text_has_at_most_4000_characters()
    {
        Assert.Equal(4000, Taken("5.3", $"\"{new string('x', 4000)}\"").Text!.Length);
        Refuses("5.3", $"\"{new string('x', 4001)}\"");
    }

    [Fact]
    public void A_note_has_at_most_4000_characters()
    {
        Assert.Null(Decide("3.1", Noted(4000)).Refusal);
        Assert.Equal(["note"], Decide("3.1", Noted(4001)).Refusal?.Errors?.Keys);

        static RecordIndicator.Body Noted(int length) => new(ReportedValue.Of(1m), Scene.ThreeTiers.Today, new string('x', length), null);
    }

    private static ReportedValue Taken(string indicator, string json)
    {
        var decision = Decide(indicator, BodyOf(json));
        Assert.Null(decision.Refusal);
        return ((IndicatorRecorded)decision.Events[1]).Value;
    }

    private static void Refuses(string indicator, string json) => Scene.ThreeTiers.Faults(Given.CommuneOfficer, c => RecordIndicator.Decide(c, indicator, BodyOf(json)), "value");

    private static Decision Decide(string indicator, RecordIndicator.Body body) => RecordIndicator.Decide(Scene.ThreeTiers.As(Given.CommuneOfficer), indicator, body);

    private static RecordIndicator.Body BodyOf(string json) =>
        JsonSerializer.Deserialize<RecordIndicator.Body>($$"""{ "value": {{json}}, "validOn": "2024-12-20" }""", NtmJson.Http)!;

    private static decimal Decimal(string number) => decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
}

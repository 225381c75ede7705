using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Tests;

public sealed class SetsFileTests
{
    private static readonly JsonArray Sets = JsonNode.Parse(Given.Data("criteria.json"))!["sets"]!.AsArray();
    private static readonly (CriteriaSet Set, JsonObject Json)[] Pairs = [.. Given.Published.Zip(Sets, (p, json) => (p.Set, json!.AsObject()))];

    [Fact]
    public void Every_set_of_the_file_is_published_once()
    {
        Assert.Equal(11, Pairs.Length);
        Assert.Equal(Sets.Count, Pairs.Length);
        Assert.Equal(Pairs.Length, Pairs.DistinctBy(p => p.Set.Id).Count());
        Assert.All(Pairs, p => Assert.Equal(TextOf(p.Json, "id"), p.Set.Id));
    }

    [Fact]
    public void A_complete_set_has_what_its_decision_counts() => Assert.All(Pairs.Where(p => p.Set is { IsComplete: true, ExpectedCounts: not null }), p =>
        Assert.Equal(p.Set.ExpectedCounts, new ExpectedCounts(p.Set.Criteria.Count, p.Set.Indicators.Count())));

    [Theory]
    [InlineData("xa-ntm-2021-2025", 19, 57)]
    [InlineData("xa-ntm-nang-cao-2021-2025", 19, 75)]
    [InlineData("huyen-ntm-2021-2025", 9, 36)]
    [InlineData("xa-ntm-kieu-mau-2021-2025", 4, 4)]
    [InlineData("tinh-ntm-2021-2025", 8, 8)]
    public void These_sets_are_complete(string id, int criteria, int indicators)
    {
        var set = Given.SetOf(id);
        Assert.True(set.IsComplete);
        Assert.Equal((criteria, indicators), (set.Criteria.Count, set.Indicators.Count()));
    }

    [Fact]
    public void All_other_sets_are_reported_incomplete() => Assert.Equal(
        ["huyen-ntm-nang-cao-2021-2025", "thi-xa-thanh-pho-ntm-2021-2025", "tinh-ntm-2026-2030", "xa-ntm-2026-2030", "xa-ntm-ha-tinh-2022-2025", "xa-ntm-hien-dai-2026-2030"],
        Pairs.Where(p => !p.Set.IsComplete).Select(p => p.Set.Id).Order(StringComparer.Ordinal));

    [Fact]
    public void A_set_that_lacks_an_indicator_is_incomplete_whatever_the_file_says()
    {
        var set = Given.SetOf("xa-ntm-2021-2025");
        Assert.False((set with { Criteria = [.. set.Criteria.Skip(1)], Complete = true }).IsComplete);
        Assert.False((set with { Criteria = [set.Criteria[0] with { Indicators = [] }, .. set.Criteria.Skip(1)], ExpectedCounts = null }).IsComplete);
        Assert.False((set with { Complete = false }).IsComplete);
    }

    [Fact]
    public void Marks_are_kept_of_sets_and_of_every_indicator() => Assert.All(Pairs, p =>
    {
        Assert.Equal((TextOf(p.Json, "source"), TextOf(p.Json, "in_force_to_source")), (p.Set.Source, p.Set.InForceToSource));
        Assert.Equal(IndicatorsOf(p.Json).Select(Marks), p.Set.Indicators.Select(i => (i.Code, i.Source, i.ThresholdSource, i.Confidence)));
    });

    [Fact]
    public void Every_word_and_figure_of_an_indicator_is_kept() => Assert.All(Pairs, p => Assert.All(p.Set.Indicators.Zip(IndicatorsOf(p.Json)), pair =>
    {
        var (kept, json) = pair;
        var written = JsonSerializer.SerializeToNode(kept, Snake)!.AsObject();
        Assert.All(json, field => Assert.True(JsonNode.DeepEquals(field.Value, written[field.Key]), $"{p.Set.Id} {kept.Code} {field.Key}: {written[field.Key]}"));
    }));

    [Fact]
    public void Every_other_field_of_a_set_is_kept() => Assert.All(Pairs, p =>
    {
        var written = JsonSerializer.SerializeToNode(p.Set, Snake)!.AsObject();
        Assert.All(
            p.Json.Where(field => field.Key != "criteria"),
            field => Assert.True(JsonNode.DeepEquals(field.Value, written[field.Key]), $"{p.Set.Id} {field.Key}: {written[field.Key]}"));
    });

    [Fact]
    public void A_threshold_that_is_not_known_is_not_made_up() => Assert.All(
        Pairs.SelectMany(p => p.Set.Indicators).Where(i => i.ThresholdSource == "unknown"), i => Assert.Equal((null, 0), (i.Threshold, i.ThresholdsByRegion.Count)));

    [Fact]
    public void Codes_are_unique_in_a_set_and_belong_to_their_criterion() => Assert.All(Pairs, p =>
    {
        Assert.Equal(p.Set.Indicators.Count(), p.Set.Indicators.DistinctBy(i => i.Code).Count());
        Assert.All(p.Set.InOrder(), x => Assert.Equal($"{x.Criterion.No}", x.Indicator.Code.Split('.')[0]));
    });

    [Fact]
    public void Indicators_stand_in_the_order_of_the_decision() => Assert.Equal(
        Enumerable.Range(1, 12).Select(n => $"17.{n}"),
        Given.SetOf("xa-ntm-2021-2025").InOrder().Select(x => x.Indicator.Code).Where(c => c.StartsWith("17.", StringComparison.Ordinal)));

    [Fact]
    public void Kinds_of_values_and_comparisons_are_those_the_rules_know() => Assert.All(Pairs.SelectMany(p => p.Set.Indicators), i =>
    {
        Assert.Contains(i.ValueType, (string[])["yesno", "percent", "number", "amount", "text"]);
        Assert.Contains(i.Comparison, (string[])[">=", "<=", "=", "meets"]);
        Assert.Equal(i.ValueType is "yesno" or "text", i.Comparison == "meets");
    });

    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static IEnumerable<JsonObject> IndicatorsOf(JsonObject set) =>
        set["criteria"]!.AsArray().SelectMany(c => c!["indicators"]!.AsArray()).Select(i => i!.AsObject());

    private static (string, string, string, string?) Marks(JsonObject indicator) =>
        (TextOf(indicator, "code")!, TextOf(indicator, "source")!, TextOf(indicator, "threshold_source")!, TextOf(indicator, "confidence"));

    private static string? TextOf(JsonObject json, string field) => json[field]?.GetValue<string>();
}

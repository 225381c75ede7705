using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Catalogue;

public sealed class SetReaderTests
{
    [Fact]
    public void A_set_keeps_every_word_figure_and_mark()
    {
        var (set, faults) = SetJson.Read(SetJson.Node());
        Assert.Empty(faults);
        Assert.Equal((Dimensions.Region, 3, 6, true), (set!.Along, set.Criteria.Count, set.Indicators.Count(), set.IsComplete));
        var score = set.Find("3.2")!;
        Assert.Equal(("score", "Phiếu chấm", "recalled", "QĐ 1", "recalled"), (score.ValueType, score.EvidenceVi, score.EvidenceSource, score.LegalSource, score.ThresholdSource));
        Assert.Equal("unknown", set.Find("1.3")!.ThresholdSource);
    }

    [Fact]
    public void Every_set_of_the_data_file_is_valid_and_read_as_it_was_published()
    {
        foreach (var (json, published) in JsonNode.Parse(Given.Data("criteria.json"))!["sets"]!.AsArray().Zip(Given.Published))
        {
            var faults = new SetFaults();
            var set = SetReader.Read(JsonSerializer.Deserialize<JsonElement>(json!.ToJsonString()), "", faults);
            Assert.Empty(faults.All);
            Assert.True(SetRules.Same(published.Set, set!), published.Set.Id);
            if (set!.Amends is { } id) Adaptation.Check(Given.SetOf(id), Adaptation.Inherited(Given.SetOf(id), set), "", faults);
            else SetRules.Check(set, "", faults);
            Assert.Empty(faults.All);
        }
    }

    [Fact]
    public void What_the_api_shows_is_read_back_as_the_same_set()
    {
        foreach (var published in Given.Published)
        {
            var shown = JsonSerializer.Serialize(SetView.Of(Given.Recorded(published.Set), Given.Recorded(published.Set).Latest, Given.EndOf2024), NtmJson.Http);
            var faults = new SetFaults();
            var set = SetReader.Read(JsonSerializer.Deserialize<JsonElement>(shown), "", faults);
            Assert.Empty(faults.All);
            Assert.True(SetRules.Same(published.Set, set!), published.Set.Id);
        }
    }

    [Fact]
    public void A_hole_in_the_numbering_is_named_with_its_place()
    {
        Assert.Equal([("criteria[1].no", "numbering"), ("criteria[1].indicators[0].code", "numbering")], SetJson.Faults(s => s["criteria"]![1]!["no"] = 4));
        Assert.Equal([("criteria[0].indicators[1].code", "numbering")], SetJson.Faults(s => s.Indicator(0, 1)["code"] = "1.4"));
        Assert.Equal([("criteria[1].indicators[0].code", "numbering")], SetJson.Faults(s => s.Indicator(1, 0)["code"] = "2.1"));
    }

    [Fact]
    public void Where_the_text_is_not_wholly_known_codes_may_have_holes_but_belong_to_their_criterion()
    {
        Assert.Empty(SetJson.Faults(s => (s["complete"], s.Indicator(0, 1)["code"]) = (false, "1.4")));
        Assert.Equal([("criteria[0].indicators[1].code", "numbering")], SetJson.Faults(s => (s["complete"], s.Indicator(0, 1)["code"]) = (false, "2.4")));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    public void A_threshold_without_comparison_is_refused_whatever_its_kind(int criterion, int indicator) => Assert.Contains(
        ($"criteria[{criterion}].indicators[{indicator}].comparison", "comparison-required"), SetJson.Faults(s => s.Indicator(criterion, indicator).Remove("comparison")));

    [Fact]
    public void Codes_and_numbers_that_stand_twice_are_faults_not_a_crash()
    {
        Assert.Contains(("criteria[0].indicators[1].code", "duplicate"), SetJson.Faults(s => s.Indicator(0, 1)["code"] = "1.1"));
        Assert.Contains(("criteria[1].no", "numbering"), SetJson.Faults(s => s["criteria"]![1]!["no"] = 1));
        Assert.Contains(("criteria[0].indicators[0].code", "required"), SetJson.Faults(s => s.Indicator(0, 0).Remove("code")));
        Assert.Contains(("criteria[0].no", "required"), SetJson.Faults(s => s["criteria"]![0]!.AsObject().Remove("no")));
    }

    [Theory]
    [InlineData("id", "Bộ", "id-form")]
    [InlineData("id", "a/b", "id-form")]
    [InlineData("period", "2025-2021", "period-form")]
    [InlineData("period", "2021", "period-form")]
    [InlineData("tier", "village", "one-of")]
    [InlineData("scope", "Hà Tĩnh", "scope-form")]
    [InlineData("inForceTo", "2022-03-07", "in-force")]
    [InlineData("inForceFrom", "08/03/2022", "day")]
    [InlineData("dimension", "province", "one-of")]
    [InlineData("dimension", "", "one-of")]
    [InlineData("source", "", "one-of")]
    [InlineData("treshold", "x", "unknown-field")]
    public void A_field_of_another_form_is_refused_by_its_rule(string field, string value, string rule) => Assert.Contains((field, rule), SetJson.Faults(s => s[field] = value));

    [Fact]
    public void Figures_go_with_their_kind_and_their_level()
    {
        const string at = "criteria[0].indicators[0]";
        Assert.Equal([($"{at}.threshold", "threshold-type")], SetJson.Faults(s => s.Indicator(0, 0)["threshold"] = 101));
        Assert.Equal([($"{at}.threshold", "threshold-type")], SetJson.Faults(s => s.Indicator(0, 0)["threshold"] = "Đạt"));
        Assert.Equal([($"{at}.comparison", "comparison")], SetJson.Faults(s => s.Indicator(0, 0)["comparison"] = "meets"));
        Assert.Equal([($"{at}.thresholdSource", "threshold-mark")], SetJson.Faults(s => s.Indicator(0, 0)["thresholdSource"] = "unknown"));
        Assert.Equal([("criteria[0].indicators[1].thresholds[0].at", "threshold-level")], SetJson.Faults(s => s.Indicator(0, 1)["thresholdsByRegion"]![0]!["region"] = "Tây Bắc"));
        Assert.Equal([("criteria[0].indicators[1].thresholdsByRegion", "dimension")], SetJson.Faults(s => s["dimension"] = "communeGroup").Take(1));
    }

    [Theory]
    [InlineData("""{ "id": "a\u0000b" }""", "id", "text")]
    [InlineData("""{ "note": "a\ud800b" }""", "note", "text")]
    [InlineData("""{ "preconditions": [{ "a": "\udfff" }] }""", "preconditions[0].a", "text")]
    [InlineData("""{ "communeGroups": [{ "a": 1e400 }] }""", "communeGroups[0].a", "number")]
    [InlineData("""{ "communeGroups": [{ "a": 1e-400 }] }""", "communeGroups[0].a", "number")]
    [InlineData("""{ "criteria": [{ "no": 1e400 }] }""", "criteria[0].no", "number")]
    [InlineData("""{ "criteria": [{ "indicators": [{ "threshold": 0.1234567 }] }] }""", "criteria[0].indicators[0].threshold", "number")]
    [InlineData("""{ "\ud800": 1 }""", "body", "field-name")]
    [InlineData("""{ "preconditions": [{ "a\u0000": 1 }] }""", "preconditions[0]", "field-name")]
    public void What_the_store_could_not_keep_is_refused_before_anything_is_read(string json, string path, string rule)
    {
        var (set, faults) = SetJson.Read(json);
        Assert.Null(set);
        Assert.Equal([(path, rule)], faults.Select(f => (f.Path, f.Rule)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{ "criteria": [null, 1, {}], "legalBasis": [null], "refs": [null], "expectedCounts": [] }""")]
    [InlineData("""{ "criteria": [{ "no": 1.5, "indicators": [null, { "thresholds": [null, { "at": null }], "refs": 1, "threshold": [] }] }] }""")]
    public void Anything_else_is_a_list_of_faults(string json)
    {
        var (set, faults) = SetJson.Read(json);
        Assert.Null(set);
        Assert.NotEmpty(faults);
    }

    [Fact]
    public void Faults_say_why_in_both_languages_and_end_at_a_thousand()
    {
        var criteria = new JsonArray([.. Enumerable.Range(0, 400).Select(_ => (JsonNode)new JsonObject { ["indicators"] = new JsonArray(new JsonObject(), new JsonObject()) })]);
        var faults = SetJson.Read(new JsonObject { ["criteria"] = criteria }).Faults;
        Assert.Equal(1000, faults.Count);
        var further = new SetFaults();
        for (var n = 0; n < 1234; n++) further.Unless(false, $"a[{n}]", "x", "vi", "en");
        Assert.Equal((1234, 1000, 234, 234), (further.Count, further.All.Count, further.Further, Assert.IsType<int>(further.Refuse()!.More!["furtherFaults"])));
        // What is faulty after the last that is kept is no set either.
        Assert.Null(SetReader.Read(JsonSerializer.Deserialize<JsonElement>("""{ "titleVi": "Bộ" }"""), "", further));
        var known = further.Count;
        Assert.Null(SetReader.Read(JsonSerializer.Deserialize<JsonElement>("null"), "", further));
        Assert.True(further.Count > known);
        Assert.All(faults, f => Assert.True(f.ReasonVi.Length > 0 && f.ReasonEn.Length > 0));
    }

    [Theory]
    [InlineData("source")]
    [InlineData("thresholdSource")]
    [InlineData("evidenceSource")]
    [InlineData("evidenceMark")]
    public void An_empty_mark_is_none_of_the_marks(string field) =>
        Assert.Contains(($"criteria[2].indicators[1].{field}", "one-of"), SetJson.Faults(s => s.Indicator(2, 1)[field] = ""));

    [Fact]
    public void Evidence_that_was_seen_is_read_back_as_seen()
    {
        var json = SetJson.Node();
        json.Indicator(2, 1)["evidenceSource"] = "seen";
        var set = SetJson.Read(json).Set!;
        var shown = JsonSerializer.SerializeToNode(SetView.Of(Given.Recorded(set), Given.Recorded(set).Latest, Given.EndOf2024), NtmJson.Http)!.AsObject();
        Assert.Equal("seen", shown.Indicator(2, 1)["evidenceMark"]!.GetValue<string>());
        var again = SetJson.Read(shown).Set!;
        Assert.Equal("seen", again.Find("3.2")!.EvidenceSource);
        Assert.True(SetRules.Same(set, again));
        json.Indicator(2, 1)["evidenceMark"] = "recalled";
        Assert.Equal([("criteria[2].indicators[1].evidenceMark", "evidence-mark")], SetJson.Read(json).Faults.Select(f => (f.Path, f.Rule)));
    }

    [Theory]
    [InlineData("preconditions", 16, false)]
    [InlineData("preconditions", 17, true)]
    [InlineData("communeGroups", 17, true)]
    public void What_is_kept_as_written_lies_at_most_sixteen_deep(string list, int depth, bool refused)
    {
        var json = SetJson.Node();
        json["dimension"] = "region";
        json[list] = JsonNode.Parse(new string('[', depth) + new string(']', depth));
        var faults = SetJson.Read(json).Faults.Where(f => f.Rule == "depth").Select(f => f.Path);
        Assert.Equal(refused ? [list + string.Concat(Enumerable.Repeat("[0]", 16))] : [], faults);
    }

    [Fact]
    public void Groups_of_communes_may_be_written_as_the_decision_names_them()
    {
        var json = SetJson.Node();
        (json["period"], json["inForceFrom"], json["inForceTo"]) = ("2026-2030", "2026-02-15", null);
        json.Indicator(0, 1).Remove("thresholdsByRegion");
        json.Indicator(0, 1)["thresholds"] = new JsonArray(new JsonObject { ["at"] = "nhom-1", ["value"] = 90 });
        var (set, faults) = SetJson.Read(json);
        Assert.Empty(faults);
        Assert.Equal(new ThresholdLevel("1", ReportedValue.Of(90m)), Assert.Single(set!.Find("1.2")!.Levels));
    }
}

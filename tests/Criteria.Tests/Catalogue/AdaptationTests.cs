using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Tests.Catalogue;

public sealed class AdaptationTests
{
    private const string NorthCentral = "Bắc Trung Bộ";
    private static readonly CriteriaSet Base = SetJson.Set;

    [Fact]
    public void Where_no_figure_is_known_the_province_sets_its_own()
    {
        var set = Adapt(Change("1.3", threshold: 5)).Set!;
        Assert.Equal((ReportedValue.Of(5m), "recalled"), (set.Find("1.3")!.Threshold, set.Find("1.3")!.ThresholdSource));
        Assert.Equal("seen", Adapt(Change("1.3", threshold: 5, legalSource: "QĐ 36/2022/QĐ-UBND")).Set!.Find("1.3")!.ThresholdSource);
        Assert.Equal((Base.Id, "province-42", true), (set.Amends, set.Scope, set.IsComplete));
    }

    [Fact]
    public void A_level_that_the_nation_gives_is_fixed_and_a_missing_one_is_free()
    {
        Assert.Equal([("changes[0].threshold", "fixed-by-base")], Adapt(Change("1.1", threshold: 90)).Faults);
        Assert.Equal([("changes[0].thresholds", "fixed-by-base")], Adapt(Change("1.2", at: NorthCentral, level: 60)).Faults);
        Assert.Equal([("changes[0].thresholds", "fixed-by-base")], Adapt(Change("1.1", at: NorthCentral, level: 60)).Faults);
        var set = Adapt(Change("1.2", at: "Tây Nguyên", level: 60)).Set!;
        Assert.Equal([70m, 60m], set.Find("1.2")!.Levels.Select(l => l.Value.Number));
    }

    [Fact]
    public void A_delegated_figure_may_ask_for_more_and_not_for_less()
    {
        Assert.Equal([("changes[0].threshold", "looser-than-base")], Adapt(Change("2", threshold: 2)).Faults);
        var own = Adapt(Change("2", threshold: 4)).Set!.Find("2")!;
        Assert.Equal((ReportedValue.Of(4m), false), (own.Threshold, own.DelegatedToProvince));
        Assert.Equal([("changes[0].thresholds", "looser-than-base")], Adapt(Change("2", at: NorthCentral, level: 2)).Faults);
    }

    [Fact]
    public void What_is_not_changed_keeps_how_sure_it_is()
    {
        var kept = Adapt(Change("1.3", threshold: 5)).Set!.Find("1.1")!;
        Assert.Equal(("seen", "seen", "high", "x"), (kept.Source, kept.ThresholdSource, kept.Confidence, Assert.Single(kept.Refs!)));
        var mixed = Adapt(Change("1.2", at: "Tây Nguyên", level: 60, legalSource: "QĐ 36")).Set!.Find("1.2")!;
        Assert.Equal("recalled", Adaptation.Inherited(Base, Base with { Criteria = [Base.Criteria[0] with { Indicators = [mixed] }] }).Find("1.2")!.ThresholdSource);
    }

    [Fact]
    public void A_set_with_something_of_the_provinces_own_was_seen_only_with_its_act_and_day()
    {
        Assert.Equal("recalled", Adapt(Change("1.3", threshold: 5)).Set!.Source);
        Assert.Equal("seen", Adapt(Change("1.3", threshold: 5), edit: b => b["legalBasis"]![0]!["date"] = "2022-12-09").Set!.Source);
        Assert.Equal("seen", Adaptation.Inherited(Base, Base with { Source = "recalled" }).Source);
    }

    [Fact]
    public void An_act_that_only_asks_for_evidence_is_not_the_source_of_the_nations_figure()
    {
        var change = Change("1.1", legalSource: "QĐ 36/2022/QĐ-UBND");
        change["evidenceVi"] = "Phiếu chấm của tỉnh";
        var own = Adapt(change).Set!.Find("1.1")!;
        Assert.Equal((null, "seen", "Phiếu chấm của tỉnh", "seen"), (own.LegalSource, own.ThresholdSource, own.EvidenceVi, own.EvidenceSource));
        Assert.Equal("QĐ 36", Adapt(Change("1.3", threshold: 5, legalSource: "QĐ 36")).Set!.Find("1.3")!.LegalSource);
    }

    [Fact]
    public void Own_indicators_follow_those_of_the_nation()
    {
        var set = Adapt(null, Added(2, "2.2")).Set!;
        Assert.Equal(["2", "2.2"], set.Criteria[1].Indicators.Select(i => i.Code));
        Assert.True(set.IsComplete);
        Assert.Equal([("added[0].indicator.code", "numbering")], Adapt(null, Added(1, "1.5")).Faults);
        Assert.Equal([("added[0].criterion", "unknown-criterion")], Adapt(null, Added(9, "9")).Faults);
        Assert.Contains(("added[0].indicator.legalSource", "mark-without-source"), Adapt(null, Added(2, "2.2", "seen")).Faults);
    }

    [Fact]
    public void An_incomplete_base_never_becomes_complete()
    {
        var incomplete = Base with { Complete = false, ExpectedCounts = new(3, 6) };
        var whole = Adaptation.Inherited(incomplete, incomplete with { Complete = true, ExpectedCounts = null, Scope = "province-42" });
        Assert.False(whole.IsComplete);
        Assert.False(Adapt(Change("1.3", threshold: 5), @base: incomplete).Set!.IsComplete);
        var lacking = Base with { ExpectedCounts = new(3, 7) };
        Assert.False(Adapt(Change("1.3", threshold: 5), @base: lacking).Set!.IsComplete);
    }

    [Fact]
    public void What_is_the_nations_to_say_comes_from_the_base()
    {
        var groups = JsonSerializer.Deserialize<JsonElement>("""[{ "code": "nhom-1" }]""");
        var @base = Base with { SpecialRuleVi = "quy định riêng", Preconditions = groups };
        var set = Adaptation.Inherited(@base, @base with { SpecialRuleVi = "khác", Preconditions = null, Tier = "district", ExpectedCounts = new(1, 1) });
        Assert.Equal(("quy định riêng", "commune", null), (set.SpecialRuleVi, set.Tier, set.ExpectedCounts));
        Assert.NotNull(set.Preconditions);
    }

    [Fact]
    public void Written_anew_a_provinces_set_stays_one_of_its_base()
    {
        var criteria = Base.Criteria[0];
        var faults = new SetFaults();
        var dropped = Base with { Criteria = [criteria with { Indicators = [.. criteria.Indicators.SkipLast(1)] }, .. Base.Criteria.Skip(1)] };
        Adaptation.Check(Base, Adaptation.Inherited(Base, dropped), "set", faults);
        Assert.Equal([("set.criteria", "indicator-dropped")], faults.All.Select(f => (f.Path, f.Rule)));

        faults = new();
        var delegated = Base with { Criteria = [criteria with { Indicators = [criteria.Indicators[0] with { DelegatedToProvince = true, TextVi = "khác" }, .. criteria.Indicators.Skip(1)] }, .. Base.Criteria.Skip(1)] };
        Adaptation.Check(Base, Adaptation.Inherited(Base, delegated), "set", faults);
        Assert.Equal(["set.criteria[0].indicators[0].textVi", "set.criteria[0].indicators[0].delegatedToProvince"], faults.All.Select(f => f.Path));
    }

    [Fact]
    public void A_provinces_set_lies_within_the_days_of_its_base()
    {
        Assert.Contains(("inForceFrom", "in-force"), Adapt(Change("1.3", threshold: 5), edit: b => b["inForceFrom"] = "2022-03-07").Faults);
        Assert.Contains(("inForceTo", "in-force"), Adapt(Change("1.3", threshold: 5), edit: b => b["inForceTo"] = "2030-12-31").Faults);
        Assert.Equal(Base.InForceTo, Adapt(Change("1.3", threshold: 5)).Set!.InForceTo);
    }

    [Fact]
    public void A_change_names_an_indicator_of_the_base_once()
    {
        Assert.Equal([("changes[0].code", "unknown-indicator")], Adapt(Change("7.7", threshold: 5)).Faults);
        Assert.Contains(("changes[1].code", "duplicate"), Adapt(Change("1.3", threshold: 5), edit: b => b["changes"]!.AsArray().Add(Change("1.3", threshold: 6))).Faults);
        Assert.Contains(("changes", "required"), Adapt(null).Faults);
        Assert.NotEmpty(Adapt(null, edit: b => b["added"] = new JsonArray(new JsonObject { ["criterion"] = 1 })).Faults);
    }

    /// <summary>Whatever a province may write: what meets its set never fails the nation's.</summary>
    [Property(MaxTest = 1000, Replay = "2022,319")]
    public Property An_adaptation_never_loosens() => Prop.ForAll(
        AnyChange.ToArbitrary(), Gen.Choose(0, 100).Select(v => ReportedValue.Of((decimal)v)).ToArbitrary(),
        Gen.Elements<string?>([null, .. Dimensions.ValuesOf(Dimensions.Region)]).ToArbitrary(),
        (change, value, at) =>
        {
            if (Adapt(change).Set is not { } set) return true.ToProperty().Classify(true, "refused");
            return Base.Indicators.All(national => Threshold.Decide(set.Find(national.Code)!, at, value) != true || Threshold.Decide(national, at, value) != false).ToProperty();
        });

    private static readonly Gen<JsonObject> AnyChange =
        from code in Gen.Elements("1.1", "1.2", "1.3", "2", "3.2")
        from threshold in Gen.Choose(-1, 100)
        from at in Gen.Elements<string?>(null, NorthCentral, "Tây Nguyên")
        from level in Gen.Choose(0, 100)
        select Change(code, threshold < 0 ? null : threshold, at, level);

    private static JsonObject Change(string code, int? threshold = null, string? at = null, int level = 0, string? legalSource = null)
    {
        var change = new JsonObject { ["code"] = code, ["legalSource"] = legalSource };
        if (threshold is not null) change["threshold"] = threshold;
        if (at is not null) change["thresholds"] = new JsonArray(new JsonObject { ["at"] = at, ["value"] = level });
        return change;
    }

    private static JsonObject Added(int criterion, string code, string mark = "recalled") => new()
    {
        ["criterion"] = criterion,
        ["indicator"] = new JsonObject
        {
            ["code"] = code,
            ["textVi"] = "g",
            ["textEn"] = "g",
            ["valueType"] = "number",
            ["comparison"] = ">=",
            ["threshold"] = 1,
            ["thresholdSource"] = mark,
        },
    };

    private static (CriteriaSet? Set, IEnumerable<(string Path, string Rule)> Faults) Adapt(
        JsonObject? change, JsonObject? added = null, CriteriaSet? @base = null, Action<JsonObject>? edit = null)
    {
        var body = new JsonObject
        {
            ["id"] = "bo-ha-tinh",
            ["titleVi"] = "Bộ Hà Tĩnh",
            ["titleEn"] = "Hà Tĩnh's",
            ["scope"] = "province-42",
            ["inForceFrom"] = "2023-01-01",
            ["legalBasis"] = new JsonArray(new JsonObject { ["number"] = "36/2022/QĐ-UBND" }),
            ["changes"] = change is null ? new JsonArray() : new JsonArray(change.DeepClone()),
            ["added"] = added is null ? new JsonArray() : new JsonArray(added),
        };
        edit?.Invoke(body);
        var faults = new SetFaults();
        var set = Adaptation.Read(JsonSerializer.Deserialize<JsonElement>(body.ToJsonString()), "bo-ha-tinh", @base ?? Base, faults);
        return (set, faults.All.Select(f => (f.Path, f.Rule)));
    }
}

using Ntm.Criteria.Lineage;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class SharesTests
{
    private static readonly DateOnly July = new(2025, 7, 1);
    private static readonly RecordShares.Divided DaiNai = Of("18082");
    private static readonly RecordShares.Divided KyLoi = Of("18796");

    [Fact]
    public void Shares_of_people_alone_are_recorded_and_later_corrected()
    {
        var first = Fold(null, DaiNai, Body(("18073", "0.4", null), ("18652", "0.6", null)));
        Assert.Equal(("0.4", null), (first.People![Unit("18073")], first.Land));
        var both = Fold(first, DaiNai, Body(("18073", null, "1/3"), ("18652", null, "2/3")));
        Assert.Equal(("0.4", "1/3", 2), (both.People![Unit("18073")], both.Land![Unit("18073")], both.Version));
        var corrected = Fold(both, DaiNai, Body(("18073", "0.5", null), ("18652", "0.5", null)));
        Assert.Equal(("0.5", "1/3", 3), (corrected.People![Unit("18073")], corrected.Land![Unit("18073")], corrected.Version));
    }

    [Fact]
    public void The_same_again_changes_nothing()
    {
        var body = Body(("18073", "0.4", null), ("18652", "0.6", null));
        var first = Fold(null, DaiNai, body);
        Assert.Empty(RecordShares.Decide(first, DaiNai, body, "phuong", Given.Imported).Events);
        Assert.Single(RecordShares.Decide(first, DaiNai, body with { Basis = "Biên bản khác" }, "phuong", Given.Imported).Events);
    }

    [Fact]
    public void Shares_add_up_to_exactly_one()
    {
        Faults(DaiNai, Body(("18073", "0.4", null), ("18652", "0.5999999", null)), "shares");
        Faults(DaiNai, Body(("18073", "1/3", null), ("18652", "0.666666666666666", null)), "shares");
        Assert.Null(RecordShares.Decide(null, DaiNai, Body(("18073", "1/3", null), ("18652", "2/3", null)), "phuong", Given.Imported).Refusal);
    }

    [Fact]
    public void Every_successor_is_named_once_with_the_same_kinds()
    {
        Faults(DaiNai, Body(("18073", "1", null)), "shares");
        Faults(DaiNai, Body(("18073", "0.5", null), ("18073", "0.5", null)), "shares[1].unit", "shares");
        Faults(DaiNai, Body(("18073", "0.4", null), ("18652", null, null)), "shares[1].people");
        Faults(DaiNai, Body(("18073", "0.4", null), ("18100", "0.6", null)), "shares[1].unit", "shares");
        Faults(DaiNai, Body(("18073", null, null), ("18652", null, null)), "shares");
        Faults(DaiNai, new("18082", July, [null, null], "x"), "shares[0].unit", "shares[1].unit", "shares");
        Faults(DaiNai, new("18082", July, null, "x"), "shares");
    }

    [Fact]
    public void Shares_need_a_basis() => Faults(DaiNai, Body(("18073", "0.4", null), ("18652", "0.6", null)) with { Basis = null }, "basis");

    [Fact]
    public void The_resolutions_words_hold()
    {
        Faults(KyLoi, Body(("18754", "0.4", "0.5"), ("18823", "0", "0.5"), ("18832", "0.6", "0")), "shares[0].land", "shares[1].land");
        Faults(KyLoi, Body(("18754", "0.4", null), ("18823", "0.1", null), ("18832", "0.5", null)), "shares[1].people");
        Assert.Null(RecordShares.Decide(null, KyLoi, Body(("18754", "0.4", "0"), ("18823", "0", "1"), ("18832", "0.6", "0")), "phuong", Given.Imported).Refusal);
    }

    [Fact]
    public void Only_a_divided_unit_has_shares()
    {
        Assert.Equal("not-divided", RecordShares.Decide(null, Of("18091"), Body(("18073", "1", "1")), "phuong", Given.Imported).Refusal?.Rule);
        Assert.Equal("not-merged", RecordShares.Decide(null, Of("18073", new(2025, 8, 1)), Body(), "phuong", Given.Imported).Refusal?.Rule);
    }

    [Fact]
    public void A_rule_fits_the_indicators_type()
    {
        var (set, indicator) = (Given.SetOf("xa-ntm-2021-2025"), Given.SetOf("xa-ntm-2021-2025").Find("8.4")!);
        Assert.Equal(["rule"], SetRule.Decide(null, Guid.Empty, set.Id, indicator, new("sum", null, "x"), "phuong", Given.Imported).Refusal?.Errors?.Keys);
        Assert.Equal(["rule"], SetRule.Decide(null, Guid.Empty, set.Id, indicator, new("average", null, "x"), "phuong", Given.Imported).Refusal?.Errors?.Keys);
        Assert.Equal(["rule", "divideBy", "basis"], SetRule.Decide(null, Guid.Empty, set.Id, indicator, new(null, "water", " "), "phuong", Given.Imported).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void A_provinces_rule_goes_before_the_products()
    {
        var indicator = Given.SetOf("xa-ntm-2021-2025").Find("10")!;
        var first = Assert.Single(SetRule.Decide(null, Guid.Empty, "xa-ntm-2021-2025", indicator, new("none", null, "Công văn 45"), "phuong", Given.Imported).Events);
        var rules = CarryingRules.Fold(null, "carrying-rules/x", first)!;
        Assert.Equal((Rules.None, "set", 1L), (SetRule.RuleOf(rules, "xa-ntm-2021-2025", indicator) is var r ? (r.Kind, r.Mark, r.SetBy!.Value) : default));
        Assert.Empty(SetRule.Decide(rules, Guid.Empty, "xa-ntm-2021-2025", indicator, new("none", "people", "Công văn 45"), "phuong", Given.Imported).Events);
        Assert.Equal(Rules.Mean, SetRule.RuleOf(null, "xa-ntm-2021-2025", indicator).Kind);
    }

    [Fact]
    public void A_rule_for_another_type_than_the_versions_in_use_is_no_rule()
    {
        var indicator = Given.SetOf("xa-ntm-2021-2025").Find("10")!;
        var rules = CarryingRules.Fold(null, "carrying-rules/x", new CarryingRuleSet(Guid.Empty, "xa-ntm-2021-2025", "10", Rules.Sum, Rules.People, "Công văn 45", "phuong", Given.Imported))!;
        Assert.Equal(Rules.Sum, SetRule.RuleOf(rules, "xa-ntm-2021-2025", indicator with { ValueType = "number" }).Kind);
        Assert.Equal((Rules.None, "set"), SetRule.RuleOf(rules, "xa-ntm-2021-2025", indicator with { ValueType = "yesno" }) is var r ? (r.Kind, r.Mark) : default);
    }

    [Fact]
    public void Units_at_a_position_are_folded_from_what_was_recorded_by_then()
    {
        var stream = Given.UnitStreams.Single(s => s.Key == Given.Unit("18082", new(2025, 6, 30)).Id);
        var before = UnitsAt.Of(stream.Value.SkipLast(1).Select(e => (UnitRecord.Key(stream.Key), e))).Tree;
        Assert.Empty(before.Find(stream.Key)!.Successors);
        var (tree, bases) = UnitsAt.Of(Given.UnitStreams.SelectMany(s => s.Value.Select(e => (UnitRecord.Key(s.Key), e))));
        Assert.Equal(Given.Tree.Count, tree.Count);
        Assert.Equal(
            ["Điều 1 khoản 62", "Điều 1 khoản 63", "Điều 1 khoản 64"],
            KyLoi.Into.Select(p => bases[(p.From, p.Into, p.On)].Split(", ")[^1]).Order(StringComparer.Ordinal));
        Assert.All(Given.Tree.All.SelectMany(u => u.Successors.Select(l => (u.Id, l.Unit, l.On))), link => Assert.True(bases.ContainsKey(link)));
    }

    private static RecordShares.Divided Of(string code, DateOnly? on = null)
    {
        var day = on ?? July;
        var into = Passings.Of(Given.Tree, Given.Unit(code, day.AddDays(-1)).Id, day);
        return new(Given.Unit(code, day.AddDays(-1)).Id, day, into, into.ToDictionary(p => p.Into, p => Given.Tree.Ref(p.Into, day)!.Code));
    }

    private static Guid Unit(string code) => Given.Unit(code, July).Id;

    private static RecordShares.Body Body(params (string Unit, string? People, string? Land)[] shares) =>
        new("18082", July, [.. shares.Select(s => new RecordShares.Share(s.Unit, s.People, s.Land))], "Biên bản 12/BB");

    private static UnitShares Fold(UnitShares? known, RecordShares.Divided divided, RecordShares.Body body)
    {
        var decision = RecordShares.Decide(known, divided, body, "phuong", Given.Imported);
        Assert.Null(decision.Refusal);
        return UnitShares.Fold(known, UnitShares.Key(divided.From, divided.On), Assert.Single(decision.Events))!;
    }

    private static void Faults(RecordShares.Divided divided, RecordShares.Body body, params string[] fields)
    {
        var refusal = RecordShares.Decide(null, divided, body, "phuong", Given.Imported).Refusal;
        Assert.Equal((422, "invalid-input"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(fields.Order(StringComparer.Ordinal), refusal!.Errors!.Keys.Order(StringComparer.Ordinal));
    }
}

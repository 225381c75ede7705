using System.Text.Json;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Units;

public sealed class UnitActTests
{
    private const string On = "2027-01-01";
    private const string Eve = "2026-12-31";
    private readonly Registry register = new();
    private readonly string first;
    private readonly string second;
    private readonly string third;

    public UnitActTests()
    {
        var communes = register.Tree.Below(null, "commune", Registry.Day(Eve)).Select(u => u.Version.Code).ToList();
        (first, second, third) = (communes[0], communes[1], communes[2]);
    }

    [Fact]
    public void A_commune_is_created_below_the_province()
    {
        register.When(Create("99001"));
        var unit = register.Unit("99001", On);
        Assert.Equal("Xã Mới", unit.Versions[0].FullName);
        Assert.Equal(("Bắc Trung Bộ", Registry.Basis, "seen"), (unit.Region, unit.Versions[0].LegalBasis, unit.Versions[0].Mark));
        Assert.Null(register.Tree.Resolve("99001", Registry.Day(Eve)));
    }

    [Fact]
    public void A_unit_is_created_with_what_is_known_of_it()
    {
        var body = JsonSerializer.Deserialize<CreateUnit.Body>(
            $$"""{ "code": "99001", "name": "Mới", "kind": "xa", "level": "commune", "parent": "42", "on": "{{On}}", "legalBasis": "x", "facts": [ { "name": "communeGroup", "value": 2 }, { "name": "coastal", "value": null } ] }""", NtmJson.Http)!;
        register.When(act => CreateUnit.Plan(act, body));
        Assert.Equal([("coastal", null), ("communeGroup", "2")], register.Unit("99001", On).Facts!.Select(f => (f.Name, f.Value)));
    }

    [Fact]
    public void A_code_in_force_is_not_given_twice() => register.Refuses("code", "code-in-force-twice", Create(first));

    [Fact]
    public void A_code_is_free_on_the_day_after_its_unit_ended()
    {
        register.When(Merge(second, (first, "whole")));
        register.When(Create(first));
        Assert.Equal("Xã Mới", register.Tree.Resolve(first, Registry.Day(On))!.Name);
    }

    [Theory]
    [InlineData("code", "required", null, "Mới", "xa", "commune", "42", On)]
    [InlineData("code", "code-form", "a b", "Mới", "xa", "commune", "42", On)]
    [InlineData("code", "code-form", "123456789012345678901", "Mới", "xa", "commune", "42", On)]
    [InlineData("name", "required", "99001", null, "xa", "commune", "42", On)]
    [InlineData("name", "text-form", "99001", "  ", "xa", "commune", "42", On)]
    [InlineData("name", "text-form", "99001", "a\0b", "xa", "commune", "42", On)]
    [InlineData("kind", "kind-of-level", "99001", "Mới", "huyen", "commune", "42", On)]
    [InlineData("kind", "required", "99001", "Mới", null, "commune", "42", On)]
    [InlineData("level", "level-unknown", "99001", "Mới", "xa", "hamlet", "42", On)]
    [InlineData("parent", "unit-unknown", "99001", "Mới", "xa", "commune", "77", On)]
    [InlineData("parent", "required", "99001", "Mới", "xa", "commune", null, On)]
    [InlineData("parent", "unit-not-in-force", "99001", "Mới", "xa", "commune", "436", On)]
    [InlineData("parent", "parent-level", "99001", "Mới", "thon", "village", "42", On)]
    [InlineData("parent", "districts-in-force", "99001", "Mới", "xa", "commune", "42", "2025-01-01")]
    [InlineData("code", "code-form", "999", "Mới", "xa", "commune", "42", On)]
    [InlineData("code", "code-form", "9900A", "Mới", "xa", "commune", "42", On)]
    [InlineData("code", "code-form", "99001", "Mới", "huyen", "district", "42", On)]
    [InlineData("code", "code-form", "042", "Mới", "tinh", "province", null, On)]
    [InlineData("parent", "districts-ended", "999", "Mới", "huyen", "district", "42", On)]
    [InlineData("on", "required", "99001", "Mới", "xa", "commune", "42", null)]
    [InlineData("on", "day-out-of-bounds", "99001", "Mới", "xa", "commune", "42", "0001-01-01")]
    [InlineData("on", "day-out-of-bounds", "99001", "Mới", "xa", "commune", "42", "9999-12-31")]
    public void What_is_wrong_with_a_new_unit_is_told_by_field_and_rule(
        string field, string rule, string? code, string? name, string? kind, string level, string? parent, string? on) =>
        register.Refuses(field, rule, act => CreateUnit.Plan(act, new(code, name, null, kind, level, parent, null, null, null)), on: on);

    [Theory]
    [InlineData(null, "required")]
    [InlineData("3500-01-01", "day-out-of-bounds")]
    [InlineData("0001-01-01", "day-out-of-bounds")]
    public void Without_a_day_every_act_is_refused_for_its_day(string? on, string rule)
    {
        foreach (var plan in (Action<Act>[])[Village("Một"), Split(false, []), Merge(second, (first, "whole")), Create("99001"), Classify("null"), a => RenameUnit.PlanMove(a, new(second, null, null)), a => RenameUnit.Plan(a, new("Mới", null, null, null, null, null)), a => SplitUnit.PlanDissolve(a, new([new(second, "whole", null)], null, null))])
        {
            var act = new Act(register.Units, register.Unit(first, Eve), on is null ? null : Registry.Day(on), Registry.Basis, true, "phuong", Given.Imported, n => DeterministicId.Of("test", $"{n}"));
            plan(act);
            Assert.Contains(("on", rule), act.Faults.Select(f => (f.Field, f.Rule)));
            Assert.Empty(act.Events);
            Assert.Empty(act.Touched);
        }
    }

    [Fact]
    public void An_act_names_its_legal_basis() => register.Refuses("legalBasis", "required", Create("99001"), basis: null);

    [Fact]
    public void A_rename_keeps_the_unit_itself()
    {
        var before = register.Unit(first, Eve);
        register.When(act => RenameUnit.Plan(act, new("Tên Mới", null, null, null, null, null)), first);
        var after = register.Unit(first, On);
        Assert.Equal((before.Id, "Tên Mới", Registry.Day(Eve)), (after.Id, after.Versions[^1].Name, after.Versions[^2].To!.Value));
        Assert.EndsWith("Tên Mới", after.Versions[^1].FullName, StringComparison.Ordinal);
        Assert.Equal(before.Versions[^1].Kind, after.Versions[^1].Kind);
    }

    [Fact]
    public void A_new_code_alone_keeps_the_full_name()
    {
        var name = register.Unit(first, Eve).Versions[^1].FullName;
        register.When(act => RenameUnit.Plan(act, new(null, null, "99001", null, null, null)), first);
        Assert.Equal(name, register.Unit("99001", On).Versions[^1].FullName);
    }

    [Fact]
    public void A_new_kind_is_a_reclassification()
    {
        var commune = register.Tree.Below(null, "commune", Registry.Day(Eve)).First(u => u.Version.Kind == "xa").Version;
        var (act, faults) = register.Plan(a => RenameUnit.Plan(a, new(null, null, null, "phuong", null, null)), commune.Code);
        Assert.Empty(faults);
        Assert.Equal($"Phường {commune.Name}", Assert.IsType<UnitReclassified>(Assert.Single(act.Events).Event).FullName);
    }

    [Fact]
    public void Nothing_to_change_is_said() => register.Refuses("name", "nothing-to-change", act => RenameUnit.Plan(act, new(null, null, first, null, null, null)), first);

    [Fact]
    public void Acts_follow_one_another()
    {
        register.When(act => RenameUnit.Plan(act, new("Tên Mới", null, null, null, null, null)), first, "2027-06-01");
        register.Refuses("on", "before-last-change", act => RenameUnit.Plan(act, new("Tên Khác", null, null, null, null, null)), first, "2027-05-31");
        register.When(act => RenameUnit.Plan(act, new("Tên Khác", null, null, null, null, null)), first, "2027-06-01");
        Assert.Equal("Tên Khác", register.Unit(first, "2027-06-01").Versions[^1].Name);
    }

    [Fact]
    public void A_merger_ends_the_whole_and_reduces_the_parted()
    {
        var (gone, parted) = (register.Unit(first, Eve), register.Unit(second, Eve));
        register.When(act => MergeUnits.Plan(act, new(
            new(null, "99001", "Mới", null, "phuong", null), [new(first, "whole", null), new(second, "thôn 1, thôn 2", null)], null, null, null)));
        var made = register.Unit("99001", On);
        Assert.Equal(Registry.Day(Eve), register.Units[gone.Id].Versions[^1].To);
        Assert.Null(register.Units[parted.Id].Versions[^1].To);
        Assert.Equal([(gone.Id, "whole"), (parted.Id, "thôn 1, thôn 2")], made.Predecessors.Select(l => (l.Unit, l.Part)));
        Assert.Equal(made.Id, Assert.Single(register.Units[gone.Id].Successors, l => l.On == Registry.Day(On)).Unit);
        Assert.Equal(made.Id, Assert.Single(register.Units[parted.Id].Successors, l => l.On == Registry.Day(On)).Unit);
        Assert.Equal(register.Unit("42", On).Id, made.Versions[0].Parent);
    }

    [Fact]
    public void The_last_part_ends_a_unit()
    {
        var gone = register.Unit(first, Eve);
        register.When(Merge(second, (first, "thôn 1")));
        register.When(act => MergeUnits.Plan(act, new(new(third, null, null, null, null, null), [new(first, "phần còn lại", true)], null, null, null)));
        Assert.Equal(2, register.Units[gone.Id].Successors.Count(l => l.On == Registry.Day(On)));
        Assert.Equal(Registry.Day(Eve), register.Units[gone.Id].Versions[^1].To);
    }

    [Fact]
    public void Villages_go_over_with_their_commune()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01").When(Village("Thôn Hai"), first, "2026-12-01").When(Village("Thôn Ba"), second, "2026-12-01");
        var (one, two, three) = (register.Unit($"{first}-01", On).Id, register.Unit($"{first}-02", On).Id, register.Unit($"{second}-01", On).Id);
        register.When(act => MergeUnits.Plan(act, new(new(null, "99001", "Mới", null, "xa", null), [new(first, "whole", null), new(second, "một phần", null)], null, null, null)));
        var made = register.Unit("99001", On).Id;
        Assert.Equal([made, made], new[] { one, two }.Select(v => register.Units[v].Versions[^1].Parent!.Value));
        Assert.Equal(register.Unit(second, On).Id, register.Units[three].Versions[^1].Parent);
        Assert.Equal(register.Units[three].Versions[^1].Code, $"{second}-01");
    }

    [Fact]
    public void An_announced_merger_does_not_stop_the_villages_until_then()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01");
        register.When(Merge(second, (first, "whole")), on: "2028-01-01");
        register.When(Village("Thôn Hai"), first);
        register.When(act => RenameUnit.Plan(act, new("Thôn Mốt", null, $"{first}-09", "to_dan_pho", null, null)), $"{first}-01");
        var heir = register.Unit(second, "2028-01-01").Id;
        foreach (var code in (string[])[$"{first}-09", $"{first}-02"])
        {
            Assert.Equal(register.Unit(first, On).Id, register.Tree.On(register.Unit(code, On).Id, Registry.Day("2027-12-31"))!.Parent);
            Assert.Equal(heir, register.Tree.On(register.Unit(code, On).Id, Registry.Day("2028-01-01"))!.Parent);
        }

        Assert.Equal(["Thôn Một", "Thôn Mốt", "Thôn Mốt"], register.Unit($"{first}-09", On).Versions.Select(v => v.Name));
        Assert.Equal("Tổ dân phố Thôn Mốt", register.Unit($"{first}-09", "2028-01-01").Versions[^1].FullName);
        register.Refuses("on", "before-last-change", act => RenameUnit.PlanMove(act, new(third, null, null)), $"{first}-02");
        register.When(act => RenameUnit.Plan(act, new("Thôn Hai Mới", null, null, null, null, null)), $"{first}-02", "2028-02-01");
        register.Refuses("on", "before-last-change", act => RenameUnit.Plan(act, new("Thôn Ba", null, null, null, null, null)), $"{first}-02", "2027-06-01");
        Assert.Empty(register.Broken());
        var copy = new Registry(empty: true);
        Assert.Empty(copy.Import(register.Units.Values).Faults);
    }

    [Fact]
    public void Where_an_announced_end_names_several_the_village_names_its_heir()
    {
        register.When(Split(true, []), first, "2028-01-01", eve: true);
        register.Refuses("heir", "required", Village("Thôn Một"), first);
        register.Refuses("heir", "unit-unknown", act => CreateUnit.PlanVillage(act, new(null, "Một", null, "thon", null, null, third)), first);
        register.When(act => CreateUnit.PlanVillage(act, new(null, "Một", null, "thon", null, null, "99001")), first);
        Assert.Equal(register.Unit("99001", "2028-01-01").Id, register.Unit($"{first}-01", On).Versions[^1].Parent);
        Assert.Empty(register.Broken());
    }

    [Fact]
    public void A_listed_village_goes_over_with_a_part()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01");
        register.When(act => MergeUnits.Plan(act, new(new(second, null, null, null, null, null), [new(first, "thôn Một", null)], [$"{first}-01"], null, null)));
        Assert.Equal(register.Unit(second, On).Id, register.Unit($"{first}-01", On).Versions[^1].Parent);
        register.Refuses("villages", "too-many", act => MergeUnits.Plan(act, new(new(second, null, null, null, null, null), [new(first, "thôn Một", null)], [.. Enumerable.Repeat($"{first}-01", 1_001)], null, null)));
        register.Refuses("villages[0]", "not-its-village", act => MergeUnits.Plan(act, new(new(second, null, null, null, null, null), [new(first, "thôn Một", null)], [$"{first}-01"], null, null)));
    }

    [Theory]
    [InlineData("from[0].unit", "link-to-itself", 0, 0)]
    [InlineData("into.unit", "unit-not-in-force", -1, 0)]
    [InlineData("from[0].unit", "unit-unknown", 1, -2)]
    [InlineData("from[0].unit", "unit-not-in-force", 1, -1)]
    public void A_merger_into_itself_or_with_nobody_is_refused(string field, string rule, int into, int from)
    {
        register.When(Merge(third, (second, "whole")), on: "2026-12-01");
        register.Refuses(field, rule, Merge(CodeOf(into), (CodeOf(from), "whole")));

        string CodeOf(int n) => n switch { -1 => second, -2 => "00000", 0 => first, _ => third };
    }

    [Fact]
    public void A_unit_that_ended_ends_once()
    {
        register.When(Merge(second, (first, "whole")));
        register.Refuses("from[0].unit", "unit-ended", Merge(third, (first, "whole")));
        register.Refuses("unit", "unit-ended", act => SplitUnit.PlanDissolve(act, new([], null, null)), first, eve: true);
    }

    [Fact]
    public void A_merger_has_givers_each_once_and_of_one_level()
    {
        register.Refuses("from", "required", act => MergeUnits.Plan(act, new(new(first, null, null, null, null, null), null, null, null, null)));
        register.Refuses("into", "required", act => MergeUnits.Plan(act, new(null, [new(first, "whole", null)], null, null, null)));
        register.Refuses("from[0].unit", "required", act => MergeUnits.Plan(act, new(new(first, null, null, null, null, null), [null], null, null, null)));
        register.Refuses("from[1].unit", "unit-twice", Merge(first, (second, "whole"), (second, "phần")));
        register.Refuses("from", "level-differs", Merge(first, ("42", "phần")));
        register.Refuses("from[0].ends", "whole-ends", act => MergeUnits.Plan(act, new(new(first, null, null, null, null, null), [new(second, "whole", false)], null, null, null)));
    }

    [Fact]
    public void A_thousand_faults_of_a_body_are_told_and_the_rest_counted()
    {
        var refusal = UnitActs.Refuse(new Microsoft.AspNetCore.Http.DefaultHttpContext(), [.. Enumerable.Range(0, 1_500).Select(n => new ActFault($"villages[{n}]", "unit-unknown", new("a", "b")))]);
        Assert.Equal((1_000, 500), (refusal.Errors!.Count, (int)refusal.More!["moreFaults"]!));
    }

    [Fact]
    public void A_split_unit_ends_when_nothing_is_left()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01");
        var gone = register.Unit(first, Eve).Id;
        register.Refuses("unit", "children-in-force", Split(true, []), first, eve: true);
        register.When(Split(true, [$"{first}-01"]), first, eve: true);
        Assert.Equal(["99001", second], register.Units[gone].Successors.Select(l => register.Units[l.Unit].Versions[^1].Code));
        Assert.Equal(register.Unit("99001", On).Id, register.Tree.On(register.Units.Values.Single(u => u.Level == "village").Id, Registry.Day(On))!.Parent);
    }

    [Fact]
    public void A_unit_stays_itself_without_a_part()
    {
        register.When(Split(false, []), first, eve: true);
        Assert.Equal(first, register.Unit(first, On).Versions[^1].Code);
        register.Refuses("ends", "required", act => SplitUnit.Plan(act, new([new(second, null, null, null, null, null, "x", null)], null, null, null)), first, eve: true);
        register.Refuses("into[0].unit", "link-to-itself", act => SplitUnit.Plan(act, new([new(first, null, null, null, null, null, "x", null)], true, null, null)), first, eve: true);
    }

    [Fact]
    public void What_goes_over_whole_ends_and_is_not_divided()
    {
        foreach (var whole in (string[])["whole", "Whole", "WHOLE"])
        {
            register.Refuses("into[0].part", "whole-ends", act => SplitUnit.Plan(act, new([new(second, null, null, null, null, null, whole, null)], false, null, null)), first, eve: true);
            register.Refuses("into[0].part", "whole-divided", act => SplitUnit.Plan(act, new([new(second, null, null, null, null, null, whole, null), new(third, null, null, null, null, null, "x", null)], true, null, null)), first, eve: true);
            register.Refuses("from[0].ends", "whole-ends", act => MergeUnits.Plan(act, new(new(second, null, null, null, null, null), [new(first, whole, false)], null, null, null)));
        }

        var gone = register.Unit(first, Eve).Id;
        register.When(Merge(second, (first, "Whole")));
        Assert.Equal(("whole", Registry.Day(Eve)), (register.Units[gone].Successors[^1].Part, register.Units[gone].Versions[^1].To!.Value));
    }

    [Fact]
    public void Who_answers_for_a_dissolved_unit_is_named()
    {
        var gone = register.Unit(first, Eve).Id;
        register.When(act => SplitUnit.PlanDissolve(act, new([new(second, "whole", null)], null, null)), first, eve: true);
        Assert.Equal(register.Unit(second, On).Id, Assert.Single(register.Units[gone].Successors, l => l.On == Registry.Day(On)).Unit);
        register.Refuses("successors[0].unit", "required", act => SplitUnit.PlanDissolve(act, new([new(null, "whole", null)], null, null)), second, eve: true);
        register.Refuses("successors[0].part", "required", act => SplitUnit.PlanDissolve(act, new([new(third, null, null)], null, null)), second, eve: true);
    }

    /// <summary>The reform of July 2025, on a province with two districts: communes merge across districts, and the districts end one by one.</summary>
    [Fact]
    public void Districts_end_one_by_one_and_their_communes_lie_below_the_province()
    {
        var two = new Registry(empty: true);
        Found("42", "tinh", "province", null).Invoke();
        foreach (var district in (string[])["431", "432"])
        {
            Found(district, "huyen", "district", "42").Invoke();
            foreach (var n in (int[])[1, 2, 3]) Found($"{district}0{n}", "xa", "commune", district).Invoke();
        }

        two.When(act => CreateUnit.PlanVillage(act, new(null, "Một", null, "thon", null, null)), "43103", "2021-01-01");
        two.When(act => MergeUnits.Plan(act, new(new(null, "43199", "Mới", null, "xa", "42"), [new("43101", "whole", null), new("43201", "whole", null)], null, null, null)), on: "2025-07-01");
        two.Refuses("unit", "children-in-force", act => SplitUnit.PlanDissolve(act, new([], null, null)), "431", "2025-07-01", eve: true);
        two.Refuses("communesTo", "communes-to", act => SplitUnit.PlanDissolve(act, new([], null, null, "district")), "431", "2025-07-01", eve: true);
        two.Refuses("communesTo", "communes-to", act => SplitUnit.PlanDissolve(act, new([], null, null, "province")), "43102", "2025-07-01", eve: true);
        two.When(act => SplitUnit.PlanDissolve(act, new(null, null, null, "province")), "431", "2025-07-01", eve: true);
        Assert.Equal(["43102", "43103", "43199"], Direct("2025-07-01"));
        two.When(act => RenameUnit.Plan(act, new("Tên Khác", null, null, null, null, null)), "43202", "2025-08-01");
        two.When(act => SplitUnit.PlanDissolve(act, new(null, null, null, "province")), "432", "2026-01-01", eve: true);
        Assert.Equal(["43102", "43103", "43199", "43202", "43203"], Direct("2026-01-01"));
        Assert.Empty(two.Broken());
        Assert.Equal(two.Unit("43103", "2026-01-01").Id, two.Unit("43103-01", "2026-01-01").Versions[^1].Parent);
        two.Refuses("parent", "districts-ended", act => CreateUnit.Plan(act, new("433", "Ba", null, "huyen", "district", "42", null, null, null)), on: "2026-01-01");

        IEnumerable<string> Direct(string day) => two.Tree.Below(null, "commune", Registry.Day(day)).Where(u => u.Version.Parent == two.Unit("42", day).Id).Select(u => u.Version.Code);

        Action Found(string code, string kind, string level, string? parent) =>
            () => two.When(act => CreateUnit.Plan(act, new(code, $"Số {code}", null, kind, level, parent, null, null, null)), on: "2020-01-01");
    }

    [Fact]
    public void A_province_with_communes_is_not_dissolved() =>
        register.Refuses("unit", "children-in-force", act => SplitUnit.PlanDissolve(act, new([], null, null)), "42", eve: true);

    [Fact]
    public void Nobody_ends_before_he_began() =>
        new Registry().When(Create("99001")).Refuses("on", "first-after-last", act => SplitUnit.PlanDissolve(act, new([], null, null)), "99001", On);

    [Fact]
    public void An_act_may_follow_on_a_unit_that_only_comes_to_be()
    {
        register.When(Create("99001"), on: "2028-01-01");
        register.When(act => RenameUnit.Plan(act, new("Mới Hơn", null, null, null, null, null)), "99001", "2028-06-01");
        Assert.Equal("Xã Mới Hơn", register.Tree.Resolve("99001", Registry.Day("2028-06-01"))!.Name);
    }

    [Fact]
    public void A_village_moves_to_another_commune_but_not_below_another_level()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01");
        register.Refuses("parent", "parent-level", act => RenameUnit.PlanMove(act, new("42", null, null)), $"{first}-01");
        register.Refuses("parent", "nothing-to-change", act => RenameUnit.PlanMove(act, new(first, null, null)), $"{first}-01");
        register.Refuses("parent", "parent-cycle", act => RenameUnit.PlanMove(act, new($"{first}-01", null, null)), first);
        register.When(act => RenameUnit.PlanMove(act, new(second, null, null)), $"{first}-01");
        Assert.Equal(register.Unit(second, On).Id, register.Unit($"{first}-01", On).Versions[^1].Parent);
    }

    [Fact]
    public void The_next_free_code_of_a_village_was_never_anybodys()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01").When(Village("Thôn Hai"), first, "2026-12-01");
        register.When(act => SplitUnit.PlanDissolve(act, new([], null, null)), $"{first}-01", "2026-12-31", eve: true);
        register.When(Village("Thôn Ba"), first);
        Assert.Equal("Thôn Ba", register.Unit($"{first}-03", On).Versions[0].Name);
        register.Refuses("unit", "parent-level", Village("Thôn"), "42");
        foreach (var strange in (string[])["99001", $"{second}-01", $"{first}01"])
            register.Refuses("code", "code-form", act => CreateUnit.PlanVillage(act, new(strange, "Thôn", null, "thon", null, null)), first);
        register.Refuses("code", "code-form", act => RenameUnit.Plan(act, new(null, null, "99001", null, null, null)), $"{first}-03");
    }

    [Theory]
    [InlineData("""{ "name": "communeGroup", "value": 1 }""", "1")]
    [InlineData("""{ "name": "communeGroup", "value": "3" }""", "3")]
    [InlineData("""{ "name": "population", "value": 0 }""", "0")]
    [InlineData("""{ "name": "population", "value": 1e3 }""", "1000")]
    [InlineData("""{ "name": "areaKm2", "value": 28.230 }""", "28.23")]
    [InlineData("""{ "name": "mountainous", "value": false }""", "false")]
    [InlineData("""{ "name": "region", "value": "Tây Nguyên" }""", "Tây Nguyên")]
    [InlineData("""{ "name": "coastal", "value": null }""", null)]
    public void A_fact_is_kept_as_invariant_text(string fact, string? value)
    {
        register.When(Create("99001")).When(Classify(fact), "99001");
        Assert.Equal(value, Assert.Single(register.Unit("99001", On).Facts!).Value);
        register.Refuses("facts", "nothing-to-change", Classify(fact), "99001");
    }

    [Theory]
    [InlineData("""{ "name": "communeGroup", "value": 4 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "population", "value": 1.5 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "population", "value": 1e400 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "population", "value": -1 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "population", "value": 100000001 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "population", "value": "١٢" }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "areaKm2", "value": 0 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "areaKm2", "value": 0.1234567 }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "areaKm2", "value": "1,5" }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "coastal", "value": "no" }""", "facts[0].value", "fact-value")]
    [InlineData("""{ "name": "height", "value": 1 }""", "facts[0].name", "fact-value")]
    [InlineData("""{ "name": null, "value": 1 }""", "facts[0].name", "fact-value")]
    [InlineData("""{ "name": "region", "value": "Bắc" }""", "facts[0].value", "region-unknown")]
    [InlineData("""{ "name": "coastal" }""", "facts[0].value", "required")]
    [InlineData("""{ "name": "population", "value": 1 }, { "name": "coastal", "value": true, "mark": "guessed" }""", "facts[1].mark", "mark-unknown")]
    [InlineData("""{ "name": "population", "value": 1 }, { "name": "areaKm2", "value": 1, "to": "9999-01-01" }""", "facts[1].to", "day-out-of-bounds")]
    [InlineData("null", "facts[0].value", "required")]
    [InlineData("""{ "name": "coastal", "value": true, "mark": "guessed" }""", "facts[0].mark", "mark-unknown")]
    [InlineData("""{ "name": "coastal", "value": true, "from": "0001-01-01" }""", "facts[0].from", "day-out-of-bounds")]
    [InlineData("""{ "name": "coastal", "value": true, "from": "2027-02-01", "to": "2027-01-01" }""", "facts[0].to", "first-after-last")]
    [InlineData("""{ "name": "coastal", "value": true }, { "name": "coastal", "value": false }""", "facts[1].from", "facts-overlap")]
    public void A_fact_out_of_bounds_is_refused(string fact, string field, string rule) => register.Refuses(field, rule, Classify(fact), first);

    [Fact]
    public void A_later_finding_goes_before_an_earlier_one()
    {
        register.When(Create("99001")).When(Classify("""{ "name": "population", "value": 100 }"""), "99001").When(Classify("""{ "name": "population", "value": 200, "from": "2026-01-01", "to": "2026-06-30" }"""), "99001");
        Assert.Equal(["100", "200", "100"], register.Unit("99001", On).Facts!.Select(f => f.Value));
        register.When(act => RenameUnit.Plan(act, new("Tên Mới", null, null, null, null, null)), "99001");
    }

    [Fact]
    public void What_others_broke_before_does_not_stop_an_act()
    {
        var broken = register.Unit(first, Eve);
        register.Units[broken.Id] = broken with { Versions = [.. broken.Versions.SkipLast(1), broken.Versions[^1] with { Mark = "?" }] };
        register.When(act => RenameUnit.Plan(act, new("Tên Mới", null, null, null, null, null)), first);
    }

    [Fact]
    public void Rights_are_asked_for_every_unit_that_an_act_touches()
    {
        register.When(Village("Thôn Một"), first, "2026-12-01");
        var (act, _) = register.Plan(Merge(second, (first, "whole")));
        Assert.Equal([register.Unit(first, Eve).Id, register.Unit(second, On).Id], act.Touched.Select(t => t.Unit));
        Assert.All(act.Touched, t => Assert.False(t.ForVillage));
        Assert.True(register.Plan(a => RenameUnit.Plan(a, new("Hai", null, null, null, null, null)), $"{first}-01").Act.Touched.Single().ForVillage);
        Assert.True(register.Plan(Village("Thôn Hai"), first).Act.Touched.Single().ForVillage);
        Assert.False(register.Plan(Create("99001")).Act.Touched.Single().ForVillage);
    }

    private static Action<Act> Create(string code) => act => CreateUnit.Plan(act, new(code, "Mới", null, "xa", "commune", "42", null, null, null));

    private static Action<Act> Village(string name) => act => CreateUnit.PlanVillage(act, new(null, name, null, "thon", null, null));

    private static Action<Act> Merge(string into, params (string Unit, string Part)[] from) =>
        act => MergeUnits.Plan(act, new(new(into, null, null, null, null, null), [.. from.Select(f => new MergeUnits.Giver(f.Unit, f.Part, null))], null, null, null));

    private Action<Act> Split(bool ends, string[] villages) => act => SplitUnit.Plan(act, new(
        [new(null, "99001", "Mới", null, "xa", null, "phần bắc", villages), new(second, null, null, null, null, null, "phần nam", null)], ends, null, null));

    private static Action<Act> Classify(string facts)
    {
        var body = JsonSerializer.Deserialize<ClassifyUnit.Body>($$"""{ "facts": [ {{facts}} ] }""", NtmJson.Http)!;
        return act => ClassifyUnit.Plan(act, body);
    }
}

using System.Diagnostics;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units.Administration;

namespace Ntm.Criteria.Tests.Units;

public sealed class RegisterLawTests
{
    private readonly Registry register = new();

    [Fact]
    public void The_real_register_breaks_no_rule() => Assert.Empty(register.Broken().Select(f => $"{register.Units[f.Unit].Versions[0].FullName} {f.Field} {f.Rule}"));

    [Fact]
    public void Overlapping_versions_and_holes_are_found()
    {
        Breaks("18100", u => u with { Versions = [u.Versions[0] with { To = u.Versions[0].To!.Value.AddDays(1) }, .. u.Versions.Skip(1)] }, "versions[1].from", "versions-overlap");
        Breaks("18100", u => u with { Versions = [u.Versions[0] with { To = u.Versions[0].To!.Value.AddDays(-1) }, .. u.Versions.Skip(1)] }, "versions[1].from", "versions-hole");
        Breaks("18100", u => u with { Versions = [u.Versions[0] with { From = u.Versions[0].To!.Value.AddDays(1) }, .. u.Versions.Skip(1)] }, "versions[0].to", "first-after-last");
    }

    [Fact]
    public void Parents_are_of_the_level_above_and_in_force()
    {
        var other = register.Unit("18103", "2024-12-31").Id;
        Breaks("18100", u => WithParent(u, 0, other), "versions[0].parent", "parent-level");
        Breaks("18100", u => WithParent(u, 0, null), "versions[0].parent", "parent-required");
        Breaks("18100", u => WithParent(u, 0, Guid.Empty), "versions[0].parent", "parent-unknown");
        Breaks("18100", u => WithParent(u, 0, u.Id), "versions[0].parent", "parent-cycle");
        Breaks("436", u => u with { Versions = [u.Versions[0] with { To = new(2024, 1, 1) }] }, "versions[0].parent", "parent-ended", onChild: true);
    }

    [Fact]
    public void Links_are_mirror_images_between_units_in_force()
    {
        Breaks("18070", u => u with { Successors = [] }, "predecessors", "link-not-mirrored", onChild: true);
        Breaks("18070", u => u with { Successors = [.. u.Successors, u.Successors[0]] }, "successors[2]", "link-twice");
        Breaks("18070", u => u with { Successors = [u.Successors[0] with { Unit = u.Id }] }, "successors[0].unit", "link-to-itself");
        Breaks("18070", u => u with { Successors = [u.Successors[0] with { Unit = Guid.Empty }] }, "successors[0].unit", "link-unknown");
        Breaks("18070", u => u with { Successors = [u.Successors[0] with { On = new(2026, 1, 1) }] }, "successors[0]", "successor-not-in-force");
    }

    [Fact]
    public void Texts_marks_and_days_have_bounds()
    {
        Breaks("18100", u => With(u, v => v with { Code = "a/b" }), "versions[0].code", "code-form");
        Breaks("18100", u => With(u, v => v with { Code = "18" }), "versions[0].code", "code-of-level");
        Breaks("18100", u => With(u, v => v with { Code = "18A" }), "versions[0].code", "code-of-level");
        Breaks("18100", u => With(u, v => v with { Code = null! }), "versions[0].code", "code-form");
        Breaks("18100", u => With(u, v => v with { Name = new string('a', 201) }), "versions[0].name", "text-form");
        Breaks("18100", u => With(u, v => v with { Name = null! }), "versions[0].name", "required");
        Breaks("18100", u => With(u, v => v with { Name = " a" }), "versions[0].name", "text-form");
        Breaks("18100", u => With(u, v => v with { FullName = "\udc00" }), "versions[0].fullName", "text-form");
        Breaks("18100", u => With(u, v => v with { LegalBasis = "a\0" }), "versions[0].legalBasis", "text-form");
        Breaks("18100", u => With(u, v => v with { Mark = null! }), "versions[0].mark", "mark-unknown");
        Breaks("18100", u => With(u, v => v with { Kind = "tinh" }), "versions[0].kind", "kind-of-level");
        Breaks("18100", u => With(u, v => v with { From = DateOnly.MinValue }), "versions[0].from", "day-out-of-bounds");
        Breaks("18100", u => u with { Region = "Bắc" }, "region", "region-unknown");
        Breaks("18100", u => u with { Level = null! }, "level", "level-unknown");
        Breaks("18100", u => u with { Versions = [] }, "versions", "required");
    }

    [Fact]
    public void Facts_of_one_name_do_not_overlap() => Breaks(
        "18100",
        u => u with { Facts = [new("population", "1", null, new(2024, 1, 1), null, "seen"), new("population", "2", new(2024, 1, 1), null, null, "seen"), new("coastal", "true", null, null, null, "seen")] },
        "facts[1].from", "facts-overlap");

    [Fact]
    public void Two_units_may_exchange_parts()
    {
        var (a, b) = (register.Unit("18073", "2026-01-01"), register.Unit("18100", "2026-01-01"));
        DateOnly first = new(2026, 1, 1), second = new(2026, 6, 1);
        register.Units[a.Id] = a with { Predecessors = [.. a.Predecessors, new(b.Id, second, "x")], Successors = [new(b.Id, first, "x")] };
        register.Units[b.Id] = b with { Predecessors = [.. b.Predecessors, new(a.Id, first, "x")], Successors = [new(a.Id, second, "x")] };
        Assert.Empty(RegisterLaw.Judge(register.Units, [a.Id], Registry.Regions, TestContext.Current.CancellationToken).Faults);
        Assert.False(register.Tree.AnswersFor(a.Id, b.Id, new(2027, 1, 1)));
    }

    [Fact]
    public void A_thousand_faults_are_told_and_the_rest_counted()
    {
        var bad = register.Units.Values.ToDictionary(u => u.Id, u => u with { Level = "x", Versions = [.. u.Versions.Select(v => v with { Mark = "?", Kind = "?" })] });
        var (faults, more) = RegisterLaw.Judge(bad, [.. bad.Keys], Registry.Regions, TestContext.Current.CancellationToken);
        Assert.Equal(RegisterLaw.Most, faults.Count);
        Assert.True(more > 0);
    }

    [Fact]
    public void A_country_of_ten_thousand_units_is_judged_in_a_moment()
    {
        var country = Country.Of(63, 160);
        var clock = Stopwatch.StartNew();
        Assert.Empty(RegisterLaw.Judge(country, [.. country.Keys], Registry.Regions, TestContext.Current.CancellationToken).Faults.Select(f => $"{f.Field} {f.Rule}").Distinct(StringComparer.Ordinal));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    private void Breaks(string code, Func<UnitState, UnitState> change, string field, string rule, bool onChild = false)
    {
        var unit = register.Unit(code, "2024-12-31");
        var changed = new Dictionary<Guid, UnitState>(register.Units) { [unit.Id] = change(unit) };
        var faults = RegisterLaw.Judge(changed, [unit.Id], Registry.Regions).Faults;
        Assert.Contains(faults, f => f.Rule == rule && (onChild ? f.Unit != unit.Id : f.Unit == unit.Id) && f.Field.StartsWith(field, StringComparison.Ordinal));
        Assert.All(faults, f => Assert.True(f.Words.Vi.Length > 0 && f.Words.En.Length > 0));
    }

    private static UnitState With(UnitState unit, Func<UnitVersion, UnitVersion> change) => unit with { Versions = [change(unit.Versions[0]), .. unit.Versions.Skip(1)] };

    private static UnitState WithParent(UnitState unit, int version, Guid? parent) =>
        unit with { Versions = [.. unit.Versions.Select((v, i) => i == version ? v with { Parent = parent } : v)] };
}

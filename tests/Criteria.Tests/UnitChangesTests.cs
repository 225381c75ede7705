using System.Text.Json;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;

namespace Ntm.Criteria.Tests;

/// <summary>Each of the 127 events of units.json, held against the units that were read from it.</summary>
public sealed class UnitChangesTests
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly List<Change> Changes = JsonSerializer.Deserialize<FileContent>(Given.Data("units.json"), Snake)!.Events;
    private static readonly DateOnly Today = new(2026, 3, 2);

    [Fact]
    public void The_file_tells_127_changes_of_six_kinds()
    {
        Assert.Equal(127, Changes.Count);
        Assert.Equal(["dissolved", "merged", "reclassified", "split", "transferred", "unchanged"], Changes.Select(c => c.Kind).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Who_went_over_ended_the_day_before_and_is_linked_both_ways() => Assert.All(Changes.Where(c => c.Kind is "merged" or "split"), change =>
    {
        foreach (var from in change.From.Select(code => Before(code, change.Date)))
        {
            foreach (var to in change.To.Select(code => On(code, change.Date)).Where(to => to.Id != from.Id))
            {
                Assert.Equal(change.Date.AddDays(-1), from.Versions[^1].To);
                Assert.Single(from.Successors, l => l.Unit == to.Id && l.On == change.Date);
                Assert.Single(to.Predecessors, l => l.Unit == from.Id && l.On == change.Date);
            }
        }
    });

    [Fact]
    public void Every_new_unit_has_predecessors_and_every_merged_one_successors()
    {
        var made = Given.Tree.Below(null, "commune", new(2025, 7, 1)).Where(u => u.Unit.Versions[0].From == new DateOnly(2025, 7, 1)).ToList();
        Assert.Equal(67, made.Count);
        Assert.All(made, u => Assert.NotEmpty(u.Unit.Predecessors));
        Assert.All(Given.Tree.All.Where(u => u.Level == "commune" && u.Versions[^1].To is not null), u => Assert.NotEmpty(u.Successors));
    }

    [Fact]
    public void Every_predecessor_names_its_successor_with_the_same_day_and_part() => Assert.All(Given.Tree.All, unit =>
        Assert.All(unit.Predecessors, link => Assert.Equal(link with { Unit = unit.Id }, Assert.Single(Given.Tree.Find(link.Unit)!.Successors, s => s.Unit == unit.Id))));

    [Fact]
    public void Every_successor_of_a_commune_names_its_predecessor() => Assert.All(Given.Tree.All.Where(u => u.Level == "commune"), unit =>
        Assert.All(unit.Successors, link => Assert.Single(Given.Tree.Find(link.Unit)!.Predecessors, p => p == link with { Unit = unit.Id })));

    [Fact]
    public void Nobody_comes_before_himself()
    {
        Assert.All(Given.Tree.All, u => Assert.DoesNotContain(u.Predecessors, l => l.Unit == u.Id));
        Assert.All(Given.Tree.All, u => Assert.DoesNotContain(u.Successors, l => l.Unit == u.Id));
        Assert.All(Given.Tree.All, u => Assert.All(u.Predecessors, l => Assert.False(Given.Tree.AnswersFor(l.Unit, u.Id, Today))));
    }

    [Fact]
    public void A_part_says_what_of_the_unit_went_over()
    {
        var divided = Before("18070", new(2025, 1, 1));
        Assert.Equal(["tổ dân phố 6", "all except tổ dân phố 6"], divided.Successors.Select(s => s.Part).OrderDescending(StringComparer.Ordinal));
        Assert.Equal(2, Before("18082", new(2025, 7, 1)).Successors.Count);
        Assert.Equal(3, Before("18796", new(2025, 7, 1)).Successors.Count);
    }

    [Fact]
    public void Who_was_reclassified_stayed_itself_under_another_kind_or_name() => Assert.All(Changes.Where(c => c.Kind == "reclassified"), change =>
    {
        var (before, after) = (Given.Tree.Resolve(change.From[0], change.Date.AddDays(-1))!, Given.Tree.Resolve(change.To[0], change.Date)!);
        Assert.Equal(before.Id, after.Id);
        Assert.NotEqual(before.Name, after.Name);
    });

    [Fact]
    public void Who_was_transferred_stayed_itself_under_another_district() => Assert.All(Changes.Where(c => c.Kind == "transferred"), change =>
        Assert.All(change.From.Zip(change.To), codes =>
        {
            var (before, after) = (Before(codes.First, change.Date), On(codes.Second, change.Date));
            Assert.Equal(before.Id, after.Id);
            Assert.NotEqual(Given.Tree.On(before.Id, change.Date.AddDays(-1))!.Parent, Given.Tree.On(after.Id, change.Date)!.Parent);
        }));

    [Fact]
    public void Who_did_not_change_stayed_itself_under_the_province() => Assert.All(Changes.Where(c => c.Kind == "unchanged"), change =>
    {
        var (before, after) = (Before(change.From[0], change.Date), On(change.To[0], change.Date));
        Assert.Equal(before.Id, after.Id);
        Assert.Equal("province", Given.Tree.Find(Given.Tree.On(after.Id, change.Date)!.Parent!.Value)!.Level);
        Assert.Empty(after.Successors);
    });

    [Fact]
    public void Districts_that_were_dissolved_ended_the_day_before() => Assert.All(Changes.Where(c => c.Kind == "dissolved"), change =>
        Assert.All(change.From, code =>
        {
            var district = Before(code, change.Date);
            Assert.Equal(change.Date.AddDays(-1), district.Versions[^1].To);
            Assert.Equal(change.To.Select(to => On(to, change.Date).Id), district.Successors.Select(s => s.Unit));
        }));

    [Fact]
    public void Who_only_took_others_in_stayed_itself()
    {
        var enlarged = Given.UnitStreams.Where(s => s.Value.Exists(e => e is UnitEnlarged)).Select(s => Given.Tree.Find(s.Key)!).ToList();
        Assert.NotEmpty(enlarged);
        Assert.All(enlarged, unit => Assert.All(unit.Predecessors, link =>
        {
            Assert.NotNull(Given.Tree.On(unit.Id, link.On.AddDays(-1)));
            Assert.NotNull(Given.Tree.On(unit.Id, link.On));
        }));
    }

    [Fact]
    public void Both_sides_of_every_passage_tell_the_same_day_and_part_on_every_day_of_change()
    {
        Assert.Equal([new(2020, 1, 1), new(2025, 1, 1), new(2025, 7, 1)], Changes.Select(c => c.Date).Distinct().Order());
        foreach (var unit in Given.Tree.All)
        {
            // A district's heirs by law answer for it as well.
            Assert.All(unit.Successors, link => Assert.Single(Given.Tree.Find(link.Unit)!.Predecessors, p => p == link with { Unit = unit.Id }));
            Assert.All(unit.Predecessors, link => Assert.Single(Given.Tree.Find(link.Unit)!.Successors, s => s == link with { Unit = unit.Id }));
        }
    }

    [Fact]
    public void Every_event_gives_the_register_its_legal_basis()
    {
        var bases = Given.UnitStreams.Values.SelectMany(s => s).Select(e => e.GetType().GetProperty("LegalBasis")!.GetValue(e) as string).ToHashSet(StringComparer.Ordinal);
        Assert.All(Changes.Where(c => !c.RestatesMergedEvents), c => Assert.Contains(c.LegalBasis, bases));
    }

    [Fact]
    public void On_the_day_before_a_change_its_codes_are_those_of_before_and_on_the_day_those_of_after() => Assert.All(Changes, change =>
    {
        Assert.All(change.From, code => Assert.Equal(change.Level, Before(code, change.Date).Level));
        Assert.All(change.To, code => Assert.Equal(LevelOf(code), On(code, change.Date).Level));
    });

    private static string LevelOf(string code) => code.Length switch { 2 => "province", 3 => "district", _ => "commune" };

    [Fact]
    public void A_reused_code_names_another_unit_after_June_2025()
    {
        var (last, first) = (new DateOnly(2025, 6, 30), new DateOnly(2025, 7, 1));
        var codes = Given.Tree.Below(null, "commune", first).Select(u => u.Version.Code).ToList();
        Assert.Equal(["18196", "18199"], codes.Where(c => Given.Tree.Resolve(c, last)?.Id == Given.Tree.Resolve(c, first)!.Id));
        Assert.Equal(48, codes.Count(c => Given.Tree.Resolve(c, last) is { } before && before.Id != Given.Tree.Resolve(c, first)!.Id && NameOf(c, last) != NameOf(c, first)));
    }

    private static string NameOf(string code, DateOnly day) => Given.Tree.On(Given.Unit(code, day).Id, day)!.Name;

    private static UnitState Before(string code, DateOnly day) => On(code, day.AddDays(-1));

    private static UnitState On(string code, DateOnly day) => Given.Tree.Find(Given.Unit(code, day).Id)!;

    private sealed record FileContent(List<Change> Events);

    private sealed record Change(string Kind, string Level, DateOnly Date, string LegalBasis, List<string> From, List<string> To, bool RestatesMergedEvents = false);
}

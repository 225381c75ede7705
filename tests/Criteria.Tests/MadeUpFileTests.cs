using System.Globalization;
using System.Text.Json.Nodes;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>Kinds of changes that the file of today does not hold: splits of their own, new names and codes, parts of units that go on.</summary>
public sealed class MadeUpFileTests
{
    private static readonly DateOnly Day = new(2027, 1, 1);

    [Fact]
    public void A_unit_that_is_split_ends_and_its_heirs_know_it()
    {
        var tree = Read(
            [Row("90001", "Một", null, Day.AddDays(-1)), Row("90002", "Hai", Day, null), Row("90003", "Ba", Day, null)],
            [Change("split", ["90001"], ["90002", "90003"], ("90001", "chia đôi"))], out var streams);
        var old = tree.Find(tree.Resolve("90001", Day.AddDays(-1))!.Id)!;
        var split = Assert.IsType<UnitSplit>(streams[old.Id].Last());
        Assert.Equal(Day.AddDays(-1), split.LastDay);
        Assert.Equal(["90002", "90003"], old.Successors.Select(s => tree.Ref(s.Unit, Day)!.Code));
        Assert.All(old.Successors, s => Assert.Equal(new UnitLink(old.Id, Day, "chia đôi"), Assert.Single(tree.Find(s.Unit)!.Predecessors)));
    }

    [Fact]
    public void A_split_that_repeats_mergers_adds_nothing()
    {
        var (rows, merged) = ((JsonObject[])[Row("90001", "Một", null, Day.AddDays(-1)), Row("90002", "Hai", Day, null)], Change("merged", ["90001"], ["90002"], ("90001", "phần lớn")));
        var restated = Change("split", ["90001"], ["90002"]);
        restated["restates_merged_events"] = true;
        Read(rows, [merged], out var once);
        Read(rows, [(JsonObject)merged.DeepClone(), restated], out var twice);
        Assert.Equal(once.Values.Select(s => s.Count), twice.Values.Select(s => s.Count));
        Assert.Equal("phần lớn", Assert.Single(Assert.Single(once.Values.SelectMany(s => s).OfType<UnitMerged>()).Successors).Part);
    }

    [Fact]
    public void A_unit_that_gives_a_part_away_goes_on_smaller()
    {
        var tree = Read(
            [Row("90001", "Một", null, null), Row("90002", "Hai", null, Day.AddDays(-1)), Row("90003", "Ba", Day, null)],
            [Change("merged", ["90002", "90001"], ["90003"], ("90001", "thôn 3"), ("90002", "whole"))], out var streams);
        var giver = tree.Resolve("90001", Day)!.Id;
        Assert.Equal(giver, tree.Resolve("90001", Day.AddDays(-1))!.Id);
        var reduced = Assert.Single(streams[giver].OfType<UnitReduced>());
        Assert.Equal((Day, "thôn 3"), (reduced.From, Assert.Single(reduced.Successors).Part));
        var heir = tree.Resolve("90003", Day)!.Id;
        Assert.False(tree.AnswersFor(heir, giver, Day));
        Assert.True(tree.AnswersFor(heir, tree.Resolve("90002", Day.AddDays(-1))!.Id, Day));
    }

    [Fact]
    public void A_new_name_or_code_leaves_the_unit_itself()
    {
        var tree = Read(
            [Row("90001", "Một", null, Day.AddDays(-1)), Row("90001", "Một Mới", Day, null), Row("90002", "Hai", null, Day.AddDays(-1)), Row("90009", "Hai", Day, null)],
            [Change("renamed", ["90001"], ["90001"]), Change("renamed", ["90002"], ["90009"])], out var streams);
        Assert.Equal(tree.Resolve("90001", Day.AddDays(-1))!.Id, tree.Resolve("90001", Day)!.Id);
        Assert.Equal(tree.Resolve("90002", Day.AddDays(-1))!.Id, tree.Resolve("90009", Day)!.Id);
        Assert.Null(tree.Resolve("90002", Day));
        Assert.Equal(2, streams.Values.SelectMany(s => s).OfType<UnitRenamed>().Count(r => r.LegalBasis == "NQ thử"));
    }

    private static UnitTree Read(JsonObject[] rows, JsonObject[] changes, out IReadOnlyDictionary<Guid, List<object>> streams)
    {
        var file = new JsonObject
        {
            ["source_notes"] = new JsonArray(),
            ["province"] = Row("90", "Tỉnh Thử", null, null),
            ["districts"] = new JsonArray(),
            ["communes_before"] = new JsonArray(),
            ["communes_after"] = new JsonArray([.. rows.Select(r => r.DeepClone())]),
            ["communes_historic_2019"] = new JsonArray(),
            ["events"] = new JsonArray([.. changes.Select(c => c.DeepClone())]),
        };
        streams = UnitsFile.Read(file.ToJsonString(), """{"regions":[]}""", Given.Imported);
        return new(streams.Values.Select(s => s.Aggregate((UnitState?)null, UnitHistory.Fold)!));
    }

    private static JsonObject Row(string code, string name, DateOnly? from, DateOnly? to) => new()
    {
        ["code"] = code,
        ["name_vi"] = name,
        ["full_name_vi"] = $"Xã {name}",
        ["kind"] = "xa",
        ["valid_from"] = from?.ToString("O", CultureInfo.InvariantCulture),
        ["valid_to"] = to?.ToString("O", CultureInfo.InvariantCulture),
        ["source"] = "seen",
    };

    private static JsonObject Change(string kind, string[] from, string[] to, params (string Code, string Part)[] parts) => new()
    {
        ["kind"] = kind,
        ["level"] = "commune",
        ["date"] = Day.ToString("O", CultureInfo.InvariantCulture),
        ["legal_basis"] = "NQ thử",
        ["from"] = new JsonArray([.. from.Select(c => (JsonNode)c)]),
        ["to"] = new JsonArray([.. to.Select(c => (JsonNode)c)]),
        ["source"] = "seen",
        ["from_detail"] = new JsonArray([.. parts.Select(p => new JsonObject { ["code"] = p.Code, ["part"] = p.Part })]),
    };
}

using System.Globalization;
using System.Text.Json;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>What units.json says of a unit beside its name, and nothing more.</summary>
public sealed class UnitFactsTests
{
    private static readonly DateOnly July = new(2025, 7, 1);
    private static readonly JsonElement File = JsonDocument.Parse(Given.Data("units.json")).RootElement;

    [Fact]
    public void Each_row_is_told_with_its_mark_on_each_of_its_days() => Assert.All(
        File.GetProperty("communes_before").EnumerateArray().Concat(File.GetProperty("communes_after").EnumerateArray()), row =>
        {
            var day = DayOf(row, "valid_from") ?? DayOf(row, "valid_to")!.Value;
            var unit = Given.Unit(row.GetProperty("code").GetString()!, day).Id;
            foreach (var at in (DateOnly[])[day, DayOf(row, "valid_to") ?? Given.EndOf2025])
            {
                Says(unit, at, UnitFacts.Mountainous, row, "mountainous");
                Says(unit, at, UnitFacts.Coastal, row, "coastal");
                Says(unit, at, UnitFacts.Population, row, "population");
                Says(unit, at, UnitFacts.AreaKm2, row, "area_km2");
            }

            if (Given.Tree.Fact(unit, UnitFacts.Coastal, day) is { } coastal) Assert.Equal(row.GetProperty("coastal_source").GetString(), coastal.Mark);
        });

    [Fact]
    public void Where_the_file_says_nothing_nothing_is_known_and_that_is_not_no()
    {
        Assert.Null(Given.Tree.Fact(Given.Unit("18073", Given.EndOf2025).Id, UnitFacts.Mountainous, Given.EndOf2025));
        Assert.Null(Given.Tree.Fact(Given.Unit("18073", Given.EndOf2024).Id, UnitFacts.Coastal, Given.EndOf2024));
        Assert.Equal("false", Given.Tree.Fact(Given.Unit("18073", Given.EndOf2025).Id, UnitFacts.Coastal, Given.EndOf2025)?.Value);
        Assert.All(Given.Tree.All.SelectMany(u => u.Facts ?? []), f => Assert.NotNull(f.Value));
    }

    [Theory]
    [InlineData(UnitFacts.Mountainous, "true", 19)]
    [InlineData(UnitFacts.Mountainous, "false", 0)]
    [InlineData(UnitFacts.Coastal, "true", 16)]
    [InlineData(UnitFacts.Coastal, "false", 53)]
    public void So_many_communes_of_July_2025_are(string name, string value, int count) =>
        Assert.Equal(count, Given.Tree.Below(null, "commune", July).Count(u => Given.Tree.Fact(u.Unit.Id, name, July)?.Value == value));

    [Fact]
    public void A_figure_of_July_2025_is_not_that_of_the_same_unit_before()
    {
        var unit = Given.Unit("18196", Given.EndOf2024).Id;
        Assert.Null(Given.Tree.Fact(unit, UnitFacts.Population, July.AddDays(-1)));
        var population = Given.Tree.Fact(unit, UnitFacts.Population, July)!;
        Assert.Equal(("5782", July), (population.Value, population.From));
        Assert.Contains("sapnhap.bando.com.vn", population.Basis, StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_that_was_decided_of_a_province_reaches_its_communes()
    {
        var (one, other, stays, moves, own) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var tree = new UnitTree(
        [
            Unit(one, "province", "Bắc Trung Bộ", [Region("Tây Nguyên", July)], (null, null)),
            Unit(other, "province", "Bắc Trung Bộ", [Region("Đông Nam Bộ", null)], (null, null)),
            Unit(stays, "commune", "Bắc Trung Bộ", [], (one, null)),
            Unit(moves, "commune", "Bắc Trung Bộ", [], (one, null), (other, July)),
            Unit(own, "commune", null, [Region("Đồng bằng sông Hồng", July)], (one, null)),
        ]);
        Assert.Equal(["Bắc Trung Bộ", "Bắc Trung Bộ", "Bắc Trung Bộ"], new[] { stays, moves, own }.Select(u => tree.Fact(u, UnitFacts.Region, July.AddDays(-1))!.Value));
        Assert.Equal(["Tây Nguyên", "Đông Nam Bộ", "Đồng bằng sông Hồng"], new[] { stays, moves, own }.Select(u => tree.Fact(u, UnitFacts.Region, July)!.Value));

        static UnitFact Region(string value, DateOnly? from) => new(UnitFacts.Region, value, from, null, "QĐ", "seen");

        static UnitState Unit(Guid id, string level, string? region, UnitFact[] facts, params (Guid? Parent, DateOnly? From)[] lives) => new(
            id, level, region, [.. lives.Select((l, n) => new UnitVersion("1", "1", "1", "xa", l.Parent, l.From, n + 1 < lives.Length ? lives[n + 1].From!.Value.AddDays(-1) : null, null, "seen"))], [], [], facts);
    }

    [Fact]
    public void The_region_is_that_of_the_province_and_goes_down_to_every_unit() => Assert.All(
        Given.Tree.Below(null, null, July), u => Assert.Equal("Bắc Trung Bộ", Given.Tree.Fact(u.Unit.Id, UnitFacts.Region, July)?.Value));

    [Fact]
    public void A_later_finding_covers_an_earlier_one_on_its_own_days()
    {
        UnitFact Found(string? value, DateOnly? from, DateOnly? to) => new(UnitFacts.Mountainous, value, from, to, null, "seen");
        var facts = UnitHistory.Paint(UnitHistory.Paint([], Found("true", null, null)), Found(null, July, July.AddDays(9)));
        Assert.Equal([Found("true", null, July.AddDays(-1)), Found(null, July, July.AddDays(9)), Found("true", July.AddDays(10), null)], facts);
    }

    private static void Says(Guid unit, DateOnly day, string name, JsonElement row, string column)
    {
        var value = row.TryGetProperty(column, out var cell) ? cell.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => cell.GetDecimal().ToString(CultureInfo.InvariantCulture),
            _ => null,
        } : null;
        Assert.Equal(value, Given.Tree.Fact(unit, name, day)?.Value);
    }

    private static DateOnly? DayOf(JsonElement row, string column) =>
        row.GetProperty(column).GetString() is { } day ? DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
}

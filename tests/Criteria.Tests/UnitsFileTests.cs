using System.Text.Json;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class UnitsFileTests
{
    private static readonly DateOnly[] ChangeDays =
    [
        .. Given.Tree.All.SelectMany(u => u.Versions).SelectMany(v => (DateOnly?[])[v.From, v.To?.AddDays(1)]).OfType<DateOnly>().Distinct().Order(),
    ];

    [Theory]
    [InlineData("2019-12-31", 262, 13)]
    [InlineData("2020-01-01", 216, 13)]
    [InlineData("2024-06-01", 216, 13)]
    [InlineData("2024-12-31", 216, 13)]
    [InlineData("2025-01-01", 209, 12)]
    [InlineData("2025-06-30", 209, 12)]
    [InlineData("2025-07-01", 69, 0)]
    [InlineData("2026-11-23", 69, 0)]
    public void Each_day_has_its_units(string on, int communes, int districts)
    {
        var day = Day(on);
        Assert.Equal(communes, Given.Tree.Below(null, "commune", day).Count());
        Assert.Equal(districts, Given.Tree.Below(null, "district", day).Count());
        Assert.Equal("42", Assert.Single(Given.Tree.Below(null, "province", day)).Version.Code);
        Assert.Equal(communes, Given.Tree.Below(Given.Unit("42", day).Id, "commune", day).Count());
    }

    [Theory]
    [InlineData("2024-06-01", "phuong", 21, "thi_tran", 13)]
    [InlineData("2025-06-30", "phuong", 25, "thi_tran", 14)]
    [InlineData("2025-07-01", "phuong", 9, "thi_tran", 0)]
    public void Kinds_are_those_of_the_day(string on, string kind, int count, string other, int others)
    {
        var kinds = Given.Tree.Below(null, "commune", Day(on)).CountBy(u => u.Version.Kind).ToDictionary(StringComparer.Ordinal);
        Assert.Equal((count, others), (kinds.GetValueOrDefault(kind), kinds.GetValueOrDefault(other)));
    }

    [Fact]
    public void No_code_is_carried_twice_on_any_day() => Assert.All(ChangeDays, day =>
    {
        foreach (var at in (DateOnly[])[day, day.AddDays(-1)])
            Assert.Empty(Given.Tree.Below(null, null, at).GroupBy(u => u.Version.Code).Where(g => g.Count() > 1).Select(g => g.Key));
    });

    [Fact]
    public void Versions_of_a_unit_follow_one_another_without_a_gap() => Assert.All(Given.Tree.All, unit =>
    {
        foreach (var (before, after) in unit.Versions.Zip(unit.Versions.Skip(1))) Assert.Equal(before.To?.AddDays(1), after.From);
    });

    [Fact]
    public void Everybody_but_the_province_has_a_parent_of_the_level_above_on_each_day() =>
        Assert.All(ChangeDays.Where(d => d >= new DateOnly(2019, 12, 31)), day => Assert.All(Given.Tree.Below(null, null, day), u =>
        {
            var levels = Given.Tree.Chain(u.Unit.Id, day).Select(x => x.Level);
            string[] expected = u.Unit.Level switch
            {
                "province" => ["province"],
                "district" => ["district", "province"],
                _ => day < new DateOnly(2025, 7, 1) ? ["commune", "district", "province"] : ["commune", "province"],
            };
            Assert.Equal(expected, levels);
            Assert.All(Given.Tree.Chain(u.Unit.Id, day), above => Assert.NotNull(Given.Tree.On(above.Id, day)));
        }));

    [Fact]
    public void A_units_events_stand_in_the_order_of_their_days() => Assert.All(Given.UnitStreams, stream =>
    {
        Assert.IsType<UnitCreated>(stream.Value[0]);
        var days = stream.Value.Skip(1).Where(e => e is not UnitClassified).Select(DayOf).ToList();
        Assert.Equal(days.Order(), days);
        Assert.Equal(1, stream.Value.Count(e => e is UnitCreated));
    });

    [Fact]
    public void Nothing_happens_to_a_unit_that_ended() => Assert.All(
        Given.UnitStreams.Values.Where(s => s.Exists(e => e is UnitMerged or UnitDissolved)),
        stream => Assert.True(stream.Last(e => e is not UnitClassified) is UnitMerged or UnitDissolved));

    [Fact]
    public void Ids_are_stable_over_two_readings()
    {
        var again = UnitsFile.Read(Given.Data("units.json"), Given.Data("regions.json"), Given.Imported.AddYears(1));
        Assert.Equal(Given.UnitStreams.Keys, again.Keys);
    }

    [Fact]
    public void A_second_reading_gives_the_same_events()
    {
        var again = UnitsFile.Read(Given.Data("units.json"), Given.Data("regions.json"), Given.Imported);
        Assert.Equal(Written(Given.UnitStreams), Written(again));
    }

    [Fact]
    public void The_id_of_a_unit_is_written_down_for_ever()
    {
        Assert.Equal(DeterministicId.Of("unit", "commune", "18073", "origin"), Given.Unit("18073", Given.EndOf2024).Id);
        Assert.Equal(DeterministicId.Of("unit", "commune", "18073", "2025-07-01"), Given.Unit("18073", Given.EndOf2025).Id);
    }

    [Fact]
    public void Every_unit_lies_in_the_provinces_region() => Assert.All(Given.Tree.All, u => Assert.Equal("Bắc Trung Bộ", u.Region));

    [Fact]
    public void Marks_are_those_of_the_file() => Assert.All(
        Given.Tree.All.SelectMany(u => u.Versions), v => Assert.Contains(v.Mark, (string[])["seen", "recalled", "derived", "unknown"]));

    private static string Written(IReadOnlyDictionary<Guid, List<object>> streams) =>
        JsonSerializer.Serialize(streams.SelectMany(s => s.Value.Select(e => new { Unit = s.Key, e.GetType().Name, Event = e })), NtmJson.Stored);

    private static DateOnly DayOf(object e) => e switch
    {
        UnitReclassified c => c.From,
        UnitMoved c => c.From,
        UnitEnlarged c => c.From,
        UnitMerged c => c.LastDay,
        UnitDissolved c => c.LastDay,
        _ => throw new InvalidOperationException(e.GetType().Name),
    };

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");
}

using System.Diagnostics;
using Ntm.Bench;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>The made-up country that speed is measured with.</summary>
public sealed class CountryTests
{
    private static readonly IReadOnlyList<(Guid Id, IReadOnlyList<object> Events)> Streams = Country.Make();
    private static readonly UnitTree Tree = new(Streams.Select(s => s.Events.Aggregate((UnitState?)null, UnitHistory.Fold)!));

    [Theory]
    [InlineData("2019-06-01", 63, 9_500, 10_800)]
    [InlineData("2025-06-30", 63, 9_000, 10_500)]
    [InlineData("2025-07-01", 34, 3_000, 3_600)]
    public void Each_generation_has_its_size(string on, int provinces, int least, int most)
    {
        var day = DateOnly.ParseExact(on, "yyyy-MM-dd");
        Assert.Equal(provinces, Tree.Below(null, "province", day).Count());
        Assert.InRange(Tree.Below(null, "commune", day).Count(), least, most);
        Assert.All(Tree.Below(null, "commune", day), u => Assert.NotNull(Tree.Above(u.Unit.Id, "province", day)));
    }

    [Fact]
    public void The_same_number_gives_the_same_country() => Assert.Equal(Streams.Select(s => (s.Id, s.Events.Count)), Country.Make().Select(s => (s.Id, s.Events.Count)));

    [Fact]
    public void No_code_is_carried_twice_and_links_are_told_on_both_sides()
    {
        foreach (var day in (DateOnly[])[new(2019, 6, 1), new(2025, 6, 30), new(2025, 7, 1)])
            Assert.Equal(Tree.Below(null, null, day).Count(), Tree.Below(null, null, day).Select(u => u.Version.Code).Distinct().Count());
        Assert.All(Tree.All, u => Assert.All(u.Predecessors, l => Assert.Contains(Tree.Find(l.Unit)!.Successors, s => s == l with { Unit = u.Id })));
    }

    [Fact]
    public void The_tree_of_every_province_on_any_day_takes_milliseconds()
    {
        var random = new Random(3);
        Guid[] provinces = [.. Tree.All.Where(u => u.Level == "province").Select(u => u.Id)];
        List<double> times = [];
        for (var n = 0; n < 400; n++)
        {
            var (province, day) = (provinces[random.Next(provinces.Length)], new DateOnly(2019, 6, 1).AddDays(random.Next(2_700)));
            var started = Stopwatch.GetTimestamp();
            _ = Tree.Below(province, null, day).Count();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        // The budget of the whole answer; a walk up from each of the 15,000 units alone would exceed it.
        Assert.InRange(times.Order().ElementAt(380), 0, 20);
    }
}

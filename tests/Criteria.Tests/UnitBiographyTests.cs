using JasperFx.Events;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>Every part of a unit's page of history names the event that it comes from.</summary>
public sealed class UnitBiographyTests
{
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly Guid Other = Guid.CreateVersion7();
    private static readonly DateOnly Day = new(2026, 5, 1);

    private static readonly object[] Stream =
    [
        new UnitCreated(Id, "commune", "Bắc Trung Bộ", "18073", "Thành Sen", "Xã Thành Sen", "xa", null, new(2025, 7, 1), [new(Other, new(2025, 7, 1), "whole")], "NQ 1", "seen", "a", Given.Imported),
        new UnitClassified([new(UnitFacts.Mountainous, "true", null, null, "DS 1", "seen")], "QĐ 2", "b", Given.Imported),
        new UnitReclassified("Thành Sen", "Phường Thành Sen", "phuong", Day, "NQ 3", "recalled", "c", Given.Imported),
        new UnitClassified([new(UnitFacts.Mountainous, "false", Day, null, "DS 4", "seen")], "QĐ 4", "d", Given.Imported),
        new UnitMerged([new(Other, Day.AddDays(100), "whole")], Day.AddDays(99), "NQ 5", "seen", "e", Given.Imported),
    ];

    [Fact]
    public void Names_facts_and_links_are_each_told_by_whoever_said_them()
    {
        var told = Told(5);
        Assert.Equal([("Xã Thành Sen", "a", 1L), ("Phường Thành Sen", "c", 3L)], told.Versions.Select(v => (v.Item.FullName, v.Recorded.By, v.Recorded.Version)));
        Assert.Equal([("true", "b", "QĐ 2"), ("false", "d", "QĐ 4")], told.Facts.Select(f => (f.Item.Value!, f.Recorded.By, f.LegalBasis!)));
        Assert.Equal(("a", "NQ 1", "seen"), Assert.Single(told.Predecessors) is var p ? (p.Recorded.By, p.LegalBasis, p.Mark) : default);
        Assert.Equal(("e", "NQ 5"), Assert.Single(told.Successors) is var s ? (s.Recorded.By, s.LegalBasis) : default);
        Assert.Equal((Day.AddDays(99), "e"), (told.End!.Item, told.End.Recorded.By));
        Assert.Equal(Stream.Aggregate((UnitState?)null, UnitHistory.Fold)!.Versions, told.State.Versions);
    }

    [Fact]
    public void At_an_earlier_version_nothing_later_is_told()
    {
        var told = Told(2);
        Assert.Single(told.Versions);
        Assert.Null(told.End);
        Assert.Empty(told.Successors);
        Assert.Null(Assert.Single(told.Facts).Item.To);
        Assert.Null(UnitBiography.Of([]));
    }

    [Fact]
    public void A_long_history_is_told_in_a_moment()
    {
        List<object> stream = [Stream[0]];
        for (var n = 1; n <= 3_000; n++)
            stream.Add(new UnitRenamed("18073", $"Tên {n}", $"Xã Tên {n}", new DateOnly(2025, 7, 1).AddDays(n), "NQ", "seen", $"{n}", Given.Imported));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var told = UnitBiography.Of(stream.Select((e, n) => EventOf(e, n + 1)))!;
        Assert.Equal(["a", "1", "3000"], new[] { told.Versions[0], told.Versions[1], told.Versions[3_000] }.Select(v => v.Recorded.By));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
    }

    [Fact]
    public void Each_unit_of_the_file_has_a_page_that_says_what_the_register_says() => Assert.All(Given.UnitStreams, stream =>
    {
        var told = UnitBiography.Of(stream.Value.Select((e, n) => EventOf(e, n + 1)))!;
        var unit = Given.Tree.Find(stream.Key)!;
        Assert.Equal(unit.Versions, told.Versions.Select(v => v.Item));
        Assert.Equal(unit.Predecessors, told.Predecessors.Select(v => v.Item));
        Assert.Equal(unit.Successors, told.Successors.Select(v => v.Item));
        Assert.Equal(unit.Facts ?? [], told.Facts.Select(v => v.Item));
        Assert.All(told.Predecessors.Concat(told.Successors), l => Assert.NotNull(l.LegalBasis));

        var page = GetUnitHistory.Of(Given.Tree, told, Given.EndOf2025, stream.Value.Count, null);
        Assert.Equal(unit.Id, page.UnitId);
        Assert.All(page.Predecessors, l => Assert.NotEqual("", l.Code));
        Assert.Equal(page.Predecessors.Select(l => l.UnitId).Order(), page.Ancestry.Where(a => a.Generation == 1).Select(a => a.From.Id).Order());
        Assert.Equal(page.Successors.Select(l => l.UnitId).Order(), page.Descent.Where(a => a.Generation == 1).Select(a => a.Into.Id).Order());
        Assert.Equal(unit.Versions[^1].To, page.Ended?.LastDay ?? unit.Versions[^1].To);
    });

    [Fact]
    public void The_parent_is_called_as_it_was_then()
    {
        var unit = Given.Unit("18196", Given.EndOf2024).Id;
        var page = GetUnitHistory.Of(Given.Tree, UnitBiography.Of(Given.UnitStreams[unit].Select((e, n) => EventOf(e, n + 1)))!, Given.EndOf2025, 1, null);
        Assert.Equal(["Huyện Hương Sơn", "Tỉnh Hà Tĩnh"], page.Names.Select(n => n.Parent!.Name));
    }

    private static UnitBiography Told(int version) => UnitBiography.Of(Stream.Take(version).Select((e, n) => EventOf(e, n + 1)))!;

    private static IEvent EventOf(object data, int version)
    {
        var e = Event.For(data);
        (e.Id, e.Version, e.EventTypeName) = (Guid.CreateVersion7(), version, "unit");
        e.UserName = data.GetType().GetProperty("By")!.GetValue(data) as string;
        return e;
    }
}

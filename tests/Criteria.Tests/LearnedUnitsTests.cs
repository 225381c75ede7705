using System.Text.Json;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>Whoever keeps the last announcement of each unit has Criteria's own register: the same ids on the same days, villages and facts included.</summary>
public sealed class LearnedUnitsTests
{
    private static readonly Guid Village = Guid.CreateVersion7();

    [Fact]
    public void All_four_consumers_learn_units_by_the_same_code() =>
        Assert.Equal(["appraisal", "central", "notifications", "pilots"], Topology.Listeners.Where(l => l.Value.Contains(typeof(UnitChanged))).Select(l => l.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void What_was_announced_last_resolves_like_the_register()
    {
        var commune = Given.Unit("18073", Given.EndOf2025).Id;
        object[] village =
        [
            new UnitCreated(Village, "village", null, "18073-01", "Thôn 1", "Thôn 1", "thon", commune, new(2025, 9, 1), [], "NQ 12/NQ-HĐND", "seen", "an", Given.Imported),
            new UnitClassified([new(UnitFacts.Mountainous, "true", new(2026, 1, 1), null, "QĐ", "seen")], "QĐ", "an", Given.Imported),
        ];
        var streams = Given.UnitStreams.Append(KeyValuePair.Create(Village, village.ToList())).ToList();
        var own = new UnitTree(streams.Select(s => s.Value.Aggregate((UnitState?)null, UnitHistory.Fold)!));
        // As the broker carries it and the consumer stores it.
        var learned = new UnitTree(streams.Select(s => Stored(Announced(s.Value)).Unit));

        var days = own.All.SelectMany(u => u.Versions).SelectMany(v => (DateOnly?[])[v.From, v.To?.AddDays(1)]).OfType<DateOnly>().SelectMany(d => (DateOnly[])[d, d.AddDays(-1)]).Distinct();
        Assert.All(days, day =>
        {
            Assert.Equal(own.Below(null, null, day).Select(u => (u.Unit.Id, u.Version)), learned.Below(null, null, day).Select(u => (u.Unit.Id, u.Version)));
            Assert.All(own.Below(null, null, day), u =>
            {
                Assert.Equal(own.Resolve(u.Version.Code, day), learned.Resolve(u.Version.Code, day));
                Assert.Equal(own.Chain(u.Unit.Id, day).Select(c => c.Id), learned.Chain(u.Unit.Id, day).Select(c => c.Id));
                Assert.Equal(UnitFacts.All.Select(n => own.Fact(u.Unit.Id, n, day)), UnitFacts.All.Select(n => learned.Fact(u.Unit.Id, n, day)));
            });
        });
        Assert.Equal([Village], learned.Below(commune, "village", Given.EndOf2025).Select(u => u.Unit.Id));
        Assert.Equal("true", learned.Fact(Village, UnitFacts.Mountainous, new(2026, 1, 1))?.Value);
        Assert.Equal("Bắc Trung Bộ", learned.Fact(Village, UnitFacts.Region, new(2026, 1, 1))?.Value);
    }

    [Fact]
    public void An_announcement_of_before_there_were_facts_is_read_without_any()
    {
        var json = JsonSerializer.SerializeToNode(Announced(Given.UnitStreams.Values.First(s => !s.Exists(e => e is UnitClassified))), NtmJson.Stored)!;
        // Nor is it written with any: what was kept before stays what is folded now.
        Assert.False(json["unit"]!.AsObject().ContainsKey("facts"));
        Assert.Null(json.Deserialize<UnitChanged>(NtmJson.Stored)!.Unit.Facts);
    }

    private static UnitChanged Announced(List<object> stream) => new(
        new("criteria", "unit/x", stream.Count, stream.Count, Guid.CreateVersion7(), Given.Imported, "an", "test", Demonstration: false),
        stream.Aggregate((UnitState?)null, UnitHistory.Fold)!);

    private static UnitChanged Stored(UnitChanged changed) => JsonSerializer.Deserialize<UnitChanged>(JsonSerializer.Serialize(changed, NtmJson.Stored), NtmJson.Stored)!;
}

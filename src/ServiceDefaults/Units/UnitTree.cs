using System.Collections.Frozen;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults;

/// <summary>The units with all their history, resolved by day. Immutable; a change makes a new tree.</summary>
public sealed class UnitTree
{
    private readonly FrozenDictionary<Guid, UnitState> byId;
    private readonly FrozenDictionary<string, (Guid Id, UnitVersion Version)[]> byCode;

    public UnitTree(IEnumerable<UnitState> units)
    {
        byId = units.ToFrozenDictionary(u => u.Id);
        byCode = byId.Values
            .SelectMany(u => u.Versions.Select(v => (u.Id, Version: v)))
            .GroupBy(x => x.Version.Code, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
    }

    public static UnitTree Empty { get; } = new([]);

    public int Count => byId.Count;

    public IEnumerable<UnitState> All => byId.Values;

    public UnitState? Find(Guid id) => byId.GetValueOrDefault(id);

    /// <summary>Whether any unit ever carried the code.</summary>
    public bool Knows(string code) => byCode.ContainsKey(code);

    /// <summary>The unit that carries the code on the day.</summary>
    public UnitRef? Resolve(string code, DateOnly day) => byCode.GetValueOrDefault(code) is { } holders
        && Array.Find(holders, h => InForce(h.Version, day)) is { Version: not null } holder
        ? new(holder.Id, holder.Version.Code, holder.Version.FullName)
        : null;

    /// <summary>Facts of the unit on the day; null when it did not exist.</summary>
    public UnitVersion? On(Guid id, DateOnly day) => Find(id)?.Versions.FirstOrDefault(v => InForce(v, day));

    /// <summary>
    /// What the unit is on the day, e.g. its communeGroup: null where nobody knows, which is not "no". Only a region is also what
    /// holds for the unit above it.
    /// </summary>
    public UnitFact? Fact(Guid id, string name, DateOnly day)
    {
        foreach (var unit in Chain(id, day))
        {
            if (unit.Facts?.FirstOrDefault(f => f.Name == name && (f.From ?? DateOnly.MinValue) <= day && day <= (f.To ?? DateOnly.MaxValue)) is { } fact) return fact;
            if (name != UnitFacts.Region) return null;
            if (unit.Region is { } region) return new(name, region, null, null, null, "derived");
        }

        return null;
    }

    /// <summary>The unit under the code and name of the day, else under its last ones.</summary>
    public UnitRef? Ref(Guid id, DateOnly day) => Find(id) is { } unit && (On(id, day) ?? unit.Versions.LastOrDefault()) is { } version
        ? new(id, version.Code, version.FullName)
        : null;

    /// <summary>The unit itself, then its parent on the day, and so on up to the province.</summary>
    public IEnumerable<UnitState> Chain(Guid id, DateOnly day)
    {
        for (Guid? at = id; at is { } current && Find(current) is { } unit; at = On(current, day)?.Parent) yield return unit;
    }

    /// <summary>The ancestor of that level on the day; null when there is none (no districts after 30 June 2025).</summary>
    public Guid? Above(Guid id, string level, DateOnly day) => Chain(id, day).Skip(1).FirstOrDefault(u => u.Level == level)?.Id;

    /// <summary>Units in force on the day below any ancestor.</summary>
    public IEnumerable<(UnitState Unit, UnitVersion Version)> Below(Guid? ancestor, string? level, DateOnly day) =>
        from unit in byId.Values
        where level is null || unit.Level == level
        let version = On(unit.Id, day)
        where version is not null && (ancestor is null || Chain(unit.Id, day).Skip(1).Any(a => a.Id == ancestor))
        orderby version.Code, unit.Id
        select (unit, version);

    /// <summary>Whether the unit is the other, or came after it through mergers: a successor answers for what no longer exists.</summary>
    public bool AnswersFor(Guid unit, Guid other) =>
        unit == other || Find(unit) is { } state && state.Predecessors.Any(p => p.Unit != unit && AnswersFor(p.Unit, other));

    /// <summary>The unit that a grant speaks of: its code on its day, else today, else on the code's last day.</summary>
    public Guid? UnitOf(Grant grant, DateOnly today)
    {
        if (grant.Day is { } day) return Resolve(grant.Code, day)?.Id;
        if (Resolve(grant.Code, today) is { } now) return now.Id;
        return byCode.GetValueOrDefault(grant.Code)?.MaxBy(h => h.Version.To ?? DateOnly.MaxValue).Id;
    }

    private static bool InForce(UnitVersion version, DateOnly day) => (version.From ?? DateOnly.MinValue) <= day && day <= (version.To ?? DateOnly.MaxValue);
}

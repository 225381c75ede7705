using System.Collections.Frozen;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults;

/// <summary>One step of a unit's line of ancestors or heirs.</summary>
/// <param name="From">The unit that went over, whole or in part.</param>
/// <param name="Into">The unit that it went into.</param>
/// <param name="On">First day of the new state.</param>
/// <param name="Part">What of it went over; <c>whole</c> or the words of the source.</param>
/// <param name="Generation">1 next to the unit that was asked for, then 2, 3 …</param>
public sealed record UnitPassage(Guid From, Guid Into, DateOnly On, string Part, int Generation);

/// <summary>
/// The units with all their history, resolved by day. Immutable; a change makes a new tree. What stands in a circle by mistake is
/// gone round once, never for ever.
/// </summary>
public sealed class UnitTree
{
    private readonly FrozenDictionary<Guid, UnitState> byId;
    private readonly FrozenDictionary<string, Holder[]> byCode;
    // By the parent that a version names, in the order of code and id, as is the list of all.
    private readonly FrozenDictionary<Guid, Holder[]> byParent;
    private readonly Holder[] ordered;

    public UnitTree(IEnumerable<UnitState> units)
    {
        byId = units.ToFrozenDictionary(u => u.Id);
        ordered = [.. byId.Values.SelectMany(u => u.Versions.Select(v => new Holder(u, v)))];
        Array.Sort(ordered, Holder.Compare);
        byCode = ordered.GroupBy(h => h.Version.Code, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        byParent = ordered.Where(h => h.Version.Parent is not null).GroupBy(h => h.Version.Parent!.Value).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    }

    public static UnitTree Empty { get; } = new([]);

    public int Count => byId.Count;

    public IEnumerable<UnitState> All => byId.Values;

    public UnitState? Find(Guid id) => byId.GetValueOrDefault(id);

    /// <summary>Whether any unit ever carried the code.</summary>
    public bool Knows(string code) => byCode.ContainsKey(code);

    /// <summary>The unit that carries the code on the day.</summary>
    public UnitRef? Resolve(string code, DateOnly day)
    {
        foreach (var holder in byCode.GetValueOrDefault(code) ?? [])
            if (holder.InForce(day)) return new(holder.Unit.Id, holder.Version.Code, holder.Version.FullName);
        return null;
    }

    /// <summary>Facts of the unit on the day; null when it did not exist.</summary>
    public UnitVersion? On(Guid id, DateOnly day)
    {
        foreach (var version in Find(id)?.Versions ?? [])
            if (Holder.InForce(version, day)) return version;
        return null;
    }

    /// <summary>
    /// What the unit is on the day, e.g. its communeGroup: null where nobody knows, which is not "no". Only a region is also what
    /// holds for the unit above it: its own fact, else the nearest one above it, else the region under which it was recorded.
    /// </summary>
    public UnitFact? Fact(Guid id, string name, DateOnly day)
    {
        string? recorded = null;
        foreach (var unit in Chain(id, day))
        {
            if (unit.Facts?.FirstOrDefault(f => f.Name == name && (f.From ?? DateOnly.MinValue) <= day && day <= (f.To ?? DateOnly.MaxValue)) is { } fact) return fact;
            if (name != UnitFacts.Region) return null;
            recorded ??= unit.Region;
        }

        return recorded is null ? null : new(name, recorded, null, null, null, "derived");
    }

    /// <summary>The unit under the code and name of the day, else under its last ones.</summary>
    public UnitRef? Ref(Guid id, DateOnly day) => Find(id) is { } unit && (On(id, day) ?? unit.Versions.LastOrDefault()) is { } version
        ? new(id, version.Code, version.FullName)
        : null;

    /// <summary>The unit itself, then its parent on the day, and so on up to the province.</summary>
    public IEnumerable<UnitState> Chain(Guid id, DateOnly day)
    {
        List<Guid> gone = [];
        for (Guid? at = id; at is { } current && !gone.Contains(current) && Find(current) is { } unit; at = On(current, day)?.Parent)
        {
            gone.Add(current);
            yield return unit;
        }
    }

    /// <summary>The ancestor of that level on the day; null when there is none (no districts after 30 June 2025).</summary>
    public Guid? Above(Guid id, string level, DateOnly day) => Chain(id, day).Skip(1).FirstOrDefault(u => u.Level == level)?.Id;

    /// <summary>The province that the unit is, or lies in on the day; null where there is none.</summary>
    public Guid? ProvinceOf(Guid id, DateOnly day) => Chain(id, day).FirstOrDefault(u => u.Level == "province")?.Id;

    /// <summary>Units in force on the day below any ancestor, in the order of their codes.</summary>
    public IEnumerable<(UnitState Unit, UnitVersion Version)> Below(Guid? ancestor, string? level, DateOnly day)
    {
        var found = ancestor is { } above ? Under(above, day) : ordered.Where(h => h.InForce(day));
        return found.Where(h => level is null || h.Unit.Level == level).Select(h => (h.Unit, h.Version));
    }

    /// <summary>
    /// Whether the unit is the other, or came after it through mergers that are in force today: a successor answers for what no longer
    /// exists, and for nothing before its day.
    /// </summary>
    public bool AnswersFor(Guid unit, Guid other, DateOnly today) => unit == other || AnsweredBy(unit, today).Contains(other);

    /// <summary>
    /// The unit and all that it answers for today: what ended goes to those who took it in on the day after its last one. Whoever got
    /// a part of it earlier got that part only.
    /// </summary>
    public IReadOnlyCollection<Guid> AnsweredBy(Guid unit, DateOnly today)
    {
        List<Guid> answered = [unit];
        for (var next = 0; next < answered.Count; next++)
        {
            foreach (var before in Find(answered[next])?.Predecessors ?? [])
                if (before.On <= today && IsEnd(before) && !answered.Contains(before.Unit)) answered.Add(before.Unit);
        }

        return answered;

        bool IsEnd(UnitLink link) => Find(link.Unit)?.Versions is [.., { To: { } last }] && last < DateOnly.MaxValue && last.AddDays(1) == link.On;
    }

    /// <summary>Who answers on the day for the unit: itself while it is in force, else the nearest that came after it whole; itself where none did.</summary>
    public Guid AnswererOf(Guid unit, DateOnly day) => On(unit, day) is not null
        ? unit
        : Descent(unit).Select(p => p.Into).FirstOrDefault(heir => On(heir, day) is not null && AnswersFor(heir, unit, day), unit);

    /// <summary>All that the unit came from, back to the first: the nearest generation first.</summary>
    public IReadOnlyList<UnitPassage> Ancestry(Guid unit) =>
        Walk(unit, at => Find(at)?.Predecessors, (at, link, generation) => new(link.Unit, at, link.On, link.Part, generation), p => p.From);

    /// <summary>All that became of the unit, up to today's: the nearest generation first.</summary>
    public IReadOnlyList<UnitPassage> Descent(Guid unit) =>
        Walk(unit, at => Find(at)?.Successors, (at, link, generation) => new(at, link.Unit, link.On, link.Part, generation), p => p.Into);

    /// <summary>The unit that a grant speaks of: its code on its day, else today, else on the code's last day before today.</summary>
    public Guid? UnitOf(Grant grant, DateOnly today)
    {
        if (grant.Day is { } day) return Resolve(grant.Code, day)?.Id;
        if (Resolve(grant.Code, today) is { } now) return now.Id;
        return byCode.GetValueOrDefault(grant.Code)?.Where(h => h.Last < today).MaxBy(h => h.Last)?.Unit.Id;
    }

    private List<Holder> Under(Guid ancestor, DateOnly day)
    {
        HashSet<Guid> seen = [ancestor];
        List<Holder> found = [];
        if (Find(ancestor) is null) return found;
        var above = ancestor;
        for (var next = 0; ; above = found[next++].Unit.Id)
        {
            foreach (var child in byParent.GetValueOrDefault(above) ?? [])
                if (child.InForce(day) && seen.Add(child.Unit.Id)) found.Add(child);
            if (next == found.Count) break;
        }

        found.Sort(Holder.Compare);
        return found;
    }

    private static List<UnitPassage> Walk(
        Guid start, Func<Guid, IReadOnlyList<UnitLink>?> links, Func<Guid, UnitLink, int, UnitPassage> passage, Func<UnitPassage, Guid> far)
    {
        List<UnitPassage> walked = [];
        HashSet<Guid> seen = [start];
        Queue<(Guid Unit, int Generation)> waiting = new([(start, 1)]);
        while (waiting.TryDequeue(out var at))
        {
            foreach (var step in (links(at.Unit) ?? []).Select(link => passage(at.Unit, link, at.Generation)))
            {
                walked.Add(step);
                if (seen.Add(far(step))) waiting.Enqueue((far(step), at.Generation + 1));
            }
        }

        return walked;
    }

    private sealed record Holder(UnitState Unit, UnitVersion Version)
    {
        private readonly DateOnly first = Version.From ?? DateOnly.MinValue;

        public DateOnly Last { get; } = Version.To ?? DateOnly.MaxValue;

        public bool InForce(DateOnly day) => first <= day && day <= Last;

        public static bool InForce(UnitVersion version, DateOnly day) => (version.From ?? DateOnly.MinValue) <= day && day <= (version.To ?? DateOnly.MaxValue);

        public static int Compare(Holder one, Holder other) =>
            string.CompareOrdinal(one.Version.Code, other.Version.Code) is not 0 and var byCode ? byCode : one.Unit.Id.CompareTo(other.Unit.Id);
    }
}

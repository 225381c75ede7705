using Ntm.Contracts.Criteria;

namespace Ntm.Criteria.Units;

/// <summary>Folds a unit's events, in the order in which they were recorded, to its history by day.</summary>
public static class UnitHistory
{
    /// <summary>The events that a unit's stream consists of.</summary>
    public static readonly Type[] Events =
    [
        typeof(UnitCreated), typeof(UnitRenamed), typeof(UnitReclassified), typeof(UnitMoved), typeof(UnitClassified), typeof(UnitEnlarged),
        typeof(UnitReduced), typeof(UnitMerged), typeof(UnitSplit), typeof(UnitDissolved),
    ];

    public static UnitState? Fold(UnitState? unit, object e) => e switch
    {
        UnitCreated c => new(c.Id, c.Level, c.Region, [new(c.Code, c.Name, c.FullName, c.Kind, c.Parent, c.From, null, c.LegalBasis, c.Mark)], c.Predecessors, []),
        UnitRenamed c => Next(
            unit!, c.From, v => v with { Code = c.Code, Name = c.Name, FullName = c.FullName, LegalBasis = c.LegalBasis, Mark = c.Mark }, v => v with { Code = c.Code, Name = c.Name, FullName = c.FullName }),
        UnitReclassified c => Next(
            unit!, c.From, v => v with { Name = c.Name, FullName = c.FullName, Kind = c.Kind, LegalBasis = c.LegalBasis, Mark = c.Mark }, v => v with { Name = c.Name, FullName = c.FullName, Kind = c.Kind }),
        UnitMoved c => Next(unit!, c.From, v => v with { Parent = c.Parent, LegalBasis = c.LegalBasis, Mark = c.Mark }, v => v with { Parent = c.Parent }),
        UnitEnlarged c => unit! with { Predecessors = [.. unit.Predecessors, .. c.Predecessors] },
        UnitReduced c => unit! with { Successors = [.. unit.Successors, .. c.Successors] },
        UnitClassified c => unit! with { Facts = Paint(unit.Facts ?? [], c.Facts) },
        UnitMerged c => Ended(unit!, c.LastDay, c.Successors),
        UnitSplit c => Ended(unit!, c.LastDay, c.Successors),
        UnitDissolved c => Ended(unit!, c.LastDay, c.Successors),
        _ => unit,
    };

    /// <summary>The facts with one more; where it overlaps others of its name, it counts.</summary>
    public static IReadOnlyList<UnitFact> Paint(IReadOnlyList<UnitFact> facts, UnitFact added)
    {
        List<UnitFact> painted = [];
        foreach (var old in facts)
        {
            if (old.Name != added.Name || First(old) > Last(added) || Last(old) < First(added))
            {
                painted.Add(old);
                continue;
            }

            if (First(old) < First(added)) painted.Add(old with { To = First(added).AddDays(-1) });
            if (Last(old) > Last(added)) painted.Add(old with { From = Last(added).AddDays(1) });
        }

        return [.. painted.Append(added).OrderBy(f => f.Name, StringComparer.Ordinal).ThenBy(First)];
    }

    /// <summary>The facts with more of them, one after the other; in one pass where no two of those overlap, as in a whole unit of a file.</summary>
    public static IReadOnlyList<UnitFact> Paint(IReadOnlyList<UnitFact> facts, IReadOnlyList<UnitFact> added)
    {
        List<UnitFact> over = [.. added.OrderBy(f => f.Name, StringComparer.Ordinal).ThenBy(First)];
        if (over.Any(f => First(f) > Last(f)) || over.Zip(over.Skip(1)).Any(pair => pair.First.Name == pair.Second.Name && First(pair.Second) <= Last(pair.First)))
            return added.Aggregate(facts, Paint);
        List<UnitFact> painted = [.. over];
        var byName = over.ToLookup(f => f.Name, StringComparer.Ordinal);
        foreach (var named in facts.GroupBy(f => f.Name, StringComparer.Ordinal))
        {
            UnitFact[] above = [.. byName[named.Key]];
            var next = 0;
            foreach (var old in named.OrderBy(First))
            {
                while (next < above.Length && Last(above[next]) < First(old)) next++;
                UnitFact? rest = old;
                for (var n = next; rest is not null && n < above.Length && First(above[n]) <= Last(rest); n++)
                {
                    if (First(rest) < First(above[n])) painted.Add(rest with { To = First(above[n]).AddDays(-1) });
                    rest = Last(above[n]) < Last(rest) ? rest with { From = Last(above[n]).AddDays(1) } : null;
                }

                if (rest is not null) painted.Add(rest);
            }
        }

        return [.. painted.OrderBy(f => f.Name, StringComparer.Ordinal).ThenBy(First)];
    }

    private static DateOnly First(UnitFact fact) => fact.From ?? DateOnly.MinValue;

    private static DateOnly Last(UnitFact fact) => fact.To ?? DateOnly.MaxValue;

    /// <summary>
    /// A new version from the day on; two changes on one day make one version. Before a change that is announced for a later day, the
    /// version of the day is divided, and what comes after keeps its own decision.
    /// </summary>
    /// <param name="later">What the change means for the versions after that of the day.</param>
    private static UnitState Next(UnitState unit, DateOnly from, Func<UnitVersion, UnitVersion> change, Func<UnitVersion, UnitVersion> later)
    {
        var last = unit.Versions[^1];
        if (last.From > from && unit.Versions.ToList().FindLastIndex(v => v.From is null || v.From <= from) is >= 0 and var at)
        {
            var (before, now) = (unit.Versions.Take(at), unit.Versions[at]);
            return unit with
            {
                Versions =
                [
                    .. now.From == from ? before : before.Append(now with { To = from.AddDays(-1) }),
                    change(now) with { From = from, To = now.To },
                    .. unit.Versions.Skip(at + 1).Select(later),
                ],
            };
        }

        return unit with
        {
            Versions = last.From == from
                ? [.. unit.Versions.SkipLast(1), change(last)]
                : [.. unit.Versions.SkipLast(1), last with { To = from.AddDays(-1) }, change(last) with { From = from, To = null }],
        };
    }

    private static UnitState Ended(UnitState unit, DateOnly lastDay, IReadOnlyList<UnitLink> successors) => unit with
    {
        Versions = [.. unit.Versions.SkipLast(1), unit.Versions[^1] with { To = lastDay }],
        Successors = [.. unit.Successors, .. successors],
    };
}

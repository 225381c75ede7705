using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>A unit, or a part of it, that became a part of a unit on a day. A unit that stays itself while it takes in or gives away passes into itself.</summary>
/// <param name="On">First day of the new state.</param>
/// <param name="Part">What went over, in the words of the source; <see cref="Stays"/> where the unit stayed itself.</param>
internal sealed record Passing(Guid From, Guid Into, DateOnly On, string Part)
{
    public const string Whole = "whole";
    public const string Stays = "stays";
}

/// <summary>Who passed into whom, between units of one level: figures are carried between no others.</summary>
internal static class Passings
{
    public static DateOnly DayBefore(DateOnly day) => day == DateOnly.MinValue ? day : day.AddDays(-1);

    /// <summary>All that a unit passed into on the day; more than one where it was divided.</summary>
    public static IReadOnlyList<Passing> Of(UnitTree tree, Guid from, DateOnly on)
    {
        if (tree.Find(from) is not { } unit) return [];
        var links = unit.Successors.Where(l => l.On == on && l.Unit != from && tree.Find(l.Unit)?.Level == unit.Level).DistinctBy(l => l.Unit).Select(l => new Passing(from, l.Unit, on, l.Part)).ToList();
        if (IsOfBothDays(tree, from, on)) links.Add(new(from, from, on, Passing.Stays));
        return links;
    }

    /// <summary>All that passed into a unit on the day.</summary>
    public static IReadOnlyList<Passing> Into(UnitTree tree, Guid into, DateOnly on)
    {
        if (tree.Find(into) is not { } unit) return [];
        var links = unit.Predecessors.Where(l => l.On == on && l.Unit != into && tree.Find(l.Unit)?.Level == unit.Level).DistinctBy(l => l.Unit).Select(l => new Passing(l.Unit, into, on, l.Part)).ToList();
        if (IsOfBothDays(tree, into, on)) links.Insert(0, new(into, into, on, Passing.Stays));
        return links;
    }

    /// <summary>The last day up to the given one on which something passed into the unit, or a part of it away.</summary>
    public static DateOnly? LastDay(UnitTree tree, UnitState unit, DateOnly upTo) => Days(tree, unit).Where(d => d <= upTo).Select(d => (DateOnly?)d).Max();

    /// <summary>All days on which something passed into the unit, or a part of it away while it stayed.</summary>
    public static IEnumerable<DateOnly> Days(UnitTree tree, UnitState unit) => unit.Predecessors.Concat(unit.Successors.Where(l => IsOfBothDays(tree, unit.Id, l.On)))
        .Where(l => l.Unit != unit.Id && tree.Find(l.Unit)?.Level == unit.Level).Select(l => l.On).Distinct();

    private static bool IsOfBothDays(UnitTree tree, Guid unit, DateOnly on) => on > DateOnly.MinValue && tree.On(unit, on) is not null && tree.On(unit, on.AddDays(-1)) is not null;
}

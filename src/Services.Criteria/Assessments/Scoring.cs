using System.Globalization;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Lineage;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>Counts of indicators, and of criteria that are met.</summary>
public sealed record Score(int Met, int NotMet, int NotReported, int Undetermined, int CriteriaMet, int CriteriaTotal)
{
    /// <summary>Whether every criterion of the set is met; a set without criteria is met by nobody.</summary>
    public bool MeetsSet => CriteriaTotal > 0 && CriteriaMet == CriteriaTotal;

    public static Score Of(Assessment a) => new(a.Met, a.NotMet, a.NotReported, a.Undetermined, a.CriteriaMet, a.Criteria.Count);
}

/// <summary>A mean as it is, and for display with at most six digits after the point.</summary>
public sealed record Mean(long Num, long Den, decimal Rounded);

/// <summary>How many units meet so many criteria.</summary>
public sealed record Reached(int CriteriaMet, int Units);

/// <summary>How many units meet a criterion.</summary>
public sealed record MetBy(int No, int Units);

/// <summary>Units taken together.</summary>
/// <param name="Reporting">Those of which at least one figure is recorded.</param>
/// <param name="MeetSet">Those that meet the whole set.</param>
/// <param name="Distribution">By criteria met, from the fewest; numbers that no unit has are left out.</param>
/// <param name="MeanCriteriaMet">Null without units.</param>
public sealed record Together(
    int Units, int Reporting, int MeetSet, int Met, int NotMet, int NotReported, int Undetermined, IReadOnlyList<Reached> Distribution, Mean? MeanCriteriaMet, IReadOnlyList<MetBy> Criteria)
{
    internal static Together Of(IReadOnlyCollection<Scored> units, CriteriaSet set)
    {
        Score[] scores = [.. units.Select(u => u.Score)];
        long sum = scores.Sum(s => (long)s.CriteriaMet);
        return new(
            scores.Length, scores.Count(s => s.Met + s.NotMet + s.Undetermined > 0), scores.Count(s => s.MeetsSet), scores.Sum(s => s.Met), scores.Sum(s => s.NotMet),
            scores.Sum(s => s.NotReported), scores.Sum(s => s.Undetermined), [.. scores.GroupBy(s => s.CriteriaMet).OrderBy(g => g.Key).Select(g => new Reached(g.Key, g.Count()))],
            scores.Length == 0 ? null : new(sum, scores.Length, Fraction.Of(sum, scores.Length).Rounded()),
            [.. set.Criteria.Select(c => c.No).Order().Select(no => new MetBy(no, units.Count(u => u.Assessment.Criteria.Any(c => c.No == no && c.Status == "met"))))]);
    }
}

/// <summary>A unit with its assessment.</summary>
internal sealed record Scored(UnitRef Unit, UnitLevel At, Assessment Assessment)
{
    public Score Score { get; } = Score.Of(Assessment);
}

/// <summary>Assesses many units at once.</summary>
internal static class Scoring
{
    /// <param name="reports">Reports against the set, by unit.</param>
    public static IReadOnlyList<Scored> Of(UnitTree tree, CriteriaSet set, IEnumerable<UnitRef> units, ILookup<Guid, ReportTrail> reports, DateOnly day, long position) =>
        Of(tree, set, units, (unit, by) => ReportTrail.Latest(reports[unit], by.Slots, day, position, approvedOnly: false), day);

    /// <param name="standing">The figures of a unit that count, by the yardstick's slots.</param>
    public static IReadOnlyList<Scored> Of(UnitTree tree, CriteriaSet set, IEnumerable<UnitRef> units, Func<Guid, Yardstick, IReadOnlyList<Standing?>> standing, DateOnly day)
    {
        Dictionary<string, Yardstick> yardsticks = new(StringComparer.Ordinal);
        return
        [
            .. units.Select(unit =>
            {
                var level = Dimensions.Of(tree, set, unit.Id, day);
                if (!yardsticks.TryGetValue(level.Value ?? "", out var by)) yardsticks[level.Value ?? ""] = by = new(set, level.Value);
                return new Scored(unit, level, Assessment.Of(by, standing(unit.Id, by)));
            }),
        ];
    }
}

using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>
/// Scores all units below one against another set, or against figures that are only tried, beside what they reach now. Nothing is
/// written.
/// </summary>
internal static class WhatIf
{
    private const int MostPeriods = 60;
    private const int MostChanges = 500;

    /// <param name="Set">The set whose recorded figures are scored.</param>
    /// <param name="Against">The set that they are scored against; left out, it is the same.</param>
    /// <param name="Changes">Figures that are tried, at indicators of the set that is scored against.</param>
    /// <param name="Under">Code of a unit on each of the days; all below it are scored.</param>
    /// <param name="Level">The level of the set; left out, the same.</param>
    /// <param name="Periods">A score for the day of each; left out, for <paramref name="ValidOn"/> alone.</param>
    /// <param name="Rural">Whether wards are left out; left out, as each period does, and false for a day.</param>
    public sealed record Body(
        string? Set, string? Against, IReadOnlyList<Trial.Change?>? Changes, string? Under, string? Level, DateOnly? ValidOn, IReadOnlyList<string?>? Periods, bool? Rural = null);

    /// <param name="Gained">Indicators that are met only by what is tried.</param>
    /// <param name="Lost">Indicators that are met only as it is.</param>
    public sealed record Unit(
        string Code, Guid UnitId, string Name, Score Before, Score After, IReadOnlyList<string> Gained, IReadOnlyList<string> Lost, IReadOnlyList<int> CriteriaGained,
        IReadOnlyList<int> CriteriaLost);

    /// <summary>How many units meet an indicator that is met by others than before.</summary>
    public sealed record IndicatorShift(string Indicator, int Before, int After);

    /// <param name="Gaining">Units that meet more criteria.</param>
    /// <param name="Losing">Units that meet fewer.</param>
    /// <param name="WinSet">Units that meet the whole set only by what is tried.</param>
    /// <param name="LoseSet">Units that no longer do.</param>
    public sealed record Totals(Together Before, Together After, int Gaining, int Losing, int WinSet, int LoseSet, IReadOnlyList<IndicatorShift> Indicators);

    /// <param name="Unmatched">Indicators scored against for which no figure counts: they are not reported.</param>
    public sealed record DayScore(
        string? Period, DateOnly ValidOn, int SetVersion, int AgainstVersion, IReadOnlyList<Unit> Units, Totals Totals, IReadOnlyList<Trial.Unmatched> Unmatched)
    {
        /// <summary>The unit that carries the code on the day.</summary>
        public Guid UnderId { get; init; }

        /// <summary>Whether the set is in force on the day; null where nobody knows. A hint: it is scored all the same.</summary>
        public bool? SetInForce { get; init; }

        /// <summary>The same of the set that is scored against.</summary>
        public bool? AgainstInForce { get; init; }
    }

    /// <param name="MatchedBy">Figures count for the indicator of the same code and type.</param>
    public sealed record View(
        string Set, string Against, string MatchedBy, string Under, Guid UnderId, string Level, IReadOnlyList<DayScore> Scores, bool Demonstration, long? AsOfPosition);

    public static Task<IResult> Handle(
        HttpContext http, Body body, Commands commands, Looking looking, SetCatalogue sets, IQuerySession session, Trails trails, Demonstration demonstration) =>
        commands.Run(http, async (c, ct) =>
        {
            var faults = new Faults().Required(body.Set, "set")
                .Unless(body.Level is null || Looking.Levels.Contains(body.Level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.")
                .Unless(body.Periods is not { Count: 0 }, "periods", "Nêu ít nhất một kỳ.", "Name at least one period.")
                .Unless((body.Periods?.Count ?? 0) <= MostPeriods, "periods", $"Nhiều nhất {MostPeriods} kỳ.", $"At most {MostPeriods} periods.")
                .Unless((body.Changes?.Count ?? 0) <= MostChanges, "changes", $"Nhiều nhất {MostChanges} thay đổi.", $"At most {MostChanges} changes.")
                .Unless(body.Periods is null || body.ValidOn is null, "validOn", "Chỉ nêu một trong validOn và periods.", "Give validOn or periods, not both.");
            if (faults.Refuse() is { } refusal) return refusal;
            var (known, unreadable) = await looking.AtAsync(TakesAsOf.Of(http), ct);
            if (known is null) return unreadable!;
            var (record, against) = (await sets.FindAsync(body.Set!, known.Position, ct), await sets.FindAsync(body.Against ?? body.Set!, known.Position, ct));
            faults.Unless(record is not null, "set", $"Không có bộ tiêu chí \"{body.Set}\".", $"There is no set \"{body.Set}\".")
                .Unless(against is not null, body.Against is null ? "set" : "against", $"Không có bộ tiêu chí \"{body.Against}\".", $"There is no set \"{body.Against}\".");
            var days = body.Periods is null
                ? [(null, body.ValidOn ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? looking.Today)]
                : DaysOf(body.Periods, (await Period.AtAsync(session, known.Position, ct)).ToDictionary(p => p.Code, StringComparer.Ordinal), faults);
            if (faults.Refuse() is { } unknown) return unknown;

            var may = known.Now.ReaderOf(c.Actor, looking.Today);
            List<(string? Period, DateOnly Day, UnitRef Under, List<UnitRef> Units)> asked = [];
            foreach (var (period, day) in days)
            {
                var (under, nobody) = looking.Under(known, c.Actor, body.Under, day);
                if (under is null) return nobody!;
                if (!may(under.Id, day)) return AssessmentsModule.NoRight;
                var (tier, other) = (record!.On(day).Set.Tier, against!.On(day).Set.Tier);
                if (tier != other) return Refusal.Invalid("against", "tier", $"Hai bộ tiêu chí dành cho hai cấp: {tier} và {other}.", $"The sets are for two levels: {tier} and {other}.");
                if ((body.Level ?? tier) != tier) return Refusal.Invalid("level", "tier", $"Bộ tiêu chí {body.Set} dành cho cấp {tier}.", $"The set {body.Set} is for the level {tier}.");
                var units = Looking.Units(known.Tree, under.Id, tier, day, body.Rural is true);
                asked.Add((period?.Code, day, under, [.. units.Where(u => may(u.Id, day) && (body.Rural is false || period?.IsExcluded(known.Tree, u.Id) is not true))]));
            }

            var reports = (await trails.OfUnitsAsync([.. asked.SelectMany(a => a.Units).Select(u => u.Id).Distinct()], ct)).Where(r => r.Set == body.Set).ToLookup(r => r.Unit);
            List<DayScore> scores = [];
            foreach (var (period, day, under, units) in asked)
            {
                var (version, other) = (record!.On(day), against!.On(day));
                var wrong = new SetFaults();
                var tried = Trial.Apply(other.Set, body.Changes ?? [], wrong);
                if (wrong.Refuse() is { } cannot) return cannot with { Rule = "invalid-input", Detail = new("Thay đổi thử không hợp lệ.", "The changes to be tried are not valid.") };
                scores.Add(Of(known, period, day, version, other.Number, tried, units, reports) with
                {
                    UnderId = under.Id,
                    SetInForce = record.InForceOn(day),
                    AgainstInForce = against.InForceOn(day),
                });
            }

            var last = asked[^1].Under;
            return Outcome.Preview(new View(body.Set!, body.Against ?? body.Set!, "code", last.Code, last.Id, record!.On(asked[^1].Day).Set.Tier, scores, demonstration.On, known.Position));
        });

    /// <summary>The day of each period's figures; one that is not known, or named twice, is told with its place.</summary>
    private static List<(Period? Period, DateOnly Day)> DaysOf(IReadOnlyList<string?> named, IReadOnlyDictionary<string, Period> periods, Faults faults)
    {
        List<(Period? Period, DateOnly Day)> days = [];
        foreach (var (code, n) in named.Select((p, n) => (Prose.Normal(p), n)))
        {
            var period = code is null ? null : periods.GetValueOrDefault(code);
            faults.Unless(period is not null, $"periods[{n}]", $"Không có kỳ báo cáo \"{code}\".", $"There is no period \"{code}\".")
                .Unless(period is null || days.All(d => d.Period != period), $"periods[{n}]", "Kỳ báo cáo được nêu hai lần.", "The period is named twice.");
            if (period is not null) days.Add((period, period.FiguresAsOf));
        }

        return days;
    }

    /// <summary>Both scores of one day.</summary>
    /// <param name="reports">Reports against the set whose figures count, by unit.</param>
    internal static DayScore Of(
        Known known, string? period, DateOnly day, SetVersion figures, int againstVersion, CriteriaSet tried, IReadOnlyList<UnitRef> units, ILookup<Guid, ReportTrail> reports)
    {
        var unmatched = Trial.Missing(figures.Set, tried);
        var foreign = figures.Set.Id != tried.Id;
        HashSet<string> none = [.. unmatched.Select(u => u.Indicator)];
        var before = Scoring.Of(known.Tree, figures.Set, units, reports, day, known.By);
        var after = Scoring.Of(known.Tree, tried, units, Standing, day);
        return new(
            period, day, figures.Number, againstVersion, [.. before.Zip(after, UnitOf)],
            new(
                Together.Of(before, figures.Set), Together.Of(after, tried), before.Zip(after).Count(u => u.Second.Score.CriteriaMet > u.First.Score.CriteriaMet),
                before.Zip(after).Count(u => u.Second.Score.CriteriaMet < u.First.Score.CriteriaMet), before.Zip(after).Count(u => !u.First.Score.MeetsSet && u.Second.Score.MeetsSet),
                before.Zip(after).Count(u => u.First.Score.MeetsSet && !u.Second.Score.MeetsSet), Shifts(before, after)),
            unmatched);

        Standing?[] Standing(Guid unit, Yardstick by)
        {
            var standing = ReportTrail.Latest(reports[unit], by.Slots, day, known.By, approvedOnly: false);
            foreach (var (indicator, slot, bound, _, _, _) in by.Criteria.SelectMany(c => c.Measures))
            {
                if (none.Contains(indicator.Code)) standing[slot] = null;
                // An authority judged by the text of the one set, not of the other, and not by a figure that is only tried.
                else if ((foreign || (indicator.ThresholdSource == Trial.Tried && bound is not null)) && standing[slot] is { Judgement: not null } judged)
                    standing[slot] = judged with { Judgement = null };
            }

            return standing;
        }
    }

    private static Unit UnitOf(Scored before, Scored after)
    {
        var (was, becomes) = (MetOf(before), MetOf(after));
        var (criteria, then) = (CriteriaMet(before), CriteriaMet(after));
        return new(
            before.Unit.Code, before.Unit.Id, before.Unit.Name, before.Score, after.Score, [.. becomes.Except(was, StringComparer.Ordinal)], [.. was.Except(becomes, StringComparer.Ordinal)],
            [.. then.Except(criteria)], [.. criteria.Except(then)]);
    }

    private static List<IndicatorShift> Shifts(IReadOnlyList<Scored> before, IReadOnlyList<Scored> after)
    {
        var (was, becomes) = (Counts(before), Counts(after));
        return
        [
            .. was.Keys.Union(becomes.Keys, StringComparer.Ordinal).Select(code => new IndicatorShift(code, was.GetValueOrDefault(code), becomes.GetValueOrDefault(code)))
                .Where(s => s.Before != s.After).OrderBy(s => s.Indicator, StringComparer.Ordinal),
        ];

        static Dictionary<string, int> Counts(IEnumerable<Scored> units) => units.SelectMany(MetOf).CountBy(code => code, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<string> MetOf(Scored unit) => unit.Assessment.Criteria.SelectMany(c => c.Indicators).Where(i => i.Status == "met").Select(i => i.Code);

    private static IEnumerable<int> CriteriaMet(Scored unit) => unit.Assessment.Criteria.Where(c => c.Status == "met").Select(c => c.No);
}

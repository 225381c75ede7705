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

    /// <param name="Set">The set whose recorded figures are scored.</param>
    /// <param name="Against">The set that they are scored against; left out, it is the same.</param>
    /// <param name="Changes">Figures that are tried, at indicators of the set that is scored against.</param>
    /// <param name="Under">Code of a unit; all below it are scored.</param>
    /// <param name="Periods">A score for the day of each; left out, for <paramref name="ValidOn"/> alone.</param>
    public sealed record Body(
        string? Set, string? Against, IReadOnlyList<Trial.Change?>? Changes, string? Under, string? Level, DateOnly? ValidOn, IReadOnlyList<string?>? Periods);

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
        string? Period, DateOnly ValidOn, int SetVersion, int AgainstVersion, IReadOnlyList<Unit> Units, Totals Totals, IReadOnlyList<Trial.Unmatched> Unmatched);

    /// <param name="MatchedBy">Figures count for the indicator of the same code and type.</param>
    public sealed record View(
        string Set, string Against, string MatchedBy, string Under, Guid UnderId, string Level, IReadOnlyList<DayScore> Scores, bool Demonstration, long? AsOfPosition);

    public static Task<IResult> Handle(
        HttpContext http, Body body, Commands commands, Looking looking, SetCatalogue sets, PeriodBook periods, Trails trails, Demonstration demonstration) =>
        commands.Run(http, async (c, ct) =>
        {
            var faults = new Faults().Required(body.Set, "set")
                .Unless(body.Level is null || Looking.Levels.Contains(body.Level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.")
                .Unless((body.Periods?.Count ?? 0) <= MostPeriods, "periods", $"Nhiều nhất {MostPeriods} kỳ.", $"At most {MostPeriods} periods.")
                .Unless(body.Periods is null || body.ValidOn is null, "validOn", "Chỉ nêu một trong validOn và periods.", "Give validOn or periods, not both.");
            if (faults.Refuse() is { } refusal) return refusal;
            var (known, unreadable) = await looking.AtAsync(TakesAsOf.Of(http), ct);
            if (known is null) return unreadable!;
            List<(string? Period, DateOnly Day)> days = [];
            foreach (var (code, n) in (body.Periods ?? []).Select((p, n) => (p, n)))
            {
                var period = code is null ? null : await periods.FindAsync(code, ct);
                faults.Unless(period is not null, $"periods[{n}]", $"Không có kỳ báo cáo \"{code}\".", $"There is no period \"{code}\".");
                if (period is not null) days.Add((period.Code, period.FiguresAsOf));
            }

            if (body.Periods is null) days.Add((null, body.ValidOn ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? looking.Today));
            if (faults.Refuse() is { } unknown) return unknown;
            if (days.Count == 0) return Refusal.Invalid("periods", "required", "Nêu ít nhất một kỳ.", "Name at least one period.");
            var (under, nobody) = looking.Under(known, c.Actor, body.Under, days[0].Day);
            if (under is null) return nobody!;
            if (!days.All(d => May(known.Now, c.Actor, under.Id, d.Day, looking.Today))) return NoRight;
            var (record, against) = (await sets.FindAsync(body.Set!, known.Position, ct), await sets.FindAsync(body.Against ?? body.Set!, known.Position, ct));
            faults.Unless(record is not null, "set", $"Không có bộ tiêu chí \"{body.Set}\".", $"There is no set \"{body.Set}\".")
                .Unless(against is not null, body.Against is null ? "set" : "against", $"Không có bộ tiêu chí \"{body.Against}\".", $"There is no set \"{body.Against}\".");
            if (faults.Refuse() is { } noSet) return noSet;

            var level = body.Level ?? record!.On(days[0].Day).Set.Tier;
            var units = days.Select(d => Looking.Units(known.Tree, under.Id, level, d.Day)).ToList();
            var reports = (await trails.OfUnitsAsync([.. units.SelectMany(u => u).Select(u => u.Id).Distinct()], ct)).Where(r => r.Set == body.Set).ToLookup(r => r.Unit);
            List<DayScore> scores = [];
            foreach (var ((period, day), there) in days.Zip(units))
            {
                var (version, other) = (record!.On(day), against!.On(day));
                var wrong = new SetFaults();
                var tried = Trial.Apply(other.Set, body.Changes ?? [], wrong);
                if (wrong.Refuse() is { } cannot) return cannot with { Rule = "invalid-input", Detail = new("Thay đổi thử không hợp lệ.", "The changes to be tried are not valid.") };
                scores.Add(Of(known, period, day, version, other.Number, tried, there, reports));
            }

            return Outcome.Preview(new View(body.Set!, body.Against ?? body.Set!, "code", under.Code, under.Id, level, scores, demonstration.On, known.Position));
        });

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
            foreach (var (code, slot) in by.Slots)
            {
                if (none.Contains(code)) standing[slot] = null;
                // An authority judged by the text of the one set, not of the other.
                else if (foreign && standing[slot] is { Judgement: not null } judged) standing[slot] = judged with { Judgement = null };
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

    /// <summary>Who plans with the figures: the ministry and the auditor for all, a coordination office and a district for their own.</summary>
    private static bool May(UnitTree tree, Actor actor, Guid under, DateOnly day, DateOnly today) =>
        actor.Has(Roles.Ministry) || actor.Has(Roles.Auditor)
        || tree.Oversees(actor, Roles.ProvinceOfficer, under, day, today) || tree.Oversees(actor, Roles.DistrictOfficer, under, day, today);

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ Bộ, kiểm toán, Văn phòng Điều phối của tỉnh và huyện (trong địa bàn của mình) được tính thử.",
        "Only the ministry, the auditor, the province's coordination office and a district, for its own, score what-ifs.");
}

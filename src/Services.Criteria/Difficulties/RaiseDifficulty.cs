using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Difficulties;

/// <summary>A unit raises a difficulty: in its report of a period, or at any time without one.</summary>
internal static class RaiseDifficulty
{
    /// <param name="Set">Set of the indicator; a period brings its own.</param>
    public sealed record Body(string? Text, string? Indicator, string? Set);

    /// <param name="Day">The record's day.</param>
    /// <param name="Set">The set that the indicator is looked for in; null where none is named or known.</param>
    public sealed record Case(ReportChain Chain, UnitTree Tree, Actor Actor, DateOnly Day, Period? Period, CriteriaSet? Set, DateTimeOffset Now)
    {
        public DateOnly Today => VietnamTime.DayOf(Now);
    }

    public static Decision Decide(Case c, Guid id, Body body)
    {
        if (!c.Tree.ActsAs(c.Actor, c.Chain.EntryRole(c.Tree), c.Chain.Unit.Id, c.Today))
            return Refusal.Forbidden("Chỉ cán bộ của đơn vị nêu khó khăn của đơn vị đó.", "Only the unit's own officers raise its difficulties.");
        var text = Prose.Clean(body.Text);
        var faults = new Faults().Readable(text, "text")
            .Unless(body.Set is null || c.Period is null || c.Period.Set == body.Set, "set", $"Kỳ này dùng bộ tiêu chí {c.Period?.Set}.", $"This period is by the set {c.Period?.Set}.")
            .Unless(body.Set is null || c.Set is not null, "set", $"Không có bộ tiêu chí \"{body.Set}\".", $"There is no set \"{body.Set}\".")
            .Unless(body.Indicator is null || body.Set is not null || c.Period is not null, "set", "Chỉ tiêu thuộc bộ tiêu chí nào?", "Which set is the indicator of?")
            .Unless(
                body.Indicator is null || c.Set is null || c.Set.Find(body.Indicator) is not null, "indicator", $"Bộ tiêu chí {c.Set?.Id} không có chỉ tiêu \"{body.Indicator}\".",
                $"The set {c.Set?.Id} has no indicator \"{body.Indicator}\".", c.Set?.LegalText);
        if (faults.Refuse() is { } refusal) return refusal;
        if (c.Chain.Province == c.Chain.Unit.Id) return Refusal.Conflict("no-level-above", "Tỉnh không có cấp trên trong hệ thống này.", "A province has no level above it here.");
        return Decision.Record(new DifficultyRaised(
            id, c.Chain.Unit.Id, c.Day, c.Period?.Code, body.Indicator is null && c.Period is null ? null : c.Set?.Id, body.Indicator, text!, c.Actor.Person, c.Now));
    }

    public static Task<IResult> Handle(
        HttpContext http, string period, string unit, Body body, Commands commands, UnitRegister register, PeriodBook periods, SetCatalogue sets, Demonstration demonstration) =>
        commands.Run(http, async (c, ct) =>
        {
            if (await periods.FindAsync(period, ct) is not { } opened) return PeriodsModule.Unknown(period);
            var tree = await register.GetAsync(ct);
            if (ReportChain.Of(tree, opened, unit) is not { } chain) return ReportCommands.NotAsked(tree, unit, opened);
            var set = (await sets.OfPeriodAsync(opened.Set, ct)).On(opened.FiguresAsOf).Set;
            return Record(c, new(chain, tree, c.Actor, opened.FiguresAsOf, opened, set, c.Now), body, demonstration);
        });

    public static Task<IResult> HandleWithoutPeriod(
        HttpContext http, string unit, Body body, Commands commands, UnitRegister register, SetCatalogue sets, Demonstration demonstration) =>
        commands.Run(http, async (c, ct) =>
        {
            var tree = await register.GetAsync(ct);
            if (tree.Resolve(unit, c.Today) is not { } named || ReportChain.Of(tree, named, c.Today) is not { } chain) return GetUnits.Unknown(unit, c.Today);
            var set = body.Set is null ? null : (await sets.FindAsync(body.Set, ct))?.On(c.Today).Set;
            return Record(c, new(chain, tree, c.Actor, c.Today, null, set, c.Now), body, demonstration);
        });

    private static Outcome Record(CommandContext c, Case of, Body body, Demonstration demonstration)
    {
        var id = Guid.CreateVersion7(c.Now);
        var decision = Decide(of, id, body);
        if (decision.Refusal is { Status: 403 } noRight) return noRight;
        if (c.IsStale(0)) return Refusal.Stale(0);
        if (decision.Refusal is { } refusal) return refusal;
        var key = Difficulty.Key(id);
        c.Session.Events.StartStream(key, decision.Events);
        var raised = Difficulty.Fold(null, key, decision.Events[0])!;
        return Outcome.Created(DifficultyView.Of(raised, of.Chain, of.Tree, demonstration.On), 1, $"/api/criteria/difficulties/{id}");
    }
}

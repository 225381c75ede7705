using JasperFx.Events;
using Marten;
using Marten.Events.Aggregation;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>A province set how an indicator's figures are carried over its mergers.</summary>
/// <param name="Rule">sum, populationWeightedMean, worst or none.</param>
/// <param name="DivideBy">people or land.</param>
public sealed record CarryingRuleSet(Guid Province, string Set, string Indicator, string Rule, string DivideBy, string Basis, string By, DateTimeOffset At);

/// <summary>A rule as a province set it last.</summary>
/// <param name="Version">Version of the province's stream of rules that set it.</param>
public sealed record RecordedRule(string Indicator, string Rule, string DivideBy, string Basis, string By, DateTimeOffset At, long Version);

/// <summary>The rules that a province set for the indicators of a set.</summary>
public sealed record CarryingRules(string Id, Guid Province, string Set, IReadOnlyList<RecordedRule> Rules, long Version)
{
    public static string Key(Guid province, string set) => $"carrying-rules/{province}/{set}";

    public static CarryingRules? Fold(CarryingRules? rules, string id, object e) => e is CarryingRuleSet r
        ? new(
            id, r.Province, r.Set,
            [.. (rules?.Rules ?? []).Where(x => x.Indicator != r.Indicator).Append(new(r.Indicator, r.Rule, r.DivideBy, r.Basis, r.By, r.At, (rules?.Version ?? 0) + 1)).OrderBy(x => x.Indicator, StringComparer.Ordinal)],
            (rules?.Version ?? 0) + 1)
        : rules;
}

public sealed partial class CarryingRulesProjection : SingleStreamProjection<CarryingRules, string>
{
    public CarryingRulesProjection() => IncludeType<CarryingRuleSet>();

    public override CarryingRules? Evolve(CarryingRules? snapshot, string id, IEvent e) => CarryingRules.Fold(snapshot, id, e.Data);
}

/// <summary>The coordination office sets how an indicator's figures are carried.</summary>
internal static class SetRule
{
    private const int LongestBasis = 1_000;
    private static readonly string[] Kinds = [Rules.Sum, Rules.Mean, Rules.Worst, Rules.None];

    /// <param name="DivideBy">people (the default) or land.</param>
    public sealed record Body(string? Rule, string? DivideBy, string? Basis);

    /// <param name="Mark">derived: the product's own convention; set: the province set it.</param>
    /// <param name="SetBy">Version of the province's rules that set it.</param>
    public sealed record Item(string Indicator, string Text, string ValueType, string Rule, string DivideBy, string Basis, string Mark, long? SetBy);

    public sealed record View(Guid ProvinceId, string Province, string Set, IReadOnlyList<Item> Rules, long Version, long? AsOfPosition);

    public static Decision Decide(CarryingRules? known, Guid province, string set, Indicator indicator, Body body, string by, DateTimeOffset now)
    {
        var faults = new Faults()
            .Unless(Kinds.Contains(body.Rule), "rule", "Quy tắc là sum, populationWeightedMean, worst hoặc none.", "The rule is sum, populationWeightedMean, worst or none.")
            .Unless(!Kinds.Contains(body.Rule) || Rules.Fits(body.Rule!, indicator), "rule", $"Quy tắc này không tính được với chỉ tiêu kiểu {indicator.ValueType}.", $"This rule cannot be worked out for an indicator of type {indicator.ValueType}.")
            .Unless(body.DivideBy is null or Rules.People or Rules.Land, "divideBy", "divideBy là people hoặc land.", "divideBy is people or land.")
            .Readable(body.Basis, "basis", longest: LongestBasis);
        if (faults.Refuse() is { } refusal) return refusal;
        var divideBy = body.DivideBy ?? Rules.People;
        return known?.Rules.FirstOrDefault(r => r.Indicator == indicator.Code) is { } same && (same.Rule, same.DivideBy, same.Basis) == (body.Rule, divideBy, body.Basis)
            ? Decision.Record()
            : Decision.Record(new CarryingRuleSet(province, set, indicator.Code, body.Rule!, divideBy, body.Basis!, by, now));
    }

    public static Task<IResult> Handle(HttpContext http, string set, string indicator, string? province, Body given, Commands commands, UnitRegister register, SetCatalogue sets) => commands.Run(http, async (c, ct) =>
    {
        var tree = await register.GetAsync(ct);
        var (of, refused) = ProvinceOf.Caller(tree, c.Actor, province, c.Today, c.Today);
        if (refused is not null) return refused;
        if (await sets.FindAsync(set, ct) is not { } found) return SetCommands.Unknown(set);
        if (found.Latest.Set.Find(indicator) is not { } known) return Refusal.NotFound($"Bộ tiêu chí {set} không có chỉ tiêu \"{indicator}\".", $"The set {set} has no indicator \"{indicator}\".");
        var key = CarryingRules.Key(of!.Id, found.SetId);
        var stream = await c.Session.Events.FetchForWriting<CarryingRules>(key, ct);
        if (c.IsStale(stream.Aggregate?.Version ?? 0)) return Refusal.Stale(stream.Aggregate?.Version ?? 0);
        var decision = Decide(stream.Aggregate, of.Id, found.SetId, known, given with { Basis = Prose.Clean(given.Basis) }, c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        if (decision.Events.Count > 0) stream.AppendMany(decision.Events);
        var after = decision.Events.Aggregate(stream.Aggregate, (rules, e) => CarryingRules.Fold(rules, key, e))!;
        return Outcome.Ok(ViewOf(http, tree.Ref(of.Id, c.Today)!, found.Latest.Set, after, null), after.Version);
    });

    public static async Task<IResult> Read(
        HttpContext http, string set, string? province, UnitRegister register, SetCatalogue sets, AsOf asOf, IQuerySession session, TimeProvider clock, CancellationToken ct)
    {
        var day = AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today();
        var tree = await register.GetAsync(ct);
        if (new Faults().Required(province, "province").Refuse(400) is { } missing) return Problems.Of(missing);
        if (tree.Resolve(province!, day) is not { } of || tree.Find(of.Id)!.Level != "province") return Problems.Of(Units.GetUnits.Unknown(province!, day));
        var (position, refusal) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        if (await sets.FindAsync(set, position, ct) is not { } found) return Problems.Of(SetCommands.Unknown(set));
        var rules = await LoadAsync(session, asOf, of.Id, set, position, ct);
        if (position is null) http.Response.Headers.ETag = ETags.Of(rules?.Version ?? 0);
        return TypedResults.Ok(ViewOf(http, of, found.Latest.Set, rules, position));
    }

    public static async Task<CarryingRules?> LoadAsync(IQuerySession session, AsOf asOf, Guid province, string set, long? position, CancellationToken ct)
    {
        var key = CarryingRules.Key(province, set);
        if (position is not { } at) return await session.LoadAsync<CarryingRules>(key, ct);
        return await asOf.VersionAtAsync(key, at, ct) is > 0 and var version ? await session.Events.AggregateStreamAsync<CarryingRules>(key, version, token: ct) : null;
    }

    /// <summary>
    /// The rule that counts: the province's, else the product's own. One that was set for an indicator of another type, in another version
    /// of the set, is no rule.
    /// </summary>
    public static Rule RuleOf(CarryingRules? recorded, string set, Indicator indicator) => recorded?.Rules.FirstOrDefault(r => r.Indicator == indicator.Code) is not { } own
        ? CarryingFile.RuleOf(set, indicator)
        : Rules.Fits(own.Rule, indicator) ? new(own.Rule, own.DivideBy, new(own.Basis, own.Basis), "set", own.Version)
        : new(
            Rules.None, own.DivideBy,
            new($"Quy tắc đã đặt ({own.Rule}) không tính được với chỉ tiêu kiểu {indicator.ValueType}.", $"The rule that was set ({own.Rule}) cannot be worked out for an indicator of type {indicator.ValueType}."),
            "set", own.Version);

    private static View ViewOf(HttpContext http, Contracts.UnitRef province, CriteriaSet set, CarryingRules? rules, long? position) => new(
        province.Id, province.Code, set.Id,
        [.. set.InOrder().Select(x => (x.Indicator, Rule: RuleOf(rules, set.Id, x.Indicator))).Select(x => new Item(
            x.Indicator.Code, new Text(x.Indicator.TextVi, x.Indicator.TextEn).For(http), x.Indicator.ValueType, x.Rule.Kind, x.Rule.DivideBy, x.Rule.Basis.For(http), x.Rule.Mark, x.Rule.SetBy))],
        rules?.Version ?? 0, position);

}

using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>Figures of the units that a unit came from: as they were, or carried into it.</summary>
internal sealed class GetFigures(IQuerySession session, UnitRegister register, SetCatalogue sets, PastUnits past, AsOf asOf, GetLineage lineage, TimeProvider clock)
{
    private const string AsReported = "asReported";
    private const string IntoSuccessor = "carried";

    public sealed record ReportedFigure(string Indicator, ReportedValue Value, DateOnly ValidOn, string Period, bool Approved, Guid EventId, string RecordedBy, DateTimeOffset RecordedAt);

    /// <param name="People">Share of its inhabitants that came over; null where it cannot be divided.</param>
    /// <param name="Land">Share of its area.</param>
    /// <param name="Population">Inhabitants on the last day before; null where nobody knows.</param>
    /// <param name="Figures">Its figures as of the last day before; null in the view carried.</param>
    public sealed record Predecessor(
        Guid UnitId, string Code, string Name, string Part, string? People, string? Land, string? Population, IReadOnlyList<ReportedFigure>? Figures);

    /// <param name="Weight">What the value weighs in the mean: the inhabitants that came over.</param>
    public sealed record Part(Guid UnitId, string Code, ReportedValue? Value, Guid? EventId, string? Share, string? Weight);

    /// <summary>Exact sums of value, in a mean times inhabitants: reported = carried + heldBack + undivided + elsewhere.</summary>
    public sealed record Check(string Reported, string Carried, string HeldBack, string Undivided, string Elsewhere, string Difference);

    /// <param name="Value">The carried figure, for display with at most six digits after the point; null where it is not carried.</param>
    /// <param name="Exact">The figure as a fraction, where it is a number.</param>
    /// <param name="NotCarried">no-rule, figure-missing, population-unknown, cannot-be-divided, nothing-came-over or not-in-set.</param>
    /// <param name="Because">Codes of the units that it lacks something of.</param>
    public sealed record CarriedFigure(
        string Indicator, string Rule, string DivideBy, string RuleBasis, string RuleMark, long? RuleSetBy, ReportedValue? Value, string? Exact, string? NotCarried, string? Reason,
        IReadOnlyList<string> Because, IReadOnlyList<Part> Contributions, Check? Check);

    public sealed record Undivided(Guid UnitId, string Code, string Name, IReadOnlyList<string> Kinds, string Reason);

    /// <param name="SetVersion">Version of the set that governs the day: figures are carried into it.</param>
    /// <param name="ReportedSetVersion">Version that governed the last day before: the predecessors' figures are those of its indicators.</param>
    /// <param name="MergedOn">First day of the state that the figures are carried into; null where nothing ever passed into the unit.</param>
    /// <param name="CannotBeDivided">Predecessors that were divided and of which it is not known how.</param>
    public sealed record View(
        Guid UnitId, string Code, string Name, string Set, int SetVersion, DateOnly On, DateOnly? MergedOn, string Shown, IReadOnlyList<Predecessor> Predecessors,
        IReadOnlyList<CarriedFigure>? Carried, IReadOnlyList<CarriedFigure>? NotCarried, IReadOnlyList<Undivided> CannotBeDivided, long? AsOfPosition, int? ReportedSetVersion);

    private static readonly Dictionary<string, Text> Reasons = new(StringComparer.Ordinal)
    {
        [NotCarried.NoRule] = new("Không có quy tắc chuyển số liệu của chỉ tiêu này.", "There is no rule by which this indicator is carried."),
        [NotCarried.CannotBeDivided] = GetLineage.CannotBeDivided,
        [NotCarried.NothingCame] = new("Không có phần nào chuyển sang.", "Nothing of it came over."),
        [NotCarried.FigureMissing] = new("Có đơn vị trước chưa có số liệu.", "A predecessor has no figure."),
        [NotCarried.NotInSet] = new(
            "Chỉ tiêu chỉ có trong một trong hai phiên bản: của ngày trước khi sáp nhập, hoặc của ngày này.", "Only one of the two versions has the indicator: that of the day before the merger, or that of this day."),
        [NotCarried.PopulationUnknown] = new("Chưa biết dân số của đơn vị trước.", "The population of a predecessor is unknown."),
    };

    public static Task<IResult> Handle(HttpContext http, string unit, string? set, string? on, string? view, GetFigures figures, CancellationToken ct) =>
        figures.OneAsync(http, unit, set, on, view, ct);

    private async Task<IResult> OneAsync(HttpContext http, string code, string? setId, string? on, string? view, CancellationToken ct)
    {
        var faults = new Faults();
        var today = clock.Today();
        var day = Days.Parse(on, "on", AsOf.DayOf(TakesAsOf.Of(http)) ?? today, faults);
        faults.Required(setId, "set").Unless(view is null or AsReported or IntoSuccessor, "view", "view là asReported hoặc carried.", "view is asReported or carried.");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (position, refusal) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        // What is asked about the past is named by the register of then; who may read it is asked of that of today.
        var now = await register.GetAsync(ct);
        var tree = position is { } at ? await past.AtAsync(at, ct) : now;
        if (tree.Resolve(code, day) is not { } unit) return Problems.Of(GetUnits.Unknown(code, day));
        if (!now.MayRead(Actor.Of(http)!, unit.Id, day, today))
            return Problems.Of(Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem số liệu.", "Only the unit and those above it read its figures."));
        if (await sets.FindAsync(setId!, position, ct) is not { } record) return Problems.Of(SetCommands.Unknown(setId!));
        var version = record.On(day);
        var set = version.Set;

        var mergedOn = Passings.LastDay(tree, tree.Find(unit.Id)!, day);
        var came = mergedOn is { } merged ? Passings.Into(tree, unit.Id, merged) : [];
        var shares = await lineage.SharesAsync(tree, came.Select(p => (p.From, p.On)), position, ct);
        List<(Passing Passing, IReadOnlyList<ReportedFigure> Figures)> sources = [];
        var before = mergedOn is { } first ? record.On(Passings.DayBefore(first)) : version;
        foreach (var passing in came) sources.Add((passing, await FiguresAsync(before.Set, passing, position, ct)));

        var carried = view == IntoSuccessor
            ? Carry(tree, before.Set, set, await SetRule.LoadAsync(session, asOf, tree.Above(unit.Id, "province", day) ?? unit.Id, set.Id, position, ct), sources, shares)
            : null;
        return TypedResults.Ok(new View(
            unit.Id, unit.Code, unit.Name, set.Id, version.Number, day, mergedOn, view ?? AsReported, [.. sources.Select(s => PredecessorOf(tree, shares, s.Passing, carried is null ? s.Figures : null))],
            carried?.Where(c => c.NotCarried is null).Select(c => FigureOf(http, tree, c, mergedOn)).ToList(),
            carried?.Where(c => c.NotCarried is not null).Select(c => FigureOf(http, tree, c, mergedOn)).ToList(),
            [.. came.Select(p => UndividedOf(http, tree, shares, p)).OfType<Undivided>()], position, mergedOn is null ? null : before.Number));
    }

    /// <summary>Every indicator of the two versions, carried or with the reason why not.</summary>
    internal static List<Carried> Carry(
        UnitTree tree, CriteriaSet before, CriteriaSet set, CarryingRules? rules, List<(Passing Passing, IReadOnlyList<ReportedFigure> Figures)> sources, ShareBook shares) => sources.Count == 0 ? [] :
    [
        .. set.InOrder().Concat(before.InOrder().Where(x => set.Find(x.Indicator.Code) is null)).OrderBy(x => x.Criterion.No).Select(x => x.Indicator).Select(indicator =>
        {
            var rule = SetRule.RuleOf(rules, set.Id, indicator);
            var isOfBoth = before.Find(indicator.Code) is not null && set.Find(indicator.Code) is not null;
            IReadOnlyList<Contribution> contributions =
            [
                .. sources.Select(s => (s.Passing, Figure: s.Figures.FirstOrDefault(f => f.Indicator == indicator.Code))).Select(s => new Contribution(
                    s.Passing.From, s.Figure?.Value, s.Figure?.EventId, shares.Of(Passings.Of(tree, s.Passing.From, s.Passing.On), s.Passing, rule.DivideBy), PopulationOf(tree, s.Passing))),
            ];
            return isOfBoth ? Carrying.Of(indicator, rule, contributions) : Carrying.OfOneSide(indicator, rule, contributions);
        }),
    ];

    /// <summary>The unit's own figures as of the last day before it passed.</summary>
    private async Task<IReadOnlyList<ReportedFigure>> FiguresAsync(CriteriaSet set, Passing passing, long? position, CancellationToken ct)
    {
        var events = await Assessor.EventsAsync(session, passing.From, set.Id, position, ct);
        var byId = events.ToDictionary(e => e.Id);
        return
        [
            .. from criterion in Assessment.Of(set, null, events, Passings.DayBefore(passing.On), approvedOnly: false).Criteria
               from i in criterion.Indicators
               where i is { Value: not null, EventId: not null }
               let e = byId[i.EventId.GetValueOrDefault()]
               let recorded = IndicatorRecorded.Of(e.Data)!
               select new ReportedFigure(i.Code, recorded.Value, recorded.ValidOn, i.Period!, i.Approved, e.Id, recorded.By, recorded.At),
        ];
    }

    private static Fraction? PopulationOf(UnitTree tree, Passing passing) =>
        tree.Fact(passing.From, UnitFacts.Population, Passings.DayBefore(passing.On))?.Value is { } text
            && decimal.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var people)
            ? Fraction.Of(people)
            : null;

    private static Predecessor PredecessorOf(UnitTree tree, ShareBook shares, Passing passing, IReadOnlyList<ReportedFigure>? figures)
    {
        var (named, all) = (tree.Ref(passing.From, Passings.DayBefore(passing.On))!, Passings.Of(tree, passing.From, passing.On));
        return new(
            named.Id, named.Code, named.Name, passing.Part, shares.Of(all, passing, Rules.People)?.ToString(), shares.Of(all, passing, Rules.Land)?.ToString(),
            PopulationOf(tree, passing)?.ToString(), figures);
    }

    private static Undivided? UndividedOf(HttpContext http, UnitTree tree, ShareBook shares, Passing passing)
    {
        var all = Passings.Of(tree, passing.From, passing.On);
        string[] kinds = [.. new[] { Rules.People, Rules.Land }.Where(kind => shares.Of(all, passing, kind) is null)];
        return kinds.Length > 0 && tree.Ref(passing.From, Passings.DayBefore(passing.On)) is { } named
            ? new(named.Id, named.Code, named.Name, kinds, GetLineage.CannotBeDivided.For(http))
            : null;
    }

    private static CarriedFigure FigureOf(HttpContext http, UnitTree tree, Carried c, DateOnly? mergedOn)
    {
        string CodeOf(Guid unit) => tree.Ref(unit, Passings.DayBefore(mergedOn!.Value))!.Code;
        var value = c.Number is { } number ? ReportedValue.Of(number.Rounded()) : c.Yes is { } yes ? ReportedValue.Of(yes) : null;
        var check = Carrying.Reconcile(c.Rule, [c]);
        return new(
            c.Indicator, c.Rule.Kind, c.Rule.DivideBy, c.Rule.Basis.For(http), c.Rule.Mark, c.Rule.SetBy, value, c.Number?.ToString(), c.NotCarried,
            c.NotCarried is { } why ? Reasons[why].For(http) : null, [.. c.Because.Select(CodeOf).Order(StringComparer.Ordinal)],
            [.. c.Contributions.Select(p => new Part(p.Unit, CodeOf(p.Unit), p.Value, p.EventId, p.Share?.ToString(), c.Rule.Kind == Rules.Mean && p is { Share: { } s, Population: { } n } ? (s * n).ToString() : null))],
            check is null ? null : new($"{check.Reported}", $"{check.Carried}", $"{check.HeldBack}", $"{check.Undivided}", $"{check.Elsewhere}", $"{check.Difference}"));
    }
}

using Ntm.Contracts;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Lineage;

/// <summary>What one predecessor brings.</summary>
/// <param name="Value">Its own figure; null where it reported none.</param>
/// <param name="EventId">The event behind it.</param>
/// <param name="Share">The part of it that went over; null where it cannot be divided from the data at hand.</param>
/// <param name="Population">Its inhabitants on its last day; null where nobody knows.</param>
internal sealed record Contribution(Guid Unit, ReportedValue? Value, Guid? EventId, Fraction? Share, Fraction? Population);

/// <summary>An indicator carried into a successor, or why it is not.</summary>
/// <param name="Number">The exact figure, where the rule gives a number.</param>
/// <param name="NotCarried">One of <see cref="NotCarried"/>; null where the figure was carried.</param>
/// <param name="Because">The units that it lacks something of.</param>
internal sealed record Carried(string Indicator, Rule Rule, IReadOnlyList<Contribution> Contributions, Fraction? Number, bool? Yes, string? NotCarried, IReadOnlyList<Guid> Because);

/// <summary>Why a figure is not carried.</summary>
internal static class NotCarried
{
    public const string NoRule = "no-rule";
    public const string CannotBeDivided = "cannot-be-divided";
    public const string NothingCame = "nothing-came-over";
    public const string FigureMissing = "figure-missing";
    public const string PopulationUnknown = "population-unknown";
    public const string NotInSet = "not-in-set";
}

/// <summary>Both views of one indicator over a number of successors, as sums of value (times population, where the rule weighs by it).</summary>
/// <param name="Reported">What the predecessors reported.</param>
/// <param name="Carried">What the successors have of it.</param>
/// <param name="HeldBack">What came over to a successor whose figure is not carried.</param>
/// <param name="Undivided">What cannot be divided.</param>
/// <param name="Elsewhere">What went to successors that are not among those looked at.</param>
internal sealed record Reconciliation(Fraction Reported, Fraction Carried, Fraction HeldBack, Fraction Undivided, Fraction Elsewhere)
{
    public Fraction Difference => Reported - Carried - HeldBack - Undivided - Elsewhere;
}

/// <summary>Carries figures of predecessors into a successor, exactly; rounding is for the display.</summary>
internal static class Carrying
{
    public static Carried Of(Indicator indicator, Rule rule, IReadOnlyList<Contribution> contributions)
    {
        if (rule.Kind == Rules.None) return No(NotCarried.NoRule, []);
        if (contributions.Where(c => c.Share is null).ToList() is { Count: > 0 } undivided) return No(NotCarried.CannotBeDivided, undivided);
        var came = contributions.Where(c => c.Share!.IsPositive).ToList();
        if (came.Count == 0) return No(NotCarried.NothingCame, []);
        if (came.Where(c => c.Value is null or { Number: null, Yes: null }).ToList() is { Count: > 0 } missing) return No(NotCarried.FigureMissing, missing);
        if (rule.Kind == Rules.Worst) return Worst();
        if (came.Where(c => c.Value!.Number is null).ToList() is { Count: > 0 } wordless) return No(NotCarried.FigureMissing, wordless);
        if (rule.Kind == Rules.Mean && came.Where(c => c.Population is null).ToList() is { Count: > 0 } unknown) return No(NotCarried.PopulationUnknown, unknown);
        var weight = rule.Kind == Rules.Sum ? Fraction.One : Fraction.Sum(came.Select(c => c.Share! * c.Population!));
        if (!weight.IsPositive) return No(NotCarried.PopulationUnknown, came);
        return new(indicator.Code, rule, contributions, Fraction.Sum(came.Select(c => c.Share! * Amount(rule, c)!)) / weight, null, null, []);

        Carried No(string why, IReadOnlyList<Contribution> because) => new(indicator.Code, rule, contributions, null, null, why, [.. because.Select(c => c.Unit)]);

        Carried Worst()
        {
            if (came.TrueForAll(c => c.Value!.Yes is not null)) return new(indicator.Code, rule, contributions, null, came.TrueForAll(c => c.Value!.Yes == true), null, []);
            var numbers = came.Select(c => c.Value!.Number).OfType<decimal>().ToList();
            if (numbers.Count < came.Count || indicator.Comparison is not (">=" or "<=")) return No(NotCarried.NoRule, []);
            return new(indicator.Code, rule, contributions, Fraction.Of(indicator.Comparison == ">=" ? numbers.Min() : numbers.Max()), null, null, []);
        }
    }

    /// <summary>An indicator that only one of the two versions has: the one that the predecessors reported by, or the one that it would be carried into.</summary>
    public static Carried OfOneSide(Indicator indicator, Rule rule, IReadOnlyList<Contribution> contributions) =>
        new(indicator.Code, rule, contributions, null, null, NotCarried.NotInSet, []);

    /// <summary>Whether all that was reported is found again, once, by the results alone. Null where the rule adds nothing up.</summary>
    /// <param name="successors">One indicator by one rule, in each of the successors.</param>
    public static Reconciliation? Reconcile(Rule rule, IReadOnlyList<Carried> successors)
    {
        if (rule.Kind is not (Rules.Sum or Rules.Mean)) return null;
        var (reported, undivided, elsewhere) = (Fraction.Zero, Fraction.Zero, Fraction.Zero);
        foreach (var of in successors.SelectMany(s => s.Contributions).GroupBy(c => c.Unit))
        {
            if (Amount(rule, of.First()) is not { } amount) continue;
            reported += amount;
            var rest = amount * (Fraction.One - Fraction.Sum(of.Select(c => c.Share).OfType<Fraction>()));
            if (of.Any(c => c.Share is null)) undivided += rest;
            else elsewhere += rest;
        }

        var carried = Fraction.Sum(successors.Where(s => s.Number is not null).Select(s => s.Number! * (rule.Kind == Rules.Sum ? Fraction.One : Fraction.Sum(Came(s).Select(c => c.Share! * c.Population!)))));
        var heldBack = Fraction.Sum(successors.Where(s => s.Number is null).SelectMany(Came).Select(c => Amount(rule, c) is { } amount ? c.Share! * amount : Fraction.Zero));
        return new(reported, carried, heldBack, undivided, elsewhere);
    }

    private static IEnumerable<Contribution> Came(Carried successor) => successor.Contributions.Where(c => c.Share is { IsPositive: true });

    private static Fraction? Amount(Rule rule, Contribution c) => c.Value?.Number is not { } number ? null
        : rule.Kind == Rules.Sum ? Fraction.Of(number)
        : c.Population is { } people ? Fraction.Of(number) * people
        : null;
}

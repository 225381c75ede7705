using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts;
using Ntm.Criteria.Lineage;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class LineageTests
{
    private static readonly DateOnly July = new(2025, 7, 1);
    private static readonly DateOnly January = new(2025, 1, 1);

    /// <summary>All that passed into each unit on each day, in the whole register.</summary>
    private static readonly IReadOnlyList<(DateOnly On, IReadOnlyList<(Guid Into, IReadOnlyList<Passing> Came)> Mergers)> Days =
    [
        .. from unit in Given.Tree.All
           from day in Passings.Days(Given.Tree, unit)
           group (Into: unit.Id, Came: Passings.Into(Given.Tree, unit.Id, day)) by day into of
           orderby of.Key
           select (of.Key, (IReadOnlyList<(Guid, IReadOnlyList<Passing>)>)[.. of]),
    ];

    private static readonly IReadOnlyList<(string Code, DateOnly On)> Partial = [("18070", January), ("18082", July), ("18796", July)];

    [Fact]
    public void Three_communes_and_one_district_were_divided() => Assert.Equal(
        ["2025-01-01 18070", "2025-01-01 448", "2025-07-01 18082", "2025-07-01 18796"],
        Days.SelectMany(d => d.Mergers).SelectMany(m => m.Came).Where(p => Passings.Of(Given.Tree, p.From, p.On).Count > 1)
            .Select(p => $"{p.On:yyyy-MM-dd} {Given.Tree.Ref(p.From, Passings.DayBefore(p.On))!.Code}").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Who_passed_and_into_whom_is_the_same_from_both_sides() => Assert.All(Days.SelectMany(d => d.Mergers), merger =>
        Assert.All(merger.Came, p => Assert.Contains(p, Passings.Of(Given.Tree, p.From, p.On))));

    [Fact]
    public void A_unit_that_took_others_in_and_stayed_itself_passes_into_itself()
    {
        var unit = Given.Unit("18094", new(2025, 6, 30)).Id;
        Assert.Equal(unit == Given.Unit("18094", new(2024, 12, 31)).Id, Passings.Into(Given.Tree, unit, January).Any(p => p.From == unit));
        var stayed = Days.SelectMany(d => d.Mergers).Where(m => m.Came.Any(p => p.From == m.Into)).ToList();
        Assert.NotEmpty(stayed);
        Assert.All(stayed, m => Assert.Equal(Passing.Stays, Assert.Single(m.Came, p => p.From == m.Into).Part));
    }

    [Theory]
    [InlineData("18070", "2025-01-01", "people", null, null)]
    [InlineData("18082", "2025-07-01", "land", null, null)]
    [InlineData("18796", "2025-07-01", "land", "1", "0", "0")]
    [InlineData("18796", "2025-07-01", "people", "0", null, null)]
    public void Before_anybody_recorded_shares_only_the_resolutions_words_are_known(string code, string on, string kind, params string?[] shares)
    {
        var day = DateOnly.Parse(on, System.Globalization.CultureInfo.InvariantCulture);
        var all = Passings.Of(Given.Tree, Given.Unit(code, day.AddDays(-1)).Id, day);
        var known = all.OrderBy(p => p.Part == "whole_area_no_population_stated" ? 0 : 1).Select(p => new ShareBook([]).Of(all, p, kind)?.ToString());
        Assert.Equal(shares, known);
    }

    /// <summary>Made-up figures for everybody who ever merged: both views hold the same, exactly.</summary>
    [Property(MaxTest = 100, Replay = "2026,1127")]
    public Property Both_views_reconcile_over_all_mergers() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Elements(Rules.Sum, Rules.Mean).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (seed, kind, recorded) =>
        {
            var random = new Random(seed);
            var complete = random.Next(2) == 0;
            var rule = new Rule(kind, random.Next(2) == 0 ? Rules.People : Rules.Land, new("", ""), "derived", null);
            var book = new ShareBook(recorded ? Divided().Select(d => SharesOf(d.From, d.On, random)) : []);
            foreach (var (on, mergers) in Days)
            {
                var figures = mergers.SelectMany(m => m.Came).Select(p => p.From).Distinct().ToDictionary(
                    u => u, _ => (Value: complete || random.Next(8) > 0 ? ReportedValue.Of(NumberOf(random)) : null, People: complete || random.Next(8) > 0 ? Fraction.Of(random.Next(1, 90_000), 1) : null));
                var carried = mergers.Select(m => Carrying.Of(
                    Indicator("9.1"), rule,
                    [.. m.Came.Select(p => new Contribution(p.From, figures[p.From].Value, null, book.Of(Passings.Of(Given.Tree, p.From, p.On), p, rule.DivideBy), figures[p.From].People))])).ToList();
                var check = Carrying.Reconcile(rule, carried)!;
                Assert.Equal(Fraction.Zero, check.Difference);
                // Asked of the figures themselves, without the results.
                Assert.Equal(
                    Fraction.Sum(figures.Values.Where(f => f.Value is not null && (kind == Rules.Sum || f.People is not null)).Select(f => Fraction.Of(f.Value!.Number!.Value) * (kind == Rules.Sum ? Fraction.One : f.People!))),
                    check.Reported);
                Assert.Equal(Fraction.Zero, check.Elsewhere);
                if (recorded) Assert.Equal(Fraction.Zero, check.Undivided);
                if (recorded && complete) Assert.All(carried, c => Assert.Null(c.NotCarried));
                if (recorded && complete) Assert.Equal(check.Reported, check.Carried);
                if (recorded) continue;
                foreach (var (merger, result) in mergers.Zip(carried))
                {
                    var open = merger.Came.Any(p => book.Of(Passings.Of(Given.Tree, p.From, p.On), p, rule.DivideBy) is null);
                    Assert.Equal(open, result.NotCarried == NotCarried.CannotBeDivided);
                }
            }

            return true;
        });

    [Fact]
    public void The_divided_ones_are_shown_as_such_until_shares_are_recorded()
    {
        var rule = new Rule(Rules.Sum, Rules.People, new("", ""), "derived", null);
        foreach (var (code, on) in Partial)
        {
            var from = Given.Unit(code, on.AddDays(-1)).Id;
            var all = Passings.Of(Given.Tree, from, on);
            Assert.Contains(all, p => Into(p.Into, new([])).NotCarried == NotCarried.CannotBeDivided);
            var shares = new ShareBook(Divided().Select(d => SharesOf(d.From, d.On, new Random(7))));
            Assert.All(all, p => Assert.Null(Into(p.Into, shares).NotCarried));

            Carried Into(Guid into, ShareBook book) => Carrying.Of(
                Indicator("9.1"), rule,
                [.. Passings.Into(Given.Tree, into, on).Select(p => new Contribution(p.From, ReportedValue.Of(12m), null, book.Of(Passings.Of(Given.Tree, p.From, on), p, Rules.People), null))]);
        }
    }

    [Fact]
    public void A_mean_weighs_by_the_people_that_came_over()
    {
        var carried = Carrying.Of(Indicator("3.1"), Rule(Rules.Mean), [Brings(80m, "1", 1_000), Brings(95m, "1/2", 4_000)]);
        Assert.Equal(Fraction.Of(270_000, 3_000), carried.Number);
        Assert.Equal(90m, carried.Number!.Rounded());
    }

    [Fact]
    public void The_worst_is_what_fails_first()
    {
        Assert.False(Carrying.Of(Indicator("8.4"), Rule(Rules.Worst), [Says(true), Says(false)]).Yes);
        Assert.True(Carrying.Of(Indicator("8.4"), Rule(Rules.Worst), [Says(true), Says(true)]).Yes);
        Assert.Equal(70m, Carrying.Of(Indicator("3.1"), Rule(Rules.Worst), [Brings(70m, "1", 1), Brings(95m, "1", 1)]).Number!.Rounded());
    }

    [Fact]
    public void What_did_not_come_over_does_not_count() =>
        Assert.True(Carrying.Of(Indicator("8.4"), Rule(Rules.Worst), [Says(true), Says(false) with { Share = Fraction.Zero }]).Yes);

    [Fact]
    public void What_is_not_carried_says_why_and_for_whom()
    {
        var lacking = Brings(1m, "1", 5) with { Unit = Guid.AllBitsSet };
        Because(NotCarried.NoRule, Rule(Rules.None), lacking, named: false);
        Because(NotCarried.FigureMissing, Rule(Rules.Sum), lacking with { Value = null });
        Because(NotCarried.CannotBeDivided, Rule(Rules.Sum), lacking with { Share = null });
        Because(NotCarried.PopulationUnknown, Rule(Rules.Mean), lacking with { Population = null });

        static void Because(string why, Rule rule, Contribution one, bool named = true)
        {
            var carried = Carrying.Of(Indicator("3.1"), rule, [Brings(2m, "1", 5), one]);
            Assert.Equal((why, null, null), (carried.NotCarried, carried.Number, carried.Yes));
            Assert.Equal(named ? [Guid.AllBitsSet] : [], carried.Because);
        }
    }

    [Fact]
    public void What_only_one_of_the_two_versions_has_is_named_and_not_carried()
    {
        var unit = Given.Unit("18073", July).Id;
        var came = Passings.Into(Given.Tree, unit, July);
        var reported = new GetFigures.ReportedFigure("9.1", ReportedValue.Of(3m), Given.EndOf2024, "2024-Q4", true, Guid.Empty, "an", Given.Imported);
        var later = Given.Set with { Criteria = [.. Given.Set.Criteria.Select(c => c with { Indicators = [.. c.Indicators.Where(i => i.Code != "9.1").Select(i => i.Code == "10" ? i with { Code = "10.1" } : i)] })] };
        var carried = GetFigures.Carry(Given.Tree, Given.Set, later, null, [.. came.Select(p => (p, (IReadOnlyList<GetFigures.ReportedFigure>)[reported]))], new([]));
        Assert.Equal(Given.Set.Indicators.Count() + 1, carried.Count);
        Assert.Equal(["9.1", "10", "10.1"], carried.Where(c => c.NotCarried == NotCarried.NotInSet).Select(c => c.Indicator).OrderBy(c => c == "9.1" ? 0 : 1).ThenBy(c => c.Length));
        Assert.All(Assert.Single(carried, c => c.Indicator == "9.1").Contributions, c => Assert.Equal(ReportedValue.Of(3m), c.Value));
    }

    [Fact]
    public void Every_default_rule_can_be_worked_out()
    {
        foreach (var set in Given.Published.Select(p => p.Set))
        {
            Assert.All(set.Indicators, i =>
            {
                var rule = CarryingFile.RuleOf(set.Id, i);
                Assert.True(Rules.Fits(rule.Kind, i), $"{set.Id} {i.Code}: {rule.Kind} on {i.ValueType}");
                Assert.Equal("derived", rule.Mark);
                Assert.NotEmpty(rule.Basis.Vi);
            });
        }
    }

    [Theory]
    [InlineData("9.1", "sum")]
    [InlineData("10", "populationWeightedMean")]
    [InlineData("3.1", "populationWeightedMean")]
    [InlineData("8.4", "worst")]
    public void A_rule_follows_from_what_is_counted(string indicator, string rule) => Assert.Equal(rule, CarryingFile.RuleOf("xa-ntm-2021-2025", Indicator(indicator)).Kind);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "1")]
    [InlineData("0.25", "1/4")]
    [InlineData("3120/9410", "312/941")]
    [InlineData("1.5", null)]
    [InlineData("5/4", null)]
    [InlineData("1/0", null)]
    [InlineData("-1/2", null)]
    [InlineData("1e-1", null)]
    [InlineData("", null)]
    [InlineData("１", null)]
    [InlineData("0.25\n", null)]
    public void A_share_is_written_in_one_of_two_ways(string text, string? share) => Assert.Equal(share, Fraction.Share(text)?.ToString());

    [Property(MaxTest = 300, Replay = "2026,1129")]
    public Property A_number_becomes_a_fraction_and_comes_back() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var number = NumberOf(new Random(seed)) * (seed % 2 == 0 ? 1 : -1);
        return Fraction.Of(number).Rounded() == number && Fraction.Of(number) - Fraction.Of(number) == Fraction.Zero;
    });

    [Theory]
    [InlineData(1, 3, "0.333333")]
    [InlineData(2, 3, "0.666667")]
    [InlineData(-2, 3, "-0.666667")]
    [InlineData(5, 10_000_000, "0")]
    [InlineData(15, 10_000_000, "0.000002")]
    public void Rounding_is_for_the_eye(long numerator, long denominator, string shown) =>
        Assert.Equal(shown, Fraction.Of(numerator, denominator).Rounded().ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static IEnumerable<(Guid From, DateOnly On)> Divided() =>
        Days.SelectMany(d => d.Mergers).SelectMany(m => m.Came).Where(p => Passings.Of(Given.Tree, p.From, p.On).Count > 1).Select(p => (p.From, p.On)).Distinct();

    /// <summary>Shares as somebody might record them, within what the resolution says.</summary>
    private static UnitShares SharesOf(Guid from, DateOnly on, Random random)
    {
        var into = Passings.Of(Given.Tree, from, on);
        var codes = into.ToDictionary(p => p.Into, p => Given.Tree.Ref(p.Into, on)!.Code);
        var (people, land) = (Divide(Rules.People), Divide(Rules.Land));
        var decision = RecordShares.Decide(
            null, new(from, on, into, codes), new("", on, [.. into.Select((p, n) => new RecordShares.Share(codes[p.Into], people[n], land[n]))], "Biên bản 12/BB"), "phuong", Given.Imported);
        Assert.Null(decision.Refusal);
        return UnitShares.Fold(null, UnitShares.Key(from, on), Assert.Single(decision.Events))!;

        string[] Divide(string kind)
        {
            int[] weights = [.. into.Select(p => CarryingFile.Said(p.Part, kind) is { } said ? (said.IsPositive ? 1 : 0) : random.Next(1, 10_000))];
            return [.. weights.Select(w => $"{w}/{weights.Sum()}")];
        }
    }

    private static Criteria.Catalogue.Indicator Indicator(string code) => Given.SetOf("xa-ntm-2021-2025").Find(code)!;

    private static Rule Rule(string kind) => new(kind, Rules.People, new("", ""), "derived", null);

    private static Contribution Brings(decimal value, string share, int people) => new(Guid.Empty, ReportedValue.Of(value), null, Fraction.Share(share), Fraction.Of(people, 1));

    private static Contribution Says(bool yes) => new(Guid.Empty, ReportedValue.Of(yes), null, Fraction.One, null);

    private static decimal NumberOf(Random random) => new decimal(random.Next(), random.Next(28), 0, false, 0) / 1_000_000m;
}

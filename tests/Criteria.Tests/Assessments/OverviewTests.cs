using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Assessments;

/// <summary>Overview, difference and what-if against single assessments.</summary>
public sealed class OverviewTests
{
    private const int Units = 12;
    private static readonly UnitRef[] Communes = [.. Made.Communes.Take(Units).Select(code => Given.Unit(code, Given.EndOf2024))];
    private static readonly Known Known = new(Given.Tree, Given.Tree, null);
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, 1_000_000).ToArbitrary();

    [Property(MaxTest = 20, Replay = "2025,719")]
    public Property The_overview_is_the_sum_of_the_single_assessments() => Prop.ForAll(Seeds, seed =>
    {
        var reports = Made.Trails(Made.Of(new(seed), Units, 2));
        var scored = Scored(reports, Given.EndOf2024);
        var single = Communes.Select(u => Assessment.Of(new Yardstick(Given.Set, "Bắc Trung Bộ"), reports[u.Id], Given.EndOf2024, ReportTrail.Now)).ToList();
        var all = Together.Of(scored, Given.Set);
        Assert.Equal(single.Select(Score.Of), scored.Select(s => s.Score));
        Assert.Equal((Units, single.Sum(a => a.Met), single.Sum(a => a.NotMet), single.Sum(a => a.NotReported), single.Sum(a => a.Undetermined)), (all.Units, all.Met, all.NotMet, all.NotReported, all.Undetermined));
        Assert.Equal(Units, all.Distribution.Sum(d => d.Units));
        Assert.Equal(single.Sum(a => a.CriteriaMet), all.Criteria.Sum(c => c.Units));
        Assert.Equal((single.Sum(a => a.CriteriaMet), Units), (all.MeanCriteriaMet!.Num, all.MeanCriteriaMet.Den));
        Assert.Equal(Math.Round((decimal)all.MeanCriteriaMet.Num / Units, 6, MidpointRounding.ToEven), all.MeanCriteriaMet.Rounded);
        Assert.Equal(single.Count(a => a.CriteriaMet == a.Criteria.Count), all.MeetSet);

        var districts = Communes.ToDictionary(u => u.Id, u => Given.Tree.Above(u.Id, "district", Given.EndOf2024));
        var groups = GetOverview.ByDistrict(Given.Tree, scored, districts, Given.Set, Given.EndOf2024);
        Assert.Equal((all.Units, all.Met, all.MeetSet), (groups.Sum(g => g.Totals.Units), groups.Sum(g => g.Totals.Met), groups.Sum(g => g.Totals.MeetSet)));
    });

    [Property(MaxTest = 20, Replay = "2025,721")]
    public Property A_difference_read_backwards_is_the_difference_backwards() => Prop.ForAll(Seeds, seed =>
    {
        var reports = Made.Trails(Made.Of(new(seed), 2, 3));
        var (one, other) = (Scored(reports, new(2024, 9, 12))[0].Assessment, Scored(reports, Given.EndOf2024)[0].Assessment);
        var (there, back) = (Changed.Between(one, other), Changed.Between(other, one));
        Assert.Equal(there.Select(c => (c.Code, c.From, c.To)), back.Select(c => (c.Code, c.To, c.From)));
        Assert.Equal(there.SelectMany(c => c.What), back.SelectMany(c => c.What));
        Assert.Empty(Changed.Between(one, one));
        // Whatever is not named is the same.
        var named = there.Select(c => c.Code).ToHashSet(StringComparer.Ordinal);
        var same = one.Criteria.SelectMany(c => c.Indicators).Where(i => !named.Contains(i.Code)).Select(i => (i.Code, i.Status, i.Value, i.EventId));
        Assert.Equal(same, other.Criteria.SelectMany(c => c.Indicators).Where(i => !named.Contains(i.Code)).Select(i => (i.Code, i.Status, i.Value, i.EventId)));
    });

    [Property(MaxTest = 20, Replay = "2025,723")]
    public Property A_what_if_without_changes_is_the_assessment() => Prop.ForAll(Seeds, seed =>
    {
        var reports = Made.Trails(Made.Of(new(seed), Units, 2));
        var score = WhatIf.Of(Known, null, Given.EndOf2024, Made.Record.Latest, 1, Tried([]), Communes, reports);
        Assert.All(score.Units, u => Assert.Equal(u.Before, u.After));
        Assert.All(score.Units, u => Assert.Empty(u.Gained.Concat(u.Lost)));
        Assert.Equal(Scored(reports, Given.EndOf2024).Select(s => s.Score), score.Units.Select(u => u.After));
        Assert.Equal((0, 0, 0, 0), (score.Totals.Gaining, score.Totals.Losing, score.Totals.WinSet, score.Totals.LoseSet));
        Assert.Empty(score.Totals.Indicators);
        Assert.Empty(score.Unmatched);
    });

    [Property(MaxTest = 20, Replay = "2025,725")]
    public Property A_higher_bar_is_met_by_no_more_units_and_a_lower_one_by_no_fewer() => Prop.ForAll(Seeds, Gen.Choose(0, 100).ToArbitrary(), (seed, bar) =>
    {
        var reports = Made.Trails(Made.Of(new(seed), Units, 2));
        var score = WhatIf.Of(Known, null, Given.EndOf2024, Made.Record.Latest, 1, Tried([Change("5", bar)]), Communes, reports);
        var shift = score.Totals.Indicators.SingleOrDefault(i => i.Indicator == "5") ?? new("5", 0, 0);
        Assert.True(bar >= 70 ? shift.After <= shift.Before : shift.After >= shift.Before);
        Assert.Equal(shift.After - shift.Before, score.Units.Count(u => u.Gained.Contains("5")) - score.Units.Count(u => u.Lost.Contains("5")));
    });

    [Fact]
    public void A_general_figure_takes_the_place_of_those_by_region_and_one_of_a_region_only_its_own()
    {
        Assert.Equal("≥ 99 %", RuleOf(Tried([Change("5", 99)]), "5", "Bắc Trung Bộ"));
        var regional = Tried([new("5", null, [new("Bắc Trung Bộ", ReportedValue.Of(99m))], null, null)]);
        Assert.Equal("≥ 99 % (Bắc Trung Bộ)", RuleOf(regional, "5", "Bắc Trung Bộ"));
        Assert.Equal(RuleOf(Given.Set, "5", "Tây Nguyên"), RuleOf(regional, "5", "Tây Nguyên"));
        Assert.Equal("≤ 3 %", RuleOf(Tried([Change("5", 3) with { Comparison = "<=" }]), "5", "Bắc Trung Bộ"));
    }

    [Fact]
    public void A_figure_that_is_tried_decides_also_what_is_left_to_the_province() =>
        Assert.False(Threshold.LeavesOpen(Tried([Change("2.1", 80)]).Find("2.1")!, "Bắc Trung Bộ"));

    [Theory]
    [InlineData("99.9", 5, null, "changes[0].indicator")]
    [InlineData("5", 101, null, "changes[0].threshold")]
    [InlineData("5", -1, null, "changes[0].threshold")]
    [InlineData("5", null, ">=", "changes[0].comparison")]
    [InlineData("5", null, null, "changes[0].threshold")]
    [InlineData("5", 5, "meets", "changes[0].comparison")]
    [InlineData("5", 5, "about", "changes[0].comparison")]
    [InlineData("8.4", 5, null, "changes[0].threshold")]
    public void What_cannot_be_tried_is_told_with_its_place(string indicator, int? threshold, string? comparison, string place)
    {
        var faults = new SetFaults();
        Trial.Apply(Given.Set, [new(indicator, threshold is { } t ? ReportedValue.Of((decimal)t) : null, null, null, comparison)], faults);
        Assert.Contains(place, faults.All.Select(f => f.Path));
    }

    [Fact]
    public void Levels_that_are_none_and_indicators_named_twice_are_told()
    {
        var faults = new SetFaults();
        Trial.Apply(Given.Set, [Change("5", 5), Change("5", 6), new("3.1", null, [new("Bắc Trung", ReportedValue.Of(5m)), new(null, null)], null, null), null], faults);
        Assert.Equal(["changes[1].indicator", "changes[2].thresholds[1]", "changes[3].indicator"], faults.All.Select(f => f.Path));
        Trial.Apply(Given.Set, [new("3.1", null, [new("Bắc Trung", ReportedValue.Of(5m))], null, null)], faults);
        Assert.Equal("changes[0].thresholds[0].at", faults.All[^1].Path);
    }

    [Fact]
    public void A_figure_that_is_tried_overrules_what_an_authority_judged()
    {
        var log = new Log().Recorded("2024-Q4", "10", ReportedValue.Of(60m), Given.EndOf2024).Judged("2024-Q4", "10", met: true)
            .Recorded("2024-Q4", "5.3", ReportedValue.Of("Mức độ 2"), Given.EndOf2024).Judged("2024-Q4", "5.3", met: true);
        var unit = Given.Unit(Given.Commune, Given.EndOf2024);
        var tried = Tried([Change("10", 61), new("5.3", ReportedValue.Of("Mức độ 3"), null, null, null)]);
        var score = WhatIf.Of(Known, null, Given.EndOf2024, Made.Record.Latest, 1, tried, [unit], Made.Trails(Versioned(log)));
        Assert.Equal(["10", "5.3"], score.Units[0].Lost.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Texts_are_tried_in_nfc_and_numbers_within_the_bounds_of_the_sets()
    {
        var (text, region) = ("Mức độ 3".Normalize(NormalizationForm.FormD), "Bắc Trung Bộ".Normalize(NormalizationForm.FormD));
        var set = Tried([new("5.3", ReportedValue.Of(text), null, null, null), new("5", null, [new(region, ReportedValue.Of(77m))], null, null)]);
        Assert.Equal(("Mức độ 3", "≥ 77 % (Bắc Trung Bộ)"), (set.Find("5.3")!.Threshold!.Text, RuleOf(set, "5", "Bắc Trung Bộ")));
        var faults = new SetFaults();
        Trial.Apply(Given.Set, [Change("9.1", 1.1234567m), new("5", null, [new("Bắc Trung Bộ", ReportedValue.Of(1.1234567m))], null, null), new("5.3", ReportedValue.Of(new string('x', 4_001)), null, null, null)], faults);
        Assert.Equal(["changes[0].threshold", "changes[1].thresholds[0].value", "changes[2].threshold"], faults.All.Select(f => f.Path));
    }

    [Fact]
    public void Against_another_set_figures_count_for_the_same_code_and_type_and_no_judgement_counts()
    {
        var log = new Log().Recorded("2024-Q4", "10", ReportedValue.Of(60m), Given.EndOf2024).Recorded("2024-Q4", "5", ReportedValue.Of(90m), Given.EndOf2024).Judged("2024-Q4", "10", met: true);
        var unit = Given.Unit(Given.Commune, Given.EndOf2024);
        var other = Given.Set with
        {
            Id = "khac",
            Criteria = [.. Given.Set.Criteria.Select(c => c with { Indicators = [.. c.Indicators.Select(i => i.Code == "5" ? i with { ValueType = "yesno", Comparison = "meets" } : i)] })],
        };
        var score = WhatIf.Of(Known, null, Given.EndOf2024, Made.Record.Latest, 1, other, [unit], Made.Trails(Versioned(log)));
        Assert.Equal(["5"], score.Unmatched.Select(u => u.Indicator));
        Assert.Equal(["5", "10"], score.Units[0].Lost.Order(StringComparer.Ordinal).Reverse());
        Assert.Equal((0, 1), (score.Units[0].After.Met, score.Units[0].After.Undetermined));
    }

    private static IReadOnlyList<JasperFx.Events.IEvent> Versioned(Log log) => [.. log.Events.Select((e, n) =>
    {
        e.Version = n + 1;
        return e;
    })];

    private static IReadOnlyList<Scored> Scored(ILookup<Guid, ReportTrail> reports, DateOnly day) => Scoring.Of(Given.Tree, Given.Set, Communes, reports, day, ReportTrail.Now);

    private static CriteriaSet Tried(IReadOnlyList<Trial.Change> changes)
    {
        var faults = new SetFaults();
        var set = Trial.Apply(Given.Set, changes, faults);
        Assert.Empty(faults.All);
        return set;
    }

    private static Trial.Change Change(string code, decimal threshold) => new(code, ReportedValue.Of(threshold), null, null, null);

    private static string? RuleOf(CriteriaSet set, string code, string at) => Threshold.Describe(set.Find(code)!, at);
}

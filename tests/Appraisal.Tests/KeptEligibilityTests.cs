using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Eligibility;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

public sealed class KeptEligibilityTests
{
    private static readonly Guid District = DeterministicId.Of("district");

    private static readonly UnitTree Tree = new(
    [
        new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], []),
        new(District, "district", null, [new("436", "Hà Tĩnh", "Thành phố Hà Tĩnh", "thanh_pho", Given.Province, null, new(2025, 6, 30), null, "seen")], [], []),
        new(
            Given.Unit.Id, "commune", null,
            [
                new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", District, null, new(2025, 6, 30), null, "seen"),
                new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, new(2025, 7, 1), null, null, "seen"),
            ],
            [], []),
    ]);

    [Fact]
    public void The_last_condition_met_is_recorded_with_all_that_it_was_found_by()
    {
        var became = Assert.IsType<UnitBecameEligible>(Change(null, Given.Eligible()));
        Assert.Equal((Given.Unit, "commune-ntm", Given.Today, 61L, 4711L), (became.Unit, became.Title, became.Finding.Day, became.Finding.ReportVersion, became.Finding.AssessmentPosition));
        Assert.Equal(["criteria", "arrears", "satisfaction", "security"], became.Finding.Conditions.Select(c => c.Id));
        Assert.Equal([null, 1L, 1L, 1L], became.Finding.Conditions.Select(c => c.Version));
    }

    [Fact]
    public void Who_was_never_eligible_is_told_nothing() => Assert.Null(Change(null, Given.Eligible() with { Assessment = null }));

    [Fact]
    public void A_correction_that_ends_it_says_what_is_missing_and_by_which_rule()
    {
        var facts = Given.Eligible() with { Assessment = Given.Assessed(("1.1", "met"), ("1.2", "notMet")) };
        var ceased = Assert.IsType<UnitCeasedToBeEligible>(Change(Told(true), facts));
        Assert.Equal(("1.2", "notMet", "≥ 90"), Assert.Single(ceased.Finding.Missing) is var m ? (m.Indicator, m.Reason, m.Rule) : default);
    }

    [Fact]
    public void The_superiors_of_the_day_are_named_the_district_while_it_exists()
    {
        Assert.Equal(["42"], Superiors(Given.Today));
        Assert.Equal(["436", "42"], Superiors(new(2024, 12, 31)));

        IEnumerable<string> Superiors(DateOnly day) => ((UnitBecameEligible)KeptEligibility.Change(
            null, Given.Target() with { Tree = Tree, Day = day }, Given.Eligible(), Given.Now)!).Finding.Superiors.Select(s => s.Code);
    }

    [Fact]
    public void What_rests_on_a_value_that_was_not_read_says_so()
    {
        var set = Given.Set("1.1");
        var result = EligibilityResult.Judge(Given.Procedure, Given.Eligible() with
        {
            Set = set with { Indicators = [set.Indicators[0] with { Mark = "recalled", TextMark = "seen" }] },
            Assessment = null,
        });
        Assert.Equal([new("criteria", "rule", "recalled"), new("satisfaction", "law", "unknown")], result.NotSeen);
    }

    /// <summary>
    /// Facts in any order, each repeated or not: what was told last is always what a fresh computation over the facts says, each change is
    /// told once, and telling alternates.
    /// </summary>
    [Property(MaxTest = 300)]
    public Property Told_is_what_a_fresh_computation_says_and_once() => Prop.ForAll(
        Gen.ArrayOf(Gen.Zip(Gen.Choose(0, 4), Gen.Choose(0, 1))).ToArbitrary(),
        steps =>
        {
            KeptEligibility? told = null;
            var facts = new EligibilityFacts(Given.Set("1.1", "1.2"), null, []);
            List<bool> changes = [];
            foreach (var (what, met) in steps)
            {
                facts = what switch
                {
                    0 => facts with { Assessment = Given.Assessed(("1.1", "met"), ("1.2", met == 1 ? "met" : "notMet")) },
                    4 => facts with { SetRetired = met == 0 },
                    _ => facts with { Confirmations = With(facts.Confirmations, Given.Confirmed(Conditions[what - 1], met == 1, 96.5m)) },
                };
                for (var again = 0; again < 2; again++)
                {
                    if (Change(told, facts) is not { } change) continue;
                    told = told is null ? KeptEligibilityProjection.Create((UnitBecameEligible)change) : After(told, change);
                    changes.Add(told.Eligible);
                }

                if ((told?.Eligible ?? false) != Fresh(facts)) return false;
            }

            return changes.Where((eligible, n) => eligible != (n % 2 == 0)).Any() is false;
        });

    private static readonly string[] Conditions = ["arrears", "satisfaction", "security"];

    /// <summary>The law said again in the plainest way.</summary>
    private static bool Fresh(EligibilityFacts facts) =>
        !facts.SetRetired
        && facts.Assessment?.Assessment.Indicators.All(i => i.Status == "met") == true
        && Conditions.All(id => facts.Confirmations.Any(c => c.Condition == id && c.Met));

    private static List<Confirmation> With(IReadOnlyList<Confirmation> before, Confirmation confirmed) => [.. before.Where(c => c.Condition != confirmed.Condition), confirmed];

    private static KeptEligibility After(KeptEligibility told, object change) => change switch
    {
        UnitBecameEligible e => new KeptEligibilityProjection().Apply(e, told),
        UnitCeasedToBeEligible e => new KeptEligibilityProjection().Apply(e, told),
        _ => throw new ArgumentException(change.GetType().Name, nameof(change)),
    };

    private static KeptEligibility Told(bool eligible) => new(KeptEligibility.Key(Given.Unit.Id, "commune-ntm"), Given.Unit.Id, "commune-ntm", eligible, Given.Now);

    private static object? Change(KeptEligibility? told, EligibilityFacts facts) => KeptEligibility.Change(told, Given.Target(), facts, Given.Now);
}

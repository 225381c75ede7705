using JasperFx.Events;
using Ntm.Appraisal.Eligibility;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

public sealed class SetVersionTests
{
    private static readonly DateOnly March2024 = new(2024, 3, 1);
    private static readonly SetState First = Given.Set("1.1", "1.2") with { InForceFrom = new(2022, 3, 8), InForceTo = new(2026, 2, 14), Version = 1 };
    private static readonly IIntegrationEvent[] Announced =
    [
        new SetPublished(OriginOf($"set/{Given.SetId}"), First), Amended(2, March2024, "1.1", "1.2", "1.3"), Amended(3, new(2025, 1, 1), "1.1"),
    ];

    [Fact]
    public void Each_version_is_a_thing_of_its_own_so_that_an_older_one_that_comes_late_is_kept()
    {
        Assert.Equal(3, Announced.Select(Learning.KeyOf).Distinct(StringComparer.Ordinal).Count());
        foreach (var order in (int[][])[[0, 1, 2], [0, 2, 1], [2, 1, 0]])
        {
            var known = Learn(order.Select(n => Announced[n]));
            Assert.Equal([1, 2, 3], known.Select(k => k.Set.Version).Order());
            Assert.Equal(2, EligibilityFacts.VersionFor(known, null, March2024)!.Version);
            Assert.Equal(3, EligibilityFacts.VersionFor(known, null, Given.Today)!.Version);
            Assert.Equal(1, EligibilityFacts.VersionFor(known, null, March2024.AddDays(-1))!.Version);
        }
    }

    [Fact]
    public void Figures_are_judged_by_the_version_that_they_were_measured_by()
    {
        var known = Learn(Announced);
        var assessment = Given.Assessed(("1.1", "met"), ("1.2", "met")).Assessment;
        Assert.Equal(1, EligibilityFacts.VersionFor(known, assessment, Given.Today)!.Version);
        Assert.Equal(2, EligibilityFacts.VersionFor(known, assessment with { SetVersion = 2 }, Given.Today)!.Version);
    }

    [Fact]
    public void What_was_measured_by_a_version_that_has_not_come_yet_is_not_judged()
    {
        var facts = Given.Eligible() with { Set = EligibilityFacts.VersionFor(Learn(Announced.Take(1)), Given.Assessed().Assessment with { SetVersion = 2 }, Given.Today) };
        Assert.Equal("unknown", EligibilityResult.Judge(Given.Procedure, facts).Conditions[0].Status);
    }

    [Fact]
    public void No_title_rests_on_a_retired_set_or_on_a_provinces_version_of_an_incomplete_one()
    {
        Assert.False(EligibilityResult.Judge(Given.Procedure, Given.Eligible() with { SetRetired = true }).Eligible);
        var adapted = new SetAdapted(OriginOf("set/xa@1"), First with { Complete = false, Base = new("xa-ntm-2026-2030", 1) });
        Assert.False(EligibilityResult.Judge(Given.Procedure, Given.Eligible() with { Set = Learn([adapted])[0].Set }).Eligible);
    }

    [Fact]
    public void No_title_rests_on_a_set_whose_version_of_the_day_is_not_wholly_known()
    {
        var facts = Given.Eligible() with { Governing = First with { Version = 2, Complete = false } };
        var result = EligibilityResult.Judge(Given.Procedure, facts);
        Assert.Equal(("unknown", false), (result.Conditions[0].Status, result.Eligible));
        Assert.True(EligibilityResult.Judge(Given.Procedure, Given.Eligible() with { Governing = First }).Eligible);
        Assert.Equal((2, false), (BasedOn.Of(Given.Procedure, facts).GoverningVersion, BasedOn.Of(Given.Procedure, facts).GoverningComplete));
    }

    [Fact]
    public void A_dossier_pins_the_version_that_its_figures_were_measured_by() => Assert.Equal(1, Given.Opened().Basis.SetVersion);

    [Fact]
    public void What_was_kept_before_there_were_versions_is_the_first()
    {
        var old = new KnownSet(Given.SetId, Given.Set("1.1"));
        Assert.Equal($"criteria.set-published/set/{Given.SetId}", old.Stream);
        Assert.Same(old.Set, EligibilityFacts.VersionFor([old], Given.Assessed().Assessment, Given.Today));
    }

    private static List<KnownSet> Learn(IEnumerable<IIntegrationEvent> facts)
    {
        Dictionary<string, KnownSet> documents = new(StringComparer.Ordinal);
        foreach (var fact in facts)
        {
            var e = Event.For((object)fact);
            e.StreamKey = Learning.KeyOf(fact);
            var version = LearnedAssessments.VersionOf(e)!;
            Assert.Equal(e.StreamKey, version.Stream);
            documents[version.Id] = version;
        }

        return [.. documents.Values];
    }

    private static SetAmended Amended(int version, DateOnly from, params string[] codes) => new(
        OriginOf($"set/{Given.SetId}@{version}"), Given.Set(codes) with { InForceFrom = from, InForceTo = new(2027, 2, 14), Version = version });

    private static Origin OriginOf(string stream) => Given.Origin with { Stream = stream };
}

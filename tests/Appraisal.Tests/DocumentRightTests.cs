using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>Who brings which documents into a dossier, in which state.</summary>
public sealed class DocumentRightTests
{
    private static readonly DateOnly WithDistricts = new(2025, 6, 30);
    private static readonly Guid Province = DeterministicId.Of("42");
    private static readonly UnitTree Tree = new([Unit("42", "province", null), Unit("436", "district", Province), Unit("18073", "commune", DeterministicId.Of("436"))]);
    private static readonly Dossier Submitted = At(Given.Submitted());

    [Theory]
    [InlineData("commune-officer@18073", "letter", null)]
    [InlineData("commune-officer@18073", "evidence", null)]
    [InlineData("commune-officer@18073", "other", null)]
    [InlineData("commune-officer@18073", "verification-report", "kind-of-others")]
    [InlineData("commune-officer@18073", "district-minutes", "kind-of-others")]
    [InlineData("commune-officer@18073", "appraisal-report", "kind-of-others")]
    [InlineData("district-officer@436", "verification-report", null)]
    [InlineData("district-officer@436", "district-minutes", null)]
    [InlineData("district-officer@436", "survey-result", null)]
    [InlineData("front-officer@436", "survey-result", null)]
    [InlineData("front-officer@436", "letter", "kind-of-others")]
    [InlineData("commune-officer@18074", "other", "forbidden")]
    public void A_kind_is_brought_in_by_those_whose_steps_demand_it(string right, string kind, string? rule) =>
        Assert.Equal(rule, Refused(Submitted, right, kind, WithDistricts));

    [Fact]
    public void Who_no_longer_takes_a_step_brings_in_its_documents_no_more() =>
        Assert.Equal("forbidden", Refused(Submitted, "district-officer@436", "verification-report", new(2025, 7, 1)));

    [Fact]
    public void The_kinds_of_papers_are_known_too() => Assert.Null(
        AttachDocument.Decide(Submitted, Given.Procedure, "district-minutes", new("district-minutes", new('a', 64), 1, "application/pdf", "a.pdf", "hn", Given.Now)).Refusal);

    [Fact]
    public void It_is_brought_in_while_a_step_is_open_to_the_caller_or_led_to_the_state()
    {
        var published = At(Given.Decided()).After(d => PublishDossier.Decide(d, Given.Step(StepIds.Publication), new(Given.Today, "x"), "po", Given.Now));
        Assert.Null(Refused(At(Given.Accepted()), "department-officer@42:SNN", "other", Given.Today));
        Assert.Equal("no-step-open", Refused(At(Given.Voting(3)), "department-officer@42:SNN", "other", Given.Today));
        foreach (var later in new[] { At(Given.Voting(3)), At(Given.Passed()), At(Given.Decided()), published })
            Assert.Equal("no-step-open", Refused(later, "commune-officer@18073", "other", Given.Today));
        Assert.Null(Refused(At(Given.Passed()), "council-member@42", "council-minutes", Given.Today, "1"));
        Assert.Null(Refused(At(Given.Decided()), "province-chair@42", "certificate", Given.Today));
        Assert.Equal("no-step-open", Refused(published, "province-chair@42", "certificate", Given.Today));
        Assert.Null(Refused(published, "province-officer@42", "announcement", Given.Today));
    }

    private static string? Refused(Dossier dossier, string right, string kind, DateOnly day, string person = "xn") =>
        AttachDocument.Refuses(dossier, Given.Procedure, Tree, new(person, right, true, [Grant.Parse(right)!]), day, kind)?.Rule;

    private static Dossier At(Dossier dossier) => dossier with { Unit = new(DeterministicId.Of("18073"), "18073", "Xã Thạch Hạ"), Province = Province, District = DeterministicId.Of("436") };

    private static UnitState Unit(string code, string level, Guid? parent) => new(DeterministicId.Of(code), level, null, [new(code, code, code, level, parent, null, null, null, "seen")], [], []);
}

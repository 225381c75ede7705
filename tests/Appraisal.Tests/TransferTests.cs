using System.Globalization;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Tests;

public sealed class TransferTests
{
    private static readonly TransferDossier.Body Body = new("next.1", "Điều khoản chuyển tiếp");
    private static readonly Procedure Next = Given.Procedure with { Version = "next.1", ValidFrom = new(2026, 1, 1), Transition = new(Transition.Transfer, "internal") };

    [Fact]
    public void A_dossier_goes_on_under_the_new_version_in_the_state_in_which_it_was()
    {
        var moved = Given.Submitted().After(d => TransferDossier.Decide(d, Given.Procedure, Next, Body, "po", Given.Now));
        Assert.Equal(("next.1", "submitted", TransferDossier.Step), (moved.ProcedureVersion, moved.State, moved.Steps[^1].Step));
    }

    [Theory]
    [InlineData(Transition.Keep)]
    [InlineData(null)]
    public void Without_a_rule_that_moves_it_a_dossier_keeps_its_version(string? rule) =>
        Assert.Equal((409, "transfer-not-allowed"), Refused(Given.Submitted(), Next with { Transition = new(rule, "unknown") }));

    [Fact]
    public void A_state_that_the_new_version_does_not_have_forbids_it() =>
        Assert.Equal((409, "state-not-in-version"), Refused(Given.Submitted(), Next with { States = [.. Next.States.Where(s => s.Id != "submitted")] }));

    [Fact]
    public void What_has_ended_is_not_moved() => Assert.Equal(
        (409, "dossier-ended"), Refused(Given.Voted(3, 0, 3).After(d => CloseVote.Decide(d, Given.Step(StepIds.CloseVotes), new(), "1", Given.Now)), Next));

    [Fact]
    public void An_unknown_or_earlier_version_and_a_missing_basis_are_named()
    {
        Assert.Equal(["to", "legalBasis"], Faults(null, new(null, " ")));
        Assert.Equal(["to"], Faults(null, Body));
        Assert.Equal(["to"], Faults(Given.Procedure, Body));
    }

    [Theory]
    [InlineData("2026-11-25", null)]
    [InlineData("2026-01-01", "2026-11-23")]
    public void A_version_that_is_not_in_force_takes_no_dossier(string from, string? to) => Assert.Equal(
        (409, "version-not-in-force"), Refused(Given.Submitted(), Next with { ValidFrom = DateOnly.Parse(from, CultureInfo.InvariantCulture), ValidTo = to is null ? null : DateOnly.Parse(to, CultureInfo.InvariantCulture) }));

    private static IEnumerable<string>? Faults(Procedure? to, TransferDossier.Body body) =>
        TransferDossier.Decide(Given.Submitted(), Given.Procedure, to, body, "po", Given.Now).Refusal?.Errors?.Keys;

    private static (int?, string?) Refused(Dossier dossier, Procedure to) =>
        TransferDossier.Decide(dossier, Given.Procedure, to, Body, "po", Given.Now).Refusal is var refusal ? (refusal?.Status, refusal?.Rule) : default;
}

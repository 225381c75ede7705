using System.Globalization;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Council;

/// <summary>A share of a vote, opened: whole numbers and exact fractions, nothing rounded.</summary>
/// <param name="Share">The share demanded, such as <c>90/100</c>; null where the procedure sets none.</param>
/// <param name="Of">What it is a share of: <c>members</c>, <c>present</c> or <c>cast</c>.</param>
/// <param name="Fraction">Count and base as they are, such as <c>36/39</c>.</param>
/// <param name="Needed">The least count that reaches the share; null where none is set.</param>
/// <param name="Missing">How many are wanting to it, 0 where it is reached.</param>
/// <param name="Mark">How sure the share is: seen, seen-pred, recalled, unknown …</param>
public sealed record ShareExplained(string? Share, string? Of, int Count, int Base, string Fraction, int? Needed, int? Missing, bool? Reached, string Mark)
{
    public static ShareExplained From(VoteRule rule, int count, VoteBase counted)
    {
        var all = counted.Of(rule.Of);
        var needed = rule.Share?.Needed(all);
        return new(
            rule.Share?.ToString(), rule.Of, count, all, string.Create(CultureInfo.InvariantCulture, $"{count}/{all}"), needed, needed - Math.Min(count, needed ?? 0),
            rule.IsReached(count, counted), rule.Mark);
    }
}

/// <summary>A vote explained.</summary>
/// <param name="Members">The voting members, recused ones too: the base of a share of the <c>members</c>.</param>
/// <param name="Entitled">Those of them who are not recused from the dossier.</param>
/// <param name="Present">Those of the entitled who attend.</param>
/// <param name="Cast">Votes, abstentions included.</param>
/// <param name="For">Null until the count, as <paramref name="Against"/>, <paramref name="Abstain"/>, <paramref name="Pass"/> and <paramref name="Passed"/> are.</param>
/// <param name="Basis">What the result rests on where the chair stated it.</param>
public sealed record VoteExplained(
    int Members, int Entitled, int Present, int Cast, ShareExplained Quorum, int? For, int? Against, int? Abstain, ShareExplained? Pass, bool? Passed, string? Basis)
{
    /// <param name="tally">Null before the count.</param>
    public static VoteExplained Of(DossierCase at, Tally? tally)
    {
        var close = at.Procedure.Step(StepIds.CloseVotes)!;
        var counted = tally is null ? at.Dossier.Counted() : new VoteBase(tally.Members, tally.Present, tally.Cast);
        // What was recorded before the bases were told was counted by those of the file.
        var quorum = ShareExplained.From(
            tally is null ? close.Quorum! : new(Share.Parse(tally.Quorum), tally.QuorumOf ?? (tally.Quorum is null ? null : close.Quorum!.Of), close.Quorum!.Mark),
            (tally is null ? at.Dossier.IsSecret() : tally.QuorumBy == VoteRule.Cast) ? counted.Cast : counted.Present, counted);
        return new(
            counted.Members, at.Dossier.Entitled().Count(), counted.Present, counted.Cast, quorum, tally?.For, tally?.Against, tally?.Abstain,
            tally is null ? null : ShareExplained.From(new(Share.Parse(tally.Pass), tally.PassOf ?? (tally.Pass is null ? null : close.Pass!.Of), close.Pass!.Mark), tally.For, counted), tally?.Passed, tally?.Basis);
    }
}

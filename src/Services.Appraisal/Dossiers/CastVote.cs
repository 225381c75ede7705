using Ntm.Appraisal.Council;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A council member votes, once; the chair votes too.</summary>
public static class CastVote
{
    public const string For = "for";
    public const string Against = "against";
    public const string Abstain = "abstain";

    public sealed record Body(string? Vote, string? Remark);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (step.RefuseInTheOpen() is { } secret) return secret;
        if (dossier.Sitting?.Recused.Contains(by) == true) return RecuseMember.DoesNotVote(by);
        if (dossier.Ballots.Exists(b => b.Person == by)) return AlreadyVoted(by);

        var remark = Prose.Clean(body.Remark);
        return new Faults().Vote(body.Vote, remark).Refuse() is { } refusal ? refusal : Decision.Record(new VoteCast(body.Vote!, remark, step.To, by, now));
    }

    internal static Refusal AlreadyVoted(string person) => Refusal.Conflict("already-voted", $"Người \"{person}\" đã bỏ phiếu.", $"The person \"{person}\" has voted already.");

    /// <summary>Checks a vote; what is wrong is told without telling the vote.</summary>
    /// <param name="at">Where the vote stands in the body.</param>
    internal static Faults Vote(this Faults faults, string? vote, string? remark, string at = "") => faults
        .Unless(vote is For or Against or Abstain, $"{at}vote", "Phải là for, against hoặc abstain.", "Must be for, against or abstain.")
        .Readable(remark, $"{at}remark", required: false);

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Votes, a => a.Dossier.RefuseBesideSession() is { } elsewhere ? elsewhere : Decide(a.Dossier, a.Step, body, a.By, a.Now));
}

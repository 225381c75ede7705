using Ntm.Appraisal.Council;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// A member of a council that was named for one dossier does not vote on it (từ chối tham gia biểu quyết): he says so himself, with a
/// reason, before he voted. He stays a member of the quorum, and the last one who could vote stays (house rules, as in a session).
/// </summary>
public static class RecuseSelf
{
    public const string Act = "recusals";

    public sealed record Body(string? Reason);

    public static Decision Decide(Dossier dossier, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseBesideSession() is { } elsewhere) return elsewhere;
        var reason = Prose.Clean(body.Reason);
        if (new Faults().Readable(reason, "reason").Refuse() is { } refusal) return refusal;
        if (dossier.Ballots.Exists(b => b.Person == by)) return CastVote.AlreadyVoted(by);
        if (dossier.Sitting?.Recused.Contains(by) == true) return RecuseMember.AlreadyRecused(by);
        return dossier.Entitled().All(p => p == by) ? RecuseMember.LastMember : Decision.Record(new CouncilMemberRecused(by, by, now, reason));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Votes, a => Decide(a.Dossier, body, a.By, a.Now), within: true);
}

using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>
/// Whoever may appoint the council dissolves a session before its count (giải tán), with a reason: a council that cannot vote holds up no
/// dossier. The votes count no more, and the key of a secret ballot is destroyed. House rule; the law that was read says nothing of it.
/// </summary>
public static class DissolveSession
{
    public sealed record Body(string? Reason);

    public static SessionDecision Decide(SessionCase at, Body body)
    {
        var reason = Prose.Clean(body.Reason);
        return new Faults().Readable(reason, "reason").Refuse() is { } refusal
            ? refusal
            : SessionDecision.Record(
                new SessionDissolved(reason!, at.By, at.Now), at.Voting.Select(d => (d.Dossier.Number, (object)new CouncilDissolved(BeforeCouncil(d.Dossier), at.By, at.Now))));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, SessionRunner sessions) => sessions.TakeAsync(
        http, id, null,
        async (at, c, ct) =>
        {
            var decision = Decide(at, body);
            if (decision.Refusal is null && at.Session.IsSecret && await c.Session.LoadAsync<SessionKey>(id, ct) is { } key) c.Session.Delete(key);
            return decision;
        });

    private static string BeforeCouncil(Dossier dossier) => dossier.Steps[dossier.Steps.FindLastIndex(s => s.Step == StepIds.Council) - 1].To;
}

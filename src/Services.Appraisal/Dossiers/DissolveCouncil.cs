using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// Whoever names the council dissolves it (giải thể) before the vote is closed, and says why; another one may be named. The law knows no
/// such step: a council that cannot vote would hold the dossier for ever.
/// </summary>
public static class DissolveCouncil
{
    public sealed record Body(string? Reason);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseBesideSession() is { } elsewhere) return elsewhere;
        var reason = Prose.Clean(body.Reason);
        return new Faults().Readable(reason, "reason").Refuse() is { } refusal ? refusal : Decision.Record(new CouncilDissolved(step.To, by, now, reason));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Dissolve, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}

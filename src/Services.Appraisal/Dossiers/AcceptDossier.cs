using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The province takes the dossier on; never who prepared it or entered its figures.</summary>
public static class AcceptDossier
{
    public static Decision Decide(Dossier dossier, ProcedureStep step, string by, DateTimeOffset now) =>
        dossier.RefuseSelfApproval(step, by) is { } refusal ? refusal : Decision.Record(new DossierAccepted(step.To, by, now));

    internal static Task<IResult> Handle(Guid id, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Accept, a => Decide(a.Dossier, a.Step, a.By, a.Now));
}

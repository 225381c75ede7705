using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The commune hands the dossier in, for the first time or after it was returned.</summary>
public static class SubmitDossier
{
    public static Decision Decide(ProcedureStep step, string by, DateTimeOffset now) => Decision.Record(new DossierSubmitted(step.To, by, now));

    internal static Task<IResult> Handle(Guid id, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Submit, a => Decide(a.Step, a.By, a.Now));
}

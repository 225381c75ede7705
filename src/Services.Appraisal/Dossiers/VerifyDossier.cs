using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The level between verifies the dossier (thẩm tra), criterion by criterion; never who prepared it or entered its figures.</summary>
public static class VerifyDossier
{
    public sealed record Body(DateOnly? Date, IReadOnlyList<Findings.Item?>? Findings, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, SetState? set, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
        var faults = new Faults().NotInFuture(body.Date, "date", VietnamTime.DayOf(now));
        var findings = faults.Read(dossier, set, body.Findings);
        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new DossierVerified(new(body.Date!.Value, findings, documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Verification, async (a, ct) => Decide(a.Dossier, a.Step, await a.Dossier.SetOfAsync(a.Command.Session, ct), body, a.By, a.Now));
}

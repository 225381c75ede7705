using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The province does not put the dossier to the council, and says why; the unit may open another.</summary>
public static class RefuseDossier
{
    public sealed record Body(string? Reason, IReadOnlyList<ReturnDossier.Item?>? Items = null);

    public static Decision Decide(ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var reason = Prose.Clean(body.Reason);
        var faults = new Faults().Readable(reason, "reason");
        var items = ReturnDossier.Read(faults, body.Items);
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new DossierRefused(reason!, step.To, by, now, items.Count == 0 ? null : items));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Refuse, a => Decide(a.Step, body, a.By, a.Now), (a, _, ct) => WithdrawDossier.ReleaseAsync(a, ct));
}

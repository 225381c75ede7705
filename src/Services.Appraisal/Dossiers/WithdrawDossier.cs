using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The unit takes its dossier back before the council votes; it may open another.</summary>
public static class WithdrawDossier
{
    public sealed record Body(string? Reason);

    public static Decision Decide(ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var reason = Prose.Clean(body.Reason);
        return new Faults().Readable(reason, "reason").Refuse() is { } refusal ? refusal : Decision.Record(new DossierWithdrawn(reason!, step.To, by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Withdraw, a => Decide(a.Step, body, a.By, a.Now), (a, _, ct) => ReleaseAsync(a, ct));

    /// <summary>What ends a dossier on its way frees its title with it.</summary>
    internal static async Task<Refusal?> ReleaseAsync(StepAttempt a, CancellationToken ct)
    {
        await TitleHold.ReleaseAsync(a.Command, a.Dossier, ct);
        return null;
    }
}

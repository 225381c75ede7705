using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The appraisal is reported with its recommendation, never by who prepared the dossier or entered its figures. Where the procedure says so, the council is named only after one that proposes.</summary>
public static class ReportAppraisal
{
    public const string Propose = "propose";
    public const string NotPropose = "not-propose";

    /// <param name="Recommendation">propose, must-supplement or not-propose.</param>
    public sealed record Body(DateOnly? Date, string? Recommendation, string? Summary, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
        var summary = Prose.Clean(body.Summary);
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Unless(
                body.Recommendation is Propose or Findings.MustSupplement or NotPropose, "recommendation",
                "Phải là propose, must-supplement hoặc not-propose.", "Must be propose, must-supplement or not-propose.")
            .Readable(summary, "summary");
        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal
            ? refusal
            : Decision.Record(new AppraisalReported(new(body.Date!.Value, body.Recommendation!, summary!, documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Report, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}

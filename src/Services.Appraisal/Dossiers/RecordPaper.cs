using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// A paper of a step is recorded: the registration, the self-assessment, the letter that forwards the dossier to the province, and whatever
/// a province's own steps put down.
/// </summary>
public static class RecordPaper
{

    /// <param name="Outcome">Of a province's own step alone: <c>for</c> or <c>against</c>; may be left out where it stops nothing.</param>
    public sealed record Body(DateOnly? Date, string? Number = null, string? Summary = null, IReadOnlyList<string?>? Documents = null, string? Outcome = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
        var (number, summary) = (Prose.Clean(body.Number), Prose.Clean(body.Summary));
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Number(number, "number", required: false)
            .Readable(summary, "summary", required: false)
            .Unless(body.Outcome is null || step.IsOwn, "outcome", "Bước này không có kết quả thuận hay không thuận.", "This step comes to no outcome.")
            .Unless(body.Outcome is null or CastVote.For or CastVote.Against, "outcome", "Phải là for (thuận) hoặc against (không thuận).", "Must be for or against.");
        if (step is { IsOwn: true, Blocks.Value: true }) faults.Required(body.Outcome, "outcome");
        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new PaperRecorded(step.Id, new(body.Date!.Value, number, summary, documents, body.Outcome), by, now));
    }

    internal static Delegate Of(string step) => (Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, step, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));

    /// <summary>A step that a province added to the dossier's procedure.</summary>
    internal static Task<IResult> HandleOwn(Guid id, string step, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, step, a => Decide(a.Dossier, a.Step, body, a.By, a.Now), own: true);
}

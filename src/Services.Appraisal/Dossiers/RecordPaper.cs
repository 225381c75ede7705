using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A paper of a step is recorded: the registration, the self-assessment, the letter that forwards the dossier to the province.</summary>
public static class RecordPaper
{

    public sealed record Body(DateOnly? Date, string? Number = null, string? Summary = null, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var (number, summary) = (Prose.Clean(body.Number), Prose.Clean(body.Summary));
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Number(number, "number", required: false)
            .Readable(summary, "summary", required: false);
        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new PaperRecorded(step.Id, new(body.Date!.Value, number, summary, documents), by, now));
    }

    internal static Delegate Of(string step) => (Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, step, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}

using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The recognition is announced (công bố), and where.</summary>
public static class PublishDossier
{
    public sealed record Body(DateOnly? Date, string? Where);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var where = Prose.Clean(body.Where);
        var faults = new Faults()
            .Readable(where, "where")
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Unless(
                body.Date is null || body.Date >= dossier.Decision?.Date,
                "date",
                $"Không được trước ngày quyết định ({dossier.Decision?.Date:dd/MM/yyyy}).",
                $"Must not be before the day of the decision ({dossier.Decision?.Date:yyyy-MM-dd}).");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new DossierPublished(body.Date!.Value, where!, step.To, by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Publication, a => Decide(a.Dossier, a.Step, body, a.By, a.Now), async (a, decision, ct) =>
        {
            var published = (DossierPublished)decision.Events[0];
            var recognition = await a.Command.Session.Events.FetchForWriting<Recognition>(Recognition.Key(a.Dossier.Number), ct);
            recognition.AppendOne(new RecognitionPublished(published.Date, published.Where, a.By, a.Now));
            return null;
        });
}

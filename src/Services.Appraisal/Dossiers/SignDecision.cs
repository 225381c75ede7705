using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The chair of the province signs the decision of recognition (QĐ 18/2022/QĐ-TTg, art. 3); the title is in force from its date.</summary>
public static class SignDecision
{

    /// <param name="Year">Year of the title (năm đạt chuẩn), where the decision names it; from 2010 to the decision's year.</param>
    public sealed record Body(string? Number, DateOnly? Date, string? LegalBasis, int? Year = null);

    /// <param name="first">First day that it may bear: of the unit or of the procedure's version, whichever is later; null where neither is known.</param>
    /// <param name="last">Last day of the unit; the last of all days, or null, while it exists.</param>
    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now, DateOnly? first = null, DateOnly? last = null)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
        if (dossier.RefuseUnanswered() is { } unanswered) return unanswered;
        var (number, legalBasis) = (Prose.Clean(body.Number), Prose.Clean(body.LegalBasis));
        var faults = new Faults()
            .Number(number, "number")
            .Readable(legalBasis, "legalBasis")
            // The day of the paper and the instant of its recording are two clocks: a vote may be recorded after the decision's day.
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Unless(
                !(body.Date < first), "date", $"Không được trước ngày {first:dd/MM/yyyy}, khi có đơn vị và quy trình này.",
                $"Must not be before {first:yyyy-MM-dd}, when there are the unit and this procedure.")
            .Unless(!(body.Date > last), "date", $"{dossier.Unit.Name} không còn từ sau ngày {last:dd/MM/yyyy}.", $"{dossier.Unit.Name} does not exist after {last:yyyy-MM-dd}.")
            .Unless(
                body.Year is null || body.Date is null || (body.Year >= 2010 && body.Year <= body.Date.Value.Year), "year",
                "Phải từ 2010 đến năm của quyết định.", "Must be from 2010 to the decision's year.");
        return faults.Refuse() is { } refusal
            ? refusal
            : Decision.Record(new DecisionSigned(number!, body.Date!.Value, legalBasis!, step.To, by, now, body.Year));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps, ProcedureBook book) =>
        steps.TakeAsync(
            http, id, StepIds.Decision,
            a =>
            {
                var versions = a.Tree.Find(a.Dossier.Unit.Id)?.Versions ?? [];
                var first = versions.Select(v => v.From ?? DateOnly.MinValue).DefaultIfEmpty(DateOnly.MinValue).Min();
                var last = versions.Select(v => v.To ?? DateOnly.MaxValue).DefaultIfEmpty(DateOnly.MaxValue).Max();
                return Decide(a.Dossier, a.Step, body, a.By, a.Now, first > a.Procedure.ValidFrom ? first : a.Procedure.ValidFrom, last);
            },
            (a, decision, ct) => RecordAsync(a, decision, book, ct));

    private static async Task<Refusal?> RecordAsync(StepAttempt a, Decision decision, ProcedureBook book, CancellationToken ct)
    {
        var (dossier, events) = (a.Dossier, a.Command.Session.Events);
        var signed = (DecisionSigned)decision.Events[0];
        var issuer = Issuers.Of(a.Step, a.Command.Today);
        var numbers = new DecisionNumbers(a.Command.Session, book, a.Tree, issuer, dossier.Province, a.By, a.Now);
        if (await numbers.TakeAsync(signed.Date, signed.Number, dossier.Number, ct) is { } taken) return taken;
        var hold = await events.FetchForWriting<TitleHold>(TitleHold.Key(dossier.Unit.Id, dossier.Title), ct);
        hold.AppendOne(new TitleGranted(dossier.Number, a.By, a.Now));
        events.StartStream(
            Recognition.Key(dossier.Number),
            new RecognitionGranted(dossier.Number, dossier.Unit, dossier.Title, signed.Number, signed.Date, signed.LegalBasis, a.By, a.Now, issuer, signed.Year));
        return null;
    }
}

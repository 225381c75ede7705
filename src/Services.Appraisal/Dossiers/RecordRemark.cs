using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>What somebody said to a notice, or complained of after the publication, is recorded; it is answered by itself later.</summary>
public static class RecordRemark
{
    private const int MostRemarks = 1000;
    private const int LongestName = 200;

    /// <param name="From">Who said it; may be left out.</param>
    /// <param name="On">Day on which it was said.</param>
    public sealed record Body(string? From, string? Text, DateOnly? On);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (step.Id != StepIds.Complaint && !dossier.HasTaken(step.Id))
            return Refusal.Conflict("not-posted", $"Bước \"{step.NameVi}\" chưa được ghi nhận.", $"The step \"{step.NameEn}\" is not recorded yet.");
        var no = dossier.Remarks.Count(r => r.Step == step.Id) + 1;
        if (no > MostRemarks) return Refusal.Conflict("too-many-remarks", $"Đã có {MostRemarks} ý kiến.", $"There are {MostRemarks} remarks already.");

        var (from, text) = (Prose.Clean(body.From), Prose.Clean(body.Text));
        var faults = new Faults()
            .Readable(from, "from", required: step.Id == StepIds.Complaint, LongestName, lines: false)
            .Readable(text, "text")
            .NotInFuture(body.On, "on", VietnamTime.DayOf(now));
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new RemarkReceived(step.Id, no, from, text!, body.On!.Value, by, now));
    }

    internal static Delegate Of(string step) => (Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, step, a => Decide(a.Dossier, a.Step, body, a.By, a.Now), within: true);
}

using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A remark or a complaint is answered, once, until the dossier has ended.</summary>
public static class AnswerRemark
{
    public sealed record Body(string? Answer);

    /// <param name="no">Number of the remark within its step, from 1.</param>
    public static Decision Decide(Dossier dossier, ProcedureStep step, int no, Body body, string by, DateTimeOffset now)
    {
        if (dossier.Remarks.Find(r => r.Step == step.Id && r.No == no) is not { } remark)
            return Refusal.NotFound($"Không có ý kiến số {no}.", $"There is no remark {no}.");
        if (remark.Answer is not null) return Refusal.Conflict("remark-answered", $"Ý kiến số {no} đã được trả lời.", $"The remark {no} is answered already.");
        var answer = Prose.Clean(body.Answer);
        return new Faults().Readable(answer, "answer").Refuse() is { } refusal ? refusal : Decision.Record(new RemarkAnswered(step.Id, no, answer!, by, now));
    }

    internal static Delegate Of(string step) => (Guid id, int n, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, step, a => Decide(a.Dossier, a.Step, n, body, a.By, a.Now), answers: true);
}

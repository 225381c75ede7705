using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>What a step demands of the dossier beside its state: recorded steps, what they found, their answers, documents. Asked for only where the file says so.</summary>
public static class Demands
{
    /// <summary>
    /// The refusal (409) while something demanded is missing; null when nothing is. A required step that nobody may take on the day is
    /// not waited for.
    /// </summary>
    public static Refusal? Lacks(this Dossier dossier, Procedure procedure, ProcedureStep step, DateOnly today)
    {
        var before = procedure.RecordedBefore(step);
        var required = before.Where(s => s.Required?.Value == true && s.TakenBy(today).Roles.Count > 0).ToArray();
        if (step.Times?.Value is { } times && dossier.Steps.Count(s => s.Step == step.Id) >= times)
        {
            return Refusal.Conflict(
                "step-times-used", $"Bước \"{step.NameVi}\" chỉ được thực hiện {times} lần ({MarkNames.Of(step.Times.Mark).Vi}).",
                $"The step \"{step.NameEn}\" is taken {times} times at most ({MarkNames.Of(step.Times.Mark).En}).");
        }

        if (required.Where(s => !dossier.HasTaken(s.Id)).ToArray() is { Length: > 0 } missing)
        {
            return Refusal.Conflict(
                "step-missing", $"Phải có trước: {string.Join("; ", missing.Select(s => s.NameVi))}.", $"These come first: {string.Join("; ", missing.Select(s => s.NameEn))}.") with
            {
                More = Named("missing", missing.Select(s => new { step = s.Id, s.NameVi, s.NameEn, s.Required!.Mark, legalRef = s.Required.LegalRef ?? s.LegalRef })),
            };
        }

        if (dossier.Remarks.Where(r => r.Answer is null && Array.Exists(required, s => s.Id == r.Step)).ToArray() is { Length: > 0 } unanswered)
        {
            return Refusal.Conflict(
                "remarks-unanswered", $"Còn {unanswered.Length} ý kiến chưa được trả lời.", $"{unanswered.Length} remarks are not answered yet.") with
            {
                More = Named("remarks", unanswered.Select(r => new { r.Step, r.No })),
            };
        }

        if (!step.IsRecorded
            && before.Where(s => s.Blocks is not null && s.TakenBy(today).Roles.Count > 0).Select(s => dossier.Negative(s)).FirstOrDefault(r => r is not null) is { } negative)
            return negative;

        return (step.Documents ?? []).Where(d => d.Required == true && !dossier.Documents.Exists(held => held.Kind == d.Kind)).ToArray() is { Length: > 0 } papers
            ? Refusal.Conflict(
                "documents-missing", $"Hồ sơ còn thiếu: {string.Join("; ", papers.Select(d => d.NameVi))}.", $"The dossier lacks: {string.Join("; ", papers.Select(d => d.NameEn))}.") with
            {
                More = Named("documents", papers.Select(d => new { d.Kind, d.NameVi, d.NameEn, d.Mark })),
            }
            : null;
    }

    /// <summary>The refusal while the last finding of a recorded step is against the dossier; null when there is none or it is not.</summary>
    private static Refusal? Negative(this Dossier dossier, ProcedureStep recorded)
    {
        var blocks = recorded.Blocks!;
        var wantsMore = recorded.Records == StepIds.Report && dossier.Report?.Recommendation == Findings.MustSupplement;
        var (stops, of) = wantsMore && blocks.Supplement is { } own ? (own.Value, own.Mark) : (blocks.Value, blocks.Mark);
        if (stops != true) return null;
        var mark = MarkNames.Of(of);
        return recorded.Records switch
        {
            { } id when StepIds.Meetings.Contains(id) => dossier.MeetingOf(id) is not { Passed: false } meeting ? null : Refusal.Conflict(
                $"{id}-not-passed",
                $"{recorded.NameVi}: lần gần nhất chỉ có {meeting.For}/{meeting.Attending} người tán thành; cần ít nhất {meeting.Share} ({MarkNames.Of(recorded.Pass!.Mark).Vi}).",
                $"{recorded.NameEn}: the last time {meeting.For} of {meeting.Attending} agreed; at least {meeting.Share} are needed ({MarkNames.Of(recorded.Pass.Mark).En})."),
            StepIds.Survey when dossier.Survey?.Result == SurveyResult.Failed => Refusal.Conflict(
                "survey-failed", $"Kết quả lấy ý kiến hài lòng gần nhất dưới mức quy định ({mark.Vi}).", $"The last survey of satisfaction is under the threshold ({mark.En})."),
            StepIds.Completeness when dossier.Completeness is { Complete: false } found => Refusal.Conflict(
                "dossier-incomplete", $"Lần kiểm tra gần nhất thấy hồ sơ còn thiếu ({mark.Vi}): {string.Join("; ", found.Lacking)}.", $"The last check found the dossier incomplete ({mark.En}): {string.Join("; ", found.Lacking)}."),
            StepIds.Report when wantsMore => Refusal.Conflict(
                "not-proposed", $"Báo cáo thẩm định gần nhất yêu cầu bổ sung ({mark.Vi}).", $"The last appraisal report asks for more ({mark.En})."),
            StepIds.Report when dossier.Report is { } report && report.Recommendation != ReportAppraisal.Propose => Refusal.Conflict(
                "not-proposed", $"Báo cáo thẩm định gần nhất không đề nghị công nhận ({mark.Vi}).", $"The last appraisal report does not propose the recognition ({mark.En})."),
            StepIds.Paper when dossier.Outcomes.GetValueOrDefault(recorded.Id) == CastVote.Against => Refusal.Conflict(
                "outcome-against", $"{recorded.NameVi}: kết quả gần nhất không thuận ({mark.Vi}).", $"{recorded.NameEn}: the last outcome is against the dossier ({mark.En})."),
            _ => null,
        };
    }

    private static Dictionary<string, object?> Named(string name, IEnumerable<object> values) => new(StringComparer.Ordinal) { [name] = values.ToArray() };
}

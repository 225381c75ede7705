using System.Text;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>The commune hands its report in: complete, or with the reason why not.</summary>
internal static class SubmitReport
{
    public sealed record Body(string? IncompleteBecause);

    public static Task<IResult> Handle(HttpContext http, string period, string unit, Body body, ReportCommands reports) =>
        reports.Run(http, period, unit, c => Decide(c, body));

    public static Decision Decide(ReportCase c, Body body)
    {
        if (!c.Tree.ActsAs(c.Actor, c.EntryRole, c.Chain.Unit.Id, c.Today))
            return Refusal.Forbidden("Chỉ cán bộ của đơn vị được gửi báo cáo của đơn vị đó.", "Only the unit's own officers submit its report.");
        if (new Faults().Unless((body.IncompleteBecause?.Length ?? 0) <= 4000, "incompleteBecause", "Lý do dài nhất 4.000 ký tự.", "A reason has at most 4,000 characters.").Refuse() is { } refusal)
            return refusal;
        if (c.Status is not (ReportStatus.Open or ReportStatus.Returned))
        {
            return Refusal.Conflict(
                "out-of-turn", $"Báo cáo đang ở trạng thái {ReportView.NameOf(c.Status)}, không gửi lại được.", $"The report is {ReportView.NameOf(c.Status)} and cannot be submitted.");
        }

        var missing = c.Set.InOrder().Select(x => x.Indicator.Code).Where(code => c.Report?.Figures.ContainsKey(code) != true).ToList();
        if (c.Report is null || (missing.Count > 0 && string.IsNullOrWhiteSpace(body.IncompleteBecause)))
        {
            return Refusal.Conflict(
                "incomplete", $"Còn thiếu {missing.Count} chỉ tiêu; bổ sung hoặc nêu lý do ở incompleteBecause.", $"{missing.Count} indicators are missing; add them or give the reason in incompleteBecause.") with
            {
                More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["missing"] = missing },
            };
        }

        return Decision.Record(new ReportSubmitted(missing, missing.Count > 0 ? body.IncompleteBecause!.Normalize(NormalizationForm.FormC) : null, c.Actor.Person, c.Now));
    }
}

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
        var because = Prose.Clean(body.IncompleteBecause);
        if (new Faults().Readable(because, "incompleteBecause", required: false).Refuse() is { } refusal) return refusal;
        if (c.Status is not (ReportStatus.Open or ReportStatus.Returned)) return c.OutOfTurn();

        var missing = c.Set.InOrder().Select(x => x.Indicator.Code).Where(code => c.Report?.Figures.ContainsKey(code) != true).ToList();
        if (c.Report is null) return Refusal.Conflict("nothing-to-submit", "Báo cáo chưa có số liệu nào.", "The report has no figure yet.") with { More = Missing(missing) };
        if (missing.Count > 0 && because is null)
        {
            return Refusal.Conflict(
                "incomplete", $"Còn thiếu {missing.Count} chỉ tiêu; bổ sung hoặc nêu lý do ở incompleteBecause.", $"{missing.Count} indicators are missing; add them or give the reason in incompleteBecause.") with
            {
                More = Missing(missing),
            };
        }

        return Decision.Record(new ReportSubmitted(missing, missing.Count > 0 ? because : null, c.Actor.Person, c.Now));
    }

    private static Dictionary<string, object?> Missing(List<string> codes) => new(StringComparer.Ordinal) { ["missing"] = codes };
}

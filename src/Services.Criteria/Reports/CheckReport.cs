using System.Text;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>Verify, approve, return, judge and reopen: what those above the unit do, each in turn, never with their own figures.</summary>
internal static class CheckReport
{
    public sealed record ReturnBody(IReadOnlyList<Item>? Items);

    public sealed record Item(string? Indicator, string? Reason);

    public sealed record JudgeBody(bool? Met, string? Basis);

    public sealed record ReopenBody(string? Reason);

    /// <summary>An empty object.</summary>
    public sealed record Nothing;

    public static Task<IResult> Verify(HttpContext http, string period, string unit, Nothing _, ReportCommands reports) => reports.Run(http, period, unit, DecideVerify);

    public static Task<IResult> Approve(HttpContext http, string period, string unit, Nothing _, ReportCommands reports) => reports.Run(http, period, unit, DecideApprove);

    public static Task<IResult> Return(HttpContext http, string period, string unit, ReturnBody body, ReportCommands reports) =>
        reports.Run(http, period, unit, c => DecideReturn(c, body));

    public static Task<IResult> Judge(HttpContext http, string period, string unit, string indicator, JudgeBody body, ReportCommands reports) =>
        reports.Run(http, period, unit, c => DecideJudge(c, indicator, body));

    public static Task<IResult> Reopen(HttpContext http, string period, string unit, ReopenBody body, ReportCommands reports) =>
        reports.Run(http, period, unit, c => DecideReopen(c, body));

    public static Decision DecideVerify(ReportCase c)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        if (c.Chain.District is not { } district)
            return Refusal.Conflict("no-level-between", "Từ 01/7/2025 không còn cấp huyện: tỉnh duyệt trực tiếp.", "There is no district level on the period's day: the province approves directly.");
        if (!c.Tree.ActsAs(c.Actor, Roles.DistrictOfficer, district, c.Today)) return NotAbove;
        if (c.Status != ReportStatus.Submitted) return OutOfTurn(c);
        return OwnFigures(c) is { } own ? own : Decision.Record(new ReportVerified(c.Actor.Person, c.Now));
    }

    public static Decision DecideApprove(ReportCase c)
    {
        if (!c.Tree.ActsAs(c.Actor, Roles.ProvinceOfficer, c.Chain.Province, c.Today)) return NotAbove;
        if (c.Chain.Turn(c.Status)?.Role != Roles.ProvinceOfficer) return OutOfTurn(c);
        return OwnFigures(c) is { } own ? own : Decision.Record(new ReportApproved(c.Report!.Version + 1, c.Actor.Person, c.Now));
    }

    public static Decision DecideReturn(ReportCase c, ReturnBody body)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        var items = body.Items ?? [];
        var faults = new Faults().Unless(items.Count > 0, "items", "Nêu ít nhất một chỉ tiêu trả lại.", "Name at least one indicator to send back.");
        foreach (var (item, i) in items.Select((item, i) => (item, i)))
        {
            faults.Unless(item.Indicator is { } code && c.Set.Find(code) is not null, $"items[{i}].indicator", $"Bộ tiêu chí không có chỉ tiêu \"{item.Indicator}\".", $"The set has no indicator \"{item.Indicator}\".")
                .Unless(!string.IsNullOrWhiteSpace(item.Reason) && item.Reason.Length <= 4000, $"items[{i}].reason", "Nêu lý do, nhiều nhất 4.000 ký tự.", "Give a reason of at most 4,000 characters.");
        }

        if (faults.Refuse() is { } refusal) return refusal;
        if (c.Chain.Turn(c.Status) is not { } turn || !c.Tree.ActsAs(c.Actor, turn.Role, turn.Unit, c.Today)) return OutOfTurn(c);
        if (items.FirstOrDefault(i => !c.Report!.Figures.ContainsKey(i.Indicator!)) is { } missing)
            return Refusal.Conflict("nothing-to-return", $"Chỉ tiêu {missing.Indicator} chưa có số liệu để trả lại.", $"Indicator {missing.Indicator} has no figure to send back.");
        return Decision.Record(new ReportReturned(
            [.. items.DistinctBy(i => i.Indicator).Select(i => new ReturnedItem(i.Indicator!, i.Reason!.Normalize(NormalizationForm.FormC)))], c.Actor.Person, c.Now));
    }

    public static Decision DecideJudge(ReportCase c, string code, JudgeBody body)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        if (c.Set.Find(code) is not { } indicator)
            return Refusal.NotFound($"Bộ tiêu chí {c.Set.Id} không có chỉ tiêu \"{code}\".", $"The set {c.Set.Id} has no indicator \"{code}\".");
        if (new Faults().Required(body.Met, "met")
                .Unless(!string.IsNullOrWhiteSpace(body.Basis) && body.Basis.Length <= 4000, "basis", "Nêu căn cứ, nhiều nhất 4.000 ký tự.", "Give the basis, at most 4,000 characters.")
                .Refuse() is { } refusal)
            return refusal;
        if (!Threshold.LeavesOpen(indicator, c.Tree.Find(c.Chain.Unit.Id)!.Region))
            return Refusal.Conflict("set-decides", "Bộ tiêu chí đã quy định mức của chỉ tiêu này.", "The set itself decides this indicator.");
        if (c.Report?.Figures.GetValueOrDefault(code) is not { } figure)
            return Refusal.Conflict("no-figure", "Chỉ tiêu chưa có số liệu.", "The indicator has no figure yet.");
        if (figure.RecordedBy == c.Actor.Person) return Own;
        if (c.Status == ReportStatus.Approved) return OutOfTurn(c);
        return Decision.Record(new IndicatorJudged(code, body.Met!.Value, body.Basis!.Normalize(NormalizationForm.FormC), c.Actor.Person, c.Now));
    }

    public static Decision DecideReopen(ReportCase c, ReopenBody body)
    {
        if (!c.Tree.ActsAs(c.Actor, Roles.ProvinceOfficer, c.Chain.Province, c.Today)) return NotAbove;
        if (new Faults().Unless((body.Reason?.Length ?? 0) <= 4000, "reason", "Lý do dài nhất 4.000 ký tự.", "A reason has at most 4,000 characters.").Refuse() is { } refusal) return refusal;
        if (c.Status != ReportStatus.Approved) return OutOfTurn(c);
        return Decision.Record(new ReportReopened(body.Reason?.Normalize(NormalizationForm.FormC), c.Actor.Person, c.Now));
    }

    private static Refusal NotAbove { get; } = Refusal.Forbidden(
        "Chỉ cấp trên của đơn vị, theo ngày chốt số liệu, được làm việc này.", "Only those above the unit on the period's day may do this.");

    private static Refusal Own { get; } = Refusal.Forbidden(
        "Không ai được thẩm tra, đánh giá hay duyệt số liệu do chính mình nhập.", "Nobody verifies, judges or approves figures that he himself entered.", "own-figures");

    private static Refusal? OwnFigures(ReportCase c) => c.Report!.WasEnteredBy(c.Actor.Person) ? Own : null;

    private static Refusal OutOfTurn(ReportCase c) => Refusal.Conflict(
        "out-of-turn",
        $"Báo cáo đang ở trạng thái {ReportView.NameOf(c.Status)}: chưa đến hoặc đã qua bước này.",
        $"The report is {ReportView.NameOf(c.Status)}: it is not this step's turn.") with
    {
        More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["nextSteps"] = c.Chain.NextSteps(c.Period, c.Status, c.EntryRole) },
    };
}

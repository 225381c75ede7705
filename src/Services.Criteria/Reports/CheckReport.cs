using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>Verify, approve, return, judge and reopen: what those above the unit do, each in turn, never with their own figures.</summary>
internal static class CheckReport
{
    public sealed record ReturnBody(IReadOnlyList<Item?>? Items);

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
        reports.Run(http, period, unit, c => DecideJudge(c, indicator, body), indicator);

    public static Task<IResult> Reopen(HttpContext http, string period, string unit, ReopenBody body, ReportCommands reports) =>
        reports.Run(http, period, unit, c => DecideReopen(c, body), fresh: true);

    public static Decision DecideVerify(ReportCase c)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        if (c.Chain.District is not { } district)
            return Refusal.Conflict("no-level-between", "Vào ngày chốt số liệu không có cấp trung gian: tỉnh duyệt trực tiếp.", "There is no level between on the period's day: the province approves directly.");
        if (!c.Tree.ActsAs(c.Actor, Roles.DistrictOfficer, district, c.Today)) return NotAbove;
        if (c.Status != ReportStatus.Submitted) return c.OutOfTurn();
        return OwnFigures(c) is { } own ? own : Decision.Record(new ReportVerified(c.Actor.Person, c.Now));
    }

    public static Decision DecideApprove(ReportCase c)
    {
        if (!c.Tree.ActsAs(c.Actor, Roles.ProvinceOfficer, c.Chain.Province, c.Today)) return NotAbove;
        if (c.Chain.Turn(c.Status)?.Role != Roles.ProvinceOfficer) return c.OutOfTurn();
        return OwnFigures(c) is { } own ? own : Decision.Record(new ReportApproved(c.Report!.Version + 1, c.Actor.Person, c.Now, c.SetVersion));
    }

    public static Decision DecideReturn(ReportCase c, ReturnBody body)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        var items = body.Items ?? [];
        var most = c.Set.Indicators.Count();
        var faults = new Faults().Unless(items.Count > 0, "items", "Nêu ít nhất một chỉ tiêu trả lại.", "Name at least one indicator to send back.")
            .Unless(items.Count <= most, "items", $"Bộ tiêu chí có {most} chỉ tiêu.", $"The set has {most} indicators.");
        HashSet<string?> named = new(StringComparer.Ordinal);
        foreach (var (item, i) in items.Take(most).Select((item, i) => (item, i)))
        {
            faults.Unless(item?.Indicator is { } code && c.Set.Find(code) is not null, $"items[{i}].indicator", $"Bộ tiêu chí không có chỉ tiêu \"{item?.Indicator}\".", $"The set has no indicator \"{item?.Indicator}\".", c.Set.LegalText)
                .Unless(named.Add(item?.Indicator), $"items[{i}].indicator", "Chỉ tiêu được nêu hai lần.", "The indicator is named twice.")
                .Readable(Prose.Clean(item?.Reason), $"items[{i}].reason");
        }

        if (faults.Refuse() is { } refusal) return refusal;
        if (c.Chain.Turn(c.Status) is not { } turn || !c.Tree.ActsAs(c.Actor, turn.Role, turn.Unit, c.Today)) return c.OutOfTurn();
        if (c.Period.Closed) return c.PeriodClosed();
        if (items.FirstOrDefault(i => !c.Report!.Figures.ContainsKey(i!.Indicator!)) is { } missing)
            return Refusal.Conflict("nothing-to-return", $"Chỉ tiêu {missing.Indicator} chưa có số liệu để trả lại.", $"Indicator {missing.Indicator} has no figure to send back.");
        return Decision.Record(new ReportReturned(
            [.. items.Select(i => new ReturnedItem(i!.Indicator!, Prose.Clean(i.Reason)!))], c.Actor.Person, c.Now));
    }

    public static Decision DecideJudge(ReportCase c, string code, JudgeBody body)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        if (c.Set.Find(code) is not { } indicator)
            return c.NoIndicator(code);
        var basis = Prose.Clean(body.Basis);
        if (new Faults().Required(body.Met, "met").Readable(basis, "basis").Refuse() is { } refusal) return refusal;
        if (!Threshold.LeavesOpen(indicator, c.At))
            return Refusal.Conflict("set-decides", "Bộ tiêu chí đã quy định mức của chỉ tiêu này.", "The set itself decides this indicator.");
        if (c.Report?.Figures.GetValueOrDefault(code) is not { } figure)
            return Refusal.Conflict("no-figure", "Chỉ tiêu chưa có số liệu.", "The indicator has no figure yet.");
        if (figure.RecordedBy == c.Actor.Person) return Own;
        if (c.Status == ReportStatus.Approved) return c.OutOfTurn();
        return Decision.Record(new IndicatorJudged(code, body.Met!.Value, basis!, c.Actor.Person, c.Now));
    }

    public static Decision DecideReopen(ReportCase c, ReopenBody body)
    {
        if (!c.Tree.ActsAs(c.Actor, Roles.ProvinceOfficer, c.Chain.Province, c.Today)) return NotAbove;
        var reason = Prose.Clean(body.Reason);
        if (new Faults().Readable(reason, "reason").Refuse() is { } refusal) return refusal;
        if (c.Status != ReportStatus.Approved) return c.OutOfTurn();
        if (c.Period.Closed) return c.PeriodClosed();
        return Decision.Record(new ReportReopened(reason, c.Actor.Person, c.Now, c.Governing ?? c.SetVersion));
    }

    private static Refusal NotAbove { get; } = Refusal.Forbidden(
        "Chỉ cấp trên của đơn vị, theo ngày chốt số liệu, được làm việc này.", "Only those above the unit on the period's day may do this.");

    private static Refusal Own { get; } = Refusal.Forbidden(
        "Không ai được thẩm tra, đánh giá hay duyệt số liệu do chính mình nhập.", "Nobody verifies, judges or approves figures that he himself entered.", "own-figures");

    private static Refusal? OwnFigures(ReportCase c) => c.Report!.WasEnteredBy(c.Actor.Person) ? Own : null;
}

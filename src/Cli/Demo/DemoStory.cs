using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ntm.Cli.Running;
using Ntm.ServiceDefaults;

namespace Ntm.Cli.Demo;

/// <summary>The main job of one commune, from its first figure to the ministry's copy.</summary>
internal sealed class DemoStory(GatewayClient client, Uri grpc, Teller tell, string dashboardPort)
{
    private static readonly string[] FeedKinds = ["report.approved", "assessment", "recognition"];

    public async Task PlayAsync(CancellationToken ct)
    {
        tell.Say(
            "TRÌNH DIỄN: mọi số liệu, người và quyết định dưới đây đều bịa ra, nằm trong thư mục dữ liệu riêng và mang dấu demonstration.",
            "DEMONSTRATION: all figures, persons and decisions below are made up, live in a data folder of their own and carry the mark demonstration.");
        if (await DemoStage.NextAsync(client, ct) is not { } stage)
        {
            tell.Say(
                "Mọi xã đã được trình diễn; xóa thư mục .data-demo để bắt đầu lại.",
                "Every commune has had its turn; remove the folder .data-demo to begin again.");
            return;
        }

        tell.Say($"Xã được chọn: {stage.Name} ({stage.Commune}).", $"The commune: {stage.Name} ({stage.Commune}).");
        await ReportAsync(stage, ct);
        var before = VietnamTime.ToVietnam(TimeProvider.System.GetUtcNow());
        var trace = await ApproveAsync(stage, ct);
        var dossier = await RecogniseAsync(stage, ct);
        await PullAsync(stage, ct);
        await LookBackAsync(stage, before, ct);
        ShowWhere(stage, dossier, trace);
    }

    private async Task ReportAsync(DemoStage stage, CancellationToken ct)
    {
        foreach (var indicator in stage.Indicators) await RecordAsync(stage, indicator, ct);
        tell.Step(
            $"Cán bộ xã nhập {stage.Indicators.Count} chỉ tiêu của bộ tiêu chí {DemoStage.Set}, số liệu đến {DemoStage.FiguresAsOf}.",
            $"The commune's officer records the {stage.Indicators.Count} indicators of the set {DemoStage.Set}, figures as of {DemoStage.FiguresAsOf}.");
        await client.PostAsync($"{stage.Report}/submit", stage.Officer, new { }, ct);
        tell.Step("Xã gửi báo cáo.", "The commune submits its report.");

        var sentBack = stage.Indicators[^1];
        await client.PostAsync(
            $"{stage.Report}/return",
            DemoCast.Coordinator,
            new { items = new[] { new { indicator = sentBack.Code, reason = "Trình diễn: đề nghị kiểm tra lại số liệu." } } },
            ct);
        await RecordAsync(stage, sentBack, ct);
        await client.PostAsync($"{stage.Report}/submit", stage.Officer, new { }, ct);
        tell.Step(
            $"Tỉnh trả lại chỉ tiêu {sentBack.Code} kèm lý do; xã sửa và gửi lại, các chỉ tiêu khác vẫn khóa.",
            $"The province returns indicator {sentBack.Code} with its reason; the commune corrects and submits again, the others stay locked.");

        var assessment = await client.GetAsync(stage.Assessment, stage.Officer, ct);
        string[] open = [.. IndicatorsOf(assessment).Where(i => i.GetProperty("status").GetString() == "undetermined").Select(i => i.GetProperty("code").GetString()!)];
        foreach (var code in open)
            await client.PutAsync($"{stage.Report}/indicators/{code}/judgement", DemoCast.Coordinator, new { met = true, basis = "Trình diễn: căn cứ bịa ra." }, ct);
        tell.Step(
            $"{open.Length} chỉ tiêu chưa rõ mức hoặc giao cho tỉnh: tỉnh đánh giá từng chỉ tiêu, kèm căn cứ.",
            $"{open.Length} indicators whose threshold is unknown or left to the province: the province judges each, with its basis.");
    }

    private Task<JsonElement> RecordAsync(DemoStage stage, DemoIndicator indicator, CancellationToken ct) => client.PutAsync(
        $"{stage.Report}/indicators/{indicator.Code}", stage.Officer, new { value = indicator.Value, validOn = DemoStage.FiguresAsOf, note = "demonstration" }, ct);

    /// <summary>Approves in a trace of its own and waits for the commune's inbox entry.</summary>
    private async Task<string?> ApproveAsync(DemoStage stage, CancellationToken ct)
    {
        string? trace;
        var clock = Stopwatch.StartNew();
        using (var activity = DemoCommand.Tracing.StartActivity("approve a report"))
        {
            trace = activity?.TraceId.ToHexString();
            await client.PostAsync($"{stage.Report}/approve", DemoCast.Coordinator, new { }, ct);
        }

        var answered = clock.ElapsedMilliseconds;
        await UntilAsync(
            () => client.GetAsync("/api/notifications/inbox?limit=200", stage.Officer, ct),
            inbox => inbox.GetProperty("items").EnumerateArray().Any(e => e.GetProperty("kind").GetString() == "report-approved"),
            "the inbox entry of the approval",
            ct);
        var assessment = await client.GetAsync(stage.Assessment, stage.Officer, ct);
        tell.Step("Tỉnh duyệt báo cáo (từ 01/7/2025 không còn cấp huyện).", "The province approves the report (no district level since 1 July 2025).");
        tell.Detail(
            $"Trả lời sau {answered} ms; thông báo đến hộp thư của xã sau {clock.ElapsedMilliseconds} ms.",
            $"Answered after {answered} ms; the entry is in the commune's inbox after {clock.ElapsedMilliseconds} ms.");
        tell.Detail(
            $"Đạt {assessment.GetProperty("criteriaMet")}/{assessment.GetProperty("criteriaTotal")} tiêu chí, {assessment.GetProperty("met")} chỉ tiêu.",
            $"{assessment.GetProperty("criteriaMet")} of {assessment.GetProperty("criteriaTotal")} criteria are met, {assessment.GetProperty("met")} indicators.");
        return trace;
    }

    private async Task<string> RecogniseAsync(DemoStage stage, CancellationToken ct)
    {
        foreach (var (condition, body) in new[] { ("arrears", DemoCast.Agriculture), ("satisfaction", DemoCast.Front), ("security", DemoCast.Police) })
        {
            await client.PutAsync(
                $"/api/appraisal/confirmations/{stage.Commune}/{condition}?title={DemoStage.Title}",
                body,
                new { met = true, value = condition == "satisfaction" ? 96.5m : (decimal?)null, basis = "Trình diễn: văn bản bịa ra.", validOn = DemoStage.FiguresAsOf },
                ct);
        }

        await UntilAsync(() => client.GetAsync(stage.Eligibility, stage.Officer, ct), e => e.GetProperty("eligible").GetBoolean(), "eligibility", ct);
        tell.Step(
            "Sở Nông nghiệp, Mặt trận Tổ quốc, Công an tỉnh xác nhận; xã đủ điều kiện xét công nhận.",
            "The agriculture department, the Fatherland Front and the police confirm; the commune is eligible.");

        var opened = await client.PostAsync("/api/appraisal/dossiers", stage.Officer, new { unit = stage.Commune, title = DemoStage.Title }, ct);
        var dossier = $"/api/appraisal/dossiers/{opened.GetProperty("id").GetString()}";
        await client.PostAsync($"{dossier}/submit", stage.Officer, new { }, ct);
        await client.PostAsync($"{dossier}/accept", DemoCast.Secretary, new { }, ct);
        tell.Step("Xã lập và nộp hồ sơ; tỉnh tiếp nhận.", "The commune opens and submits its dossier; the province accepts it.");

        await client.PostAsync($"{dossier}/council", DemoCast.Secretary, new { chair = DemoCast.Council[0], members = DemoCast.Council }, ct);
        foreach (var member in DemoCast.Council) await client.PostAsync($"{dossier}/votes", member, new { vote = "for", remark = (string?)null }, ct);
        var closed = await client.PostAsync($"{dossier}/votes/close", DemoCast.Council[0], new { }, ct);
        var vote = closed.GetProperty("vote");
        tell.Step(
            $"Hội đồng thẩm định bỏ phiếu: {vote.GetProperty("for")}/{vote.GetProperty("present")} tán thành.",
            $"The appraisal council votes: {vote.GetProperty("for")} of {vote.GetProperty("present")} for.");

        var today = VietnamTime.Today(TimeProvider.System);
        var number = string.Create(CultureInfo.InvariantCulture, $"{stage.Commune}/QĐ-UBND-TD");
        await client.PostAsync($"{dossier}/decision", DemoCast.Chair, new { number, date = today, legalBasis = "QĐ 18/2022/QĐ-TTg (trình diễn)" }, ct);
        await client.PostAsync($"{dossier}/publication", DemoCast.Secretary, new { date = today, where = "Cổng thông tin trình diễn" }, ct);
        tell.Step($"Chủ tịch tỉnh ký Quyết định {number}; kết quả được công bố.", $"The province's chair signs decision {number}; the result is published.");
        return dossier;
    }

    private async Task PullAsync(DemoStage stage, CancellationToken ct)
    {
        var report = await client.GetAsync(stage.Report, DemoCast.Auditor, ct);
        var changes = await MinistryPull.ChangesOfAsync(grpc, await client.TokenAsync(DemoCast.Ministry), report.GetProperty("unitId").GetString()!, FeedKinds, ct);
        tell.Step($"Bộ kéo về qua gRPC {changes.Count} thay đổi của xã:", $"The ministry pulls {changes.Count} changes of the commune over gRPC:");
        foreach (var change in changes) tell.Detail($"{change.Position,6}  {change.Kind}  {change.Key}", $"{change.Position,6}  {change.Kind}  {change.Key}");
    }

    private async Task LookBackAsync(DemoStage stage, DateTimeOffset before, CancellationToken ct)
    {
        var past = await client.GetAsync($"{stage.Report}?asOf={Uri.EscapeDataString(before.ToString("O", CultureInfo.InvariantCulture))}", stage.Officer, ct);
        tell.Step(
            $"Nhìn lại trước lúc duyệt ({before:HH:mm:ss}): báo cáo ở trạng thái {past.GetProperty("status").GetString()}, vị trí {past.GetProperty("asOfPosition")}.",
            $"Looking back to before the approval ({before:HH:mm:ss}): the report was {past.GetProperty("status").GetString()}, position {past.GetProperty("asOfPosition")}.");
    }

    private void ShowWhere(DemoStage stage, string dossier, string? trace)
    {
        var gateway = client.Gateway.ToString().TrimEnd('/');
        List<(string Vi, string En, string Where)> rows =
        [
            ("Sổ công nhận (công khai)", "Register of recognitions (public)", gateway + stage.Recognition),
            ("Dữ liệu mở", "Open data", $"{gateway}/open-data/recognitions"),
            ("Báo cáo", "Report", gateway + stage.Report),
            ("Đánh giá", "Assessment", gateway + stage.Assessment),
            ("Hồ sơ, lịch sử", "Dossier, history", $"{gateway}{dossier}/history"),
            ("Tài liệu giao diện", "API pages", $"{gateway}/docs"),
        ];
        if (trace is not null) rows.Add(("Dấu vết: duyệt → hộp thư", "Trace: approve → inbox", $"http://127.0.0.1:{dashboardPort}/traces/detail/{trace}"));
        tell.Table("Có thể xem ở đâu (đa số cần token, xem README):", "Where to look (most need a token, see the README):", rows);
        tell.Say("Chạy lại ./run --demo sẽ diễn với xã kế tiếp.", "Run ./run --demo again and it takes the next commune.");
    }

    private static IEnumerable<JsonElement> IndicatorsOf(JsonElement assessment) =>
        assessment.GetProperty("criteria").EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray());

    private static async Task UntilAsync(Func<Task<JsonElement>> ask, Func<JsonElement, bool> good, string what, CancellationToken ct)
    {
        for (var clock = Stopwatch.StartNew(); !good(await ask());)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(30)) throw new TimeoutException($"{what} did not come within 30 s");
            await Task.Delay(TimeSpan.FromMilliseconds(25), ct);
        }
    }
}

using System.Diagnostics;

namespace Ntm.Bench;

/// <summary>From approve to the entry in the commune's inbox.</summary>
/// <param name="SinceSent">Milliseconds since the approve was sent.</param>
/// <param name="SinceAnswered">Milliseconds since the approve was answered; about the commit.</param>
internal sealed record ApprovalResult(int Approved, int Lost, Latencies SinceSent, Latencies SinceAnswered);

/// <summary>Approves at a steady rate and looks into each commune's inbox until the entry is there.</summary>
internal static class Approvals
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    public static async Task<ApprovalResult> RunAsync(Api api, Stage stage, int perSecond, int count, CancellationToken ct)
    {
        var reports = await SubmittedAsync(api, stage, count, ct);
        Console.Error.WriteLine($"{reports.Count} reports are submitted; approving {perSecond} a second");
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        List<Task<(double Sent, double Answered)?>> running = [];
        foreach (var report in reports)
        {
            await timer.WaitForNextTickAsync(ct);
            running.Add(ApproveAsync(api, report, ct));
        }

        var seen = (await Task.WhenAll(running)).OfType<(double Sent, double Answered)>().ToList();
        return new(reports.Count, reports.Count - seen.Count, Latencies.Of([.. seen.Select(s => s.Sent)]), Latencies.Of([.. seen.Select(s => s.Answered)]));
    }

    /// <summary>As many periods of the two tiers as it takes: there are fewer communes than approvals.</summary>
    private static async Task<IReadOnlyList<BenchReport>> SubmittedAsync(Api api, Stage stage, int count, CancellationToken ct)
    {
        List<BenchReport> reports = [];
        for (var n = 1; reports.Count < count; n++) reports.AddRange(await Stage.OpenAsync(api, $"bench-{stage.Run}-a{n}", Stage.TwoTiers, ct));
        reports.RemoveRange(count, reports.Count - count);
        await Parallel.ForEachAsync(reports, ct, async (report, token) =>
        {
            await api.MustAsync(HttpMethod.Put, Stage.PathOf(report, stage.Indicators[0]), report.Officer, Stage.Figure(true, Stage.TwoTiers), token);
            await api.MustAsync(HttpMethod.Post, $"{Of(report)}/submit", report.Officer, new { incompleteBecause = "bench" }, token);
            await api.GetAsync("/api/notifications/inbox?limit=1", report.Officer, token);
        });
        return reports;
    }

    private static async Task<(double Sent, double Answered)?> ApproveAsync(Api api, BenchReport report, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        await api.MustAsync(HttpMethod.Post, $"{Of(report)}/approve", Stage.ProvinceOfficer, new { }, ct);
        var answered = clock.Elapsed;
        while (clock.Elapsed < Patience)
        {
            var inbox = await api.GetAsync("/api/notifications/inbox?limit=5", report.Officer, ct);
            if (inbox.GetProperty("items").EnumerateArray().Any(i =>
                i.GetProperty("kind").GetString() == "report-approved" && i.GetProperty("link").GetString()!.Contains($"/{report.Period}/", StringComparison.Ordinal)))
                return (clock.Elapsed.TotalMilliseconds, (clock.Elapsed - answered).TotalMilliseconds);
            await Task.Delay(Glance, ct);
        }

        return null;
    }

    private static string Of(BenchReport report) => $"/api/criteria/reports/{report.Period}/{report.Unit}";
}

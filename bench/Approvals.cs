using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Ntm.Bench;

/// <summary>From approve to the commune's notification.</summary>
/// <param name="SinceAnswered">Milliseconds since the approve was answered; about the commit.</param>
/// <param name="Cpu">What each process used meanwhile, for each approval.</param>
internal sealed record ApprovalResult(int Approved, int Lost, Latencies SinceAnswered, string Cpu);

/// <summary>
/// Approves at a steady rate and watches the store of the notifications, where everything that is committed is visible to its
/// callers. One watcher for all: callers that ask again and again would be the larger part of the load.
/// </summary>
internal static class Approvals
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    public static async Task<ApprovalResult> RunAsync(House house, Api api, Stage stage, int perSecond, int warmUp, int count, CancellationToken ct)
    {
        var reports = await SubmittedAsync(api, stage, warmUp + count, ct);
        // What was submitted is announced, too: it is not what is measured.
        await Task.Delay(TimeSpan.FromSeconds(3), ct);
        Console.Error.WriteLine($"{reports.Count} reports are submitted; approving {perSecond} a second");
        var answered = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var measured = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watching = WatchAsync(house, $"criteria.report-approved/report/{Prefix(stage)}%", reports.Count, done);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        List<Task> running = [];
        var before = Processes.Read(house.ProcessId);
        foreach (var report in reports)
        {
            if (running.Count == warmUp) before = Processes.Read(house.ProcessId);
            await timer.WaitForNextTickAsync(ct);
            running.Add(ApproveAsync(report, running.Count >= warmUp));
        }

        await Task.WhenAll(running);
        var cpu = Processes.Cpu(before, Processes.Read(house.ProcessId), 1e6 / count, "µs each");
        done.CancelAfter(Patience);
        var seen = await watching;
        double[] times = [.. seen.Where(s => measured.ContainsKey(s.Key)).Select(s => Stopwatch.GetElapsedTime(answered[s.Key], s.Value).TotalMilliseconds)];
        return new(count, count - times.Length, Latencies.Of(times), cpu);

        async Task ApproveAsync(BenchReport report, bool counts)
        {
            var approved = await api.MustAsync(HttpMethod.Post, $"{Of(report)}/approve", Stage.ProvinceOfficer, new { }, ct);
            var key = $"criteria.report-approved/report/{report.Period}/{approved.GetProperty("unitId").GetString()}";
            answered[key] = Stopwatch.GetTimestamp();
            if (counts) measured.TryAdd(key, 0);
        }
    }

    /// <summary>When each stream of the pattern was seen first.</summary>
    private static async Task<IReadOnlyDictionary<string, long>> WatchAsync(House house, string pattern, int wanted, CancellationTokenSource done)
    {
        await using var connection = new NpgsqlConnection(house.Database("notifications"));
        await connection.OpenAsync(CancellationToken.None);
        // Positions become visible in another order than they were taken: look back a little.
        await using var command = new NpgsqlCommand("select stream_id from mt_events where seq_id > (select max(seq_id) - 100 from mt_events) and stream_id like @pattern", connection);
        command.Parameters.AddWithValue("pattern", pattern);
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        while (seen.Count < wanted && !done.IsCancellationRequested)
        {
            await using (var reader = await command.ExecuteReaderAsync(CancellationToken.None))
            {
                var now = Stopwatch.GetTimestamp();
                while (await reader.ReadAsync(CancellationToken.None)) seen.TryAdd(reader.GetString(0), now);
            }

            await Task.Delay(Glance, CancellationToken.None);
        }

        return seen;
    }

    /// <summary>As many periods of the two tiers as it takes: there are fewer communes than approvals.</summary>
    private static async Task<IReadOnlyList<BenchReport>> SubmittedAsync(Api api, Stage stage, int count, CancellationToken ct)
    {
        List<BenchReport> reports = [];
        for (var n = 1; reports.Count < count; n++)
            reports.AddRange(await Stage.OpenAsync(api, string.Create(CultureInfo.InvariantCulture, $"{Prefix(stage)}{n}"), Stage.TwoTiers, ct));
        reports.RemoveRange(count, reports.Count - count);
        await Parallel.ForEachAsync(reports, ct, async (report, token) =>
        {
            await api.MustAsync(HttpMethod.Put, Stage.PathOf(report, stage.Indicators[0]), report.Officer, Stage.Figure(true, Stage.TwoTiers), token);
            await api.MustAsync(HttpMethod.Post, $"{Of(report)}/submit", report.Officer, new { incompleteBecause = "bench" }, token);
        });
        return reports;
    }

    private static string Prefix(Stage stage) => $"bench-{stage.Run}-a";

    private static string Of(BenchReport report) => $"/api/criteria/reports/{report.Period}/{report.Unit}";
}

using System.Diagnostics;

namespace Ntm.Bench;

/// <summary>One run of PUTs.</summary>
internal sealed record LoadResult(int Answered, int Failed, double PerSecond, Latencies Milliseconds);

/// <summary>A number of clients that PUT one figure after another, each to a report of its own, so that they do not queue at one stream.</summary>
internal static class Load
{
    public static async Task<LoadResult> RunAsync(Api api, Stage stage, int clients, TimeSpan duration, CancellationToken ct)
    {
        foreach (var report in stage.Reports) await api.TokenAsync(report.Officer);
        var clock = Stopwatch.StartNew();
        var runs = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(api, stage, client, clients, clock, duration, ct), ct)));
        var seconds = clock.Elapsed.TotalSeconds;
        double[] times = [.. runs.SelectMany(r => r.Times)];
        return new(times.Length, runs.Sum(r => r.Failed), times.Length / seconds, Latencies.Of(times));
    }

    private static async Task<(List<double> Times, int Failed)> ClientAsync(
        Api api, Stage stage, int client, int clients, Stopwatch clock, TimeSpan duration, CancellationToken ct)
    {
        List<double> times = [];
        var failed = 0;
        for (var turn = 0; clock.Elapsed < duration; turn++)
        {
            var report = stage.Reports[((turn * clients) + client) % stage.Reports.Count];
            var indicator = stage.Indicators[(turn + client) % stage.Indicators.Count];
            var started = clock.Elapsed;
            using var response = await api.SendAsync(HttpMethod.Put, Stage.PathOf(report, indicator), report.Officer, Stage.Figure(turn % 2 == 0), ct);
            if (response.IsSuccessStatusCode) times.Add((clock.Elapsed - started).TotalMilliseconds);
            else if (failed++ == 0) Console.Error.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
        }

        return (times, failed);
    }
}

/// <summary>Milliseconds at the usual marks.</summary>
internal sealed record Latencies(double P50, double P95, double P99)
{
    public static Latencies Of(double[] times)
    {
        Array.Sort(times);
        return new(At(0.50), At(0.95), At(0.99));

        double At(double share) => times.Length == 0 ? double.NaN : Math.Round(times[Math.Min(times.Length - 1, (int)(times.Length * share))], 2);
    }
}

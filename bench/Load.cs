using System.Diagnostics;
using System.Globalization;

namespace Ntm.Bench;

/// <summary>One series, or the slices of one.</summary>
/// <param name="Times">Milliseconds of each answer.</param>
/// <param name="Failed">Acts that failed.</param>
/// <param name="Seconds">How long it lasted.</param>
internal sealed record Series(double[] Times, int Failed, double Seconds)
{
    public int Answered => Times.Length;

    public double PerSecond => Times.Length / Seconds;

    public Latencies Milliseconds { get; } = Latencies.Of(Times);

    public static Series Of(IReadOnlyCollection<Series> slices) => new([.. slices.SelectMany(s => s.Times)], slices.Sum(s => s.Failed), slices.Sum(s => s.Seconds));

    public string Note => string.Create(CultureInfo.InvariantCulture, $"p50 {Milliseconds.P50} ms, p95 {Milliseconds.P95} ms, p99 {Milliseconds.P99} ms{(Failed > 0 ? $", {Failed} failed" : "")}");
}

/// <summary>A number of clients, each with one thing after another.</summary>
internal static class Load
{
    /// <param name="act">The n-th act of a client; its failure, or an empty text.</param>
    public static async Task<Series> RunAsync(int clients, TimeSpan duration, Func<int, int, Task<string>> act)
    {
        var clock = Stopwatch.StartNew();
        var runs = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(client, clock, duration, act))));
        var seconds = clock.Elapsed.TotalSeconds;
        return new([.. runs.SelectMany(r => r.Times)], runs.Sum(r => r.Failed), seconds);
    }

    private static async Task<(List<double> Times, int Failed)> ClientAsync(int client, Stopwatch clock, TimeSpan duration, Func<int, int, Task<string>> act)
    {
        List<double> times = [];
        var failed = 0;
        for (var n = 0; clock.Elapsed < duration; n++)
        {
            var started = clock.Elapsed;
            var failure = await act(client, n);
            if (failure.Length == 0) times.Add((clock.Elapsed - started).TotalMilliseconds);
            else if (failed++ == 0) Console.Error.WriteLine(failure);
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

        double At(double share) => times.Length == 0 ? 0 : Math.Round(times[Math.Min(times.Length - 1, (int)(times.Length * share))], 2);
    }
}

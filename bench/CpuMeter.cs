using System.Globalization;

namespace Ntm.Bench;

/// <summary>CPU seconds by process between two moments, from /proc; children that ended count with the parent that waited for them.</summary>
internal sealed class CpuMeter
{
    /// <summary>USER_HZ of Linux, fixed at 100 on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly int postmaster;
    private readonly Dictionary<string, double> before;

    private CpuMeter(int postmaster)
    {
        this.postmaster = postmaster;
        before = Read();
    }

    public static CpuMeter Start(int postmaster) => new(postmaster);

    public IReadOnlyDictionary<string, double> Used() => Read()
        .Select(now => (now.Key, Seconds: Math.Round(now.Value - before.GetValueOrDefault(now.Key), 2)))
        .Where(used => used.Seconds >= 0.05)
        .OrderByDescending(used => used.Seconds)
        .ToDictionary(used => used.Key, used => used.Seconds, StringComparer.Ordinal);

    private Dictionary<string, double> Read()
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            try
            {
                // pid (comm) state ppid …: the name may hold blanks, so count from its closing bracket.
                var stat = File.ReadAllText($"{folder}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var parent = int.Parse(fields[1], CultureInfo.InvariantCulture);
                if (NameOf(folder, pid, parent) is not { } name) continue;
                sums[name] = sums.GetValueOrDefault(name) + (fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond);
            }
            catch (IOException)
            {
                // The process ended between the listing and the reading: its parent has its time.
                continue;
            }
        }

        return sums;
    }

    private string? NameOf(string folder, int pid, int parent)
    {
        if (pid == postmaster || parent == postmaster) return "postgres";
        if (pid == Environment.ProcessId) return "client";
        var command = File.ReadAllText($"{folder}/cmdline");
        if (command.Contains("beam.smp", StringComparison.Ordinal)) return "rabbitmq";
        foreach (var service in (string[])["Gateway", "Criteria", "Appraisal", "Pilots", "Notifications", "Central"])
        {
            if (command.Contains($"/Ntm.{service}", StringComparison.Ordinal)) return service.ToLowerInvariant();
        }

        return null;
    }
}

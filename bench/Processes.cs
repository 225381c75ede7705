using System.Globalization;

namespace Ntm.Bench;

/// <summary>What the processes of a group have used: CPU seconds since their start, and the memory that they hold now.</summary>
internal sealed record Use(double CpuSeconds, double Mebibytes);

/// <summary>The processes below the AppHost, from /proc, by what they are.</summary>
internal static class Processes
{
    /// <summary>USER_HZ of Linux, fixed at 100 on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Our own programs count their resident memory; PostgreSQL's share of its common memory is counted once.</summary>
    public static IReadOnlyDictionary<string, Use> Read(int appHost)
    {
        var parents = new Dictionary<int, int>();
        var ticks = new Dictionary<int, double>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            if (Text($"{folder}/stat") is not { } stat) continue;
            // pid (comm) state ppid …: the name may hold blanks, so count from its closing bracket.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            parents[id] = int.Parse(fields[1], CultureInfo.InvariantCulture);
            // With the children that ended and were waited for.
            ticks[id] = fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture));
        }

        var groups = new Dictionary<string, Use>(StringComparer.Ordinal) { ["client"] = new(ticks[Environment.ProcessId] / TicksPerSecond, 0) };
        foreach (var id in parents.Keys.Where(id => Descends(id)))
        {
            var name = NameOf(Text($"/proc/{id}/cmdline") ?? "", parents[id]);
            var use = groups.GetValueOrDefault(name, new(0, 0));
            groups[name] = new(use.CpuSeconds + (ticks[id] / TicksPerSecond), use.Mebibytes + Memory(id, name == "postgres" ? "Pss:" : "Rss:"));
        }

        return groups;

        bool Descends(int id) => id == appHost || (parents.TryGetValue(id, out var parent) && parent > 1 && Descends(parent));

        string NameOf(string command, int parent)
        {
            if (command.Contains("Ntm.", StringComparison.Ordinal)) return command[(command.IndexOf("Ntm.", StringComparison.Ordinal) + 4)..].Split('.', '\0')[0].ToLowerInvariant();
            if (command.Contains("aspire", StringComparison.Ordinal)) return "dashboard";
            return command.Contains("postgres", StringComparison.Ordinal) || (Text($"/proc/{parent}/cmdline") ?? "").Contains("postgres", StringComparison.Ordinal) ? "postgres" : "rabbitmq";
        }
    }

    public static bool IsOurs(string group) => group is not ("postgres" or "rabbitmq" or "dashboard" or "client");

    /// <summary>CPU by process between two readings, e.g. in microseconds of one act: less at the mercy of neighbours than a rate is.</summary>
    public static string Cpu(IReadOnlyDictionary<string, Use> before, IReadOnlyDictionary<string, Use> after, double factor, string unit) => Cpu([(before, after)], factor, unit);

    /// <summary>The same of several stretches of time.</summary>
    public static string Cpu(IReadOnlyCollection<(IReadOnlyDictionary<string, Use> Before, IReadOnlyDictionary<string, Use> After)> stretches, double factor, string unit) => string.Join(", ", stretches
        .SelectMany(s => s.After.Select(a => (a.Key, Seconds: a.Value.CpuSeconds - (s.Before.GetValueOrDefault(a.Key)?.CpuSeconds ?? 0))))
        .GroupBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, Value: factor * a.Sum(b => b.Seconds)))
        .Where(a => Math.Round(a.Value, 1) >= 1 || (unit == "%" && a.Value >= 0.05)).OrderByDescending(a => a.Value)
        .Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Key} {a.Value:0.#}"))) + " " + unit;

    private static double Memory(int id, string name)
    {
        var line = Text($"/proc/{id}/smaps_rollup")?.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Null where the process ended between the listing and the reading.</summary>
    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ntm.Bench;

/// <summary>What one way reached, beside pgbench right after it.</summary>
internal sealed record Way(string Name, LoadResult Put, IReadOnlyDictionary<string, double> CpuSeconds)
{
    public double Ceiling { get; set; }

    public IReadOnlyDictionary<string, double> CeilingCpuSeconds { get; set; } = new Dictionary<string, double>(StringComparer.Ordinal);

    public double Ratio => Math.Round(Put.PerSecond / Ceiling, 3);
}

/// <summary>All figures of one run, as a table for people and as JSON for comparison.</summary>
internal sealed class Results
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly List<Way> ways = [];

    public ApprovalResult? Approvals { get; set; }

    public int Failures => ways.Sum(w => w.Put.Failed) + (Approvals?.Lost ?? 0);

    public void Add(string name, LoadResult put, IReadOnlyDictionary<string, double> cpu) => ways.Add(new(name, put, cpu));

    public void AddCeiling(string name, double perSecond, IReadOnlyDictionary<string, double> cpu)
    {
        var way = ways.Single(w => w.Name == name);
        way.Ceiling = perSecond;
        way.CeilingCpuSeconds = cpu;
    }

    public string ToJson() => JsonSerializer.Serialize(new { processors = Environment.ProcessorCount, puts = ways, approvals = Approvals }, Json);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        if (ways.Count > 0) text.Append("| PUT of an indicator | /s | failed | p50 ms | p95 ms | p99 ms | pgbench /s | ratio | CPU s | CPU s of pgbench run |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var w in ways)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {w.Name} | {w.Put.PerSecond:F0} | {w.Put.Failed} | {w.Put.Milliseconds.P50} | {w.Put.Milliseconds.P95} | {w.Put.Milliseconds.P99} ")
                .Append(CultureInfo.InvariantCulture, $"| {w.Ceiling:F0} | {w.Ratio} | {Cpu(w.CpuSeconds)} | {Cpu(w.CeilingCpuSeconds)} |\n");
        }

        if (Approvals is { } a)
        {
            text.Append("\n| approve → inbox entry | approvals | lost | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|---|\n")
                .Append(CultureInfo.InvariantCulture, $"| since sent | {a.Approved} | {a.Lost} | {a.SinceSent.P50} | {a.SinceSent.P95} | {a.SinceSent.P99} |\n")
                .Append(CultureInfo.InvariantCulture, $"| since answered | {a.Approved} | {a.Lost} | {a.SinceAnswered.P50} | {a.SinceAnswered.P95} | {a.SinceAnswered.P99} |\n");
        }

        return text.ToString();
    }

    private static string Cpu(IReadOnlyDictionary<string, double> seconds) =>
        string.Join(", ", seconds.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value:F1}")));
}

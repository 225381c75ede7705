using System.Text.Json;

namespace Ntm.Pilots.Targets;

/// <summary>One line of the plan's targets, as the data file gives it.</summary>
/// <param name="Threshold">The goal.</param>
/// <param name="From">Where the figure comes from, in the plan's words.</param>
/// <param name="Mark">How sure the line is, where the file says so.</param>
public sealed record TargetLine(
    string Id, string Group, string TitleVi, string TitleEn, string Unit, string Comparison, decimal Threshold, DateOnly Due, string From, string? Mark);

/// <summary>The province's plan 2023–2025 (data/plan.json), read once at the start.</summary>
public sealed record Plan(string Source, IReadOnlyList<TargetLine> Targets)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = false,
    };

    public static Plan Load(string path)
    {
        using var file = File.OpenRead(path);
        var plan = JsonSerializer.Deserialize<Plan>(file, Format) ?? throw new InvalidDataException($"{path} is empty.");
        foreach (var line in plan.Targets)
        {
            // A line that counts otherwise would be judged wrongly.
            if (line.Comparison != ">=") throw new InvalidDataException($"{path}: target {line.Id} has the unknown comparison '{line.Comparison}'.");
        }

        if (plan.Targets.GroupBy(t => t.Id, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path}: target {twice.Key} stands there twice.");
        return plan;
    }
}

using System.Text.Json;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Targets;

/// <summary>The target lines of the province's plan 2023–2025 (part II.2), as the plan sets them.</summary>
internal static class TargetsModule
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly Lazy<Plan> PlanFile = new(() =>
        JsonSerializer.Deserialize<Plan>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "plan.json")), Snake)!);

    /// <param name="From">Where the figure comes from: assessments, trainings, a periodic figure or pilot models.</param>
    public sealed record Item(
        string Id, string Group, string Title, string TitleVi, string TitleEn, string? Numerator, string? Denominator, string Unit, string Comparison,
        decimal Goal, DateOnly Due, string From, string? Set, string? Indicator);

    public static void MapTargets(this RouteGroupBuilder api) =>
        api.MapGet("/targets", (HttpContext http, string? after, int? limit) =>
            {
                var faults = new Faults();
                var take = Paging.Limit(limit, faults);
                if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
                var items = PlanFile.Value.Targets.OrderBy(t => t.Id, StringComparer.Ordinal).Select(t => new Item(
                    t.Id, t.Group, new Text(t.TitleVi, t.TitleEn).For(http), t.TitleVi, t.TitleEn, t.Numerator, t.Denominator, t.Unit, t.Comparison,
                    t.Threshold, t.Due, t.From, t.SetTitle, t.Indicator));
                return Exports.Answer(http, "targets", items, i => i.Id, after, take);
            })
            .WithName("GetTargets").WithExport().WithSummary("Mục tiêu của kế hoạch · Targets of the plan").Produces<Page<Item>>();

    private sealed record Plan(List<Line> Targets);

    private sealed record Line(
        string Id, string Group, string TitleVi, string TitleEn, string? Numerator, string? Denominator, string Unit, string Comparison, decimal Threshold,
        DateOnly Due, string From, string? SetTitle, string? Indicator);
}

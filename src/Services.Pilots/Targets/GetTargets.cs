using System.Text.Json.Serialization;
using Marten;
using Ntm.Pilots.Models;
using Ntm.ServiceDefaults;

namespace Ntm.Pilots.Targets;

/// <summary>A line of the plan and how far it is reached.</summary>
/// <param name="Title">The title in the caller's language.</param>
/// <param name="Actual">Recognised models; null where the figure comes from elsewhere and this service does not have it.</param>
/// <param name="Proposed">Models proposed and not yet recognised.</param>
/// <param name="Reached">True only when a known figure reaches the goal.</param>
/// <param name="From">Where the figure comes from, in the plan's words.</param>
/// <param name="Explain">Where the counted models can be seen.</param>
public sealed record TargetView(
    string Id, string Group, string Title, string TitleVi, string TitleEn, decimal Goal, string Unit, decimal? Actual, int? Proposed,
    DateOnly Due, bool Reached, string From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mark,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Explain);

/// <summary>All lines of the plan.</summary>
public sealed record TargetList(
    string Source, IReadOnlyList<TargetView> Items, string? Next,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Demonstration);

/// <summary>How many models of one kind stand where.</summary>
public sealed record ModelCount(string Kind, int Proposed, int Recognised);

/// <summary>The plan's targets with what is reached.</summary>
public static class GetTargets
{
    /// <summary>The lines of the plan that count pilot models: 2.4 smart villages, 2.5 smart communes.</summary>
    public static string? KindOf(string target) => target switch
    {
        "2.4" => ModelKinds.SmartVillage,
        "2.5" => ModelKinds.SmartCommune,
        _ => null,
    };

    /// <summary>A line whose figure is kept elsewhere has none here: it is never made up.</summary>
    public static TargetView View(TargetLine line, IReadOnlyList<ModelCount> counts, bool english)
    {
        var kind = KindOf(line.Id);
        var count = kind is null ? null : counts.FirstOrDefault(c => c.Kind == kind) ?? new ModelCount(kind, 0, 0);
        return new(
            line.Id, line.Group, english ? line.TitleEn : line.TitleVi, line.TitleVi, line.TitleEn, line.Threshold, line.Unit,
            count?.Recognised, count?.Proposed, line.Due, count?.Recognised >= line.Threshold, line.From, line.Mark,
            kind is null ? null : $"/api/pilots/models?kind={kind}");
    }

    internal static async Task<TargetList> Handle(HttpContext http, Plan plan, IQuerySession session, Demonstration demonstration, CancellationToken ct)
    {
        var kinds = plan.Targets.Select(t => KindOf(t.Id)).OfType<string>().Distinct(StringComparer.Ordinal);
        List<ModelCount> counts = [];
        foreach (var kind in kinds)
        {
            var recognised = await session.Query<PilotModel>().CountAsync(m => m.Kind == kind && m.Status == ModelStatus.Recognised, ct);
            var proposed = await session.Query<PilotModel>().CountAsync(m => m.Kind == kind && m.Status == ModelStatus.Proposed, ct);
            counts.Add(new(kind, proposed, recognised));
        }

        var english = Text.PrefersEnglish(http);
        return new(plan.Source, [.. plan.Targets.Select(t => View(t, counts, english))], null, demonstration.On);
    }

    internal static void AddTargets(this IServiceCollection services) =>
        services.AddSingleton(Plan.Load(Path.Combine(AppContext.BaseDirectory, "data", "plan.json")));

    internal static void MapTargets(this RouteGroupBuilder api) => api.MapGet("/targets", Handle)
        .WithName("GetTargets").WithSummary("Mục tiêu của kế hoạch và kết quả · Targets of the plan and what is reached").WithTags("Targets");
}

using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Catalogue;

/// <summary>A set as the store keeps it.</summary>
public sealed record SetRecord(string Id, CriteriaSet Set);

public sealed partial class SetProjection : SingleStreamProjection<SetRecord, string>
{
    public SetProjection() => IncludeType<CriteriaSetPublished>();

    public override SetRecord? Evolve(SetRecord? snapshot, string id, IEvent e) => e.Data is CriteriaSetPublished published ? new(id, published.Set) : snapshot;
}

/// <summary>The published sets, held in memory: they never change.</summary>
public sealed class SetCatalogue(IDocumentStore store)
{
    private volatile IReadOnlyDictionary<string, CriteriaSet>? sets;

    public void Invalidate() => sets = null;

    public async ValueTask<IReadOnlyDictionary<string, CriteriaSet>> AllAsync(CancellationToken ct)
    {
        if (sets is { Count: > 0 } known) return known;
        await using var session = store.QuerySession();
        return sets = (await session.Query<SetRecord>().ToListAsync(ct)).ToDictionary(r => r.Set.Id, r => r.Set, StringComparer.Ordinal);
    }

    public async ValueTask<CriteriaSet?> FindAsync(string id, CancellationToken ct) => (await AllAsync(ct)).GetValueOrDefault(id);
}

/// <summary>Criteria sets of the law.</summary>
internal static class CatalogueModule
{
    public sealed record Item(
        string Id, string Title, string TitleVi, string TitleEn, string Tier, string Period, string Scope, bool Complete, int Criteria, int Indicators,
        ExpectedCounts? ExpectedCounts, DateOnly? InForceFrom, DateOnly? InForceTo, string? InForceToSource, string Source, IReadOnlyList<LegalAct> LegalBasis);

    public static StoreOptions AddCatalogue(this StoreOptions options)
    {
        options.Events.MapEventType<CriteriaSetPublished>("criteria-set-published.v1");
        options.Projections.Add(new SetProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddCatalogue(this IServiceCollection services) => services.AddSingleton<SetCatalogue>();

    public static IntegrationMap AnnounceSets(this IntegrationMap map) => map.On<CriteriaSetPublished>((e, _, _) =>
        Task.FromResult<IReadOnlyList<Contracts.IIntegrationEvent>>([new SetPublished(map.OriginOf(e), StateOf(e.Data.Set))]));

    public static void MapCatalogue(this RouteGroupBuilder api)
    {
        api.MapGet("/sets", async (HttpContext http, SetCatalogue sets, string? after, int? limit, CancellationToken ct) =>
            {
                var faults = new Faults();
                var take = Paging.Limit(limit, faults);
                if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
                var items = (await sets.AllAsync(ct)).Values.OrderBy(s => s.Id, StringComparer.Ordinal).Select(s => ItemOf(http, s));
                return TypedResults.Ok(Paging.Page(http, items, i => i.Id, after, take));
            })
            .WithName("GetSets").WithSummary("Các bộ tiêu chí · Criteria sets").Produces<Page<Item>>();
        api.MapGet("/sets/{set}", async (string set, SetCatalogue sets, CancellationToken ct) =>
                await sets.FindAsync(set, ct) is { } found ? (IResult)TypedResults.Ok(Merged(found)) : Problems.Of(Unknown(set)))
            .WithName("GetSet").WithSummary("Một bộ tiêu chí, kèm mức tin cậy · One set with its marks").Produces<CriteriaSet>().ProducesProblem(404);
    }

    public static Refusal Unknown(string set) => Refusal.NotFound($"Không có bộ tiêu chí \"{set}\".", $"There is no set \"{set}\".");

    /// <summary>The set with its completeness computed rather than as the file says.</summary>
    private static CriteriaSet Merged(CriteriaSet set) => set with { Complete = set.IsComplete };

    private static Item ItemOf(HttpContext http, CriteriaSet s) => new(
        s.Id, new Text(s.TitleVi, s.TitleEn).For(http), s.TitleVi, s.TitleEn, s.Tier, s.Period, s.Scope, s.IsComplete, s.Criteria.Count, s.Indicators.Count(),
        s.ExpectedCounts, s.InForceFrom, s.InForceTo, s.InForceToSource, s.Source, s.LegalBasis);

    private static SetState StateOf(CriteriaSet s) => new(
        s.Id, s.TitleVi, s.TitleEn, s.Tier, s.Period, s.IsComplete, s.InForceFrom, s.InForceTo,
        [.. s.InOrder().Select(x => new SetIndicator(x.Indicator.Code, x.Criterion.No, x.Indicator.TextVi, x.Indicator.TextEn, x.Indicator.ThresholdSource))]);
}

using JasperFx.Events.Projections;
using Marten;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Units;

/// <summary>Units: the tree of any day.</summary>
internal static class UnitsModule
{
    public static StoreOptions AddUnits(this StoreOptions options)
    {
        options.Events.MapEventType<UnitCreated>("unit-created.v1");
        options.Events.MapEventType<UnitReclassified>("unit-reclassified.v1");
        options.Events.MapEventType<UnitMoved>("unit-moved.v1");
        options.Events.MapEventType<UnitEnlarged>("unit-enlarged.v1");
        options.Events.MapEventType<UnitMerged>("unit-merged.v1");
        options.Events.MapEventType<UnitDissolved>("unit-dissolved.v1");
        options.Events.MapEventType<UnitRenamed>("unit-renamed.v1");
        options.Events.MapEventType<UnitClassified>("unit-classified.v1");
        options.Events.MapEventType<UnitReduced>("unit-reduced.v1");
        options.Events.MapEventType<UnitSplit>("unit-split.v1");
        options.Events.MapEventType<DataImported>("data-imported.v1");
        options.Projections.Add(new UnitProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddUnits(this IServiceCollection services) => services.AddHostedService<DataImport>();

    public static IntegrationMap AnnounceUnits(this IntegrationMap map)
    {
        map.On<DataImported>((e, _, _) => Task.FromResult<IReadOnlyList<Contracts.IIntegrationEvent>>([new RegisterImported(map.OriginOf(e), e.Data.Units, e.Data.Sets)]));
        On<UnitCreated>();
        On<UnitReclassified>();
        On<UnitMoved>();
        On<UnitEnlarged>();
        On<UnitMerged>();
        On<UnitDissolved>();
        On<UnitRenamed>();
        On<UnitClassified>();
        On<UnitReduced>();
        On<UnitSplit>();
        return map;

        void On<TEvent>() where TEvent : class => map.On<TEvent>(async (e, session, ct) =>
        {
            var unit = await session.Events.AggregateStreamAsync<UnitRecord>(e.StreamKey!, e.Version, token: ct);
            return [new UnitChanged(map.OriginOf(e), unit!.State)];
        });
    }

    public static void MapUnits(this RouteGroupBuilder api)
    {
        api.MapGet("/units", GetUnits.Handle).WithName("GetUnits").Produces<Page<GetUnits.Item>>().ProducesProblem(404)
            .WithSummary("Đơn vị hành chính theo ngày · Units of a day")
            .WithDescription("`level` province|district|commune, `parent` mã của bất kỳ cấp trên nào (any ancestor's code), `on` ngày (day; default today).");
        api.MapGet("/units/{unit}", GetUnits.HandleOne).WithName("GetUnit").WithSummary("Một đơn vị với lịch sử · One unit with its history").Produces<GetUnits.Whole>().ProducesProblem(404);
    }
}

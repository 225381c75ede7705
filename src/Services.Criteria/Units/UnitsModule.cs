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

    public static IServiceCollection AddUnits(this IServiceCollection services) => services.AddSingleton<PastUnits>().AddScoped<GetUnits>().AddHostedService<DataImport>();

    public static IntegrationMap AnnounceUnits(this IntegrationMap map)
    {
        map.On<DataImported>((e, _, _) => Task.FromResult<IReadOnlyList<Contracts.IIntegrationEvent>>([new RegisterImported(map.OriginOf(e), e.Data.Units, e.Data.Sets)]), typeof(RegisterImported));
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

        void On<TEvent>() where TEvent : class => map.On<TEvent>(
            async (e, session, ct) =>
            {
                var unit = await session.Events.AggregateStreamAsync<UnitRecord>(e.StreamKey!, e.Version, token: ct);
                return [new UnitChanged(map.OriginOf(e), unit!.State)];
            },
            typeof(UnitChanged));
    }

    public static void MapUnits(this RouteGroupBuilder api)
    {
        api.MapGet("/units", GetUnits.Handle).WithName("GetUnits").Produces<GetUnits.List>().ProducesProblem(404).WithAsOf().WithExport()
            .WithSummary("Đơn vị hành chính theo ngày · Units of a day")
            .WithDescription(
                "`level` province|district|commune|village (mặc định: mọi cấp, all levels), `parent` mã của bất kỳ cấp trên nào (any ancestor's code), "
                + "`on` ngày (day; default today), `asOf` thời điểm ghi nhận (recorded instant).");
        One("/units/{unit}", GetUnits.HandleOne, "GetUnit", "Một đơn vị, mã theo ngày `on` · One unit, by its code of the day").Produces<GetUnits.Whole>();
        One("/units/{unit}/history", GetUnitHistory.Handle, "GetUnitHistory", "Lịch sử một đơn vị: tên, mã, cấp trên, tiền thân, kế thừa · A unit's page of history").Produces<GetUnitHistory.Page>();
        One("/units/by-id/{unitId:guid}", GetUnits.HandleById, "GetUnitById", "Một đơn vị theo định danh bất biến · One unit by its id, which never changes").Produces<GetUnits.Whole>();
        One("/units/by-id/{unitId:guid}/history", GetUnitHistory.HandleById, "GetUnitHistoryById", "Lịch sử một đơn vị theo định danh · A unit's page of history by its id").Produces<GetUnitHistory.Page>();

        RouteHandlerBuilder One(string path, Delegate handle, string name, string summary) =>
            api.MapGet(path, handle).WithName(name).WithSummary(summary).ProducesProblem(404).WithAsOf();
    }
}

using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Mvc;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Boundaries;

/// <summary>Boundaries of units, in versions.</summary>
internal static class BoundariesModule
{
    public static StoreOptions AddBoundaries(this StoreOptions options)
    {
        options.Events.MapEventType<BoundariesRecorded>("boundaries-recorded.v1");
        options.Events.MapEventType<UnitBoundaryRecorded>("unit-boundary-recorded.v1");
        options.Projections.Add(new ProvinceBoundariesProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddBoundaries(this IServiceCollection services) => services.AddScoped<GetBoundaries>();

    public static void MapBoundaries(this RouteGroupBuilder api)
    {
        api.MapPost("/boundaries", RecordBoundaries.Handle).WithName("RecordBoundaries").WithMetadata(new RequestSizeLimitAttribute(RecordBoundaries.MostBytes))
            .WithSummary("Nhập ranh giới đơn vị từ GeoJSON · Take in boundaries from GeoJSON")
            .WithDescription(
                "Nội dung: FeatureCollection GeoJSON, mỗi đơn vị một feature, `properties.code` là mã đơn vị; `source`, `licence`, `validFrom`, `tolerance` trong nội dung hoặc trong tham số. "
                + "A GeoJSON FeatureCollection with one feature a unit, `properties.code` its code; `source`, `licence`, `validFrom`, `tolerance` in the body or in the query. "
                + "`dryRun` true: chỉ kiểm tra (only check); `province` chỉ cần khi tài khoản thuộc nhiều tỉnh (only for a caller of several provinces).")
            .Produces<RecordBoundaries.View>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(412).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        api.MapGet("/boundaries", GetBoundaries.Handle).WithName("GetBoundaries").WithAsOf().Produces<GetBoundaries.Collection>(contentType: GetBoundaries.GeoJson).ProducesProblem(404)
            .WithSummary("Ranh giới theo ngày, dạng GeoJSON · Boundaries of a day as GeoJSON")
            .WithDescription("`parent` mã của đơn vị đó hoặc bất kỳ cấp trên nào (the unit's or any ancestor's code), `on` ngày (day; default today).");
        api.MapGet("/boundaries/versions", GetBoundaries.HandleVersions).WithName("GetBoundaryVersions").WithExport().Produces<Page<GetBoundaries.Item>>()
            .WithSummary("Các phiên bản ranh giới, ngày và nguồn · Versions of boundaries with date and source");
    }
}

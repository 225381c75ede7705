using JasperFx.Events.Projections;
using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>Predecessors and successors, and figures over mergers.</summary>
internal static class LineageModule
{
    public static StoreOptions AddLineage(this StoreOptions options)
    {
        options.Events.MapEventType<SharesRecorded>("shares-recorded.v1");
        options.Events.MapEventType<CarryingRuleSet>("carrying-rule-set.v1");
        options.Projections.Add(new UnitSharesProjection(), ProjectionLifecycle.Inline);
        options.Projections.Add(new CarryingRulesProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddLineage(this IServiceCollection services) => services.AddScoped<GetLineage>().AddScoped<GetFigures>();

    public static void MapLineage(this RouteGroupBuilder api)
    {
        api.MapGet("/lineage/{unit}", GetLineage.Handle).WithName("GetLineage").WithAsOf().Produces<GetLineage.View>().ProducesProblem(404)
            .WithSummary("Đơn vị trước và sau, qua mọi lần sắp xếp · Predecessors and successors over all reforms")
            .WithDescription("`on` ngày của mã đơn vị (day of the unit's code; default today).");
        api.MapGet("/lineage/{unit}/figures", GetFigures.Handle).WithName("GetLineageFigures").WithAsOf().Produces<GetFigures.View>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Số liệu của đơn vị trước: như đã báo cáo, hoặc chuyển sang đơn vị này · Figures of predecessors, as reported or carried")
            .WithDescription("`set` bộ tiêu chí (set), `on` ngày (day; default today), `view` asReported|carried.");
        api.MapPost("/lineage/shares", RecordShares.Handle).WithName("RecordShares").WithSummary("Ghi tỷ lệ chia của một đơn vị bị chia · Record the shares of a divided unit")
            .Produces<RecordShares.View>().ProducesProblem(403).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
        api.MapGet("/lineage/rules/{set}", SetRule.Read).WithName("GetCarryingRules").WithAsOf().Produces<SetRule.View>().ProducesProblem(404)
            .WithSummary("Quy tắc chuyển số liệu của một tỉnh · A province's rules for carrying figures").WithDescription("`province` mã tỉnh (the province's code).");
        api.MapPut("/lineage/rules/{set}/{indicator}", SetRule.Handle).WithName("SetCarryingRule").WithSummary("Đặt quy tắc chuyển số liệu của một chỉ tiêu · Set the rule of an indicator")
            .WithDescription("`province` mã tỉnh, chỉ cần khi tài khoản thuộc nhiều tỉnh (only for a caller of several provinces).")
            .Produces<SetRule.View>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(412).ProducesProblem(422);
    }
}

using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Completeness;

/// <summary>Completeness: who has reported, is late, was sent back.</summary>
internal static class CompletenessModule
{
    public static IServiceCollection AddCompleteness(this IServiceCollection services) => services.AddScoped<GetCompleteness>();

    public static void MapCompleteness(this RouteGroupBuilder api)
    {
        api.MapGet("/completeness", GetCompleteness.HandleMatrix).WithName("GetCompleteness").WithAsOf().WithExport().Produces<GetCompleteness.Matrix>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Tình hình báo cáo: đơn vị × kỳ · Who has reported: units by periods")
            .WithDescription(
                "`under` mã đơn vị cấp trên (code of the unit above; default the caller's own), `periods` các kỳ, cách nhau bằng dấu phẩy (periods, separated by commas), hoặc `from`, `to` ngày chốt số liệu "
                + "(or the days of their figures), `level` cấp (level), `set` bộ tiêu chí (set), `asOf` thời điểm ghi nhận (recorded instant).");
        api.MapGet("/completeness/{period}", GetCompleteness.HandleList).WithName("GetPeriodCompleteness").WithAsOf().WithExport().Produces<GetCompleteness.List>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Tình hình báo cáo của một kỳ · Who has reported in one period")
            .WithDescription("`status` open|submitted|returned|verified|approved|late|missing, `under` mã đơn vị cấp trên (code of the unit above; default the caller's own).");
    }
}

using JasperFx.Events.Projections;
using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

/// <summary>Reporting periods.</summary>
internal static class PeriodsModule
{
    public static StoreOptions AddPeriods(this StoreOptions options)
    {
        options.Events.MapEventType<PeriodOpened>("period-opened.v1");
        options.Events.MapEventType<PeriodClosed>("period-closed.v1");
        options.Projections.Add(new PeriodProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static void MapPeriods(this RouteGroupBuilder api)
    {
        api.MapPost("/periods", OpenPeriod.Handle).WithName("OpenPeriod").WithSummary("Mở kỳ báo cáo · Open a period")
            .Produces<OpenedPeriod>(201).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/periods/{period}/close", OpenPeriod.Close).WithName("ClosePeriod").WithSummary("Đóng kỳ báo cáo · Close a period")
            .Produces<Period>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        api.MapGet("/periods", ListAsync).WithName("GetPeriods").WithSummary("Các kỳ báo cáo · Periods").Produces<Page<Period>>().WithExport();
        api.MapGet("/periods/{period}", async (HttpContext http, string period, IQuerySession session, CancellationToken ct) =>
            {
                if (await session.LoadAsync<Period>(Period.Key(period), ct) is not { } found) return Problems.Of(Unknown(period));
                http.Response.Headers.ETag = ETags.Of(found.Version);
                return TypedResults.Ok(found);
            })
            .WithName("GetPeriod").WithSummary("Một kỳ báo cáo · One period").Produces<Period>().ProducesProblem(404);
    }

    public static Refusal Unknown(string period) => Refusal.NotFound($"Không có kỳ báo cáo \"{period}\".", $"There is no period \"{period}\".");

    private static async Task<IResult> ListAsync(HttpContext http, IQuerySession session, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        var periods = await session.Query<Period>().ToListAsync(ct);
        return Exports.Answer(http, "periods", periods.OrderBy(p => p.Code, StringComparer.Ordinal), p => p.Code, after, take);
    }
}

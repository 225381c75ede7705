using System.Globalization;
using Marten;
using Marten.Events;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>Gives the whole register away, with history, ids, facts and links, in a form that an import takes back.</summary>
internal static class ExportRegister
{
    public static Refusal UnknownFormat { get; } = Refusal.Malformed("format", "malformed-query", "format là json hoặc csv.", "format is json or csv.");

    public static async Task<IResult> Handle(HttpContext http, string? format, IQuerySession session, AsOf asOf, CancellationToken ct)
    {
        if (format is not (null or "json" or "csv")) return Problems.Of(UnknownFormat);
        var (position, future) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (future is not null) return Problems.Of(future);
        // The decisions behind links and ends stand in the events only.
        var last = position ?? long.MaxValue;
        var events = await session.Events.QueryAllRawEvents().Where(e => e.EventTypesAre(UnitHistory.Events) && e.Sequence <= last).OrderBy(e => e.Sequence).ToListAsync(ct);
        var told = events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal).Select(UnitBiography.Of).OfType<UnitBiography>().Select(RegisterUnit.Of);
        RegisterUnit[] units = [.. told.OrderBy(u => UnitRank(u.Level)).ThenBy(u => u.Versions[0].Code, StringComparer.Ordinal).ThenBy(u => u.Id)];
        if (format != "csv") return TypedResults.Ok(new RegisterContent(position, units));
        if (position is { } then) http.Response.Headers["As-Of-Position"] = then.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.ContentDisposition = "attachment; filename=\"register.csv\"";
        return TypedResults.Text(RegisterCsv.Write(units), "text/csv; charset=utf-8");
    }

    private static int UnitRank(string level) => Administration.UnitKinds.Levels.TakeWhile(l => l != level).Count();
}

/// <summary>Export and import of the register.</summary>
internal static class ExchangeModule
{
    /// <summary>The whole country with three generations of units is some 20 MB.</summary>
    private const int MostBytes = 64 * 1024 * 1024;

    public static IServiceCollection AddRegisterExchange(this IServiceCollection services) => services.AddSingleton<ImportRegister>();

    public static void MapRegisterExchange(this RouteGroupBuilder api)
    {
        api.MapGet("/register/export", ExportRegister.Handle).WithName("ExportRegister").WithAsOf().WithExport()
            .WithSummary("Xuất toàn bộ danh mục đơn vị · Export the whole register")
            .WithDescription("`format`: json (mặc định · default) hoặc/or csv.")
            .Produces<RegisterContent>(200, "application/json", "text/csv").ProducesProblem(400);
        api.MapPost("/register/import", ImportRegister.Handle).WithName("ImportRegister")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MostBytes))
            .Accepts<RegisterContent>("application/json", "text/csv")
            .WithSummary("Nhập danh mục đơn vị, tất cả hoặc không gì · Import the register, all or nothing")
            .WithDescription(
                "`format`: json (mặc định · default) hoặc/or csv; `dryRun=true`: chỉ kiểm tra (checks only). "
                + "Lịch sử đã ghi không đổi; nhập lần hai không thêm gì (what is on record stays; a second import adds nothing).")
            .Produces<ImportAnswer>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(413).ProducesProblem(422);
    }
}

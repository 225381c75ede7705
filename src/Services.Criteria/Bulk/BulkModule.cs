using Microsoft.AspNetCore.Mvc;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Bulk;

/// <summary>Figures in files: the form of a period to fill in, and what comes back.</summary>
internal static class BulkModule
{
    public static IServiceCollection AddBulk(this IServiceCollection services) => services.AddSingleton<ImportFigures>();

    public static void MapBulk(this RouteGroupBuilder api)
    {
        api.MapGet("/periods/{period}/template", Template.Handle).WithName("GetTemplate").WithExport()
            .WithSummary("Biểu mẫu của kỳ báo cáo, điền sẵn số liệu đã có · The period's form, with what stands already")
            .WithDescription("`format` xlsx (mặc định · default) hoặc/or csv; `unit` một đơn vị (one unit), `parent` cấp trên (a unit above), theo mã của ngày chốt số liệu (codes of the period's day).")
            .Produces(200, contentType: Exports.XlsxType, additionalContentTypes: ["text/csv"]).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        api.MapPost("/periods/{period}/import", ImportFigures.Handle).WithName("ImportFigures").WithMetadata(new RequestSizeLimitAttribute(ImportFigures.MostBytes))
            .Accepts<Stream>(Exports.XlsxType, "text/csv", "*/*")
            .WithSummary("Nhập số liệu từ biểu mẫu đã điền · Import a filled-in form")
            .WithDescription(
                "`dryRun=true`: chỉ kiểm tra (only checks); `mode`: all (mặc định: có lỗi thì không ghi gì · default: any fault, and nothing is written) hoặc/or good (ghi các dòng đúng · writes the good rows). "
                + "Gửi lại cùng một tệp không đổi gì · The same file again changes nothing.")
            .Produces<ImportFigures.Result>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(413).ProducesProblem(422);
    }
}

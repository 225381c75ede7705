using Marten;
using Microsoft.AspNetCore.Mvc;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Confirmations;

internal static class ConfirmationsModule
{
    public static StoreOptions AddConfirmations(this StoreOptions options)
    {
        options.Projections.Snapshot<Confirmation>(JasperFx.Events.Projections.SnapshotLifecycle.Inline);
        return options;
    }

    public static void MapConfirmations(this IEndpointRouteBuilder api)
    {
        api.MapPut("/confirmations/{unit}/{condition}", ConfirmCondition.Handle)
            .WithName("ConfirmCondition")
            .WithSummary("Cơ quan phụ trách xác nhận một điều kiện công nhận · The body in charge confirms a condition of recognition")
            .Produces<ConfirmCondition.View>()
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(412).ProducesProblem(422);
        api.MapPost("/confirmations/{unit}/{condition}/documents", BringDocument.Handle).WithName("BringConditionDocument")
            .WithMetadata(new RequestSizeLimitAttribute(UploadedFile.MostBodyBytes)).Accepts<Stream>("application/octet-stream", "multipart/form-data", "*/*")
            .WithSummary("Nộp văn bản làm căn cứ xác nhận, tối đa 20 MB · Bring in a document behind a confirmation, at most 20 MB")
            .WithDescription(
                "Nội dung là chính tệp, hoặc biểu mẫu có một tệp; loại tệp được nhận biết theo nội dung. Nộp trước, rồi nêu mã SHA-256 trong `evidence` khi xác nhận: `held` là true. "
                + "The body is the file itself, or a form with one file; its kind of file is told by its content. Bring it in first, then name its SHA-256 in `evidence` of the confirmation: `held` is true.")
            .Produces<KeptDocument>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(413).ProducesProblem(422);
        api.MapGet("/confirmations/{unit}/{condition}/documents/{sha256}", BringDocument.Download).WithName("GetConditionDocument")
            .WithSummary("Tải văn bản làm căn cứ xác nhận · One document behind a confirmation")
            .Produces(200, contentType: "application/octet-stream").ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        api.MapGet("/confirmations/{unit}/{condition}/history", GetConfirmations.Handle)
            .WithAsOf().WithExport().WithName("GetConfirmationHistory")
            .WithSummary("Mọi lần xác nhận một điều kiện · All that was confirmed of a condition, the first first")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }
}

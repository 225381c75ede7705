using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Mvc;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>Files behind the figures (minh chứng).</summary>
internal static class EvidenceModule
{
    public static StoreOptions AddEvidence(this StoreOptions options)
    {
        options.Events.MapEventType<EvidenceStored>("evidence-stored.v1");
        options.Events.MapEventType<EvidenceShared>("evidence-shared.v1");
        options.Events.MapEventType<EvidenceRemoved>("evidence-removed.v1");
        options.Projections.Add(new EvidenceProjection(), ProjectionLifecycle.Inline);
        options.Projections.Add(new EvidenceUses(), ProjectionLifecycle.Inline);
        options.Schema.For<EvidenceFile>().GinIndexJsonData();
        options.Schema.For<EvidenceUse>().Duplicate(u => u.Sha256).Duplicate(u => u.UnitId).Duplicate(u => u.Period);
        options.Storage.ExtendedSchemaObjects.Add(EvidenceContent.Files.Table("public"));
        return options;
    }

    public static IServiceCollection AddEvidence(this IServiceCollection services) =>
        services.AddScoped<GetEvidence>().AddSingleton<RemoveOrphans>().AddHostedService(provider => provider.GetRequiredService<RemoveOrphans>());

    public static void MapEvidence(this RouteGroupBuilder api)
    {
        api.MapPost("/evidence", StoreEvidence.Handle).WithName("StoreEvidence").WithMetadata(new RequestSizeLimitAttribute(UploadedFile.MostBodyBytes))
            .Accepts<Stream>("application/octet-stream", "multipart/form-data", "*/*")
            .WithSummary("Nộp một tệp minh chứng, tối đa 20 MB · Bring in a file of evidence, at most 20 MB")
            .WithDescription(
                "Nội dung là chính tệp, hoặc biểu mẫu có một tệp; loại tệp được nhận biết theo nội dung. `unit` mã đơn vị vào ngày `on` (mặc định hôm nay), `name` tên tệp. "
                + "The body is the file itself, or a form with one file; its kind is told by its content. `unit` the unit's code on the day `on` (default today), `name` the file's name.")
            .Produces<StoreEvidence.View>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(413).ProducesProblem(422);
        api.MapGet("/evidence", GetEvidence.HandleList).WithName("GetEvidenceList").WithExport().Produces<Page<GetEvidence.Item>>().ProducesProblem(404)
            .WithSummary("Danh sách minh chứng · Evidence")
            .WithDescription("`unit` mã đơn vị vào ngày `on` (code of the day), `period` kỳ báo cáo mà báo cáo có dùng tệp (period whose reports refer to the file).");
        api.MapGet("/evidence/{sha256}", GetEvidence.Handle).WithName("GetEvidence").WithSummary("Tải một tệp minh chứng · One file of evidence")
            .Produces(200, contentType: "application/octet-stream").ProducesProblem(404).ProducesProblem(410);
    }
}

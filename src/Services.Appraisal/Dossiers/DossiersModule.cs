using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

internal static class DossiersModule
{
    public static IServiceCollection AddDossiers(this IServiceCollection services) =>
        services.AddSingleton<DossierViews>().AddSingleton<StepRunner>().AddScoped<GetDossier>();

    public static void MapDossiers(this IEndpointRouteBuilder api)
    {
        var dossiers = api.MapGroup("/dossiers");
        dossiers.MapPost("", OpenDossier.Handle)
            .WithName("OpenDossier").WithSummary("Lập hồ sơ xét công nhận · Open a dossier for a title")
            .Produces<DossierView>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        dossiers.MapGet("/{id:guid}", GetDossier.Now)
            .WithAsOf().WithName("GetDossier").WithSummary("Xem hồ sơ, cả tại một thời điểm (asOf) · A dossier, also as of an instant")
            .Produces<DossierView>().ProducesProblem(403).ProducesProblem(404);
        dossiers.MapGet("/{id:guid}/history", GetDossier.History)
            .WithAsOf().WithExport().WithName("GetDossierHistory").WithSummary("Ai đã làm gì, khi nào · Who did what, and when")
            .ProducesProblem(403).ProducesProblem(404);

        dossiers.MapStep("submit", SubmitDossier.Handle, "SubmitDossier", "Nộp hồ sơ · Submit the dossier");
        dossiers.MapStep("accept", AcceptDossier.Handle, "AcceptDossier", "Tiếp nhận hồ sơ · Accept the dossier");
        dossiers.MapStep("return", ReturnDossier.Handle, "ReturnDossier", "Trả lại hồ sơ · Return the dossier");
        dossiers.MapStep("council", NameCouncil.Handle, "NameCouncil", "Lập Hội đồng thẩm định · Name the appraisal council");
        dossiers.MapStep("dissolve", DissolveCouncil.Handle, "DissolveCouncil", "Giải thể Hội đồng thẩm định · Dissolve the appraisal council");
        dossiers.MapStep("votes", CastVote.Handle, "CastVote", "Bỏ phiếu · Vote");
        dossiers.MapStep(RecuseSelf.Act, RecuseSelf.Handle, "RecuseSelf", "Từ chối tham gia biểu quyết về hồ sơ, có lý do · Be recused from the vote on the dossier, with the reason");
        dossiers.MapStep("votes/close", CloseVote.Handle, "CloseVote", "Kết thúc bỏ phiếu · Close the vote");
        dossiers.MapStep("decision", SignDecision.Handle, "SignDecision", "Ký quyết định công nhận · Sign the decision of recognition");
        dossiers.MapStep("publication", PublishDossier.Handle, "PublishDossier", "Công bố · Publish the recognition");
        dossiers.MapStep(TransferDossier.Step, TransferDossier.Handle, "TransferDossier", "Chuyển hồ sơ sang phiên bản quy trình mới · Move the dossier to a new version of the procedure");
        dossiers.MapRecorded();
    }

    internal static void MapStep(this RouteGroupBuilder dossiers, string step, Delegate handle, string name, string summary) =>
        dossiers.MapPost($"/{{id:guid}}/{step}", handle)
            .WithName(name).WithSummary(summary)
            .Produces<DossierView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
}

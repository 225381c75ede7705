using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.History;

internal static class HistoryModule
{
    public static void AddBasisWatch(this MartenServiceCollectionExtensions.MartenConfigurationExpression store) =>
        store.AddSubscriptionWithServices<BasisWatch>(ServiceLifetime.Singleton, _ => { });

    public static void MapHistory(this IEndpointRouteBuilder api)
    {
        api.MapGet("/dossiers/{id:guid}/difference", GetDifference.Handle)
            .WithName("GetDossierDifference").WithSummary("Hồ sơ đã thay đổi gì giữa hai thời điểm · What changed in a dossier between two instants")
            .Produces<DossierDifference>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        api.MapPost("/dossiers/{id:guid}/flags/{n:int}/answer", AnswerFlag.Handle)
            .WithName("AnswerFlag").WithSummary("Hội đồng trả lời về một đính chính của số liệu đã ghim · The council answers a correction of what was pinned")
            .Produces<DossierView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
    }
}

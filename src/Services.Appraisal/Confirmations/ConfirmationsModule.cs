using Marten;
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
        api.MapGet("/confirmations/{unit}/{condition}/history", GetConfirmations.Handle)
            .WithAsOf().WithExport().WithName("GetConfirmationHistory")
            .WithSummary("Mọi lần xác nhận một điều kiện · All that was confirmed of a condition, the first first")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }
}

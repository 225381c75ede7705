namespace Ntm.Appraisal.Confirmations;

internal static class ConfirmationsModule
{
    public static void MapConfirmations(this IEndpointRouteBuilder api) => api.MapPut("/confirmations/{unit}/{condition}", ConfirmCondition.Handle)
        .WithName("ConfirmCondition")
        .WithSummary("Cơ quan phụ trách xác nhận một điều kiện công nhận · The body in charge confirms a condition of recognition")
        .Produces<ConfirmCondition.View>()
        .ProducesProblem(403).ProducesProblem(404).ProducesProblem(412).ProducesProblem(422);
}

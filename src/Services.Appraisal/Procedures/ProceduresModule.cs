using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

internal static class ProceduresModule
{
    public static void MapProcedures(this IEndpointRouteBuilder api) => api.MapGet("/procedures/{id}", Get)
        .WithName("GetProcedure")
        .WithSummary("Quy trình xét công nhận, với căn cứ và độ tin cậy · A recognition procedure with its legal basis and marks")
        .Produces<Procedure>()
        .ProducesProblem(404);

    private static IResult Get(string id, QueryDay? on, ProcedureBook book, TimeProvider clock) => book.Find(id, on?.Value ?? clock.Today()) is { } procedure
        ? TypedResults.Ok(procedure)
        : Problems.Of(Refusal.NotFound($"Không có quy trình \"{id}\".", $"There is no procedure \"{id}\"."));
}

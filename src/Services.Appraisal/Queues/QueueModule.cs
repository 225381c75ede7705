using JasperFx.Events.Projections;
using Marten;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

internal static class QueueModule
{
    public static StoreOptions AddQueue(this StoreOptions options, ProcedureBook book)
    {
        options.Schema.For<OpenSteps>().Duplicate(s => s.IsOpen).Duplicate(s => s.DueDay);
        options.Projections.Add(new OpenStepsProjection(book), ProjectionLifecycle.Inline);
        return options;
    }

    public static void MapQueue(this IEndpointRouteBuilder api) => api.MapGet("/queue", GetQueue.Handle)
        .WithName("GetQueue").WithSummary("Việc đang chờ người gọi · What waits for the caller, the nearest last day first")
        .Produces<Page<WorkItem>>().ProducesProblem(404);
}

using JasperFx.Events.Projections;
using Marten;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

internal static class QueueModule
{
    public static StoreOptions AddQueue(this StoreOptions options, ProcedureBook book)
    {
        options.Schema.For<OpenSteps>().Duplicate(s => s.IsOpen).Duplicate(s => s.DueDay).Duplicate(s => s.ByCalendar)
            // In the order of the queue: a page is found without sorting all that is open.
            .Index(s => new { s.IsOpen, s.DueDay, s.Id });
        options.Projections.Add(new OpenStepsProjection(book), ProjectionLifecycle.Inline);
        return options;
    }

    public static void MapQueue(this IEndpointRouteBuilder api) => api.MapGet("/queue", GetQueue.Handle)
        .WithExport().WithName("GetQueue").WithSummary("Việc đang chờ người gọi · What waits for the caller, the nearest last day first")
        .WithDescription("`role`, `unit`, `title`, `overdue`, `dueBefore`: lọc theo vai trò, đơn vị, danh hiệu, quá hạn, hạn trước ngày · only what is asked of the role, of the unit, for the title, past its last day, due before the day.")
        .Produces<Page<WorkItem>>().ProducesProblem(404);
}

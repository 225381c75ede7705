using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Examples.Inspections;

/// <summary>Inspections: store and routes.</summary>
internal static class InspectionsModule
{
    public static StoreOptions AddInspections(this StoreOptions options)
    {
        options.AddInspectionEvents();
        options.Projections.Add(new InspectionProjection(), ProjectionLifecycle.Inline);
        options.Projections.Add(new UnitTitles(), ProjectionLifecycle.Inline);
        options.Schema.For<Inspection>().Index(i => i.Unit);
        options.Schema.For<UnitTitle>().Index(t => t.Unit);
        return options;
    }

    public static void MapInspections(this RouteGroupBuilder api)
    {
        var inspections = api.MapGroup("/inspections").WithTags("Inspections");
        inspections.MapPost("/", HoldInspection.Handle).WithName("HoldInspection").WithSummary("Ghi kết quả kiểm tra · Record an inspection")
            .Produces<Inspection>(201).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);
        inspections.MapPost("/{id:guid}/answer", AnswerInspection.Handle).WithName("AnswerInspection").WithSummary("Trả lời kết quả kiểm tra · Answer an inspection")
            .Produces<Inspection>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        inspections.MapGet("/{id:guid}", async (HttpContext http, Guid id, IQuerySession session, CancellationToken ct) =>
            {
                if (await session.LoadAsync<Inspection>(Inspection.Key(id), ct) is not { } found)
                    return Problems.Of(Refusal.NotFound("Không có cuộc kiểm tra này.", "No such inspection."));
                http.Response.Headers.ETag = ETags.Of(found.Version);
                return TypedResults.Ok(found);
            })
            .WithName("GetInspection").WithSummary("Một cuộc kiểm tra · One inspection").Produces<Inspection>().ProducesProblem(404);
    }
}

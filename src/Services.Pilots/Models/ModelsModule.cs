using JasperFx.Events.Projections;
using Marten;
using Marten.Schema;
using Ntm.Contracts;
using Ntm.Contracts.Pilots;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Pilots.Models;

/// <summary>Pilot models: store, announcements and routes.</summary>
public static class ModelsModule
{
    public static StoreOptions AddModels(this StoreOptions options)
    {
        options.KeepFactsOf("pilots");
        options.Events.MapEventType<ModelProposed>("model-proposed.v1");
        options.Projections.Add<PilotModels>(ProjectionLifecycle.Inline);
        options.Schema.For<PilotModel>().Index(m => m.Kind).UniqueIndex(UniqueIndexType.Computed, m => m.Likeness);
        return options;
    }

    public static IntegrationMap AnnounceModels(this IntegrationMap map) => map.On<ModelProposed>((e, _, _) =>
    {
        var m = PilotModel.Of(e.Data);
        var state = new PilotModelState(m.ModelId, m.Kind, new UnitRef(m.Unit, m.UnitCode, m.UnitName), m.Village, m.Field, m.Title, m.Status);
        return Task.FromResult<IReadOnlyList<IIntegrationEvent>>([new PilotModelProposed(map.OriginOf(e), state)]);
    });

    internal static void MapModels(this RouteGroupBuilder api)
    {
        var models = api.MapGroup("/models").WithTags("Models");
        models.MapPost("/", ProposeModel.Handle).WithName("ProposeModel").WithSummary("Đề xuất mô hình thí điểm · Propose a pilot model")
            .Produces<ModelView>(StatusCodes.Status201Created).ProducesProblem(409).ProducesProblem(422);
        models.MapGet("/", ReadModels.List).WithName("ListModels").WithExport().WithSummary("Danh sách mô hình thí điểm · List pilot models")
            .Produces<ModelPage>();
        models.MapGet("/{id:guid}", ReadModels.One).WithAsOf().WithName("GetModel").WithSummary("Một mô hình thí điểm · One pilot model")
            .Produces<ModelView>().ProducesProblem(404);
    }
}

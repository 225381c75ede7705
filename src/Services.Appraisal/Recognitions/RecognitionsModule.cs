using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Recognitions;

internal static class RecognitionsModule
{
    public static StoreOptions AddRecognitions(this StoreOptions options)
    {
        options.Schema.For<Recognition>().Index(r => r.UnitId);
        options.Projections.Add(new RecognitionProjection(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
        return options;
    }

    public static IntegrationMap AnnounceRecognitions(this IntegrationMap map) => map
        .On<RecognitionGranted>((e, session, ct) => ChangedAsync(map, e, session, ct))
        .On<RecognitionPublished>((e, session, ct) => ChangedAsync(map, e, session, ct));

    public static void MapRecognitions(this IEndpointRouteBuilder api) => api.MapGet("/recognitions", GetRecognitions.Handle)
        .AllowAnonymous()
        .WithAsOf().WithExport().WithName("GetRecognitions")
        .WithSummary("Sổ công nhận (công khai) · The public register of recognitions")
        .Produces<GetRecognitions.List>()
        .ProducesProblem(404).ProducesProblem(422);

    private static async Task<IReadOnlyList<IIntegrationEvent>> ChangedAsync(IntegrationMap map, JasperFx.Events.IEvent e, IQuerySession session, CancellationToken ct)
    {
        var entry = await session.Events.AggregateStreamAsync<Recognition>(e.StreamKey!, version: e.Version, token: ct)
            ?? throw new InvalidOperationException($"The stream {e.StreamKey} has no recognition at version {e.Version}.");
        return [new RecognitionChanged(map.OriginOf(e), entry.State)];
    }
}

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
        .On<RecognitionGranted>((e, session, ct) => ChangedAsync(map, e, "recognised", session, ct), typeof(RecognitionChanged))
        .On<TitleAcknowledged>((e, session, ct) => ChangedAsync(map, e, "acknowledged", session, ct), typeof(RecognitionChanged))
        .On<RecognitionPublished>((e, session, ct) => ChangedAsync(map, e, "announced", session, ct), typeof(RecognitionChanged))
        .On<RecognitionCorrected>((e, session, ct) => ChangedAsync(map, e, "corrected", session, ct), typeof(RecognitionChanged))
        .On<RecognitionSucceeded>((e, session, ct) => ChangedAsync(map, e, "succeeded", session, ct), typeof(RecognitionChanged));

    public static void MapRecognitions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/recognitions", GetRecognitions.Handle)
            .AllowAnonymous()
            .WithAsOf().WithExport().WithName("GetRecognitions")
            .WithSummary("Sổ công nhận (công khai) · The public register of recognitions")
            .Produces<GetRecognitions.List>()
            .ProducesProblem(404).ProducesProblem(422);
        api.MapPost("/recognitions/{id:guid}/corrections", CorrectRecognition.Handle)
            .WithName("CorrectRecognition").WithSummary("Đính chính quyết định công nhận · Correct a clerical error of a decision by a later decision")
            .Produces<GetRecognitions.Item>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
        api.MapPost("/recognitions/acknowledgements", AcknowledgeTitle.Handle)
            .WithName("AcknowledgeTitle").WithSummary("Thừa nhận danh hiệu của đơn vị cũ · Acknowledge a title of the predecessors for a merged unit")
            .Produces<GetRecognitions.Item>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
    }

    private static async Task<IReadOnlyList<IIntegrationEvent>> ChangedAsync(
        IntegrationMap map, JasperFx.Events.IEvent e, string change, IQuerySession session, CancellationToken ct)
    {
        var entry = await session.Events.AggregateStreamAsync<Recognition>(e.StreamKey!, version: e.Version, token: ct)
            ?? throw new InvalidOperationException($"The stream {e.StreamKey} has no recognition at version {e.Version}.");
        return [new RecognitionChanged(map.OriginOf(e), entry.State, change)];
    }
}

using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.ServiceDefaults.Operations;

/// <summary>An operator ordered that owners send their facts again to this service.</summary>
public sealed record ReplayOrdered(IReadOnlyList<string> Owners, string By, DateTimeOffset At);

/// <summary>What operators do to a service: parked messages, replays, how the subscriptions stand. Every step is an event.</summary>
public static class OperationsModule
{
    internal static void AddOperations(this StoreOptions options)
    {
        options.Events.MapEventType<MessageParked>("message-parked.v1");
        options.Events.MapEventType<ParkedMessageReplayed>("parked-message-replayed.v1");
        options.Events.MapEventType<ParkedMessageReplayFailed>("parked-message-replay-failed.v1");
        options.Events.MapEventType<ParkedMessageDropped>("parked-message-dropped.v1");
        options.Events.MapEventType<ReplayOrdered>("replay-ordered.v1");
        options.Projections.Add(new ParkedMessages(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
        options.Schema.For<ParkedMessage>().Duplicate(m => m.Status).Duplicate(m => m.Thing!);
    }

    /// <summary>Routes under <c>/api/{service}/operations</c>.</summary>
    internal static void MapOperations(this WebApplication app, string service)
    {
        var api = app.MapGroup($"/api/{service}/operations").RequireAuthorization().WithTags("Operations");
        api.MapGet("/parked", GetParked.HandleAll).WithName("GetParkedMessages").WithExport().Produces<Page<GetParked.Item>>().ProducesProblem(403)
            .WithSummary("Thông điệp bị gác lại · Parked messages").WithDescription("`status` parked|replayed|dropped (default parked).");
        api.MapGet("/parked/{message}", GetParked.HandleOne).WithName("GetParkedMessage").Produces<GetParked.Whole>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Một thông điệp bị gác lại, kèm nội dung và các bước đã làm · One parked message with its body and all steps");
        api.MapPost("/parked/{message}/replay", ReplayParked.Handle).WithName("ReplayParkedMessage").Produces<GetParked.Item>()
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Nhận lại thông điệp · Take a parked message in").WithDescription("Cũng nhận lại thông điệp đã bỏ. 409 khi vẫn lỗi, kèm lý do (one that was dropped too; 409 when it still fails, with the reason).");
        api.MapPost("/parked/{message}/drop", DropParked.Handle).WithName("DropParkedMessage").Produces<GetParked.Item>()
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Bỏ thông điệp, có lý do · Give a parked message up, with a reason")
            .WithDescription("Gửi lại cũng không được nhận, cho đến khi người vận hành yêu cầu nhận lại (sent again it is not taken in, until an operator replays it here).");
        api.MapGet("/subscriptions", GetSubscriptions.Handle).WithName("GetSubscriptions").Produces<GetSubscriptions.View>().ProducesProblem(403)
            .WithSummary("Tình trạng tiếp nhận và phát sự kiện · How the subscriptions stand");
        if (!Topology.Listeners.ContainsKey(service)) return;
        api.MapGet("/replays", GetReplays.Handle).WithName("GetReplays").Produces<Page<GetReplays.Item>>().ProducesProblem(403)
            .WithSummary("Các lần yêu cầu gửi lại sự kiện · Replays that were ordered");
        api.MapPost("/replays", OrderReplay.Handle).WithName("OrderReplay").Produces<OrderReplay.View>(201).ProducesProblem(403).ProducesProblem(422)
            .WithSummary("Yêu cầu gửi lại mọi sự kiện · Have owners send all their facts again");
    }

    internal static Refusal OperatorsOnly { get; } = Refusal.Forbidden("Chỉ người vận hành được làm việc này.", "Only an operator may do this.");

    internal static bool MayLook(HttpContext http) => Actor.Of(http) is { } actor && (actor.Has(Roles.Operator) || actor.Has(Roles.Auditor));
}

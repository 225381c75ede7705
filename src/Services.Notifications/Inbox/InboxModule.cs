using JasperFx.Events.Projections;
using Marten;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Notifications.Inbox;

/// <summary>The inbox: store and routes.</summary>
public static class InboxModule
{
    internal const string Service = "notifications";

    public static StoreOptions AddInbox(this StoreOptions options)
    {
        options.KeepFactsOf(Service);
        options.Events.MapEventType<EntryRead>("entry-read.v1");
        options.Projections.Add(new Entries(), ProjectionLifecycle.Inline);
        options.Schema.For<InboxEntry>().Index(e => new { e.Recipient, e.Ticks });
        options.Schema.For<ReadMark>().Index(m => m.Recipient);
        return options;
    }

    internal static void MapInbox(this RouteGroupBuilder api)
    {
        var inbox = api.MapGroup("/inbox").WithTags("Inbox");
        inbox.MapGet("/", ReadInbox.Handle).WithName("ReadInbox").WithExport().WithSummary("Hộp thư thông báo · The caller's inbox").Produces<InboxPage>();
        inbox.MapPost("/{id:guid}/read", MarkRead.Handle).WithName("MarkRead").WithSummary("Đánh dấu đã đọc · Mark an entry as read")
            .Produces<EntryView>().ProducesProblem(403).ProducesProblem(404);
    }
}

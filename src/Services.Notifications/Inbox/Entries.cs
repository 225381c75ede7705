using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts;
using Ntm.Notifications.Wording;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Inbox;

/// <summary>Makes the entries from what the service learned and from what was read; deleted and replayed, they come out the same.</summary>
public sealed partial class Entries : EventProjection
{
    public Entries()
    {
        foreach (var contract in Topology.Listeners[InboxModule.Service]) IncludeType(contract);
        IncludeType<EntryRead>();
        Options.DeleteViewTypeOnTeardown<InboxEntry>();
        Options.DeleteViewTypeOnTeardown<ReadMark>();
    }

    public override async ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        switch (e.Data)
        {
            case IIntegrationEvent fact:
                var told = Notice.Of(fact) is { } notice ? await operations.LoadManyAsync<UnitRecord>(cancellation, [.. notice.Told.Select(u => UnitRecord.Key(u.Id))]) : [];
                operations.Store(InboxEntry.Of(fact, CauseOf(e, fact), told.ToDictionary(u => u.State.Id, u => u.State.Level)).ToArray());
                break;
            case EntryRead read:
                operations.Store(new ReadMark(read.Id, read.Recipient, read.At));
                break;
        }
    }

    /// <summary>The id that the integration event was sent under; a fact that was kept without it has the id the owner gives its first.</summary>
    private static Guid CauseOf(IEvent e, IIntegrationEvent fact) => Guid.TryParse(e.CausationId, out var message)
        ? message
        : DeterministicId.Of(fact.Origin.EventId.ToString(), fact.GetType().FullName!, "0");
}

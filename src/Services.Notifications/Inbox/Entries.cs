using System.Collections.Concurrent;
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
    // A unit's level is given to it once and for all.
    private readonly ConcurrentDictionary<Guid, string> levels = new();

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
                if (Notice.Of(fact) is { } notice) await LearnLevelsAsync(operations, notice.Told, cancellation);
                operations.Store(InboxEntry.Of(fact, CauseOf(e, fact), levels).ToArray());
                break;
            case EntryRead read:
                operations.Store(new ReadMark(read.Id, read.Recipient, read.At));
                break;
        }
    }

    private async Task LearnLevelsAsync(IDocumentOperations operations, IEnumerable<UnitRef> told, CancellationToken ct)
    {
        string[] unknown = [.. told.Where(u => !levels.ContainsKey(u.Id)).Select(u => UnitRecord.Key(u.Id))];
        if (unknown.Length == 0) return;
        foreach (var unit in await operations.LoadManyAsync<UnitRecord>(ct, unknown)) levels.TryAdd(unit.State.Id, unit.State.Level);
    }

    /// <summary>The id that the integration event was sent under; a fact that was kept without it has the id the owner gives its first.</summary>
    private static Guid CauseOf(IEvent e, IIntegrationEvent fact) => Guid.TryParse(e.CausationId, out var message)
        ? message
        : DeterministicId.Of(fact.Origin.EventId.ToString(), fact.GetType().FullName!, "0");
}

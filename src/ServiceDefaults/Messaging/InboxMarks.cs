using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// How far each foreign thing was learned, from the facts themselves. The inbox writes its marks by hand, since an insert is what two
/// that learn the same thing first meet on; this is the proof of what it writes.
/// </summary>
internal sealed partial class InboxMarks : EventProjection
{
    public InboxMarks(string service)
    {
        foreach (var contract in Topology.Listeners[service]) IncludeType(contract);
        Options.DeleteViewTypeOnTeardown<InboxMark>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is IIntegrationEvent fact) operations.Store(new InboxMark(e.StreamKey!, fact.Origin.Position, e.Version));
        return ValueTask.CompletedTask;
    }
}

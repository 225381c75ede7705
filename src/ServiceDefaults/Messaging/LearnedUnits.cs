using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>The consumer's own copy of the units, from the facts that it learned.</summary>
public sealed partial class LearnedUnits : EventProjection
{
    public LearnedUnits()
    {
        IncludeType<UnitChanged>();
        Options.DeleteViewTypeOnTeardown<UnitRecord>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is UnitChanged changed) operations.Store(new UnitRecord(UnitRecord.Key(changed.Unit.Id), changed.Unit));
        return ValueTask.CompletedTask;
    }
}

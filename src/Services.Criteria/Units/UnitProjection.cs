using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>Keeps each unit's history as a document.</summary>
public sealed partial class UnitProjection : SingleStreamProjection<UnitRecord, string>
{
    /// <summary>Without the list of its events the projection would look for a unit behind every stream.</summary>
    public UnitProjection()
    {
        foreach (var type in UnitHistory.Events) IncludeType(type);
    }

    public override UnitRecord? Evolve(UnitRecord? snapshot, string id, IEvent e) =>
        UnitHistory.Fold(snapshot?.State, e.Data) is { } state ? new(id, state) : snapshot;
}

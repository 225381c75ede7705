using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>Folds a unit's events to its history of versions.</summary>
public sealed partial class UnitProjection : SingleStreamProjection<UnitRecord, string>
{
    /// <summary>Without the list of its events the projection would look for a unit behind every stream.</summary>
    public UnitProjection()
    {
        IncludeType<UnitCreated>();
        IncludeType<UnitReclassified>();
        IncludeType<UnitMoved>();
        IncludeType<UnitEnlarged>();
        IncludeType<UnitMerged>();
        IncludeType<UnitDissolved>();
    }

    public override UnitRecord? Evolve(UnitRecord? snapshot, string id, IEvent e) => e.Data switch
    {
        UnitCreated created => new(id, Created(created)),
        UnitReclassified c => Next(snapshot!, c.From, v => v with { Name = c.Name, FullName = c.FullName, Kind = c.Kind, LegalBasis = c.LegalBasis, Mark = c.Mark }),
        UnitMoved c => Next(snapshot!, c.From, v => v with { Parent = c.Parent, LegalBasis = c.LegalBasis, Mark = c.Mark }),
        UnitEnlarged c => snapshot! with { State = snapshot.State with { Predecessors = [.. snapshot.State.Predecessors, .. c.Predecessors] } },
        UnitMerged c => Ended(snapshot!, c.LastDay, c.Successors),
        UnitDissolved c => Ended(snapshot!, c.LastDay, c.Successors),
        _ => snapshot,
    };

    private static UnitState Created(UnitCreated e) => new(
        e.Id, e.Level, e.Region, [new(e.Code, e.Name, e.FullName, e.Kind, e.Parent, e.From, null, e.LegalBasis, e.Mark)], e.Predecessors, []);

    /// <summary>A new version from the day on; two changes on one day make one version.</summary>
    private static UnitRecord Next(UnitRecord unit, DateOnly from, Func<UnitVersion, UnitVersion> change)
    {
        var versions = unit.State.Versions;
        var last = versions[^1];
        return unit with
        {
            State = unit.State with
            {
                Versions = last.From == from
                    ? [.. versions.SkipLast(1), change(last)]
                    : [.. versions.SkipLast(1), last with { To = from.AddDays(-1) }, change(last) with { From = from, To = null }],
            },
        };
    }

    private static UnitRecord Ended(UnitRecord unit, DateOnly lastDay, IReadOnlyList<UnitLink> successors) => unit with
    {
        State = unit.State with
        {
            Versions = [.. unit.State.Versions.SkipLast(1), unit.State.Versions[^1] with { To = lastDay }],
            Successors = [.. unit.State.Successors, .. successors],
        },
    };
}

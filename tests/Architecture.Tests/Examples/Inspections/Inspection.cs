using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Ntm.Architecture.Tests.Examples.Inspections;

// Event names are the storage format: upcast, never edit.

/// <summary>The province's team inspected a recognised commune on the spot.</summary>
/// <param name="Result">passed, failed or to-repeat.</param>
public sealed record InspectionHeld(Guid Id, Guid Unit, DateOnly Day, string Result, string By, DateTimeOffset At);

/// <summary>The commune told what it did about the findings.</summary>
public sealed record InspectionAnswered(string Measures, string By, DateTimeOffset At);

/// <summary>An inspection as it stands: what its decisions and its readers need.</summary>
public sealed record Inspection(string Id, Guid InspectionId, Guid Unit, DateOnly Day, string Result, bool Answered, long Version)
{
    public static string Key(Guid id) => $"inspection/{id}";

    public static Inspection? Fold(Inspection? inspection, string id, object e) => e switch
    {
        InspectionHeld held => new(id, held.Id, held.Unit, held.Day, held.Result, false, 1),
        InspectionAnswered => inspection! with { Answered = true, Version = inspection.Version + 1 },
        _ => inspection,
    };
}

/// <summary>Keeps each inspection as it stands, in the transaction of its events.</summary>
public sealed partial class InspectionProjection : SingleStreamProjection<Inspection, string>
{
    public InspectionProjection()
    {
        IncludeType<InspectionHeld>();
        IncludeType<InspectionAnswered>();
    }

    public override Inspection? Evolve(Inspection? snapshot, string id, IEvent e) => Inspection.Fold(snapshot, id, e.Data);
}

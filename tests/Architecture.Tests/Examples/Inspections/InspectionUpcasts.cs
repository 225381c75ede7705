using Marten;

namespace Ntm.Architecture.Tests.Examples.Inspections;

/// <summary>As it was stored at first: a team could only say yes or no.</summary>
public sealed record InspectionHeldV1(Guid Id, Guid Unit, DateOnly Day, bool Passed, string By, DateTimeOffset At)
{
    public InspectionHeld Upcast() => new(Id, Unit, Day, Passed ? "passed" : "failed", By, At);
}

internal static class InspectionUpcasts
{
    public static StoreOptions AddInspectionEvents(this StoreOptions options)
    {
        options.Events.Upcast<InspectionHeldV1, InspectionHeld>("inspection-held.v1", old => old.Upcast());
        options.Events.MapEventType<InspectionHeld>("inspection-held.v2");
        options.Events.MapEventType<InspectionAnswered>("inspection-answered.v1");
        return options;
    }
}

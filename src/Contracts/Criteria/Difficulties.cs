namespace Ntm.Contracts.Criteria;

/// <summary>A difficulty (khó khăn, vướng mắc) that a unit raised, on its way up; what was written stays with the service that keeps it.</summary>
/// <param name="Unit">The unit, as it was called on the day of the record.</param>
/// <param name="Period">Period of the report that it is attached to; null where it belongs to none.</param>
/// <param name="Indicator">Indicator of <paramref name="Set"/>; null where it belongs to none.</param>
/// <param name="Status">raised, passed-on, answered or withdrawn.</param>
/// <param name="Version">Version of its stream.</param>
/// <param name="NextSteps">Who is asked now.</param>
public sealed record DifficultyState(
    Guid Id, UnitRef Unit, string? Period, string? Set, string? Indicator, string Status, long Version, IReadOnlyList<NextStep> NextSteps);

/// <summary>A difficulty was raised, passed on, answered or withdrawn.</summary>
public sealed record DifficultyChanged(Origin Origin, DifficultyState Difficulty) : IIntegrationEvent;

namespace Ntm.Contracts.Criteria;

/// <summary>What somebody said about a difficulty.</summary>
/// <param name="By">Id of the person; never a name.</param>
public sealed record DifficultyWord(string Text, string By, DateTimeOffset At);

/// <summary>A difficulty (khó khăn, vướng mắc) that a unit raised, on its way up.</summary>
/// <param name="Unit">The unit, as it was called on the day of the record.</param>
/// <param name="Period">Period of the report that it is attached to; null where it belongs to none.</param>
/// <param name="Indicator">Indicator of <paramref name="Set"/>; null where it belongs to none.</param>
/// <param name="Status">raised, passed-on, answered or withdrawn.</param>
/// <param name="Version">Version of its stream.</param>
/// <param name="Raised">What the unit wrote.</param>
/// <param name="Comments">What the level between wrote.</param>
/// <param name="Answer">The province's answer; null before it.</param>
/// <param name="NextSteps">Who is asked now.</param>
public sealed record DifficultyState(
    Guid Id, UnitRef Unit, string? Period, string? Set, string? Indicator, string Status, long Version, DifficultyWord Raised, IReadOnlyList<DifficultyWord> Comments,
    DifficultyWord? Answer, IReadOnlyList<NextStep> NextSteps);

/// <summary>A difficulty was raised, passed on, answered or withdrawn.</summary>
public sealed record DifficultyChanged(Origin Origin, DifficultyState Difficulty) : IIntegrationEvent;

namespace Ntm.Contracts.Criteria;

/// <summary>A day that is not what its weekday says.</summary>
/// <param name="Works">True for a day of a weekend that is worked; false for a day off.</param>
/// <param name="Kind">holiday, compensation, swapped-off or swapped-work.</param>
/// <param name="Act">The law or notice that says so; null where none is known.</param>
/// <param name="Mark">How sure the day is: seen, recalled, computed, unknown or recorded.</param>
public sealed record CalendarDayState(DateOnly Date, bool Works, string Kind, string Name, string? Act, string Mark);

/// <summary>The calendar of working days of officials in one country: the days in force.</summary>
/// <param name="Version">Grows with each notice.</param>
public sealed record CalendarState(string Country, long Version, IReadOnlyList<CalendarDayState> Days);

/// <summary>Days off or worked were recorded in a calendar.</summary>
public sealed record CalendarChanged(Origin Origin, CalendarState Calendar) : IIntegrationEvent;

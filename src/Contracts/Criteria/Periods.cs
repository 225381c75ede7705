namespace Ntm.Contracts.Criteria;

/// <summary>The last day of one level.</summary>
/// <param name="Nominal">The last day by the wording alone.</param>
/// <param name="Ends">The last day that counts: it ends at 24:00 in Vietnam.</param>
/// <param name="Named">The day that the act names; null where the last day was given as such.</param>
/// <param name="Wording">before or by; null where the last day was given as such.</param>
/// <param name="CalendarVersion">Version of the calendar of working days by which it was computed; null where it was given.</param>
/// <param name="MovedFrom">The last day before the calendar changed.</param>
public sealed record PeriodDeadline(DateOnly Nominal, DateOnly Ends, DateOnly? Named, string? Wording, long? CalendarVersion, DateOnly? MovedFrom);

/// <summary>A reporting period, and who reports in it.</summary>
/// <param name="Kind">quarter, year or adhoc.</param>
/// <param name="FiguresAsOf">Day that the figures speak of; units are named as on it.</param>
/// <param name="Units">Last day of the units; null where none is set.</param>
/// <param name="Department">Last day of the department onward; null where none is set.</param>
/// <param name="Under">Unit below which is reported.</param>
/// <param name="Province">Its province.</param>
/// <param name="Level">province, district or commune: level of the units that report.</param>
/// <param name="Version">Version of the period's stream.</param>
/// <param name="Type">Report type; null where none was named.</param>
/// <param name="Asked">All units that report.</param>
/// <param name="Missing">Those that had not handed in (for the department's last day: whose report was not approved); null where it was not looked at.</param>
public sealed record PeriodState(
    string Code, string Kind, string Set, DateOnly FiguresAsOf, DateOnly? Opens, PeriodDeadline? Units, PeriodDeadline? Department, UnitRef Under, UnitRef Province,
    string Level, bool Closed, long Version, string? Type, IReadOnlyList<UnitRef> Asked, IReadOnlyList<UnitRef>? Missing);

/// <summary>The province opened a reporting period.</summary>
public sealed record PeriodOpened(Origin Origin, PeriodState Period) : IIntegrationEvent;

/// <summary>A last day of the period is near.</summary>
/// <param name="Level">units or department.</param>
public sealed record PeriodClosing(Origin Origin, PeriodState Period, string Level, DateOnly Due) : IIntegrationEvent;

/// <summary>A last day of the period passed.</summary>
/// <param name="Level">units or department.</param>
public sealed record PeriodDuePassed(Origin Origin, PeriodState Period, string Level, DateOnly Due) : IIntegrationEvent;

/// <summary>A last day moved with the calendar of working days.</summary>
/// <param name="Level">units or department.</param>
public sealed record PeriodDueMoved(Origin Origin, PeriodState Period, string Level, DateOnly From, DateOnly To) : IIntegrationEvent;

/// <summary>A period takes no more figures.</summary>
public sealed record PeriodClosed(Origin Origin, PeriodState Period) : IIntegrationEvent;

using System.Globalization;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>
/// Last day of a step. The first day counted is the day after, and a last day of rest moves on to the next working day (Civil Code 2015
/// art. 147–148, recalled). Without the calendar of holidays nothing is known of working days; other kinds then know weekends only.
/// </summary>
public static class Deadlines
{
    private const string WorkingDaysOnly = "working_days";
    private const string CalendarDays = "calendar_days";
    private const string ExcludingWeekends = "excl_weekend";
    public const string BeforeDate = "before_date";

    public static readonly IReadOnlyList<string> Kinds = [WorkingDaysOnly, CalendarDays, ExcludingWeekends, BeforeDate];

    private static readonly WorkingDays Weekends = new([], []);

    /// <summary>Whether the calendar of holidays moves the last day.</summary>
    public static bool GoesByCalendar(this Deadline deadline) => deadline.Kind is WorkingDaysOnly or CalendarDays;

    /// <summary>
    /// The last day, counted from <paramref name="since"/>; null where the law's value is not set, or its calendar not known or not known so
    /// far: the days off of a year are told by a notice of their own.
    /// </summary>
    /// <param name="used">Days of the term that had run before a return stopped it.</param>
    public static DateOnly? Due(Deadline deadline, DateOnly since, WorkingDays? calendar = null, int used = 0)
    {
        if (deadline.Kind == BeforeDate) return MonthDay(deadline.Before) is { } date ? DayBefore(date, since) : null;
        if (deadline.Value is not { } value) return null;
        var left = Math.Max(0, value - used);
        return deadline.Kind switch
        {
            WorkingDaysOnly => calendar is null ? null : Known(since, calendar.Add(since, left), calendar),
            // "Saturdays and Sundays not counted" says nothing of holidays.
            ExcludingWeekends => Weekends.Add(since, left),
            _ => Known(since.AddDays(left), (calendar ?? Weekends).Roll(since.AddDays(left), RollRule.NextWorkingDay), calendar),
        };
    }

    private static DateOnly? Known(DateOnly from, DateOnly last, WorkingDays? calendar) => calendar?.Covers(from, last) == false ? null : last;

    /// <summary>Days of the deadline's kind that ran from the one day, not counted, to the other; null where its calendar is not known so far.</summary>
    public static int? Ran(Deadline deadline, DateOnly from, DateOnly to, WorkingDays? calendar) => deadline.Kind switch
    {
        WorkingDaysOnly => calendar?.Covers(from, to) != true ? null : Count(from, to, calendar),
        ExcludingWeekends => Count(from, to, Weekends),
        _ => to.DayNumber - from.DayNumber,
    };

    /// <summary>Month and day of <c>MM-dd</c>; 29 February is no yearly date.</summary>
    public static DateOnly? MonthDay(string? text) =>
        DateOnly.TryParseExact($"2001-{text}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static DateOnly DayBefore(DateOnly date, DateOnly since)
    {
        var last = new DateOnly(since.Year, date.Month, date.Day).AddDays(-1);
        return last >= since ? last : new DateOnly(since.Year + 1, date.Month, date.Day).AddDays(-1);
    }

    private static int Count(DateOnly from, DateOnly to, WorkingDays calendar) =>
        Enumerable.Range(1, Math.Max(0, to.DayNumber - from.DayNumber)).Count(days => calendar.Is(from.AddDays(days)));
}

namespace Ntm.Appraisal.Procedures;

/// <summary>
/// Last day of a step. The first day counted is the day after, and a last day of rest moves on (Civil Code 2015 art. 147–148, recalled).
/// Working days need a calendar of holidays and are not offered.
/// </summary>
public static class Deadlines
{
    private const string CalendarDays = "calendar_days";
    private const string ExcludingWeekends = "excl_weekend";

    public static readonly IReadOnlyList<string> Kinds = [CalendarDays, ExcludingWeekends];

    /// <summary>The last day, counted from <paramref name="since"/>; null where the law's value is not set.</summary>
    public static DateOnly? Due(Deadline deadline, DateOnly since)
    {
        if (deadline.Value is not { } days) return null;
        var day = since;
        if (deadline.Kind == CalendarDays)
        {
            day = day.AddDays(days);
            while (IsWeekend(day)) day = day.AddDays(1);
            return day;
        }

        while (days > 0)
        {
            day = day.AddDays(1);
            if (!IsWeekend(day)) days--;
        }

        return day;
    }

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
}

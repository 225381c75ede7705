namespace Ntm.ServiceDefaults;

/// <summary>What becomes of a last day that is no working day.</summary>
public enum RollRule
{
    /// <summary>It stays where it is.</summary>
    None,

    /// <summary>The next working day (Civil Code 2015 art. 148.5, recalled).</summary>
    NextWorkingDay,

    /// <summary>The working day before it.</summary>
    PreviousWorkingDay,
}

/// <summary>
/// Working days of a five-day week: Saturdays and Sundays are off unless a notice made them working days; days off are those of the
/// Labour Code 2019 art. 111.3 and 112.1 and of the notices of each year.
/// </summary>
/// <param name="off">Days off beside the weekends: holidays, compensations, days swapped off.</param>
/// <param name="worked">Days of a weekend that are worked instead of a day swapped off.</param>
public sealed class WorkingDays(IEnumerable<DateOnly> off, IEnumerable<DateOnly> worked)
{
    private readonly HashSet<DateOnly> off = [.. off];
    private readonly HashSet<DateOnly> worked = [.. worked];
    private readonly HashSet<int> years = [.. off.Select(day => day.Year)];

    /// <summary>
    /// Whether days off are known of every year from the one day to the other: of a year without any, nobody has said yet which they are,
    /// and its working days are not known.
    /// </summary>
    public bool Covers(DateOnly from, DateOnly to) => Enumerable.Range(from.Year, Math.Max(0, to.Year - from.Year) + 1).All(years.Contains);

    public bool Is(DateOnly day) => worked.Contains(day) || (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !off.Contains(day));

    /// <summary>The last day that counts: the day itself where it is a working day or does not move.</summary>
    public DateOnly Roll(DateOnly day, RollRule rule) => rule switch
    {
        RollRule.NextWorkingDay when !Is(day) => Step(day, 1),
        RollRule.PreviousWorkingDay when !Is(day) => Step(day, -1),
        _ => day,
    };

    /// <summary>The day that lies so many working days after the given one; before it for a negative number.</summary>
    public DateOnly Add(DateOnly day, int workingDays)
    {
        for (var left = Math.Abs(workingDays); left > 0; left--) day = Step(day, Math.Sign(workingDays));
        return day;
    }

    private DateOnly Step(DateOnly day, int by)
    {
        do day = day.AddDays(by);
        while (!Is(day));
        return day;
    }
}

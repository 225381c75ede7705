using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Calendars;

/// <summary>An official records days off or worked, as the year's notice has it; due days that hang on them move.</summary>
internal static class RecordDays
{
    private const int Most = 100;
    private const int Longest = 500;
    private static readonly DateOnly First = new(2000, 1, 1);
    private static readonly DateOnly Last = new(2100, 12, 31);

    /// <param name="Kind">holiday, compensation, swapped-off, swapped-work or ordinary.</param>
    /// <param name="Act">The law or notice that says so.</param>
    public sealed record Day(DateOnly? Date, string? Kind, string? Name, string? Act, DateOnly? AnnouncedOn);

    public sealed record Body(IReadOnlyList<Day?>? Days);

    public static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    /// <summary>The first day that the caller may record: a province's officer those to come, a ministry or an operator any; null for nobody's.</summary>
    public static DateOnly? FirstFor(UnitTree tree, Actor actor, DateOnly today) =>
        actor.Has(Roles.Ministry) || actor.Has(Roles.Operator) ? First
        : actor.Grants.Any(g => g.Role == Roles.ProvinceOfficer && tree.UnitOf(g, today) is { } unit && tree.Find(unit)?.Level == "province") ? today
        : null;

    /// <param name="first">First day that the caller may record.</param>
    public static Decision Decide(WorkCalendar calendar, Body body, string by, DateOnly first, DateOnly today, DateTimeOffset now)
    {
        var given = body.Days ?? [];
        if (given.Any(d => d?.Date is { } date && date >= First && date < first))
        {
            return Refusal.Forbidden(
                "Tỉnh chỉ ghi ngày từ hôm nay trở đi; ngày đã qua do cơ quan cấp bộ hoặc người vận hành ghi.", "A province records days from today on; past days are a ministry's or an operator's.",
                "past-day");
        }

        var faults = new Faults().Unless(given.Count is > 0 and <= Most, "days", $"Nêu từ 1 đến {Most} ngày.", $"Name 1 to {Most} days.");
        HashSet<DateOnly> dates = [];
        foreach (var (day, i) in given.Take(Most).Select((day, i) => (day, i)))
        {
            faults.Required(day?.Date, $"days[{i}].date")
                .Unless(day?.Date is not { } d || (d >= First && d <= Last), $"days[{i}].date", $"Ngày từ {First:yyyy-MM-dd} đến {Last:yyyy-MM-dd}.", $"A day from {First:yyyy-MM-dd} to {Last:yyyy-MM-dd}.")
                .Unless(day?.Date is not { } once || dates.Add(once), $"days[{i}].date", "Ngày được nêu hai lần.", "The day is named twice.")
                .Unless(day?.Kind is { } kind && WorkCalendar.Kinds.Contains(kind), $"days[{i}].kind", $"Loại ngày là {string.Join(", ", WorkCalendar.Kinds)}.", $"The kind is one of {string.Join(", ", WorkCalendar.Kinds)}.")
                .Unless(
                    day is not { Kind: WorkCalendar.SwappedWork, Date: { } worked } || IsWeekend(worked), $"days[{i}].date", "Ngày làm bù là Thứ Bảy hoặc Chủ nhật.", "A day worked instead is a Saturday or Sunday.")
                .Unless(
                    day is not { Kind: WorkCalendar.SwappedOff, Date: { } off } || !IsWeekend(off), $"days[{i}].date", "Ngày hoán đổi để nghỉ là ngày từ Thứ Hai đến Thứ Sáu.", "A day swapped off is a Monday to Friday.")
                .Unless(day?.AnnouncedOn is null || day.AnnouncedOn <= today, $"days[{i}].announcedOn", "Ngày thông báo không được sau hôm nay.", "A notice is not of a day to come.")
                .Readable(Prose.Clean(day?.Name), $"days[{i}].name", longest: Longest, lines: false)
                .Readable(Prose.Clean(day?.Act), $"days[{i}].act", longest: Longest, lines: false);
        }

        if (faults.Refuse() is { } refusal) return refusal;
        CalendarDay[] recorded =
        [
            .. given.Select(d => new CalendarDay(d!.Date!.Value, d.Kind!, Prose.Clean(d.Name)!, Prose.Clean(d.Act), d.AnnouncedOn, "recorded", true))
                .Where(d => calendar.Days.GetValueOrDefault(d.Date)?.Day != d),
        ];
        return recorded.Length == 0 ? Decision.Record() : Decision.Record(new CalendarDaysRecorded(WorkCalendar.Vietnam, recorded, by, now));
    }

    public static Task<IResult> Handle(HttpContext http, Body body, Commands commands, UnitRegister register) => commands.Run(http, async (c, ct) =>
    {
        if (FirstFor(await register.GetAsync(ct), c.Actor, c.Today) is not { } first)
            return Refusal.Forbidden("Chỉ cơ quan cấp tỉnh, cấp bộ hoặc người vận hành ghi lịch nghỉ.", "Only a province, a ministry or an operator records days of the calendar.");
        var stream = await c.Session.Events.FetchForWriting<WorkCalendar>(WorkCalendar.Key(WorkCalendar.Vietnam), ct);
        var calendar = stream.Aggregate ?? WorkCalendar.Empty;
        if (c.IsStale(calendar.Version)) return Refusal.Stale(calendar.Version);
        var decision = Decide(calendar, body, c.Actor.Person, first, c.Today, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        if (decision.Events.Count > 0) stream.AppendMany(decision.Events);
        var after = decision.Events.Aggregate(calendar, (known, e) => WorkCalendar.Fold(known, calendar.Id, e));
        var dates = body.Days!.Select(d => d!.Date!.Value).ToHashSet();
        return Outcome.Ok(CalendarModule.ViewOf(after, d => dates.Contains(d.Date)), after.Version);
    });
}

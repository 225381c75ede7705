using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Periods;

public sealed class WorkingDaysTests
{
    private static readonly WorkCalendar Calendar = Recorded(HolidaysFile.Read(Given.Data("holidays.json")));
    private static readonly WorkingDays Days = Calendar.WorkingDays();

    /// <summary>The 15th and 25th of all months that move to the next working day.</summary>
    [Theory]
    [InlineData(2024, "25/2→26/2, 25/5→27/5, 15/6→17/6, 25/8→26/8, 15/9→16/9, 15/12→16/12")]
    [InlineData(2025, "25/1→3/2, 15/2→17/2, 15/3→17/3, 25/5→26/5, 15/6→16/6, 25/10→27/10, 15/11→17/11")]
    [InlineData(2026, "25/1→26/1, 15/2→23/2, 15/3→16/3, 25/4→28/4, 25/7→27/7, 15/8→17/8, 25/10→26/10, 15/11→16/11")]
    [InlineData(2027, "25/4→26/4, 15/5→17/5, 25/7→26/7, 15/8→16/8, 25/9→27/9, 25/12→27/12")]
    public void Due_days_roll_forward_as_the_calendars_of_the_years_have_it(int year, string moves) => Assert.Equal(moves, string.Join(", ",
        from month in Enumerable.Range(1, 12)
        from day in (int[])[15, 25]
        let due = new DateOnly(year, month, day)
        let ends = Days.Roll(due, RollRule.NextWorkingDay)
        where ends != due
        select $"{due.Day}/{due.Month}→{ends.Day}/{ends.Month}"));

    [Theory]
    [InlineData("2024-05-04")]
    [InlineData("2025-04-26")]
    [InlineData("2026-01-10")]
    [InlineData("2026-08-22")]
    public void A_saturday_that_is_worked_instead_is_a_working_day(string day) => Assert.True(Days.Is(Day(day)));

    [Theory]
    [InlineData("2024-04-29")]
    [InlineData("2025-05-02")]
    [InlineData("2026-01-02")]
    [InlineData("2026-08-31")]
    [InlineData("2023-05-03")]
    [InlineData("2023-09-04")]
    public void A_weekday_that_is_off_is_none(string day) => Assert.False(Days.Is(Day(day)));

    [Fact]
    public void The_day_of_culture_counts_when_its_act_is_recorded()
    {
        var day = new DateOnly(2026, 11, 24);
        Assert.True(Days.Is(day));
        Assert.Equal((false, "unknown"), (Calendar.Days[day].Day.InForce, Calendar.Days[day].Day.Mark));
        var decision = RecordDays.Decide(
            Calendar, new([new(day, "holiday", "Ngày Văn hóa Việt Nam", "Luật số 1/2026/QH16", null)]), "phuong", new(2026, 10, 1), new(2026, 10, 1), Given.Imported);
        var after = WorkCalendar.Fold(Calendar, Calendar.Id, Assert.Single(decision.Events));
        Assert.False(after.WorkingDays().Is(day));
        Assert.Equal(2, after.Version);
    }

    [Fact]
    public void A_day_before_rolls_back_over_days_off()
    {
        Assert.Equal(new(2026, 2, 13), Days.Roll(new(2026, 2, 18), RollRule.PreviousWorkingDay));
        Assert.Equal(new(2026, 2, 18), Days.Roll(new(2026, 2, 18), RollRule.None));
    }

    [Fact]
    public void Working_days_are_counted_over_days_off()
    {
        Assert.Equal(new(2026, 2, 24), Days.Add(new(2026, 2, 12), 3));
        Assert.Equal(new(2026, 2, 12), Days.Add(new(2026, 2, 24), -3));
        Assert.Equal(new(2026, 2, 15), Days.Add(new(2026, 2, 15), 0));
    }

    [Property(MaxTest = 500)]
    public Property A_rolled_day_is_a_working_day_and_none_lies_between() => Prop.ForAll(ArbMap.Default.GeneratorFor<int>().Select(n => new DateOnly(2022, 1, 1).AddDays(Math.Abs(n % 2500))).ToArbitrary(), day =>
    {
        var (next, previous) = (Days.Roll(day, RollRule.NextWorkingDay), Days.Roll(day, RollRule.PreviousWorkingDay));
        var between = Enumerable.Range(0, next.DayNumber - previous.DayNumber + 1).Select(n => previous.AddDays(n)).Count(Days.Is);
        return Days.Is(next) && Days.Is(previous) && previous <= day && day <= next && between == (Days.Is(day) ? 1 : 2);
    });

    [Fact]
    public void What_the_file_tells_is_recorded_once_and_what_an_official_recorded_stands()
    {
        var file = HolidaysFile.Read(Given.Data("holidays.json"));
        Assert.Empty(HolidaysFile.Untold(Calendar, file));
        CalendarDay official = new(new(2027, 2, 5), "ordinary", "Ngày làm việc", "VB 1", null, "recorded", true);
        var known = WorkCalendar.Fold(Calendar, Calendar.Id, new CalendarDaysRecorded("vn", [official], "phuong", Given.Imported));
        Assert.Empty(HolidaysFile.Untold(known, file));
        Assert.True(known.WorkingDays().Is(official.Date));
        var corrected = file.Select(d => d.Date == new DateOnly(2027, 2, 8) ? d with { Mark = "seen" } : d).ToList();
        Assert.Equal(new(2027, 2, 8), Assert.Single(HolidaysFile.Untold(known, corrected)).Date);
    }

    [Theory]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [{ "date": "2026-01-01", "kind": "feast", "name": "x", "act": null, "announced_on": null, "mark": "seen" }] }""", "days[0].kind")]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [{ "date": "2026-01-09", "kind": "swapped-work", "name": "x", "act": null, "announced_on": null, "mark": "seen" }] }""", "days[0].date")]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [{ "date": "2026-01-01", "kind": "holiday", "name": "x", "act": null, "announced_on": null, "mark": "sure" }] }""", "days[0].mark")]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [{ "date": "1.1.2026", "kind": "holiday", "name": "x", "act": null, "announced_on": null, "mark": "seen" }] }""", "$.days[0].date")]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [{ "day": 1 }] }""", "days[0]")]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [{ "kind": "holiday", "name": "x", "act": null, "announced_on": null, "mark": "seen" }] }""", "days[0].date")]
    [InlineData("""{ "country": "vn", "source_notes": [], "days": [null] }""", "days[0]")]
    [InlineData("""{ "country": "vn", "source_notes": [] }""", "days")]
    public void A_file_at_fault_is_refused_with_its_place(string json, string place) =>
        Assert.Contains(place, Assert.Throws<InvalidDataException>(() => HolidaysFile.Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_takes_a_day_back_that_it_told_before()
    {
        var day = new DateOnly(2027, 2, 8);
        var file = HolidaysFile.Read("""{ "country": "vn", "source_notes": [], "days": [{ "date": "2027-02-08", "kind": "ordinary", "name": "Ngày làm việc", "act": "VB 2", "announced_on": null, "mark": "seen" }] }""");
        Assert.False(Days.Is(day));
        var after = WorkCalendar.Fold(Calendar, Calendar.Id, new CalendarDaysRecorded("vn", HolidaysFile.Untold(Calendar, file), UnitsFile.Importer, Given.Imported));
        Assert.True(after.WorkingDays().Is(day));
    }

    [Fact]
    public void A_province_records_days_to_come_a_ministry_and_an_operator_any()
    {
        var past = RecordDays.Decide(Calendar, new([Whole with { Date = Today.AddDays(-1) }]), "phuong", Today, Today, Given.Imported).Refusal!;
        Assert.Equal((403, "past-day"), (past.Status, past.Rule));
        Assert.Null(RecordDays.Decide(Calendar, new([Whole with { Date = Today }]), "phuong", Today, Today, Given.Imported).Refusal);
        Assert.Equal(Today, RecordDays.FirstFor(Given.Tree, Given.Actor("province-officer@42#phuong"), Today));
        Assert.True(RecordDays.FirstFor(Given.Tree, Given.Actor("ministry@0#x"), Today) < Today);
        Assert.True(RecordDays.FirstFor(Given.Tree, Given.Actor("operator@0#x"), Today) < Today);
        Assert.Null(RecordDays.FirstFor(Given.Tree, Given.Actor("province-officer@18073#x"), Today));
        Assert.Null(RecordDays.FirstFor(Given.Tree, Given.Actor("province-officer@99999#x"), Today));
        Assert.Null(RecordDays.FirstFor(Given.Tree, Given.Actor("commune-officer@18073#x"), Today));
    }

    [Fact]
    public void A_day_is_recorded_with_kind_name_and_act()
    {
        Assert.Equal(["days"], Faults(new([])));
        Assert.Equal(["days"], Faults(new(null)));
        Assert.Equal(["days[0].date", "days[0].kind", "days[0].name", "days[0].act"], Faults(new([null])));
        Assert.Equal(["days[0].date"], Faults(new([Whole with { Kind = "swapped-work" }])));
        Assert.Equal(["days[0].date"], Faults(new([Whole with { Kind = "swapped-off", Date = new(2026, 12, 5) }])));
        Assert.Equal(["days[1].date"], Faults(new([Whole, Whole])));
        Assert.Equal(["days[0].announcedOn"], Faults(new([Whole with { AnnouncedOn = new(2026, 12, 2) }])));
        Assert.Equal(["days[0].date"], Faults(new([Whole with { Date = new(1999, 12, 31) }])));
    }

    [Fact]
    public void The_same_day_again_is_no_new_version()
    {
        var first = RecordDays.Decide(Calendar, new([Whole]), "phuong", Today, Today, Given.Imported);
        var after = WorkCalendar.Fold(Calendar, Calendar.Id, Assert.Single(first.Events));
        Assert.Empty(RecordDays.Decide(after, new([Whole]), "quang", Today, Today, Given.Imported).Events);
    }

    private static DateOnly Today { get; } = new(2026, 12, 1);

    private static RecordDays.Day Whole { get; } = new(new(2026, 12, 4), "holiday", "Nghỉ", "VB 1/2026", new(2026, 11, 30));

    internal static WorkCalendar Recorded(IReadOnlyList<CalendarDay> days) =>
        WorkCalendar.Fold(null, WorkCalendar.Key("vn"), new CalendarDaysRecorded("vn", days, UnitsFile.Importer, Given.Imported));

    private static IEnumerable<string> Faults(RecordDays.Body body) => RecordDays.Decide(Calendar, body, "phuong", Today, Today, Given.Imported).Refusal!.Errors!.Keys;

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");
}

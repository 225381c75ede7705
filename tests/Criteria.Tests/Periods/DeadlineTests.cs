using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Periods;

/// <summary>A quarter's units hand in before Sunday 15 March 2026: the Saturday rolls to Monday the 16th; the department before the 25th.</summary>
public sealed class DeadlineTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private static readonly WorkCalendar Calendar = WorkingDaysTests.Recorded(HolidaysFile.Read(Given.Data("holidays.json")));
    private static readonly Period Quarter = Period.Fold(null, Period.Key("2026-Q1"), ReportTypeTests.Opened(new(
        "2026-Q1", null, "xa-ntm-2021-2025", new(2026, 3, 14), new(2026, 3, 1), null, null, "42", "commune", "unit-quarter-rolled", ["18073", "18100"])))!;

    private static readonly IReadOnlyList<Guid> Asked = Quarter.Asked(Given.Tree);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_last_day_nears_five_working_days_before_it()
    {
        Assert.Empty(At(Quarter, 8, 23));
        var neared = Assert.IsType<PeriodDueNeared>(Assert.Single(At(Quarter, 9, 0)));
        Assert.Equal(("units", new DateOnly(2026, 3, 16), 2), (neared.Level, neared.Due, neared.Missing.Count));
    }

    [Fact]
    public void Each_level_is_told_once()
    {
        var neared = After(Quarter, At(Quarter, 9, 0));
        Assert.Empty(At(neared, 9, 1));
        Assert.Empty(At(neared, 16, 23));
        var passed = At(neared, 17, 0);
        Assert.Equal(["PeriodDuePassed units", "PeriodDueNeared department"], passed.Select(e => e is PeriodDuePassed p ? $"PeriodDuePassed {p.Level}" : $"PeriodDueNeared {((PeriodDueNeared)e).Level}"));
        var after = After(neared, passed);
        Assert.Empty(At(after, 17, 1));
        Assert.Equal("department", Assert.IsType<PeriodDuePassed>(Assert.Single(At(after, 25, 0))).Level);
    }

    [Fact]
    public void What_time_does_leaves_the_version_that_persons_see()
    {
        var passed = After(Quarter, At(Quarter, 26, 0));
        Assert.Equal(1, passed.Version);
        Assert.Equal(1, After(passed, Deadlines.Decide(passed, WithHoliday(new(2026, 3, 16)), Asked, new Dictionary<Guid, Report>(), March(26, 9))).Version);
        Assert.Equal(2, After(passed, [new PeriodClosed("phuong", March(26, 9))]).Version);
    }

    [Fact]
    public void What_has_passed_when_it_is_first_looked_at_is_not_near_any_more() =>
        Assert.Equal(["PeriodDuePassed units", "PeriodDuePassed department"], At(Quarter, 26, 0).Cast<PeriodDuePassed>().Select(p => $"PeriodDuePassed {p.Level}"));

    [Fact]
    public void Nothing_nears_before_the_period_opens_or_after_it_is_closed()
    {
        Assert.Empty(At(Quarter with { Opens = new(2026, 3, 10) }, 9, 0));
        Assert.Empty(At(Quarter with { Closed = true }, 26, 0));
        Assert.Empty(At(Quarter with { Due = PeriodDue.Given(null, null) }, 26, 0));
    }

    [Fact]
    public void Missing_are_those_that_have_not_handed_in_and_for_the_department_those_not_approved()
    {
        var report = Reported(ReportStatus.Submitted, null);
        Assert.Equal([Asked[1]], Missing(report)["units"]);
        Assert.Equal(Asked, Missing(report)["department"]);
        Assert.Equal(Asked, Missing(Reported(ReportStatus.Returned, null))["units"]);
        var approved = Reported(ReportStatus.Approved, 3);
        Assert.Equal([Asked[1]], Missing(approved)["units"]);
        Assert.Equal([Asked[1]], Missing(approved)["department"]);

        static Dictionary<string, IReadOnlyList<Guid>> Missing(Report report) => Deadlines
            .Decide(Quarter, Calendar, Asked, new Dictionary<Guid, Report> { [report.UnitId] = report }, March(26, 0)).Cast<PeriodDuePassed>().ToDictionary(p => p.Level, p => p.Missing);
    }

    [Fact]
    public void A_notice_that_comes_late_moves_the_last_day_and_both_are_kept()
    {
        var passed = After(Quarter, At(Quarter, 17, 0));
        Assert.True(passed.Due.Units!.Passed);
        var changed = WithHoliday(new(2026, 3, 16));
        var moved = Deadlines.Decide(passed, changed, Asked, new Dictionary<Guid, Report>(), March(17, 9));
        Assert.Equal(new PeriodDueMoved("units", new(2026, 3, 16), new(2026, 3, 17), 2, March(17, 9)), moved[0]);
        var after = After(passed, moved);
        Assert.Equal((new DateOnly(2026, 3, 17), new DateOnly(2026, 3, 16), new DateOnly(2026, 3, 14), 2L), (after.Due.Units!.Ends, after.Due.Units.MovedFrom, after.Due.Units.Nominal, after.Due.Units.CalendarVersion));
        Assert.Equal(after.Due.Units.Ends, after.DueUnits);
        // It is near again, and passes again.
        Assert.IsType<PeriodDueNeared>(moved[1]);
        Assert.IsType<PeriodDuePassed>(Assert.Single(Deadlines.Decide(after, changed, Asked, new Dictionary<Guid, Report>(), March(18, 0)), e => e is PeriodDuePassed));
    }

    [Fact]
    public void A_day_that_was_given_does_not_move()
    {
        var given = Quarter with { Due = PeriodDue.Given(new(2026, 3, 15), null) };
        Assert.Empty(Deadlines.Decide(given, WithHoliday(new(2026, 3, 16)), Asked, new Dictionary<Guid, Report>(), March(2, 0)));
    }

    [Fact]
    public async Task Replicas_and_restarts_record_it_once()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database);
        var opened = ReportTypeTests.Opened(new("2026-Q1", null, "xa-ntm-2021-2025", new(2026, 3, 14), null, null, null, "42", "commune", "unit-quarter-rolled"));
        var first = Given.Unit("18073", opened.FiguresAsOf).Id;
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(Period.Key(opened.Code), opened);
            session.Events.StartStream(
                Report.Key(opened.Code, first), new ReportOpened(opened.Code, first, opened.Set, opened.FiguresAsOf, "an", March(9, 9)), new ReportSubmitted([], null, "an", March(9, 9)));
            await session.SaveChangesAsync(Ct);
        }

        var clock = new FakeTimeProvider(March(9, 8));
        // Two replicas look side by side, several times.
        for (var look = 0; look < 3; look++) await Task.WhenAll(Watch(service, clock).LookAsync(Ct), Watch(service, clock).LookAsync(Ct));
        Assert.Equal(68, Assert.IsType<PeriodDueNeared>(Assert.Single(await EventsAsync(service, opened.Code))).Missing.Count);
        Assert.Equal((0, false), await Watch(service, clock).LookAsync(Ct));
        clock.SetUtcNow(March(17, 0));
        Assert.Equal((1, false), await Watch(service, clock).LookAsync(Ct));
        Assert.DoesNotContain(first, Assert.IsType<PeriodDuePassed>((await EventsAsync(service, opened.Code))[1]).Missing);
        await using var query = service.Store.QuerySession();
        Assert.Equal((1L, true), ((await query.LoadAsync<Period>(Period.Key(opened.Code), Ct))!.Version, (await query.LoadAsync<Period>(Period.Key(opened.Code), Ct))!.Due.Units!.Passed));
    }

    [Fact]
    public async Task A_period_at_fault_does_not_keep_the_others_waiting()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database);
        var good = ReportTypeTests.Opened(new("2026-Q1", null, "xa-ntm-2021-2025", new(2026, 3, 14), null, null, null, "42", "commune", "unit-quarter-rolled"));
        await using (var session = service.Store.LightweightSession())
        {
            var broken = good with { Code = "2026-A", Due = good.Due! with { Units = good.Due.Units! with { Roll = "sideways", CalendarVersion = 99 } } };
            session.Events.StartStream(Period.Key(broken.Code), broken);
            session.Events.StartStream(Period.Key(good.Code), good);
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal((1, false), await Watch(service, new FakeTimeProvider(March(9, 8))).LookAsync(Ct));
        Assert.IsType<PeriodDueNeared>(Assert.Single(await EventsAsync(service, good.Code)));
    }

    [Fact]
    public async Task The_watch_is_woken_by_what_this_process_opens()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database);
        var bell = service.Services.GetRequiredService<DeadlineBell>();
        await using var session = service.Store.LightweightSession();
        await bell.WaitAsync(TimeSpan.Zero, Ct);
        session.Events.StartStream(Period.Key("2026-Q1"), ReportTypeTests.Opened(new("2026-Q1", null, "xa-ntm-2021-2025", new(2026, 3, 14), null, null, null, "42", "commune", "unit-quarter")));
        await session.SaveChangesAsync(Ct);
        Assert.True(await bell.WaitAsync(TimeSpan.Zero, Ct));
        Assert.False(await bell.WaitAsync(TimeSpan.Zero, Ct));
    }

    /// <summary>The service without its own watch, which goes by the clock of the wall.</summary>
    private static async Task<CriteriaService> StartAsync(string database)
    {
        var service = await CriteriaService.StartAsync(database);
        await service.Services.GetServices<IHostedService>().OfType<DeadlineWatch>().Single().StopAsync(Ct);
        return service;
    }

    private static DeadlineWatch Watch(CriteriaService service, TimeProvider clock) => ActivatorUtilities.CreateInstance<DeadlineWatch>(service.Services, clock);

    private static async Task<List<object>> EventsAsync(CriteriaService service, string period)
    {
        await using var query = service.Store.QuerySession();
        return [.. (await query.Events.FetchStreamAsync(Period.Key(period), token: Ct)).Skip(1).Select(e => e.Data)];
    }

    private static WorkCalendar WithHoliday(DateOnly day) =>
        WorkCalendar.Fold(Calendar, Calendar.Id, new CalendarDaysRecorded("vn", [new(day, "holiday", "Nghỉ", "VB 1", null, "recorded", true)], "phuong", Given.Imported));

    private static Report Reported(ReportStatus status, long? approved) => Scene.TwoTiers.Recorded("3.1").Report! with { UnitId = Asked[0], Status = status, ApprovedVersion = approved };

    private static IReadOnlyList<object> At(Period period, int day, int hour) => Deadlines.Decide(period, Calendar, Asked, new Dictionary<Guid, Report>(), March(day, hour));

    private static Period After(Period period, IReadOnlyList<object> events) => events.Aggregate(period, (p, e) => Period.Fold(p, p.Id, e)!);

    private static DateTimeOffset March(int day, int hour) => new(2026, 3, day, hour, 0, 0, VietnamTime.Offset);
}

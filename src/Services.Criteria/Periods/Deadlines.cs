using JasperFx;
using Marten;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

/// <summary>What time does to open periods: a last day nears, passes, or moves with the calendar. Each is recorded once.</summary>
internal static class Deadlines
{
    public const string Units = "units";
    public const string Department = "department";
    private static readonly string[] Levels = [Units, Department];

    /// <param name="asked">Units that report, in the order in which they are named.</param>
    /// <param name="reports">Their reports, as far as there are any.</param>
    public static IReadOnlyList<object> Decide(
        Period period, WorkCalendar calendar, IReadOnlyCollection<Guid> asked, IReadOnlyDictionary<Guid, Report> reports, DateTimeOffset now)
    {
        if (period.Closed) return [];
        List<object> events = [];
        var (today, days) = (VietnamTime.DayOf(now), calendar.WorkingDays());
        foreach (var level in Levels)
        {
            if (period.Due.Of(level) is not { } due) continue;
            if (due.CalendarVersion is { } version && version != calendar.Version && days.Roll(due.Nominal, ReportTypes.Rolls[due.Roll]) is var ends && ends != due.Ends)
                Record(new PeriodDueMoved(level, due.Ends, ends, calendar.Version, now));
            due = period.Due.Of(level)!;
            if (today > due.Ends && !due.Passed) Record(new PeriodDuePassed(level, due.Ends, Missing(level), now));
            else if (today <= due.Ends && !due.Neared && days.Add(due.Ends, -period.Due.WarnWorkingDays) <= today && (period.Opens is null || period.Opens <= today))
                Record(new PeriodDueNeared(level, due.Ends, Missing(level), now));
        }

        return events;

        void Record(object e)
        {
            events.Add(e);
            period = Period.Fold(period, period.Id, e)!;
        }

        IReadOnlyList<Guid> Missing(string level) => level == Units
            ? Awaited(asked, reports)
            : [.. asked.Where(u => reports.GetValueOrDefault(u) is not { ApprovedVersion: not null })];
    }

    /// <summary>Units that have yet to hand in.</summary>
    public static IReadOnlyList<Guid> Awaited(IReadOnlyCollection<Guid> asked, IReadOnlyDictionary<Guid, Report> reports) =>
        [.. asked.Where(u => Report.IsAwaited(reports.GetValueOrDefault(u)))];

    public static async Task<IReadOnlyDictionary<Guid, Report>> ReportsAsync(IQuerySession session, Period period, CancellationToken ct)
    {
        var code = period.Code;
        return (await session.Query<Report>().Where(r => r.Period == code).ToListAsync(ct)).ToDictionary(r => r.UnitId);
    }
}

/// <summary>
/// Looks at the open periods when this process opened or closed one or the calendar changed, and every half minute, in one replica at a
/// time. What is due is appended to the period's own stream at the version that was read, so a second look, a restart or another replica
/// adds nothing.
/// </summary>
internal sealed partial class DeadlineWatch(
    IDocumentStore store, UnitRegister register, IConfiguration configuration, TimeProvider clock, Demonstration demonstration, DeadlineBell bell, ILogger<DeadlineWatch> log)
    : BackgroundService
{
    private const string Watch = "system:deadlines";
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(30);

    /// <summary>Until the next try where another replica looked, or wrote, at the same moment.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>What could not be looked at the last time: said once, not at each look.</summary>
    private readonly HashSet<string> failing = new(StringComparer.Ordinal);

    /// <summary>Records what is due by now; says for how many periods, and whether somebody else wrote meanwhile.</summary>
    internal async Task<(int Recorded, bool Again)> LookAsync(CancellationToken ct)
    {
        await using var query = store.QuerySession();
        var open = await query.Query<Period>().Where(p => !p.Closed).ToListAsync(ct);
        if (open.Count == 0) return (0, false);
        var calendar = await query.LoadAsync<WorkCalendar>(WorkCalendar.Key(WorkCalendar.Vietnam), ct) ?? WorkCalendar.Empty;
        var (recorded, again) = (0, false);
        foreach (var period in open)
        {
            try
            {
                if (Deadlines.Decide(period, calendar, [], NoReports, clock.GetUtcNow()).Count > 0 && await RecordAsync(period.Id, calendar, ct)) recorded++;
                Works(period.Id);
            }
            catch (ConcurrencyException)
            {
                // Somebody wrote to the period meanwhile: it is looked at again.
                again = true;
                Raced(period.Code);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                // The others' last days do not wait for this one.
                if (failing.Add(period.Id)) NotThis(exception, period.Code);
            }
        }

        return (recorded, again);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var done = false;
            try
            {
                await using var turn = await StoreLock.TryTakeAsync(configuration.GetConnectionString("criteria")!, "deadlines", stoppingToken);
                done = turn is not null && !(await LookAsync(stoppingToken)).Again;
                Works("");
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (failing.Add("")) NotNow(exception.Message);
            }

            if (done) await bell.WaitAsync(Pulse, stoppingToken);
            else await Task.Delay(failing.Contains("") ? Soon * 3 : Soon, clock, stoppingToken);
        }
    }

    private static Dictionary<Guid, Report> NoReports { get; } = [];

    private void Works(string what)
    {
        if (failing.Remove(what)) Recovered();
    }

    private async Task<bool> RecordAsync(string id, WorkCalendar calendar, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        session.LastModifiedBy = Watch;
        session.SetHeader(EventHeaders.Client, Watch);
        if (demonstration.On) session.SetHeader(EventHeaders.Demonstration, true);
        var stream = await session.Events.FetchForWriting<Period>(id, ct);
        if (stream.Aggregate is not { } period) return false;
        var tree = await register.GetAsync(ct);
        var events = Deadlines.Decide(period, calendar, period.Asked(tree), await Deadlines.ReportsAsync(session, period, ct), clock.GetUtcNow());
        if (events.Count == 0) return false;
        stream.AppendMany(events);
        await session.SaveChangesAsync(ct);
        return true;
    }

    [LoggerMessage(LogLevel.Debug, "The period {Period} was written to while its deadlines were looked at")]
    private partial void Raced(string period);

    [LoggerMessage(LogLevel.Warning, "The deadlines of the period {Period} cannot be looked at; it is tried again")]
    private partial void NotThis(Exception exception, string period);

    [LoggerMessage(LogLevel.Warning, "Deadlines cannot be looked at now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);

    [LoggerMessage(LogLevel.Information, "Deadlines are looked at again")]
    private partial void Recovered();
}

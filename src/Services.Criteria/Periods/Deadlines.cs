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
/// Looks at the open periods every few seconds, in one replica at a time. What is due is appended to the period's own stream at the
/// version that was read, so a second look, a restart or another replica adds nothing.
/// </summary>
internal sealed partial class DeadlineWatch(
    IDocumentStore store, UnitRegister register, IConfiguration configuration, TimeProvider clock, Demonstration demonstration, ILogger<DeadlineWatch> log) : BackgroundService
{
    private const string Watch = "system:deadlines";
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(3);

    /// <summary>Records what is due by now; says for how many periods.</summary>
    internal async Task<int> LookAsync(CancellationToken ct)
    {
        await using var query = store.QuerySession();
        var open = await query.Query<Period>().Where(p => !p.Closed).ToListAsync(ct);
        if (open.Count == 0) return 0;
        var calendar = await query.LoadAsync<WorkCalendar>(WorkCalendar.Key(WorkCalendar.Vietnam), ct) ?? WorkCalendar.Empty;
        var recorded = 0;
        foreach (var period in open.Where(p => Deadlines.Decide(p, calendar, [], NoReports, clock.GetUtcNow()).Count > 0))
        {
            try
            {
                if (await RecordAsync(period.Id, calendar, ct)) recorded++;
            }
            catch (ConcurrencyException)
            {
                // Somebody wrote to the period meanwhile: it is looked at again.
                Raced(period.Code);
            }
        }

        return recorded;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pulse, clock);
        do
        {
            try
            {
                await using var turn = await StoreLock.TryTakeAsync(configuration.GetConnectionString("criteria")!, "deadlines", stoppingToken);
                if (turn is not null) await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotNow(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static Dictionary<Guid, Report> NoReports { get; } = [];

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

    [LoggerMessage(LogLevel.Warning, "Deadlines cannot be looked at now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}

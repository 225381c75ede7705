using JasperFx.Events.Projections;
using Marten;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Calendars;

/// <summary>The calendar of working days, in versions: a notice that comes late moves due days.</summary>
internal static class CalendarModule
{
    /// <param name="Date">The day.</param>
    /// <param name="Version">Version of the calendar since which it stands.</param>
    public sealed record Item(
        DateOnly Date, string Kind, string Name, string? Act, DateOnly? AnnouncedOn, string Mark, bool InForce, string? Note, string RecordedBy, long Version);

    public sealed record View(string Country, long Version, IReadOnlyList<Item> Days);

    public static StoreOptions AddCalendar(this StoreOptions options)
    {
        options.Events.MapEventType<CalendarDaysRecorded>("calendar-days-recorded.v1");
        options.Projections.Add(new WorkCalendarProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddCalendar(this IServiceCollection services) => services.AddHostedService<HolidaysImport>();

    public static IntegrationMap AnnounceCalendar(this IntegrationMap map) => map.On<CalendarDaysRecorded>(
        async (e, session, ct) =>
        {
            var calendar = (await session.Events.AggregateStreamAsync<WorkCalendar>(e.StreamKey!, e.Version, token: ct))!;
            return
            [
                new CalendarChanged(map.OriginOf(e), new(calendar.Country, calendar.Version,
                [
                    .. from recorded in calendar.Days.Values
                       let day = recorded.Day
                       where day.InForce && day.Kind != WorkCalendar.Ordinary
                       select new CalendarDayState(day.Date, day.Kind == WorkCalendar.SwappedWork, day.Kind, day.Name, day.Act, day.Mark),
                ])),
            ];
        },
        typeof(CalendarChanged));

    public static void MapCalendar(this RouteGroupBuilder api)
    {
        api.MapGet("/calendar", ReadAsync).WithName("GetCalendar").WithExport().Produces<View>().ProducesProblem(404)
            .WithSummary("Lịch nghỉ lễ, nghỉ bù, làm bù của cán bộ · Days off and worked of officials")
            .WithDescription("`year` năm (default: all), `version` phiên bản của lịch (default: the latest).");
        api.MapPost("/calendar/days", RecordDays.Handle).WithName("RecordCalendarDays")
            .WithSummary("Ghi ngày nghỉ, ngày làm bù theo thông báo · Record days off or worked by their notice")
            .Produces<View>().ProducesProblem(403).ProducesProblem(412).ProducesProblem(422);
    }

    public static View ViewOf(WorkCalendar calendar, Func<CalendarDay, bool> wanted) => new(
        calendar.Country, calendar.Version,
        [.. calendar.Days.Values.Where(d => wanted(d.Day)).Select(d => new Item(
            d.Day.Date, d.Day.Kind, d.Day.Name, d.Day.Act, d.Day.AnnouncedOn, d.Day.Mark, d.Day.InForce, d.Day.Note, d.By, d.Version))]);

    private static async Task<IResult> ReadAsync(HttpContext http, int? year, long? version, IQuerySession session, CancellationToken ct)
    {
        var key = WorkCalendar.Key(WorkCalendar.Vietnam);
        var latest = await session.LoadAsync<WorkCalendar>(key, ct) ?? WorkCalendar.Empty;
        if (version < 1 || version > latest.Version)
            return Problems.Of(Refusal.NotFound($"Lịch có các phiên bản 1 đến {latest.Version}.", $"The calendar has the versions 1 to {latest.Version}."));
        if (version is null) http.Response.Headers.ETag = ETags.Of(latest.Version);
        var calendar = version is { } past && past < latest.Version ? (await session.Events.AggregateStreamAsync<WorkCalendar>(key, past, token: ct))! : latest;
        var view = ViewOf(calendar, d => year is null || d.Date.Year == year);
        return Exports.Whole(http, "calendar", view.Days, null, () => TypedResults.Ok(view));
    }
}

using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Procedures;

/// <summary>The calendar of working days, as Criteria announced it last. Due days name its version.</summary>
public sealed record KnownCalendar(string Id, CalendarState Calendar)
{
    private const string Vietnam = "calendar/vn";

    public WorkingDays WorkingDays() => new(Calendar.Days.Where(d => !d.Works).Select(d => d.Date), Calendar.Days.Where(d => d.Works).Select(d => d.Date));

    /// <summary>The calendar now; null before it was learned.</summary>
    public static Task<KnownCalendar?> LoadAsync(IQuerySession session, CancellationToken ct) => session.LoadAsync<KnownCalendar>(Vietnam, ct);

    /// <summary>The calendar as this service knew it at the position.</summary>
    public static async Task<KnownCalendar?> LoadAsync(AsOf past, long position, CancellationToken ct)
    {
        var key = Learning.KeyOf(typeof(CalendarChanged), Vietnam);
        return (await past.LastAsync([key], position, ct)).GetValueOrDefault(key) is { Data: CalendarChanged changed } ? Of(changed) : null;
    }

    public static KnownCalendar Of(CalendarChanged changed) => new($"calendar/{changed.Calendar.Country}", changed.Calendar);
}

/// <summary>Keeps the calendar.</summary>
public sealed partial class LearnedCalendar : EventProjection
{
    public LearnedCalendar()
    {
        IncludeType<CalendarChanged>();
        Options.DeleteViewTypeOnTeardown<KnownCalendar>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is CalendarChanged changed) operations.Store(KnownCalendar.Of(changed));
        return ValueTask.CompletedTask;
    }
}

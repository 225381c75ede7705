using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Calendars;

// Event names are the storage format: upcast, never edit.

/// <summary>A day that is not what its weekday says.</summary>
/// <param name="Kind">holiday, compensation, swapped-off, swapped-work, or ordinary: what was recorded before does not hold.</param>
/// <param name="Act">The law or notice that says so; null where none is known.</param>
/// <param name="AnnouncedOn">Day of that notice.</param>
/// <param name="Mark">seen, recalled, computed or unknown: how sure the day is; <c>recorded</c> where an official recorded it with its act.</param>
/// <param name="InForce">False for a day that is expected and waits for its act.</param>
public sealed record CalendarDay(
    DateOnly Date, string Kind, string Name, string? Act, DateOnly? AnnouncedOn, string Mark, bool InForce,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <summary>Days were recorded in a country's calendar; a day that stood is replaced.</summary>
public sealed record CalendarDaysRecorded(string Country, IReadOnlyList<CalendarDay> Days, string By, DateTimeOffset At);

/// <summary>A day as it was recorded last.</summary>
/// <param name="By">Who recorded it.</param>
/// <param name="Version">Version of the calendar since which it stands.</param>
public sealed record RecordedDay(CalendarDay Day, string By, long Version);

/// <summary>Days off and worked of officials (lịch nghỉ lễ, làm bù) of one country. Its version grows with each notice that comes.</summary>
public sealed record WorkCalendar(string Id, string Country, ImmutableSortedDictionary<DateOnly, RecordedDay> Days, long Version)
{
    public const string Holiday = "holiday";
    public const string Compensation = "compensation";
    public const string SwappedOff = "swapped-off";
    public const string SwappedWork = "swapped-work";
    public const string Ordinary = "ordinary";

    /// <summary>The one country of the units.</summary>
    public const string Vietnam = "vn";

    public static readonly IReadOnlyList<string> Kinds = [Holiday, Compensation, SwappedOff, SwappedWork, Ordinary];

    public static string Key(string country) => $"calendar/{country}";

    /// <summary>A calendar that knows weekends only.</summary>
    public static WorkCalendar Empty { get; } = new(Key(Vietnam), Vietnam, ImmutableSortedDictionary<DateOnly, RecordedDay>.Empty, 0);

    public WorkingDays WorkingDays() => new(
        Days.Values.Where(d => d.Day is { InForce: true, Kind: Holiday or Compensation or SwappedOff }).Select(d => d.Day.Date),
        Days.Values.Where(d => d.Day is { InForce: true, Kind: SwappedWork }).Select(d => d.Day.Date));

    public static WorkCalendar Fold(WorkCalendar? calendar, string id, object e)
    {
        var known = calendar ?? Empty with { Id = id };
        if (e is not CalendarDaysRecorded recorded) return known;
        var version = known.Version + 1;
        return known with
        {
            Country = recorded.Country,
            Days = known.Days.SetItems(recorded.Days.Select(d => KeyValuePair.Create(d.Date, new RecordedDay(d, recorded.By, version)))),
            Version = version,
        };
    }
}

public sealed partial class WorkCalendarProjection : SingleStreamProjection<WorkCalendar, string>
{
    public WorkCalendarProjection() => IncludeType<CalendarDaysRecorded>();

    public override WorkCalendar? Evolve(WorkCalendar? snapshot, string id, IEvent e) => WorkCalendar.Fold(snapshot, id, e.Data);
}

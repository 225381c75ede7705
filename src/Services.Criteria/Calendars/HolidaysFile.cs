using System.Text.Json;
using System.Text.Json.Serialization;
using Marten;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Calendars;

/// <summary><c>data/holidays.json</c>: the days off and worked of officials, each with the act that sets it and how sure it is.</summary>
internal static class HolidaysFile
{
    private static readonly string[] Marks = ["seen", "recalled", "computed", "unknown"];
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <exception cref="InvalidDataException">A day breaks the calendar's rules; the message names its place.</exception>
    public static IReadOnlyList<CalendarDay> Read(string json)
    {
        Content content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(json, Snake) ?? throw new InvalidDataException("holidays.json is empty.");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"holidays.json, {broken.Path}: {broken.Message}", broken);
        }

        HashSet<DateOnly> dates = [];
        if (content.Days is null) throw new InvalidDataException("holidays.json, days: there are none");
        foreach (var (row, i) in content.Days.Select((row, i) => (row, i)))
        {
            var day = row ?? throw new InvalidDataException($"holidays.json, days[{i}]: it is empty");
            Check(day.Date is not null, i, "date", "it is missing");
            Check(WorkCalendar.Kinds.Contains(day.Kind), i, "kind", $"{day.Kind}");
            Check(!string.IsNullOrWhiteSpace(day.Name), i, "name", "it is missing");
            Check(Marks.Contains(day.Mark), i, "mark", $"{day.Mark}");
            Check(dates.Add(day.Date!.Value), i, "date", $"{day.Date:yyyy-MM-dd} stands twice");
            Check(day.Kind != WorkCalendar.SwappedWork || RecordDays.IsWeekend(day.Date.Value), i, "date", $"{day.Date:yyyy-MM-dd} is no day of a weekend");
            Check(day.InForce != false || day.Mark == "unknown", i, "in_force", "only what is unknown waits for its act");
        }

        return [.. content.Days.Select(d => new CalendarDay(d!.Date!.Value, d.Kind!, d.Name!, d.Act, d.AnnouncedOn, d.Mark!, d.InForce ?? true, d.Note))];

        static void Check(bool ok, int at, string field, string what)
        {
            if (!ok) throw new InvalidDataException($"holidays.json, days[{at}].{field}: {what}");
        }
    }

    /// <summary>What the file tells that was not told yet. What an official recorded stands: he knew the act.</summary>
    public static IReadOnlyList<CalendarDay> Untold(WorkCalendar known, IReadOnlyList<CalendarDay> file) =>
        [.. file.Where(day => known.Days.GetValueOrDefault(day.Date) is not { } standing || (standing.By == UnitsFile.Importer && standing.Day != day))];

    private sealed record Content(string? Country, IReadOnlyList<string>? SourceNotes, IReadOnlyList<Row?>? Days);

    private sealed record Row(DateOnly? Date, string? Kind, string? Name, string? Act, DateOnly? AnnouncedOn, string? Mark, bool? InForce, string? Note);
}

/// <summary>Takes the calendar's file in at the start, as events: a second start adds nothing.</summary>
internal sealed class HolidaysImport(IDocumentStore store, IConfiguration configuration, TimeProvider clock, Demonstration demonstration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var turn = await StoreLock.TakeAsync(configuration.GetConnectionString("criteria")!, "import-calendar", cancellationToken);
        var file = HolidaysFile.Read(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "data", "holidays.json"), cancellationToken));
        await using var session = store.LightweightSession();
        session.LastModifiedBy = UnitsFile.Importer;
        session.SetHeader(EventHeaders.Client, UnitsFile.Importer);
        if (demonstration.On) session.SetHeader(EventHeaders.Demonstration, true);
        var stream = await session.Events.FetchForWriting<WorkCalendar>(WorkCalendar.Key(WorkCalendar.Vietnam), cancellationToken);
        var untold = HolidaysFile.Untold(stream.Aggregate ?? WorkCalendar.Empty, file);
        if (untold.Count == 0) return;
        stream.AppendOne(new CalendarDaysRecorded(WorkCalendar.Vietnam, untold, UnitsFile.Importer, clock.GetUtcNow()));
        await session.SaveChangesAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

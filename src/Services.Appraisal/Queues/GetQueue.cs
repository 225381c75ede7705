using System.Globalization;
using Marten;
using Marten.Linq.MatchesSql;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

/// <summary>A step that waits for the caller.</summary>
/// <param name="UnitName">Under the name of the dossier's own day.</param>
/// <param name="Due">Last day; null where the law's value is not set.</param>
/// <param name="CalendarVersion">Version of the calendar that the day was computed with; null where no calendar was used.</param>
public sealed record WorkItem(
    Guid Dossier, string Unit, Guid UnitId, string UnitName, string Title, string State, string Step, string Href, IReadOnlyList<string> Roles, DateOnly? Due,
    bool Overdue, long? CalendarVersion);

/// <summary>What waits for the caller, the nearest last day first: by the person's name, or by role and unit.</summary>
internal static class GetQueue
{
    internal static async Task<IResult> Handle(
        string? role, string? unit, string? title, bool? overdue, QueryDay? dueBefore, string? after, int? limit, HttpContext http, IQuerySession session, UnitRegister units,
        TimeProvider clock, CancellationToken ct)
    {
        if (Actor.Of(http) is not { } actor) return Problems.Of(Problems.OfStatus(401));
        var (today, tree) = (clock.Today(), await units.GetAsync(ct));
        var faults = new Faults();
        var size = Paging.Limit(limit, faults);
        WorkPlace? last = null;
        faults.Unless(after is null || WorkPlace.TryParse(after, out last), "after", "Không phải là mốc của trang trước.", "Not the mark of an earlier page.");
        if (faults.Refuse(400, "malformed-query") is { } malformed) return Problems.Of(malformed);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);

        Guid[]? of = null;
        if (unit is not null)
        {
            if (tree.Resolve(unit, today) is not { } found) return Problems.Of(Target.NoUnit(unit, today));
            of = [.. tree.AnsweredBy(found.Id, today)];
        }

        var keys = WorkKeys.Of(actor, tree, today, role);
        var open = session.Query<OpenSteps>().Where(s => s.IsOpen && s.MatchesSql("jsonb_exists_any(d.data -> 'keys', ?)", (object)keys));
        if (of is not null) open = open.Where(s => s.Dossier.Unit.Id.IsOneOf(of));
        if (title is not null) open = open.Where(s => s.Dossier.Title == title);
        var before = Math.Min(overdue == true ? today.DayNumber : int.MaxValue, dueBefore?.Value.DayNumber ?? int.MaxValue);
        var known = await KnownCalendar.LoadAsync(session, ct);
        var calendar = known is null ? null : new Calendar(known.WorkingDays(), known.Calendar.Version);

        // Most last days stand in the store. Those that the calendar or the caller's own part moves are told here, by no more of a dossier than that.
        // What was kept before there was the column has no such times.
        var fixedDays = open.Where(s => s.MatchesSql("d.by_calendar is not true"));
        if (before < int.MaxValue) fixedDays = fixedDays.Where(s => s.DueDay < before);
        var timed = (await open.Where(s => s.ByCalendar).Select(s => new Timed { Id = s.Id, Unit = s.Dossier.Unit.Id, Steps = s.Steps, Later = s.Later, Times = s.Times }).ToListAsync(ct))
            .Select(t => new WorkPlace(t.NearestOf(keys, today, calendar), t.Id)).Where(p => p.DueDay < before || before == int.MaxValue).ToList();
        if (format is not null) return Exports.Of(http, "queue", format, AllAsync(last));
        var (items, next) = await PageAsync(last, size);
        return TypedResults.Ok(new Page<WorkItem>(items, next is null ? null : Paging.NextUrl(http, next.ToString())));

        // A file is read by pages too: memory holds one of them.
        async IAsyncEnumerable<WorkItem> AllAsync(WorkPlace? from)
        {
            do
            {
                (var read, from) = await PageAsync(from, Paging.Default);
                foreach (var item in read) yield return item;
            }
            while (from is not null);
        }

        async Task<(IReadOnlyList<WorkItem> Items, WorkPlace? Next)> PageAsync(WorkPlace? from, int count)
        {
            var onward = from is null ? fixedDays : fixedDays.Where(s => s.MatchesSql("(d.due_day, d.id) > (?, ?)", from.DueDay, from.Id));
            var page = await onward.OrderBy(s => s.DueDay).ThenBy(s => s.Id).Take(count + 1).ToListAsync(ct);
            var places = timed.Concat(page.Select(WorkPlace.Of)).Where(p => from is null || p.IsAfter(from)).OrderBy(p => p.DueDay).ThenBy(p => p.Id, StringComparer.Ordinal).Take(count + 1).ToList();
            var rows = page.ToDictionary(s => s.Id, StringComparer.Ordinal);
            string[] more = [.. places.Take(count).Select(p => p.Id).Where(id => !rows.ContainsKey(id))];
            foreach (var row in more.Length == 0 ? [] : await session.LoadManyAsync<OpenSteps>(ct, more)) rows[row.Id] = row;
            return (
                [.. places.Take(count).Where(p => rows.ContainsKey(p.Id)).SelectMany(p => ItemsOf(rows[p.Id], keys, today, calendar)).Where(i => before == int.MaxValue || i.Due?.DayNumber < before)],
                places.Count > count ? places[count - 1] : null);
        }
    }

    /// <summary>Items of one dossier, the nearest last day first.</summary>
    private static IEnumerable<WorkItem> ItemsOf(OpenSteps open, string[] keys, DateOnly today, Calendar? calendar)
    {
        var dossier = open.Dossier;
        return from asked in Asked(OpenSteps.On(open.Steps, open.Later, today), open.Times, dossier.Unit.Id, keys, calendar)
               let step = asked.Step
               let due = asked.Due
               orderby due ?? DateOnly.MaxValue
               select new WorkItem(
                   dossier.Number, dossier.Unit.Code, dossier.Unit.Id, dossier.Unit.Name, dossier.Title, dossier.State, step.Step, step.Href, step.Roles, due,
                   due < today, asked.ByCalendar && due is not null ? calendar?.Version : null);
    }

    /// <summary>The steps that the caller is asked for, with their last days.</summary>
    private static IEnumerable<(NextStep Step, DateOnly? Due, bool ByCalendar)> Asked(
        IReadOnlyList<NextStep> steps, IReadOnlyDictionary<string, StepTime>? times, Guid unit, string[] keys, Calendar? calendar) =>
        from step in steps
        where WorkKeys.Of(step, unit).Any(keys.Contains)
        let time = times?.GetValueOrDefault(step.Step)
        select (step, time is null ? step.Due : time.Due(calendar?.Days), time is not null);

    private sealed record Calendar(WorkingDays Days, long Version);

    /// <summary>As much of a dossier as its place in the caller's queue is told by.</summary>
    private sealed class Timed
    {
        public string Id { get; init; } = "";

        public Guid Unit { get; init; }

        public IReadOnlyList<NextStep> Steps { get; init; } = [];

        public IReadOnlyList<StepsFrom>? Later { get; init; }

        public IReadOnlyDictionary<string, StepTime>? Times { get; init; }

        public int NearestOf(string[] keys, DateOnly today, Calendar? calendar) =>
            OpenSteps.NearestOf(Asked(OpenSteps.On(Steps, Later, today), Times, Unit, keys, calendar).Min(a => a.Due));
    }
}

/// <summary>A place in the queue: last day and dossier.</summary>
internal sealed record WorkPlace(int DueDay, string Id)
{
    public bool IsAfter(WorkPlace other) => DueDay > other.DueDay || (DueDay == other.DueDay && string.CompareOrdinal(Id, other.Id) > 0);

    public static WorkPlace Of(OpenSteps steps) => new(steps.DueDay, steps.Id);

    public static bool TryParse(string text, out WorkPlace? place)
    {
        place = text.Split('.') is [var day, var id]
            && int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var due) && Guid.TryParseExact(id, "N", out var dossier)
            ? new(due, Dossier.Key(dossier))
            : null;
        return place is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{DueDay}.{Guid.Parse(Id["dossier/".Length..]):N}");
}

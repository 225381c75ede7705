using System.Globalization;
using Marten;
using Marten.Linq.MatchesSql;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

/// <summary>A step that waits for the caller.</summary>
/// <param name="UnitName">Under the name of the dossier's own day.</param>
/// <param name="Due">Last day; null where the law's value is not set.</param>
/// <param name="CalendarVersion">Version of the calendar that the day was computed with; null where no calendar was used.</param>
public sealed record WorkItem(
    Guid Dossier, string Unit, Guid UnitId, string UnitName, string Title, string State, string Step, string Href, IReadOnlyList<string> Roles, DateOnly? Due,
    bool Overdue, int? CalendarVersion);

/// <summary>What waits for the caller, the nearest last day first: by the person's name, or by role and unit.</summary>
internal static class GetQueue
{
    internal static async Task<IResult> Handle(
        string? role, string? unit, bool? overdue, string? after, int? limit, HttpContext http, IQuerySession session, UnitRegister units, TimeProvider clock, CancellationToken ct)
    {
        if (Actor.Of(http) is not { } actor) return Problems.Of(Problems.OfStatus(401));
        var (today, tree) = (clock.Today(), await units.GetAsync(ct));
        var faults = new Faults();
        var size = Paging.Limit(limit, faults);
        WorkPlace? last = null;
        faults.Unless(after is null || WorkPlace.TryParse(after, out last), "after", "Không phải là mốc của trang trước.", "Not the mark of an earlier page.");
        if (faults.Refuse(400, "malformed-query") is { } malformed) return Problems.Of(malformed);

        Guid[]? of = null;
        if (unit is not null)
        {
            if (tree.Resolve(unit, today) is not { } found) return Problems.Of(Target.NoUnit(unit, today));
            of = [.. tree.AnsweredBy(found.Id, today)];
        }

        var keys = WorkKeys.Of(actor, tree, today, role);
        var open = session.Query<OpenSteps>().Where(s => s.IsOpen && s.MatchesSql("jsonb_exists_any(d.data -> 'keys', ?)", (object)keys));
        if (of is not null) open = open.Where(s => s.Dossier.Unit.Id.IsOneOf(of));
        if (overdue == true)
        {
            var day = today.DayNumber;
            open = open.Where(s => s.DueDay < day);
        }

        if (last is not null) open = open.Where(s => s.MatchesSql("(d.due_day, d.id) > (?, ?)", last.DueDay, last.Id));
        var page = await open.OrderBy(s => s.DueDay).ThenBy(s => s.Id).Take(size + 1).ToListAsync(ct);
        var items = page.Take(size).SelectMany(s => ItemsOf(s, keys, today)).Where(i => overdue != true || i.Overdue).ToList();
        return TypedResults.Ok(new Page<WorkItem>(items, page.Count > size ? Paging.NextUrl(http, WorkPlace.Of(page[size - 1]).ToString()) : null));
    }

    private static IEnumerable<WorkItem> ItemsOf(OpenSteps open, string[] keys, DateOnly today)
    {
        var dossier = open.Dossier;
        return from step in open.Steps
               where WorkKeys.Of(step, dossier.Unit.Id).Any(keys.Contains)
               select new WorkItem(
                   dossier.Number, dossier.Unit.Code, dossier.Unit.Id, dossier.Unit.Name, dossier.Title, dossier.State, step.Step, step.Href, step.Roles, step.Due,
                   step.Due < today, null);
    }
}

/// <summary>A place in the queue: last day and dossier.</summary>
internal sealed record WorkPlace(int DueDay, string Id)
{
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

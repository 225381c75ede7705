using Marten;
using Marten.Linq.MatchesSql;
using Ntm.Appraisal.Eligibility;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>The public register: who holds which title, by which decision.</summary>
internal static class GetRecognitions
{
    private const int MostItems = 500;

    public sealed record DecisionView(string Number, DateOnly Date, string LegalBasis);

    public sealed record Item(
        string Unit, Guid UnitId, string UnitName, string Title, Guid Dossier, DecisionView Decision, DateOnly From, DateOnly? To, string Status,
        DateOnly? PublishedOn, string? PublishedWhere, bool Demonstration);

    public sealed record List(IReadOnlyList<Item> Items, string? Next, bool Demonstration, long? AsOfPosition);

    internal static Task<IResult> Handle(
        string? unit, string? title, QueryDay? on, Guid? after, int? limit, HttpContext http,
        IQuerySession session, AsOf past, UnitRegister units, Demonstration demonstration, TimeProvider clock, CancellationToken ct) =>
        ListAsync(unit, title, on?.Value, after, limit, http, session, past, units, demonstration, clock, ct);

    private static async Task<IResult> ListAsync(
        string? unit, string? title, DateOnly? on, Guid? after, int? limit, HttpContext http,
        IQuerySession session, AsOf past, UnitRegister units, Demonstration demonstration, TimeProvider clock, CancellationToken ct)
    {
        var take = limit ?? 100;
        if (take is < 1 or > MostItems)
            return Problems.Of(Refusal.Malformed("limit", "limit", $"Phải từ 1 đến {MostItems}.", $"Must be from 1 to {MostItems}."));

        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        var register = session.Query<Recognition>().AsQueryable();
        if (unit is not null)
        {
            var unitDay = on ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today();
            var tree = await units.GetAsync(ct);
            if (tree.Resolve(unit, unitDay) is not { } found) return Problems.Of(Target.NoUnit(unit, unitDay));
            var ids = WithPredecessors(tree, found.Id);
            register = register.Where(r => r.UnitId.IsOneOf(ids));
        }

        if (title is not null) register = register.Where(r => r.Title == title);
        // Ids begin with the time of the dossier, so their order is the order of opening.
        if (after is { } last) register = register.Where(r => r.MatchesSql("d.id > ?", Recognition.Key(last)));
        var (position, refusal) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        if (position is null && on is { } day) register = register.Where(r => r.From <= day && (r.To == null || r.To >= day));
        var ordered = register.OrderBy(r => r.Id);
        if (format is not null)
        {
            var all = position is { } then ? (await AtAsync(await ordered.ToListAsync(ct), then, on, session, past, ct)).ToAsyncEnumerable() : ordered.ToAsyncEnumerable(ct);
            return Exports.Of(http, "recognitions", format, all.Select(Of), position);
        }

        var entries = position is { } at ? await AtAsync(await ordered.ToListAsync(ct), at, on, session, past, ct) : await ordered.Take(take + 1).ToListAsync(ct);
        Item[] items = [.. entries.Take(take).Select(Of)];
        var next = entries.Count > take ? NextLink(unit, title, on, TakesAsOf.Of(http), items[^1].Dossier, take) : null;
        return TypedResults.Ok(new List(items, next, demonstration.On || items.Any(i => i.Demonstration), position));
    }

    /// <summary>The entries as they stood at the position, those in force on the day.</summary>
    private static async Task<List<Recognition>> AtAsync(
        IReadOnlyList<Recognition> entries, long position, DateOnly? on, IQuerySession session, AsOf past, CancellationToken ct)
    {
        List<Recognition> then = [];
        foreach (var entry in entries)
        {
            if (await past.VersionAtAsync(entry.Id, position, ct) is > 0 and var version
                && await session.Events.AggregateStreamAsync<Recognition>(entry.Id, version, token: ct) is { } old
                && (on is not { } day || (old.From <= day && (old.To is not { } to || to >= day))))
                then.Add(old);
        }

        return then;
    }

    private static Item Of(Recognition entry)
    {
        var r = entry.State;
        return new(
            r.Unit.Code, r.Unit.Id, r.Unit.Name, r.Title, r.Dossier, new(r.DecisionNumber, r.DecisionDate, r.LegalBasis), r.From, r.To, r.Status,
            r.PublishedOn, r.PublishedWhere, entry.Demonstration);
    }

    /// <summary>A merged unit shows the titles of those it was made of, each under the unit that won it.</summary>
    private static Guid[] WithPredecessors(UnitTree tree, Guid unit) => [unit, .. tree.Ancestry(unit).Select(p => p.From).Distinct()];

    private static string NextLink(string? unit, string? title, DateOnly? on, string? asOf, Guid after, int limit)
    {
        var query = QueryString.Create("after", after.ToString()).Add("limit", $"{limit}");
        if (unit is not null) query = query.Add("unit", unit);
        if (title is not null) query = query.Add("title", title);
        if (on is { } day) query = query.Add("on", $"{day:yyyy-MM-dd}");
        if (asOf is not null) query = query.Add("asOf", asOf);
        return $"/api/appraisal/recognitions{query}";
    }
}

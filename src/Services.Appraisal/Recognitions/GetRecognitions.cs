using System.Text.Json.Serialization;
using Marten;
using Marten.Linq.MatchesSql;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>The public register: who holds which title, by which decision.</summary>
internal static class GetRecognitions
{
    private const int MostItems = 500;

    public sealed record DecisionView(string Number, DateOnly Date, string LegalBasis);

    /// <summary>An entry as it stands on the day that was asked for.</summary>
    /// <param name="Dossier">Id of the entry: of the dossier that won the title; of an acknowledged title, an id of its own.</param>
    /// <param name="Status">in-force, revoked, succeeded; of a unit that ended, inherited-pending or, where nothing came after it, ended.</param>
    /// <param name="Issuer">province-chair or prime-minister; left out where that was not recorded.</param>
    /// <param name="Corrections">Later decisions that corrected this one; <c>decision</c> is what stands.</param>
    /// <param name="Year">Year of the title (năm đạt chuẩn); null where the decision does not name it, and of an acknowledged title no known rule says it either.</param>
    /// <param name="Predecessors">Of an acknowledged title: the entries that it rests on.</param>
    /// <param name="SucceededBy">Units whose title took the place of this one by decision.</param>
    /// <param name="Pending">While the title waits for an acknowledgement: for which units, and what the rule proposes.</param>
    public sealed record Item(
        string Unit, Guid UnitId, string UnitName, string Title, Guid Dossier, DecisionView Decision, DateOnly From, DateOnly? To, string Status,
        DateOnly? PublishedOn, string? PublishedWhere, bool Demonstration,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Issuer = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DecisionCorrection>? Corrections = null,
        int? Year = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? Predecessors = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TitleSuccession>? SucceededBy = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PendingInheritance? Pending = null)
    {
        internal static Item Of(Recognition entry, Standing standing)
        {
            var (r, status) = (entry.State, standing.StatusOf(entry));
            return new(
                r.Unit.Code, r.Unit.Id, r.Unit.Name, r.Title, r.Dossier, new(r.DecisionNumber, r.DecisionDate, r.LegalBasis), r.From, r.To, status,
                r.PublishedOn, r.PublishedWhere, entry.Demonstration, r.Issuer, r.Corrections, r.Year ?? r.Inherited?.Year, r.Inherited?.Entries, r.Successions, standing.PendingOf(entry));
        }
    }

    public sealed record List(IReadOnlyList<Item> Items, string? Next, bool Demonstration, long? AsOfPosition);

    internal static Task<IResult> Handle(
        string? unit, string? title, QueryDay? on, Guid? after, int? limit, HttpContext http,
        IQuerySession session, AsOf past, UnitRegister units, ProcedureBook book, Demonstration demonstration, TimeProvider clock, CancellationToken ct) =>
        ListAsync(unit, title, on?.Value, after, limit, http, session, past, units, book, demonstration, clock, ct);

    private static async Task<IResult> ListAsync(
        string? unit, string? title, DateOnly? on, Guid? after, int? limit, HttpContext http,
        IQuerySession session, AsOf past, UnitRegister units, ProcedureBook book, Demonstration demonstration, TimeProvider clock, CancellationToken ct)
    {
        var take = limit ?? 100;
        if (take is < 1 or > MostItems)
            return Problems.Of(Refusal.Malformed("limit", "limit", $"Phải từ 1 đến {MostItems}.", $"Must be from 1 to {MostItems}."));

        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        var (tree, day) = (await units.GetAsync(ct), on ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today());
        var (position, refusal) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        var register = session.Query<Recognition>().AsQueryable();
        var standing = new Standing(tree, book, day, []);
        if (unit is not null)
        {
            if (tree.Resolve(unit, day) is not { } found) return Problems.Of(Target.NoUnit(unit, day));
            // A merged unit shows the titles of those that it was made of, each under the unit that won it.
            Guid[] ids = [.. tree.AnsweredBy(found.Id, day)];
            register = register.Where(r => r.UnitId.IsOneOf(ids));
            standing = standing with { Asked = found.Id, Known = await AllAsync(register, position, session, past, ct) };
        }

        if (title is not null) register = register.Where(r => r.Title == title);
        // Ids begin with the time of the dossier, so their order is the order of opening.
        if (after is { } last) register = register.Where(r => r.MatchesSql("d.id > ?", Recognition.Key(last)));
        // What was succeeded is told beside what took its place.
        if (position is null && on is { } onDay) register = register.Where(r => r.From <= onDay && (r.To == null || r.To >= onDay || r.State.Status == Standing.Succeeded));
        var ordered = register.OrderBy(r => r.Id);
        if (format is not null)
        {
            var all = await ListedAsync(ordered, position, on, session, past, ct);
            var told = await WithHeirsAsync(standing, all, position, session, past, ct);
            return Exports.Of(http, "recognitions", format, all.Select(r => Item.Of(r, told)).ToAsyncEnumerable(), position);
        }

        var entries = await ListedAsync(position is null ? ordered.Take(take + 1) : ordered, position, on, session, past, ct);
        var stands = await WithHeirsAsync(standing, entries, position, session, past, ct);
        Item[] items = [.. entries.Take(take).Select(r => Item.Of(r, stands))];
        var next = entries.Count > take ? NextLink(unit, title, on, TakesAsOf.Of(http), items[^1].Dossier, take) : null;
        return TypedResults.Ok(new List(items, next, demonstration.On || items.Any(i => i.Demonstration), position));
    }

    private static async Task<IReadOnlyList<Recognition>> AllAsync(IQueryable<Recognition> register, long? position, IQuerySession session, AsOf past, CancellationToken ct) =>
        await ListedAsync(register.OrderBy(r => r.Id), position, null, session, past, ct);

    private static async Task<IReadOnlyList<Recognition>> ListedAsync(
        IQueryable<Recognition> ordered, long? position, DateOnly? on, IQuerySession session, AsOf past, CancellationToken ct)
    {
        var entries = await ordered.ToListAsync(ct);
        return position is { } at ? await AtAsync(entries, at, on, session, past, ct) : entries;
    }

    /// <summary>Where no unit was asked for: with the entries of the units that came after those that ended.</summary>
    private static async Task<Standing> WithHeirsAsync(
        Standing standing, IReadOnlyList<Recognition> entries, long? position, IQuerySession session, AsOf past, CancellationToken ct)
    {
        if (standing.Asked is not null) return standing;
        Guid[] heirs = [.. standing.HeirsOf(entries)];
        return heirs.Length == 0 ? standing : standing with { Known = await AllAsync(session.Query<Recognition>().Where(r => r.UnitId.IsOneOf(heirs)), position, session, past, ct) };
    }

    /// <summary>The entries as they stood at the position, those in force on the day.</summary>
    private static async Task<List<Recognition>> AtAsync(
        IReadOnlyList<Recognition> entries, long position, DateOnly? on, IQuerySession session, AsOf past, CancellationToken ct)
    {
        string[] keys = [.. entries.Select(e => e.Id)];
        var (at, now) = (await past.VersionsAtAsync(keys, position, ct), await past.VersionsAtAsync(keys, long.MaxValue, ct));
        List<Recognition> then = [];
        foreach (var entry in entries)
        {
            if (!at.TryGetValue(entry.Id, out var version)) continue;
            // Most have not changed since.
            var old = version == now[entry.Id] ? entry : await session.Events.AggregateStreamAsync<Recognition>(entry.Id, version, token: ct);
            if (old is not null && (on is not { } day || (old.From <= day && (old.To is not { } to || to >= day || old.State.Status == Standing.Succeeded)))) then.Add(old);
        }

        return then;
    }

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

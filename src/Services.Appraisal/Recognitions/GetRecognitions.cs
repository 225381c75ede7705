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

    public sealed record List(IReadOnlyList<Item> Items, string? Next, bool Demonstration);

    internal static async Task<IResult> Handle(
        string? unit, string? title, DateOnly? on, Guid? after, int? limit,
        IQuerySession session, UnitRegister units, IConfiguration configuration, TimeProvider clock, CancellationToken ct)
    {
        var take = limit ?? 100;
        if (take is < 1 or > MostItems)
            return Problems.Of(Refusal.Invalid("limit", "limit", $"Phải từ 1 đến {MostItems}.", $"Must be from 1 to {MostItems}."));

        var register = session.Query<Recognition>().AsQueryable();
        if (unit is not null)
        {
            var tree = await units.GetAsync(ct);
            if (tree.Resolve(unit, on ?? clock.Today()) is not { } found) return Problems.Of(Target.NoUnit(unit, on ?? clock.Today()));
            var ids = WithPredecessors(tree, found.Id);
            register = register.Where(r => r.UnitId.IsOneOf(ids));
        }

        if (title is not null) register = register.Where(r => r.Title == title);
        if (on is { } day) register = register.Where(r => r.From <= day && (r.To == null || r.To >= day));
        // Ids begin with the time of the dossier, so their order is the order of opening.
        if (after is { } last) register = register.Where(r => r.MatchesSql("d.id > ?", Recognition.Key(last)));
        var entries = await register.OrderBy(r => r.Id).Take(take + 1).ToListAsync(ct);
        Item[] items = [.. entries.Take(take).Select(Of)];
        var next = entries.Count > take ? NextLink(unit, title, on, items[^1].Dossier, take) : null;
        return TypedResults.Ok(new List(items, next, configuration.GetValue<bool>("Ntm:Demonstration") || items.Any(i => i.Demonstration)));
    }

    private static Item Of(Recognition entry)
    {
        var r = entry.State;
        return new(
            r.Unit.Code, r.Unit.Id, r.Unit.Name, r.Title, r.Dossier, new(r.DecisionNumber, r.DecisionDate, r.LegalBasis), r.From, r.To, r.Status,
            r.PublishedOn, r.PublishedWhere, entry.Demonstration);
    }

    /// <summary>A merged unit shows the titles of those it was made of, each under the unit that won it.</summary>
    private static Guid[] WithPredecessors(UnitTree tree, Guid unit)
    {
        var found = new HashSet<Guid> { unit };
        var open = new Queue<Guid>(found);
        while (open.TryDequeue(out var at))
        {
            foreach (var link in tree.Find(at)?.Predecessors ?? [])
            {
                if (found.Add(link.Unit)) open.Enqueue(link.Unit);
            }
        }

        return [.. found];
    }

    private static string NextLink(string? unit, string? title, DateOnly? on, Guid after, int limit)
    {
        var query = QueryString.Create("after", after.ToString()).Add("limit", $"{limit}");
        if (unit is not null) query = query.Add("unit", unit);
        if (title is not null) query = query.Add("title", title);
        if (on is { } day) query = query.Add("on", $"{day:yyyy-MM-dd}");
        return $"/api/appraisal/recognitions{query}";
    }
}

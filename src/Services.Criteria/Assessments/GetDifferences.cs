using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>What changed in the assessments of all units below one between two days, or two instants: counts, by unit and in all.</summary>
internal static class GetDifferences
{
    /// <param name="From">Null where the unit was not there, or lay elsewhere.</param>
    /// <param name="To">The same of the later side.</param>
    /// <param name="Changed">Indicators that are assessed otherwise, for whatever reason; 0 where one side is null.</param>
    /// <param name="Gained">Indicators that are met only by the later side.</param>
    /// <param name="Lost">Indicators that are met only by the earlier side.</param>
    public sealed record Item(string Unit, Guid UnitId, string Name, Score? From, Score? To, int Changed, int Gained, int Lost, int CriteriaGained, int CriteriaLost);

    /// <param name="Changed">Units of both sides in which anything changed.</param>
    /// <param name="Came">Units of the later side alone.</param>
    /// <param name="Gone">Units of the earlier side alone.</param>
    public sealed record Totals(Together From, Together To, int Changed, int Came, int Gone, int Gained, int Lost, int CriteriaGained, int CriteriaLost);

    /// <param name="Asked">The day or instant as the caller wrote it.</param>
    public sealed record Side(string Asked, DateOnly ValidOn, long? AsOfPosition, string Under, Guid UnderId, int SetVersion);

    public sealed record List(string Set, string Level, Side From, Side To, IReadOnlyList<Item> Items, string? Next, Totals Totals);

    public static async Task<IResult> Handle(
        HttpContext http, string? set, string? under, string? from, string? to, string? fromValidOn, string? toValidOn, bool? rural, string? after, int? limit, Looking looking, SetCatalogue sets,
        Trails trails, CancellationToken ct)
    {
        var faults = new Faults().Required(set, "set").Required(from, "from");
        var (first, second) = (GetDifference.MomentOf(from, fromValidOn, "from", looking.Today, faults), GetDifference.MomentOf(to, toValidOn, "to", looking.Today, faults));
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        var (left, refusal) = await SideAsync(first, "from");
        if (left is null) return Problems.Of(refusal!);
        var (right, other) = await SideAsync(second, "to");
        if (right is null) return Problems.Of(other!);
        if (left.Set.Set.Tier != right.Set.Set.Tier)
        {
            return Problems.Of(Refusal.Malformed(
                "set", "tier", $"Bộ tiêu chí dành cho hai cấp ở hai thời điểm: {left.Set.Set.Tier} và {right.Set.Set.Tier}.", $"The set is for two levels on the two sides: {left.Set.Set.Tier} and {right.Set.Set.Tier}."));
        }

        var reports = (await trails.OfUnitsAsync([.. left.Units.Concat(right.Units).Select(u => u.Id).Distinct()], ct)).Where(r => r.Set == set).ToLookup(r => r.Unit);
        var (was, becomes) = (ScoredOf(left), ScoredOf(right));
        var items = Of(was, becomes);
        var ordered = items.OrderBy(KeyOf, StringComparer.Ordinal);
        if (format is not null) return Exports.Of(http, "assessment-differences", format, ordered.ToAsyncEnumerable());
        var page = Paging.Page(http, ordered, KeyOf, after, take);
        return TypedResults.Ok(new List(
            set!, right.Set.Set.Tier, ViewOf(first, left), ViewOf(second, right), page.Items, page.Next,
            new(
                Together.Of(was, left.Set.Set), Together.Of(becomes, right.Set.Set), items.Count(i => i.Changed > 0), items.Count(i => i.From is null), items.Count(i => i.To is null), items.Sum(i => i.Gained),
                items.Sum(i => i.Lost), items.Sum(i => i.CriteriaGained), items.Sum(i => i.CriteriaLost))));

        IReadOnlyList<Scored> ScoredOf(Looked side) => Scoring.Of(side.Known.Tree, side.Set.Set, side.Units, reports, side.Day, side.Known.By);

        async Task<(Looked? Side, Refusal? Refusal)> SideAsync(GetDifference.Moment moment, string field)
        {
            var (known, unreadable) = await looking.AtAsync(moment.Instant, ct, field);
            if (known is null) return (null, unreadable);
            if (await sets.FindAsync(set!, known.Position, ct) is not { } record) return (null, SetCommands.Unknown(set!));
            var actor = Actor.Of(http)!;
            var (above, unknown) = looking.Under(known, actor, under, moment.Day);
            if (above is null) return (null, unknown);
            var may = known.Now.ReaderOf(actor, looking.Today);
            if (!may(above.Id, moment.Day)) return (null, AssessmentsModule.NoRight);
            var version = record.On(moment.Day);
            return (new(known, moment.Day, above, version, [.. Looking.Units(known.Tree, above.Id, version.Set.Tier, moment.Day, rural is true).Where(u => may(u.Id, moment.Day))]), null);
        }
    }

    /// <summary>Each unit of either side, under the name of the later one where it is there.</summary>
    internal static IReadOnlyList<Item> Of(IReadOnlyList<Scored> from, IReadOnlyList<Scored> to)
    {
        var (left, right) = (from.ToDictionary(s => s.Unit.Id), to.ToDictionary(s => s.Unit.Id));
        return [.. left.Keys.Union(right.Keys).Select(unit => ItemOf(left.GetValueOrDefault(unit), right.GetValueOrDefault(unit)))];
    }

    private static Item ItemOf(Scored? from, Scored? to)
    {
        var unit = (to ?? from)!.Unit;
        if (from is null || to is null) return new(unit.Code, unit.Id, unit.Name, from?.Score, to?.Score, 0, 0, 0, 0, 0);
        var changed = Changed.Between(from.Assessment, to.Assessment);
        var (was, becomes) = (CriteriaMet(from), CriteriaMet(to));
        return new(
            unit.Code, unit.Id, unit.Name, from.Score, to.Score, changed.Count, changed.Count(c => c.To?.Status == "met" && c.From?.Status != "met"),
            changed.Count(c => c.From?.Status == "met" && c.To?.Status != "met"), becomes.Except(was).Count(), was.Except(becomes).Count());

        static List<int> CriteriaMet(Scored scored) => [.. scored.Assessment.Criteria.Where(c => c.Status == "met").Select(c => c.No)];
    }

    private static Side ViewOf(GetDifference.Moment moment, Looked side) => new(moment.Asked, side.Day, side.Known.Position, side.Under.Code, side.Under.Id, side.Set.Number);

    private static string KeyOf(Item item) => $"{item.Unit}|{item.UnitId}";

    private sealed record Looked(Known Known, DateOnly Day, UnitRef Under, SetVersion Set, IReadOnlyList<UnitRef> Units);
}

using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Search;

/// <summary>The index of what this process knows. A newer register is indexed beside the questions, which the older index answers meanwhile.</summary>
internal sealed partial class SearchIndexes(UnitRegister register, SetCatalogue sets, ILogger<SearchIndexes> log)
{
    private readonly Lock gate = new();
    private SearchIndex? index;
    private UnitTree? seen;
    private Task<SearchIndex>? building;

    public async ValueTask<SearchIndex> GetAsync(CancellationToken ct)
    {
        var (tree, all) = (await register.GetAsync(ct), await sets.AllAsync(ct));
        Task<SearchIndex> first;
        lock (gate)
        {
            if (index is { } known)
            {
                if (!ReferenceEquals(seen, tree) || !ReferenceEquals(known.Sets, all)) building ??= Task.Run(() => Build(tree, all), CancellationToken.None);
                return known;
            }

            first = building ??= Task.Run(() => Build(tree, all), CancellationToken.None);
        }

        return await first.WaitAsync(ct);
    }

    /// <summary>A register that was only read anew needs no new index.</summary>
    private SearchIndex Build(UnitTree tree, IReadOnlyDictionary<string, SetRecord> all)
    {
        try
        {
            var old = index;
            var made = old is not null && ReferenceEquals(old.Sets, all) && SearchIndex.SaysTheSame(old.Tree, tree) ? old : new SearchIndex(tree, all);
            lock (gate) (index, seen) = (made, tree);
            return made;
        }
        catch (Exception exception)
        {
            Failed(exception);
            throw;
        }
        finally
        {
            lock (gate) building = null;
        }
    }

    [LoggerMessage(LogLevel.Error, "The search index could not be made")]
    private partial void Failed(Exception exception);
}

/// <summary>Search over units and indicators.</summary>
internal static class SearchModule
{
    private const int Longest = 200;

    /// <param name="Code">Code that matched.</param>
    /// <param name="Name">Full name that matched.</param>
    /// <param name="Former">Whether the unit carried it before the day and no longer does.</param>
    public sealed record Match(string Name, string Code, DateOnly? From, DateOnly? To, bool Former);

    public sealed record Heir(Guid UnitId, string Code, string Name);

    /// <param name="Matched">Where another name or code of the unit was found than the one shown.</param>
    /// <param name="Successors">Who answers for a unit that has ended, on the day.</param>
    public sealed record FoundUnit(
        Guid UnitId, string Code, string Name, string ShortName, string Level, string Kind, string? Parent, bool InForce, DateOnly? From, DateOnly? To,
        Match? Matched, IReadOnlyList<Heir> Successors);

    /// <param name="SetVersion">Version of the set that governs the day.</param>
    /// <param name="InForce">Whether the set is in force on the day; null where its first day is not known.</param>
    /// <param name="Mark">seen or recalled: how the indicator's text is known.</param>
    /// <param name="ThresholdSource">seen, recalled or unknown: how its figure is known.</param>
    public sealed record FoundIndicator(
        string Set, int SetVersion, string SetTitle, bool? InForce, int CriterionNo, string Criterion, string Code, string Text, string Mark, string ThresholdSource);

    /// <param name="Kind">unit or indicator.</param>
    public sealed record Item(string Kind, FoundUnit? Unit, FoundIndicator? Indicator);

    public static IServiceCollection AddSearch(this IServiceCollection services) => services.AddSingleton<SearchIndexes>();

    public static void MapSearch(this RouteGroupBuilder api) => api.MapGet("/search", HandleAsync).WithName("Search").WithExport().Produces<Page<Item>>().ProducesProblem(400)
        .WithSummary("Tìm đơn vị và chỉ tiêu, có dấu hoặc không dấu · Search units and indicators, with or without marks")
        .WithDescription(
            "`q` từ cần tìm: tên, tên cũ, mã, mã cũ, mã chỉ tiêu, mã bộ tiêu chí (names, former names, codes, former codes, indicator codes, set ids; beginnings of words do), "
            + "`kind` unit|indicator, `on` ngày (day; default today).");

    private static async Task<IResult> HandleAsync(
        HttpContext http, string? q, string? kind, string? on, string? after, int? limit, SearchIndexes indexes, UnitRegister register, TimeProvider clock, CancellationToken ct)
    {
        var faults = new Faults();
        var question = Prose.Clean(q);
        faults.Readable(question, "q", longest: Longest, lines: false)
            .Unless(kind is null or "unit" or "indicator", "kind", "kind là unit hoặc indicator.", "kind is unit or indicator.");
        var day = Days.Parse(on, "on", clock.Today(), faults);
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } unreadable) return Problems.Of(unreadable);
        faults.Unless(Folding.Asks(question!).Any(), "q", "Cần ít nhất một chữ cái hoặc chữ số.", "At least one letter or digit is needed.");
        if (faults.Refuse(400) is { } empty) return Problems.Of(empty);

        var index = await indexes.GetAsync(ct);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        if (format is not null) return Exports.Of(http, "search", format, index.Find(question!, kind, day).Select(h => ItemOf(http, index, h, day)).ToAsyncEnumerable());
        var page = Paging.Page(http, index.Find(question!, kind, day, after, take + 1), h => h.Key, null, take);
        return TypedResults.Ok(new Page<Item>([.. page.Items.Select(h => ItemOf(http, index, h, day))], page.Next));
    }

    internal static Item ItemOf(HttpContext http, SearchIndex index, Hit hit, DateOnly day)
    {
        if (hit.Unit is { } unit) return new("unit", UnitOf(index.Tree, unit, hit.Version!, day), null);
        var (set, criterion, indicator) = (hit.Set!.Set, hit.Criterion!, hit.Indicator!);
        return new("indicator", null, new(
            set.Id, hit.Set.Number, new Text(set.TitleVi, set.TitleEn).For(http), index.Sets[set.Id].InForceOn(day), criterion.No,
            new Text(criterion.NameVi, criterion.NameEn).For(http), indicator.Code, new Text(indicator.TextVi, indicator.TextEn).For(http), indicator.Source, indicator.ThresholdSource));
    }

    /// <summary>The unit as of the day; one that has ended under its last name with its heirs, one that is to come under its first.</summary>
    internal static FoundUnit UnitOf(UnitTree tree, UnitState unit, UnitVersion found, DateOnly day)
    {
        var standing = tree.On(unit.Id, day);
        var shown = standing ?? (unit.Versions[0].From > day ? unit.Versions[0] : unit.Versions[^1]);
        var parent = shown.Parent is { } above ? tree.Ref(above, standing is null ? shown.To ?? shown.From ?? day : day)?.Code : null;
        var matched = shown.FullName == found.FullName && shown.Code == found.Code ? null : new Match(found.FullName, found.Code, found.From, found.To, found.To < day);
        return new(
            unit.Id, shown.Code, shown.FullName, shown.Name, unit.Level, shown.Kind, parent, standing is not null, shown.From, shown.To, matched,
            standing is null && shown.To < day ? [.. HeirsOf(tree, unit, day, []).DistinctBy(h => h.UnitId).OrderBy(h => h.Code, StringComparer.Ordinal)] : []);
    }

    private static IEnumerable<Heir> HeirsOf(UnitTree tree, UnitState unit, DateOnly day, HashSet<Guid> passed)
    {
        foreach (var link in unit.Successors.Where(l => l.On <= day && passed.Add(l.Unit)))
        {
            if (tree.Find(link.Unit) is not { } heir) continue;
            if (tree.On(heir.Id, day) is null && heir.Successors.Count > 0)
            {
                foreach (var further in HeirsOf(tree, heir, day, passed)) yield return further;
            }
            else if (tree.Ref(heir.Id, day) is { } named)
            {
                yield return new(named.Id, named.Code, named.Name);
            }
        }
    }
}

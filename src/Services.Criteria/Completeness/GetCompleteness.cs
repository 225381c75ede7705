using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Completeness;

/// <summary>Who has reported, who is late, who was sent back: all units over all periods, or one period as a list.</summary>
internal sealed class GetCompleteness(Looking looking, IQuerySession session, SetCatalogue sets, Trails trails, TimeProvider clock)
{
    private const int MostPeriods = 60;
    private static readonly string[] Statuses = ["open", "submitted", "returned", "verified", "approved", "late", "missing"];

    /// <summary>A unit with its cells, in the order of the periods.</summary>
    /// <param name="Unit">Its code on the day of the last of the periods in which it reports.</param>
    public sealed record Row(Guid UnitId, string Unit, string Name, IReadOnlyList<Cell> Cells);

    /// <summary>A cell of the matrix with its unit, as a file has it: a row for each unit and period.</summary>
    public sealed record FlatCell(
        Guid UnitId, string Unit, string Name, string Period, string Status, int? Recorded, int? Of, bool Late, DateTimeOffset? SubmittedAt, int? DaysLate, bool Missing, int? Returns,
        bool ApprovalLate, int? ApprovalDaysLate);

    public sealed record Matrix(string Under, IReadOnlyList<Row> Items, string? Next, IReadOnlyList<PeriodTotals> Totals, long? AsOfPosition);

    public sealed record Item(
        Guid UnitId, string Unit, string Name, string? District, string Status, int Recorded, int Of, bool Late, bool Missing, DateTimeOffset? SubmittedAt, int? DaysLate, DateOnly? Due,
        int Returns, bool ApprovalLate, int? ApprovalDaysLate, DateOnly? DueDepartment);

    public sealed record List(string Period, string Under, IReadOnlyList<Item> Items, string? Next, PeriodTotals Totals, long? AsOfPosition);

    public static Task<IResult> HandleMatrix(
        HttpContext http, string? under, string? periods, string? from, string? to, string? level, string? set, string? after, int? limit, GetCompleteness completeness, CancellationToken ct) =>
        completeness.MatrixAsync(http, under, periods, from, to, level, set, after, limit, ct);

    public static Task<IResult> HandleList(
        HttpContext http, string period, string? under, string? status, string? after, int? limit, GetCompleteness completeness, CancellationToken ct) =>
        completeness.ListAsync(http, period, under, status, after, limit, ct);

    private async Task<IResult> MatrixAsync(
        HttpContext http, string? under, string? periods, string? from, string? to, string? level, string? set, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        var (first, last) = (Days.Parse(from, "from", DateOnly.MinValue, faults), Days.Parse(to, "to", DateOnly.MaxValue, faults));
        string[]? named = periods?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        faults.Unless(level is null || Looking.Levels.Contains(level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.")
            .Unless(named is null || (from is null && to is null), "periods", "Chỉ nêu periods, hoặc from và to.", "Give periods, or from and to.")
            .Unless(named is not { Length: 0 }, "periods", "Nêu ít nhất một kỳ.", "Name at least one period.")
            .Unless(first <= last, "from", "from không được sau to.", "from is not after to.");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (known, refusal) = await looking.AtAsync(TakesAsOf.Of(http), ct);
        if (known is null) return Problems.Of(refusal!);

        if (set is not null && await sets.FindAsync(set, known.Position, ct) is null) return Problems.Of(SetCommands.Unknown(set));
        var all = await Period.AtAsync(session, known.Position, ct);
        if (named?.FirstOrDefault(code => all.All(p => p.Code != Prose.Normal(code))) is { } missing) return Problems.Of(PeriodsModule.Unknown(missing));
        List<Period> wanted = named is null
            ? [.. all.Where(p => first <= p.FiguresAsOf && p.FiguresAsOf <= last).OrderBy(p => p.FiguresAsOf).ThenBy(p => p.Code, StringComparer.Ordinal)]
            : [.. named.Select(code => all.First(p => p.Code == Prose.Normal(code))).Distinct()];
        wanted = [.. wanted.Where(p => (level is null || p.Level == level) && (set is null || p.Set == set))];
        // Of other provinces nothing is told, not even which periods they opened.
        if (named is null) wanted = Concerning(http, known, under, wanted);
        if (named is null && from is null && to is null) wanted = [.. wanted.TakeLast(MostPeriods)];
        if (wanted.Count > MostPeriods)
            return Problems.Of(Refusal.Malformed("periods", "too-many-periods", $"Nhiều nhất {MostPeriods} kỳ một lần.", $"At most {MostPeriods} periods at a time."));
        var (columns, no) = await ColumnsAsync(http, known, under, wanted, ct);
        if (columns is null) return Problems.Of(no!);

        var cells = columns.Select(c => c.Cells.ToDictionary(x => x.Unit.Id, x => x.Cell)).ToList();
        // The name of the last day counts.
        Dictionary<Guid, UnitRef> units = [];
        foreach (var (unit, _) in columns.OrderBy(c => c.Period.FiguresAsOf).SelectMany(c => c.Cells)) units[unit.Id] = unit;
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        if (format is not null)
        {
            var flat = from u in units.Values.OrderBy(KeyOf, StringComparer.Ordinal)
                       from at in columns.Zip(cells)
                       let c = at.Second.GetValueOrDefault(u.Id) ?? Cell.NotAsked(at.First.Period.Code)
                       select new FlatCell(u.Id, u.Code, u.Name, c.Period, c.Status, c.Recorded, c.Of, c.Late, c.SubmittedAt, c.DaysLate, c.Missing, c.Returns, c.ApprovalLate, c.ApprovalDaysLate);
            return Exports.Of(http, "completeness", format, flat.ToAsyncEnumerable(), known.Position);
        }

        var page = Paging.Page(http, units.Values.OrderBy(KeyOf, StringComparer.Ordinal), KeyOf, after, take);
        return TypedResults.Ok(new Matrix(
            under ?? UnderOf(http, known)?.Code ?? "",
            [.. page.Items.Select(u => new Row(u.Id, u.Code, u.Name, [.. columns.Zip(cells, (column, by) => by.GetValueOrDefault(u.Id) ?? Cell.NotAsked(column.Period.Code))]))],
            page.Next, [.. columns.Select(c => c.Totals)], known.Position));
    }

    private async Task<IResult> ListAsync(HttpContext http, string period, string? under, string? status, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        faults.Unless(status is null || Statuses.Contains(status), "status", $"Trạng thái là một trong: {string.Join(", ", Statuses)}.", $"The status is one of: {string.Join(", ", Statuses)}.");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (known, refusal) = await looking.AtAsync(TakesAsOf.Of(http), ct);
        if (known is null) return Problems.Of(refusal!);
        if ((await Period.AtAsync(session, known.Position, ct)).FirstOrDefault(p => p.Code == Prose.Normal(period)) is not { } found) return Problems.Of(PeriodsModule.Unknown(period));
        var (columns, no) = await ColumnsAsync(http, known, under, [found], ct);
        if (columns is null) return Problems.Of(no!);

        var wanted = columns[0].Cells.Where(c => status switch
        {
            null => true,
            "late" => c.Cell.Late,
            "missing" => c.Cell.Missing,
            _ => c.Cell.Status == status,
        });
        var items = wanted.OrderBy(c => KeyOf(c.Unit), StringComparer.Ordinal).Select(c => new Item(
            c.Unit.Id, c.Unit.Code, c.Unit.Name,
            known.Tree.Above(c.Unit.Id, "district", found.FiguresAsOf) is { } district ? known.Tree.Ref(district, found.FiguresAsOf)?.Code : null,
            c.Cell.Status, c.Cell.Recorded ?? 0, c.Cell.Of ?? 0, c.Cell.Late, c.Cell.Missing, c.Cell.SubmittedAt, c.Cell.DaysLate, found.DueUnits,
            c.Cell.Returns ?? 0, c.Cell.ApprovalLate, c.Cell.ApprovalDaysLate, found.DueDepartment));
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        if (format is not null) return Exports.Of(http, "completeness", format, items.ToAsyncEnumerable(), known.Position);
        var page = Paging.Page(http, items, i => $"{i.Unit}|{i.UnitId}", after, take);
        return TypedResults.Ok(new List(found.Code, under ?? UnderOf(http, known)?.Code ?? "", page.Items, page.Next, columns[0].Totals, known.Position));
    }

    /// <summary>
    /// Each period by the units of its own day. One on whose day the caller may not read, or the code named another unit, or which was
    /// opened elsewhere, is a column without rows.
    /// </summary>
    private async Task<(IReadOnlyList<PeriodColumn>? Columns, Refusal? Refusal)> ColumnsAsync(HttpContext http, Known known, string? under, List<Period> periods, CancellationToken ct)
    {
        var actor = Actor.Of(http)!;
        var may = known.Now.ReaderOf(actor, looking.Today);
        var found = periods.ConvertAll(period => (Period: period, looking.Under(known, actor, under, period.FiguresAsOf).Under));
        // A unit that was there on none of the days is not known.
        if (found.All(f => f.Under is null) && looking.Under(known, actor, under, periods.Count == 0 ? looking.Today : periods[^1].FiguresAsOf) is { Refusal: { } unknown }) return (null, unknown);
        var readable = found.Where(f => f.Under is { } unit && may(unit.Id, f.Period.FiguresAsOf)).OrderBy(f => f.Period.FiguresAsOf).ToList();
        if (readable.Count == 0 && (periods.Count > 0 || looking.Under(known, actor, under, looking.Today).Under is { } today && !may(today.Id, looking.Today))) return (null, NoRight);

        // The unit of the last day is the one that is asked about.
        var asked = readable.Where(f => f.Under!.Id == readable[^1].Under!.Id && Concerns(known.Tree, f.Period, f.Under.Id))
            .ToDictionary(f => f.Period.Code, f => PeriodColumn.Asked(known.Tree, f.Period, f.Under!.Id).Where(u => may(u.Id, f.Period.FiguresAsOf)).ToList(), StringComparer.Ordinal);
        var reports = (await trails.OfPeriodsAsync(asked.Keys, [.. asked.Values.SelectMany(u => u).Select(u => u.Id).Distinct()], ct)).ToLookup(r => r.Period, StringComparer.Ordinal);
        var closings = await ClosingsAsync([.. periods.Where(p => p.Closed && asked.ContainsKey(p.Code)).Select(p => p.Id)], ct);
        var now = InstantOf(http);
        Dictionary<string, SetRecord> by = new(StringComparer.Ordinal);
        foreach (var set in periods.Where(p => asked.ContainsKey(p.Code)).Select(p => p.Set).Distinct(StringComparer.Ordinal))
            by[set] = await sets.FindAsync(set, known.Position, ct) ?? await sets.OfPeriodAsync(set, ct);
        return ([.. periods.Select(p => asked.TryGetValue(p.Code, out var units)
            ? PeriodColumn.For(p, units, by[p.Set], reports[p.Code].ToDictionary(r => r.Unit), known.By, closings.TryGetValue(p.Id, out var closed) && closed < now ? closed : now)
            : new(p, []))], null);
    }

    /// <summary>Whether the period was opened for the unit, for one above it or for one below it.</summary>
    private static bool Concerns(UnitTree tree, Period period, Guid unit) =>
        tree.Chain(unit, period.FiguresAsOf).Any(u => u.Id == period.UnderId) || tree.Chain(period.UnderId, period.FiguresAsOf).Any(u => u.Id == unit);

    private List<Period> Concerning(HttpContext http, Known known, string? under, List<Period> periods)
    {
        var actor = Actor.Of(http)!;
        return [.. periods.Where(p => looking.Under(known, actor, under, p.FiguresAsOf).Under is { } unit && Concerns(known.Tree, p, unit.Id))];
    }

    /// <summary>When closed periods were closed.</summary>
    private async Task<Dictionary<string, DateTimeOffset>> ClosingsAsync(string[] streams, CancellationToken ct) => streams.Length == 0
        ? []
        : (await session.Events.QueryAllRawEvents().Where(e => streams.Contains(e.StreamKey!)).ToListAsync(ct)).Where(e => e.Data is PeriodClosed)
            .ToDictionary(e => e.StreamKey!, e => ((PeriodClosed)e.Data).At, StringComparer.Ordinal);

    private UnitRef? UnderOf(HttpContext http, Known known) => looking.Under(known, Actor.Of(http)!, null, looking.Today).Under;

    private DateTimeOffset InstantOf(HttpContext http) => AsOf.InstantOf(TakesAsOf.Of(http)) ?? clock.GetUtcNow();

    private static string KeyOf(UnitRef unit) => $"{unit.Code}|{unit.Id}";

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ đơn vị và cấp trên của đơn vị được xem tình hình báo cáo.", "Only the unit and those above it read who has reported.");
}

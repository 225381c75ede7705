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
        Guid UnitId, string Unit, string Name, string Period, string Status, int? Recorded, int? Of, bool Late, DateTimeOffset? SubmittedAt, int? DaysLate);

    public sealed record Matrix(string Under, IReadOnlyList<Row> Items, string? Next, IReadOnlyList<PeriodTotals> Totals, long? AsOfPosition);

    public sealed record Item(
        Guid UnitId, string Unit, string Name, string? District, string Status, int Recorded, int Of, bool Late, bool Missing, DateTimeOffset? SubmittedAt, int? DaysLate, DateOnly? Due);

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
            .Unless(named is null || (from is null && to is null), "periods", "Chỉ nêu periods, hoặc from và to.", "Give periods, or from and to.");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (known, refusal) = await looking.AtAsync(TakesAsOf.Of(http), ct);
        if (known is null) return Problems.Of(refusal!);

        var all = await PeriodsAsync(known.Position, ct);
        if (named?.FirstOrDefault(code => all.All(p => p.Code != Prose.Normal(code))) is { } missing) return Problems.Of(PeriodsModule.Unknown(missing));
        List<Period> wanted = named is null
            ? [.. all.Where(p => first <= p.FiguresAsOf && p.FiguresAsOf <= last).OrderBy(p => p.FiguresAsOf).ThenBy(p => p.Code, StringComparer.Ordinal)]
            : [.. named.Select(code => all.First(p => p.Code == Prose.Normal(code))).Distinct()];
        wanted = [.. wanted.Where(p => (level is null || p.Level == level) && (set is null || p.Set == set))];
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
                       select new FlatCell(u.Id, u.Code, u.Name, c.Period, c.Status, c.Recorded, c.Of, c.Late, c.SubmittedAt, c.DaysLate);
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
        if ((await PeriodsAsync(known.Position, ct)).FirstOrDefault(p => p.Code == Prose.Normal(period)) is not { } found) return Problems.Of(PeriodsModule.Unknown(period));
        var (columns, no) = await ColumnsAsync(http, known, under, [found], ct);
        if (columns is null) return Problems.Of(no!);

        var wanted = columns[0].Cells.Where(c => status switch
        {
            null => true,
            "late" => c.Cell.Late,
            "missing" => c.Cell.SubmittedAt is null,
            _ => c.Cell.Status == status,
        });
        var items = wanted.OrderBy(c => KeyOf(c.Unit), StringComparer.Ordinal).Select(c => new Item(
            c.Unit.Id, c.Unit.Code, c.Unit.Name,
            known.Tree.Above(c.Unit.Id, "district", found.FiguresAsOf) is { } district ? known.Tree.Ref(district, found.FiguresAsOf)?.Code : null,
            c.Cell.Status, c.Cell.Recorded ?? 0, c.Cell.Of ?? 0, c.Cell.Late, c.Cell.SubmittedAt is null, c.Cell.SubmittedAt, c.Cell.DaysLate, found.DueUnits));
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        if (format is not null) return Exports.Of(http, "completeness", format, items.ToAsyncEnumerable(), known.Position);
        var page = Paging.Page(http, items, i => $"{i.Unit}|{i.UnitId}", after, take);
        return TypedResults.Ok(new List(found.Code, under ?? UnderOf(http, known)?.Code ?? "", page.Items, page.Next, columns[0].Totals, known.Position));
    }

    /// <summary>Each period by the units of its own day: a code that is used again names another unit there.</summary>
    private async Task<(IReadOnlyList<PeriodColumn>? Columns, Refusal? Refusal)> ColumnsAsync(HttpContext http, Known known, string? under, List<Period> periods, CancellationToken ct)
    {
        var actor = Actor.Of(http)!;
        List<(Period Period, Guid? Under)> asked = [];
        Refusal? unknown = null;
        foreach (var period in periods)
        {
            var (unit, refusal) = looking.Under(known, actor, under, period.FiguresAsOf);
            if (unit is null) unknown = refusal;
            else if (!known.Now.MayRead(actor, unit.Id, period.FiguresAsOf, looking.Today)) return (null, NoRight);
            asked.Add((period, unit?.Id));
        }

        // On some of the days the unit may not have been there; one that was there on none is not known.
        if (periods.Count == 0) unknown = looking.Under(known, actor, under, looking.Today).Refusal;
        if (unknown is not null && asked.All(a => a.Under is null)) return (null, unknown);
        var reports = (await trails.OfPeriodsAsync([.. asked.Where(a => a.Under is not null).Select(a => a.Period.Code)], ct)).ToLookup(r => r.Period, StringComparer.Ordinal);
        var now = InstantOf(http);
        Dictionary<string, SetRecord> by = new(StringComparer.Ordinal);
        foreach (var set in asked.Select(a => a.Period.Set).Distinct(StringComparer.Ordinal))
            by[set] = await sets.FindAsync(set, known.Position, ct) ?? await sets.OfPeriodAsync(set, ct);
        return ([.. asked.Select(a => a.Under is { } unit
            ? PeriodColumn.For(known.Tree, a.Period, unit, by[a.Period.Set], reports[a.Period.Code].ToDictionary(r => r.Unit), known.By, now)
            : new(a.Period, []))], null);
    }

    /// <summary>The periods as they were opened and closed by the position.</summary>
    private async Task<IReadOnlyList<Period>> PeriodsAsync(long? position, CancellationToken ct)
    {
        var periods = await session.Query<Period>().ToListAsync(ct);
        if (position is not { } at) return periods;
        string[] streams = [.. periods.Select(p => p.Id)];
        var events = await session.Events.QueryAllRawEvents().Where(e => streams.Contains(e.StreamKey!) && e.Sequence <= at).OrderBy(e => e.Sequence).ToListAsync(ct);
        return [.. events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal).Select(s => s.Aggregate((Period?)null, (period, e) => Period.Fold(period, s.Key, e.Data))).OfType<Period>()];
    }

    private UnitRef? UnderOf(HttpContext http, Known known) => looking.Under(known, Actor.Of(http)!, null, looking.Today).Under;

    private DateTimeOffset InstantOf(HttpContext http) => AsOf.InstantOf(TakesAsOf.Of(http)) ?? clock.GetUtcNow();

    private static string KeyOf(UnitRef unit) => $"{unit.Code}|{unit.Id}";

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ đơn vị và cấp trên của đơn vị được xem tình hình báo cáo.", "Only the unit and those above it read who has reported.");
}

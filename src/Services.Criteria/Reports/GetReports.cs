using JasperFx.Events;
using Marten;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>Reports as they are, as they were, and who did what to them.</summary>
internal sealed class GetReports(IQuerySession session, UnitRegister register, SetCatalogue sets, AsOf asOf, Demonstration demonstration, TimeProvider clock)
{
    public sealed record Item(
        string Period, string Unit, Guid UnitId, string Name, string Set, string Status, long Version, long? ApprovedVersion, int Recorded, DateOnly FiguresAsOf);

    public sealed record Entry(long Version, Guid EventId, string Event, DateTimeOffset At, string By, string Client, object Data);

    public sealed record Entries(IReadOnlyList<Entry> Items, string? Next, long? AsOfPosition);

    public static Task<IResult> Handle(HttpContext http, string period, string unit, GetReports reports, CancellationToken ct) => reports.OneAsync(http, period, unit, ct);

    public static Task<IResult> HandleHistory(HttpContext http, string period, string unit, GetReports reports, CancellationToken ct) =>
        reports.HistoryAsync(http, period, unit, ct);

    public static Task<IResult> HandleList(
        HttpContext http, string? period, string? status, string? parent, string? after, int? limit, GetReports reports, CancellationToken ct) =>
        reports.ListAsync(http, period, status, parent, after, limit, ct);

    private async Task<IResult> OneAsync(HttpContext http, string periodCode, string unit, CancellationToken ct)
    {
        var (period, chain, tree, refusal) = await FindAsync(http, periodCode, unit, ct);
        if (refusal is not null) return Problems.Of(refusal);
        var (position, future) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (future is not null) return Problems.Of(future);

        var key = Report.Key(period!.Code, chain!.Unit.Id);
        var report = position is { } at ? await PastAsync(key, at, ct) : await session.LoadAsync<Report>(key, ct);
        if (report is not null) http.Response.Headers.ETag = ETags.Of(report.Version);
        if (await sets.FindAsync(period!.Set, position, ct) is not { } set) return Problems.Of(SetCommands.Unknown(period.Set));
        return TypedResults.Ok(ReportView.Of(report, period, set.On(period.FiguresAsOf), chain, tree!, demonstration.On, position));
    }

    private async Task<Report?> PastAsync(string key, long position, CancellationToken ct)
    {
        var version = await asOf.VersionAtAsync(key, position, ct);
        return version == 0 ? null : await session.Events.AggregateStreamAsync<Report>(key, version, token: ct);
    }

    private async Task<IResult> HistoryAsync(HttpContext http, string periodCode, string unit, CancellationToken ct)
    {
        var (period, chain, _, refusal) = await FindAsync(http, periodCode, unit, ct);
        if (refusal is not null) return Problems.Of(refusal);
        var (position, future) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (future is not null) return Problems.Of(future);
        var key = Report.Key(period!.Code, chain!.Unit.Id);
        var version = position is { } at ? await asOf.VersionAtAsync(key, at, ct) : 0;
        var events = position is not null && version == 0 ? [] : await session.Events.FetchStreamAsync(key, version, token: ct);
        return TypedResults.Ok(new Entries([.. events.Select(EntryOf)], null, position));
    }

    private async Task<IResult> ListAsync(HttpContext http, string? period, string? status, string? parent, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        ReportStatus? wanted = null;
        if (status is not null)
        {
            faults.Unless(Enum.TryParse<ReportStatus>(status, ignoreCase: true, out var parsed) && !char.IsDigit(status[0]), "status", "Trạng thái là open, submitted, returned, verified hoặc approved.", "The status is open, submitted, returned, verified or approved.");
            wanted = parsed;
        }

        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        if (period is not null && await session.LoadAsync<Period>(Period.Key(period), ct) is null) return Problems.Of(PeriodsModule.Unknown(period));

        var tree = await register.GetAsync(ct);
        var today = clock.Today();
        var actor = Actor.Of(http)!;
        IQueryable<Report> query = session.Query<Report>();
        var code = Prose.Normal(period);
        if (code is not null) query = query.Where(r => r.Period == code);
        if (wanted is { } s) query = query.Where(r => r.Status == s);
        var reports = (await query.ToListAsync(ct)).Where(r => tree.MayRead(actor, r.UnitId, r.FiguresAsOf, today));
        if (parent is not null)
        {
            if (!tree.Knows(parent)) return Problems.Of(GetUnits.Unknown(parent, today));
            reports = reports.Where(r => tree.Resolve(parent, r.FiguresAsOf) is { } above && tree.Chain(r.UnitId, r.FiguresAsOf).Any(u => u.Id == above.Id));
        }

        var items = reports
            .Select(r => (Report: r, Unit: tree.Ref(r.UnitId, r.FiguresAsOf)!))
            .Select(x => new Item(
                x.Report.Period, x.Unit.Code, x.Unit.Id, x.Unit.Name, x.Report.Set, ReportView.NameOf(x.Report.Status), x.Report.Version, x.Report.ApprovedVersion,
                x.Report.Figures.Count, x.Report.FiguresAsOf))
            .OrderBy(KeyOf, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(http, items, KeyOf, after, take));
    }

    private async Task<(Period? Period, ReportChain? Chain, UnitTree? Tree, Refusal? Refusal)> FindAsync(HttpContext http, string periodCode, string unit, CancellationToken ct)
    {
        if (await session.LoadAsync<Period>(Period.Key(periodCode), ct) is not { } period) return (null, null, null, PeriodsModule.Unknown(periodCode));
        var tree = await register.GetAsync(ct);
        if (ReportChain.Of(tree, period, unit) is not { } chain) return (null, null, null, ReportCommands.UnknownUnit(unit, period));
        return tree.MayRead(Actor.Of(http)!, chain.Unit.Id, period.FiguresAsOf, clock.Today())
            ? (period, chain, tree, null)
            : (null, null, null, Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem báo cáo.", "Only the unit and those above it read its report."));
    }

    private static string KeyOf(Item item) => $"{item.Period}|{item.Unit}|{item.UnitId}";

    private static Entry EntryOf(IEvent e) => new(e.Version, e.Id, e.EventTypeName, e.Timestamp, e.UserName ?? "", e.ClientOf(), e.Data);
}

using JasperFx.Events;
using Marten;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>Reports as they are, as they were, and who did what to them.</summary>
internal sealed class GetReports(IQuerySession session, UnitRegister register, PastUnits past, SetCatalogue sets, AsOf asOf, Demonstration demonstration, TimeProvider clock)
{
    public sealed record Item(
        string Period, string Unit, Guid UnitId, string Name, string Set, string Status, long Version, long? ApprovedVersion, int Recorded, DateOnly FiguresAsOf,
        bool ApprovalStale);

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
        var (period, chain, tree, position, refusal) = await FindAsync(http, periodCode, unit, ct);
        if (refusal is not null) return Problems.Of(refusal);

        var key = Report.Key(period!.Code, chain!.Unit.Id);
        var report = position is { } at ? await PastAsync(key, at, ct) : await session.LoadAsync<Report>(key, ct);
        // What was stored before reports kept their version does not say when they were opened; their events do, so that no answer waits for a rebuild.
        if (report is { SetVersion: null, SetKnownAt: null }) report = await session.Events.AggregateStreamAsync<Report>(key, token: ct);
        if (report is not null) http.Response.Headers.ETag = ETags.Of(report.Version);
        var set = position is null ? await sets.OfPeriodAsync(period!.Set, ct) : await sets.FindAsync(period!.Set, position, ct);
        if (set is null) return Problems.Of(SetCommands.Unknown(period.Set));
        var held = position is null && report is not null ? await HeldAsync(report, ct) : null;
        var difficulties = await GetDifficulties.OfReportAsync(session, period.Code, chain.Unit.Id, position, ct);
        return TypedResults.Ok(ReportView.Of(report, period, report?.VersionOf(set) ?? set.On(period.FiguresAsOf), chain, tree!, demonstration.On, position, held) with
        {
            Difficulties = [.. difficulties.Select(d => new ReportView.Difficulty(d.Number, d.Indicator, d.Raised.Text, Difficulty.NameOf(d.Status)))],
        });
    }

    /// <summary>Files among the report's evidence that are kept and are its own; what somebody else keeps is not told.</summary>
    private async Task<IReadOnlyDictionary<string, EvidenceFile>> HeldAsync(Report report, CancellationToken ct)
    {
        string[] keys = [.. report.Figures.Values.SelectMany(f => f.Evidence).Select(e => EvidenceFile.Key(e.Sha256)).Distinct(StringComparer.Ordinal)];
        if (keys.Length == 0) return new Dictionary<string, EvidenceFile>(StringComparer.Ordinal);
        var (files, tree, today) = (await session.LoadManyAsync<EvidenceFile>(ct, keys), await register.GetAsync(ct), clock.Today());
        return files.Where(f => f.RemovedAt is null && f.IsHeldBy(tree, report.UnitId, report.FiguresAsOf, today)).ToDictionary(f => f.Sha256, StringComparer.Ordinal);
    }

    private async Task<Report?> PastAsync(string key, long position, CancellationToken ct)
    {
        var version = await asOf.VersionAtAsync(key, position, ct);
        return version == 0 ? null : await session.Events.AggregateStreamAsync<Report>(key, version, token: ct);
    }

    private async Task<IResult> HistoryAsync(HttpContext http, string periodCode, string unit, CancellationToken ct)
    {
        var (period, chain, _, position, refusal) = await FindAsync(http, periodCode, unit, ct);
        if (refusal is not null) return Problems.Of(refusal);
        var key = Report.Key(period!.Code, chain!.Unit.Id);
        var version = position is { } at ? await asOf.VersionAtAsync(key, at, ct) : 0;
        var events = position is not null && version == 0 ? [] : await session.Events.FetchStreamAsync(key, version, token: ct);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        if (format is not null) return Exports.Of(http, "history", format, events.Select(EntryOf).ToAsyncEnumerable(), position);
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
                x.Report.Figures.Count, x.Report.FiguresAsOf, x.Report.ApprovalStale))
            .OrderBy(KeyOf, StringComparer.Ordinal);
        return Exports.Answer(http, "reports", items, KeyOf, after, take);
    }

    /// <summary>The period and its unit as the register of then names it; who may read it is asked of the register of today.</summary>
    private async Task<(Period? Period, ReportChain? Chain, UnitTree? Tree, long? Position, Refusal? Refusal)> FindAsync(
        HttpContext http, string periodCode, string unit, CancellationToken ct)
    {
        if (await session.LoadAsync<Period>(Period.Key(periodCode), ct) is not { } period) return (null, null, null, null, PeriodsModule.Unknown(periodCode));
        var (position, malformed) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (malformed is not null) return (null, null, null, null, malformed);
        if (position is { } then)
        {
            // Its last days as they stood then; before it was opened there was none.
            if (await asOf.VersionAtAsync(period.Id, then, ct) is not (> 0 and var version)) return (null, null, null, null, PeriodsModule.Unknown(periodCode));
            period = (await session.Events.AggregateStreamAsync<Period>(period.Id, version, token: ct))!;
        }

        var now = await register.GetAsync(ct);
        var tree = position is { } at ? await past.AtAsync(at, ct) : now;
        if (ReportChain.Of(tree, period, unit) is not { } chain) return (null, null, null, null, ReportCommands.NotAsked(tree, unit, period));
        return now.MayRead(Actor.Of(http)!, chain.Unit.Id, period.FiguresAsOf, clock.Today())
            ? (period, chain, tree, position, null)
            : (null, null, null, null, Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem báo cáo.", "Only the unit and those above it read its report."));
    }

    private static string KeyOf(Item item) => $"{item.Period}|{item.Unit}|{item.UnitId}";

    private static Entry EntryOf(IEvent e) => new(e.Version, e.Id, e.EventTypeName, e.Timestamp, e.UserName ?? "", e.ClientOf(), e.Data);
}

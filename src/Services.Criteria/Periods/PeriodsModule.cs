using JasperFx.Events.Projections;
using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Periods;

/// <summary>Reporting periods.</summary>
internal static class PeriodsModule
{
    /// <summary>A report type, with its name in the caller's language.</summary>
    /// <param name="Mark">seen, recalled, derived or unknown: how sure its due days are.</param>
    /// <param name="Roll">none, next-working-day or previous-working-day.</param>
    public sealed record TypeItem(string Id, string Kind, string Name, string Act, string Mark, string Roll, int WarnWorkingDays, CutOffRule? CutOff, DueRules? Due);

    public static StoreOptions AddPeriods(this StoreOptions options)
    {
        options.Events.MapEventType<PeriodOpened>("period-opened.v1");
        options.Events.MapEventType<PeriodDueNeared>("period-due-neared.v1");
        options.Events.MapEventType<PeriodDuePassed>("period-due-passed.v1");
        options.Events.MapEventType<PeriodDueMoved>("period-due-moved.v1");
        options.Events.MapEventType<PeriodClosed>("period-closed.v1");
        options.Projections.Add(new PeriodProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddPeriods(this IServiceCollection services)
    {
        // A file at fault stops the service at its start, not a caller on his way.
        _ = ReportTypes.All;
        return services.AddSingleton<DeadlineBell>().AddSingleton<IConfigureMarten>(provider => provider.GetRequiredService<DeadlineBell>()).AddHostedService<DeadlineWatch>();
    }

    public static IntegrationMap AnnouncePeriods(this IntegrationMap map)
    {
        On<PeriodOpened, Contracts.Criteria.PeriodOpened>((origin, _, state) => new(origin, state), (p, tree, _) => p.Asked(tree));
        On<PeriodDueNeared, PeriodClosing>((origin, e, state) => new(origin, state, e.Level, e.Due), (_, _, e) => e.Missing);
        On<PeriodDuePassed, Contracts.Criteria.PeriodDuePassed>((origin, e, state) => new(origin, state, e.Level, e.Due), (_, _, e) => e.Missing);
        On<PeriodDueMoved, Contracts.Criteria.PeriodDueMoved>((origin, e, state) => new(origin, state, e.Level, e.From, e.To), (_, _, _) => null);
        On<PeriodClosed, Contracts.Criteria.PeriodClosed>((origin, _, state) => new(origin, state), (_, _, e) => e.Missing);
        return map;

        void On<TEvent, TFact>(Func<Origin, TEvent, PeriodState, TFact> announce, Func<Period, UnitTree, TEvent, IReadOnlyList<Guid>?> missing)
            where TEvent : class
            where TFact : IIntegrationEvent =>
            map.On<TEvent>(
                async (e, session, ct) =>
                {
                    var period = (await session.Events.AggregateStreamAsync<Period>(e.StreamKey!, e.Version, token: ct))!;
                    var tree = await map.UnitsAsync(ct);
                    return [announce(map.OriginOf(e), e.Data, StateOf(period, tree, missing(period, tree, e.Data)) with { Version = e.Version })];
                },
                typeof(TFact));
    }

    private static PeriodState StateOf(Period period, UnitTree tree, IReadOnlyList<Guid>? missing)
    {
        var province = tree.Chain(period.UnderId, period.FiguresAsOf).Last();
        return new(
            period.Code, period.Kind, period.Set, period.FiguresAsOf, period.Opens, DueOf(period.Due.Units), DueOf(period.Due.Department),
            Named(period.UnderId), Named(province.Id), period.Level, period.Closed, period.Version, period.Type,
            [.. period.Asked(tree).Select(Named)], missing is null ? null : [.. missing.Select(Named)]);

        UnitRef Named(Guid unit) => tree.Ref(unit, period.FiguresAsOf)!;

        static PeriodDeadline? DueOf(DueDay? due) => due is null ? null : new(due.Nominal, due.Ends, due.Named, due.Wording, due.CalendarVersion, due.MovedFrom);
    }

    public static void MapPeriods(this RouteGroupBuilder api)
    {
        api.MapGet("/report-types", ReadTypes).WithName("GetReportTypes").WithSummary("Loại báo cáo: kỳ, ngày chốt số liệu, hạn từng cấp · Report types").Produces<Page<TypeItem>>().WithExport();
        api.MapPost("/periods", OpenPeriod.Handle).WithName("OpenPeriod").WithSummary("Mở kỳ báo cáo · Open a period")
            .WithDescription(
                "`type` loại báo cáo: hạn được tính nếu không nêu (report type: due days are computed where they are not given), `units` chỉ các đơn vị này báo cáo (only these report), "
                + "`rural` chỉ đơn vị nông thôn (rural units only).")
            .Produces<OpenedPeriod>(201).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/periods/{period}/close", OpenPeriod.Close).WithName("ClosePeriod").WithSummary("Đóng kỳ báo cáo · Close a period")
            .Produces<Period>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        api.MapGet("/periods", ListAsync).WithName("GetPeriods").WithSummary("Các kỳ báo cáo · Periods").Produces<Page<Period>>().WithExport();
        api.MapGet("/periods/{period}", async (HttpContext http, string period, IQuerySession session, CancellationToken ct) =>
            {
                if (await session.LoadAsync<Period>(Period.Key(period), ct) is not { } found) return Problems.Of(Unknown(period));
                http.Response.Headers.ETag = ETags.Of(found.Version);
                return TypedResults.Ok(found);
            })
            .WithName("GetPeriod").WithSummary("Một kỳ báo cáo · One period").Produces<Period>().ProducesProblem(404);
    }

    private static IResult ReadTypes(HttpContext http) => Exports.Answer(
        http, "report-types", ReportTypes.All.Select(t => new TypeItem(t.Id, t.Kind, new Text(t.NameVi, t.NameEn).For(http), t.Act, t.Mark, t.Roll, t.WarnWorkingDays, t.CutOff, t.Due)), t => t.Id, null, Paging.Most);

    public static Refusal Unknown(string period) => Refusal.NotFound($"Không có kỳ báo cáo \"{period}\".", $"There is no period \"{period}\".");

    private static async Task<IResult> ListAsync(HttpContext http, IQuerySession session, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        var periods = await session.Query<Period>().ToListAsync(ct);
        return Exports.Answer(http, "periods", periods.OrderBy(p => p.Code, StringComparer.Ordinal), p => p.Code, after, take);
    }
}

using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Reports;

/// <summary>Reports: from a commune's figure to the province's approval.</summary>
internal static class ReportsModule
{
    public static StoreOptions AddReports(this StoreOptions options)
    {
        options.Events.MapEventType<ReportOpened>("report-opened.v1");
        options.Events.MapEventType<IndicatorRecorded>("indicator-recorded.v1");
        options.Events.MapEventType<IndicatorCorrected>("indicator-corrected.v1");
        options.Events.MapEventType<IndicatorJudged>("indicator-judged.v1");
        options.Events.MapEventType<ReportSubmitted>("report-submitted.v1");
        options.Events.MapEventType<ReportReturned>("report-returned.v1");
        options.Events.MapEventType<ReportVerified>("report-verified.v1");
        options.Events.MapEventType<ReportApproved>("report-approved.v1");
        options.Events.MapEventType<ReportReopened>("report-reopened.v1");
        options.Projections.Add(new ReportProjection(), ProjectionLifecycle.Inline);
        // Columns of their own: an index over the document's JSON would be written again at each figure.
        options.Schema.For<Report>().Duplicate(r => r.UnitId).Duplicate(r => r.Period);
        return options;
    }

    public static IServiceCollection AddReports(this IServiceCollection services) =>
        services.AddSingleton<PeriodBook>().AddSingleton(provider => new KeptTable("mt_doc_period", provider.GetRequiredService<PeriodBook>().Forget))
            .AddSingleton<ReportCommands>().AddScoped<GetReports>();

    public static IntegrationMap AnnounceReports(this IntegrationMap map)
    {
        On<ReportSubmitted, Contracts.Criteria.ReportSubmitted>((origin, state) => new(origin, state));
        On<ReportReturned, Contracts.Criteria.ReportReturned>((origin, state) => new(origin, state));
        On<ReportVerified, Contracts.Criteria.ReportVerified>((origin, state) => new(origin, state));
        On<ReportReopened, Contracts.Criteria.ReportReopened>((origin, state) => new(origin, state));
        return map.On<ReportApproved>(
            async (e, session, ct) =>
            {
                // All approved reports of the unit are read for the assessment, and the one that was approved is among them.
                var opened = (await session.LoadAsync<Report>(e.StreamKey!, ct))!;
                var events = await Assessor.EventsAsync(session, opened.UnitId, opened.Set, e.Sequence, ct, approvedOnly: true);
                var report = events.Where(x => x.StreamKey == e.StreamKey && x.Version <= e.Version).Aggregate((Report?)null, (folded, x) => Report.Fold(folded, e.StreamKey!, x.Data))!;
                var state = await StateAsync(map, session, report, e.Sequence, ct);
                var assessment = await ApprovedAsync(map, session, report, events, state.Unit, e.Sequence, ct);
                var origin = map.OriginOf(e);
                // The assessment is a thing of its own: one per unit and set, over all periods.
                var assessed = origin with { Stream = $"assessment/{report.UnitId}/{report.Set}" };
                return [new Contracts.Criteria.ReportApproved(origin, state), new AssessmentChanged(assessed, assessment)];
            },
            typeof(Contracts.Criteria.ReportApproved), typeof(AssessmentChanged));

        void On<TEvent, TFact>(Func<Origin, ReportState, TFact> announce)
            where TEvent : class
            where TFact : IIntegrationEvent =>
            map.On<TEvent>(
                async (e, session, ct) =>
                {
                    // Mostly the event is the last one of its report, and the snapshot is what its events yield.
                    var report = await session.LoadAsync<Report>(e.StreamKey!, ct) is { } now and not { SetVersion: null, SetKnownAt: null } && now.Version == e.Version
                        ? now
                        : (await session.Events.AggregateStreamAsync<Report>(e.StreamKey!, e.Version, token: ct))!;
                    return [announce(map.OriginOf(e), await StateAsync(map, session, report, e.Sequence, ct))];
                },
                typeof(TFact));
    }

    public static void MapReports(this RouteGroupBuilder api)
    {
        api.MapGet("/reports", GetReports.HandleList).WithName("GetReports").WithSummary("Danh sách báo cáo · Reports").Produces<Page<GetReports.Item>>().WithExport();
        var report = api.MapGroup("/reports/{period}/{unit}");
        report.MapGet("", GetReports.Handle).WithName("GetReport").WithSummary("Một báo cáo, nay hoặc tại một thời điểm (asOf) · One report, now or as of an instant").WithAsOf()
            .Produces<ReportView>().ProducesProblem(403).ProducesProblem(404);
        report.MapGet("/history", GetReports.HandleHistory).WithName("GetReportHistory").WithSummary("Ai đã làm gì · Who did what").WithAsOf().WithExport()
            .Produces<GetReports.Entries>().ProducesProblem(403).ProducesProblem(404);
        report.MapPut("/indicators/{indicator}", RecordIndicator.Handle).Describe("RecordIndicator", "Nhập hoặc sửa số liệu · Record or correct a figure")
            .WithDescription("`reason` lý do đính chính (why a figure is corrected), `basedOn` phiên bản báo cáo khi nhập ngoại tuyến (version of the report that an offline entry was made from), `enteredOn` ngày nhập (day of the entry).");
        report.MapPut("/indicators/{indicator}/judgement", CheckReport.Judge).Describe("JudgeIndicator", "Đánh giá chỉ tiêu giao cho tỉnh hoặc chưa rõ mức · Judge an open indicator");
        report.MapPost("/submit", SubmitReport.Handle).Describe("SubmitReport", "Gửi báo cáo · Submit");
        report.MapPost("/return", CheckReport.Return).Describe("ReturnReport", "Trả lại chỉ tiêu · Return indicators");
        report.MapPost("/verify", CheckReport.Verify).Describe("VerifyReport", "Thẩm tra · Verify");
        report.MapPost("/approve", CheckReport.Approve).Describe("ApproveReport", "Duyệt · Approve");
        report.MapPost("/reopen", CheckReport.Reopen).Describe("ReopenReport", "Mở lại báo cáo đã duyệt · Reopen an approved report");
    }

    private static RouteHandlerBuilder Describe(this RouteHandlerBuilder command, string name, string summary) => command.WithName(name).WithSummary(summary)
        .Produces<ReportView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    /// <summary>The approved assessment by the version that the latest period was approved under, and where the unit stood along it by the register of then.</summary>
    private static async Task<AssessmentState> ApprovedAsync(
        IntegrationMap map, IQuerySession session, Report report, IReadOnlyList<IEvent> events, UnitRef unit, long position, CancellationToken ct)
    {
        var approved = Assessor.LastApproved(events) ?? report;
        var (day, set) = (approved.FiguresAsOf, await SetOfAsync(map, approved, position, ct));
        var known = await Dimensions.KnownAsync(session, await map.UnitsAsync(ct), report.UnitId, position, ct);
        return Assessor.Approved(set, events, unit, Dimensions.Of(known, set.Set, report.UnitId, day));
    }

    /// <summary>The version of the set that the report is made by; the one that it names was published before it and stays as it is.</summary>
    private static async ValueTask<SetVersion> SetOfAsync(IntegrationMap map, Report report, long position, CancellationToken ct)
    {
        var sets = map.Part<SetCatalogue>();
        return (report.SetVersion is { } named ? (await sets.FindAsync(report.Set, ct))?.Find(named) : null)
            ?? report.VersionOf((await sets.FindAsync(report.Set, position, ct))!);
    }

    /// <summary>The period with its due days as they were at the position.</summary>
    private static async Task<Period> PeriodAsync(IntegrationMap map, IQuerySession session, string code, long position, CancellationToken ct)
    {
        var period = (await session.LoadAsync<Period>(Period.Key(code), ct))!;
        if (period.Due is not ({ Units.MovedFrom: not null } or { Department.MovedFrom: not null })) return period;
        return (await session.Events.AggregateStreamAsync<Period>(period.Id, await map.Part<AsOf>().VersionAtAsync(period.Id, position, ct), token: ct))!;
    }

    /// <summary>The report as it stood right after the event, for those who learn of it.</summary>
    private static async Task<ReportState> StateAsync(IntegrationMap map, IQuerySession session, Report report, long position, CancellationToken ct)
    {
        var set = await SetOfAsync(map, report, position, ct);
        var period = await PeriodAsync(map, session, report.Period, position, ct);
        var tree = await map.UnitsAsync(ct);
        var unit = tree.Ref(report.UnitId, report.FiguresAsOf)!;
        // Whom the period asks may be another question by now; what was reported is announced all the same.
        var chain = ReportChain.Of(tree, unit, report.FiguresAsOf)!;
        // Reopening is possible, not asked for: nobody has to act on an approved report.
        var asked = report.Status == ReportStatus.Approved ? [] : chain.NextSteps(period, report.Status, chain.EntryRole(tree));
        return new(
            unit, report.Period, report.Set, report.FiguresAsOf, ReportView.NameOf(report.Status), report.Version, report.ApprovedVersion, period.DueUnits,
            [.. report.Figures.Select(f => new ReportFigure(
                f.Key, f.Value.Value, f.Value.ValidOn, f.Value.RecordedAt, f.Value.RecordedBy, ReportView.NameOf(f.Value.Status), f.Value.Reason, set.Set.Find(f.Key)?.ThresholdSource))],
            asked, set.Number, report.ApprovalStale);
    }
}

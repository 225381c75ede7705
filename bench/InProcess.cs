using System.Globalization;
using System.Security.Claims;
using Marten;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Bench;

/// <summary>
/// The store of service Criteria as the product sets it up, and its <see cref="Commands"/>, without HTTP: the same event, snapshot
/// and receipt as the PUT's, in a database of the bench's own.
/// </summary>
internal sealed class InProcess : IAsyncDisposable
{
    public const string Database = "ntm_bench_store";
    private const int EventsOfStream = 50;
    private const string Indicators = "array['1.1','1.2','2.1','2.2','3.1','4.1','5.1','6.1','7.1','8.1','8.2','8.3','9.1','10.1','11.1','12.1','13.1','14.1','14.2','15.1']";
    private static readonly ClaimsPrincipal Officer = new(new ClaimsIdentity([new("client_id", "commune-officer@18073#bench"), new("sub", "bench"), new("named", "true")], "bench"));

    private readonly House house;
    private readonly IHost host;
    private readonly Commands commands;
    private int streams;
    private int runs;

    private InProcess(House house, IHost host) => (this.house, this.host, commands) = (house, host, host.Services.GetRequiredService<Commands>());

    public int Events => streams * EventsOfStream;

    public static async Task<InProcess> PrepareAsync(House house, CancellationToken ct)
    {
        await Sql.ExecuteAsync(house.Database("postgres"), $"drop database if exists {Database} with (force)", ct);
        await Sql.ExecuteAsync(house.Database("postgres"), $"create database {Database}", ct);
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:criteria"] = house.Database(Database);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<HouseMetrics>().AddMetrics().AddSingleton(new Demonstration(false));
        builder.AddNtmStore("criteria", options => options.AddUnits().AddCatalogue().AddPeriods().AddReports());
        // Never started: nothing but the commands runs.
        var made = builder.Build();
        await made.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await Sql.ExecuteAsync(house.Database(Database), "create index on mt_events (timestamp)", ct);
        return new(house, made);
    }

    /// <summary>Fills the store up to so many events: streams of a report opened and figures recorded, each with its snapshot.</summary>
    public async Task FillAsync(int events, CancellationToken ct)
    {
        var (from, to) = (streams + 1, events / EventsOfStream);
        await Sql.ExecuteAsync(
            house.Database(Database),
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                create temporary table fill as select n, ('00000000-0000-8000-8000-' || lpad(n::text, 12, '0'))::uuid as unit from generate_series({{from}}, {{to}}) n;
                insert into mt_streams (id, type, version) select 'report/bench/' || unit, 'report', {{EventsOfStream}} from fill;
                insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
                select nextval('mt_events_sequence'), gen_random_uuid(), 'report/bench/' || unit, v,
                  case when v = 1
                    then jsonb_build_object('period', 'bench', 'unitId', unit, 'set', 'xa-ntm-2021-2025', 'figuresAsOf', '2025-12-31', 'by', 'bench', 'at', now())
                    else jsonb_build_object('indicator', ({{Indicators}})[1 + v % 20], 'value', v % 2 = 0, 'validOn', '2025-12-31', 'note', null, 'evidence', '[]'::jsonb, 'by', 'bench', 'at', now()) end,
                  case when v = 1 then 'report-opened.v1' else 'indicator-recorded.v1' end, now(),
                  case when v = 1 then 'Ntm.Criteria.Reports.ReportOpened, Ntm.Criteria' else 'Ntm.Criteria.Reports.IndicatorRecorded, Ntm.Criteria' end,
                  gen_random_uuid()::text, gen_random_uuid()::text, '{"client": "commune-officer@18073#bench"}', 'bench'
                from generate_series(1, {{EventsOfStream}}) v cross join fill;
                insert into mt_doc_report (id, data, mt_version, mt_dotnet_type, unit_id, period)
                select 'report/bench/' || unit, jsonb_build_object(
                    'id', 'report/bench/' || unit, 'period', 'bench', 'unitId', unit, 'set', 'xa-ntm-2021-2025', 'figuresAsOf', '2025-12-31', 'status', 'Open',
                    'approvedVersion', null, 'persons', jsonb_build_array('bench'), 'version', {{EventsOfStream}},
                    'figures', (select jsonb_object_agg(i, jsonb_build_object(
                        'value', true, 'validOn', '2025-12-31', 'recordedAt', now(), 'recordedBy', 'bench', 'status', 'Recorded', 'reason', null, 'note', null,
                        'evidence', '[]'::jsonb, 'judgement', null, 'unlocked', false)) from unnest({{Indicators}}) i)),
                  {{EventsOfStream}}, 'Ntm.Criteria.Reports.Report', unit, 'bench' from fill;
                """),
            ct);
        streams = to;
        // Not the receipts, of which there are none at first: a table that a vacuum found empty is planned as empty, and the plans read all of it
        // until the next autovacuum, a minute later. In a house nothing vacuums a table before there is something in it.
        await Sql.ExecuteAsync(house.Database(Database), "vacuum analyze mt_streams, mt_events, mt_doc_report", ct);
        await Sql.ExecuteAsync(house.Database(Database), "checkpoint", ct);
    }

    public async Task<Series> RunAsync(int clients, TimeSpan duration)
    {
        // By chance, as pgbench does: clients that walk in equal steps pile up behind the slowest on one stream and never part. By another
        // chance in each run: the streams of the warm-up are no more likely than others.
        var run = runs++;
        Random[] chances = [.. Enumerable.Range(0, clients).Select(client => new Random((run * 1_000) + client))];
        return await Load.RunAsync(clients, duration, (client, turn) => RecordAsync(1 + chances[client].Next(streams), turn));
    }

    public async ValueTask DisposeAsync()
    {
        host.Dispose();
        Npgsql.NpgsqlConnection.ClearAllPools();
        await Sql.ExecuteAsync(house.Database("postgres"), $"drop database if exists {Database} with (force)", CancellationToken.None);
    }

    private async Task<string> RecordAsync(int stream, int turn)
    {
        var unit = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-8000-8000-{stream:D12}");
        var (key, indicator) = ($"report/bench/{unit}", $"{1 + (turn % 15)}.1");
        var http = new DefaultHttpContext { User = Officer };
        http.Request.Method = HttpMethods.Put;
        http.Request.Path = $"/api/criteria/reports/bench/18073/indicators/{indicator}";
        http.Request.Headers["Idempotency-Key"] = Guid.CreateVersion7().ToString();
        Task<JasperFx.Events.IEventStream<Report>>? fetched = null;
        var result = await commands.Run(http, key, batch => fetched = batch.Events.FetchForWriting<Report>(key), async c =>
        {
            var report = await fetched!;
            var recorded = new IndicatorRecorded(indicator, ReportedValue.Of(turn % 2 == 0), new DateOnly(2025, 12, 31), null, [], c.Actor.Person, c.Now);
            report.AppendOne(recorded);
            var after = Report.Fold(report.Aggregate, key, recorded)!;
            return Outcome.Ok(AnswerOf(after, indicator), after.Version);
        });
        return result is IStatusCodeHttpResult { StatusCode: 200 } ? "" : $"The command in process was answered {(result as IStatusCodeHttpResult)?.StatusCode}.";
    }

    /// <summary>The PUT's own answer, which its receipt keeps.</summary>
    private static ReportView AnswerOf(Report report, string indicator)
    {
        var figure = report.Figures[indicator];
        return new(
            report.Period, "18073", report.UnitId, "18073", "Xã Thử", report.Set, report.FiguresAsOf, ReportView.NameOf(report.Status), report.Version, null,
            [new(indicator, figure.Value, figure.ValidOn, figure.RecordedAt, figure.RecordedBy, ReportView.NameOf(figure.Status), null, null, [], null, "seen", "seen", figure.Version, figure.EnteredOn)],
            [], false, null, 1, report.ApprovalStale);
    }
}

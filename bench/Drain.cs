using System.Diagnostics;

namespace Ntm.Bench;

/// <summary>Events that wait: reports submitted in one transaction, copies of a real one, until the notifications have taken all of them.</summary>
internal static class Drain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>How many there were, how many arrived, in what time, and what each process used for one.</summary>
    public static async Task<(int Waiting, long Arrived, TimeSpan Took, string Cpu)> RunAsync(House house, Api api, Stage stage, int waiting, CancellationToken ct)
    {
        var name = $"bench-{stage.Run}-d";
        var first = await Stage.OpenAsync(api, $"{name}0", Stage.TwoTiers, ct);
        await Parallel.ForEachAsync(first, ct, async (report, token) =>
            await api.MustAsync(HttpMethod.Put, Stage.PathOf(report, stage.Indicators[0]), report.Officer, Stage.Figure(true, Stage.TwoTiers), token));
        await api.MustAsync(HttpMethod.Post, $"/api/criteria/reports/{first[0].Period}/{first[0].Unit}/submit", first[0].Officer, new { incompleteBecause = "bench" }, ct);
        var periods = waiting / first.Count;
        for (var n = 1; n <= periods; n++) await Stage.OpenPeriodAsync(api, $"{name}{n}", Stage.TwoTiers, ct);
        await Task.Delay(TimeSpan.FromSeconds(2), ct);

        var marks = $"select count(*) from mt_doc_inboxmark where id like 'criteria.report-submitted/report/{name}%'";
        var before = await Sql.NumberAsync(house.Database("notifications"), marks, ct);
        await Sql.ExecuteAsync(
            house.DatabaseOf("criteria"),
            $"""
            create temporary table template as select e.* from mt_events e where stream_id = (select stream_id from mt_events where type = 'report-submitted.v1' and stream_id like 'report/{name}0/%');
            create temporary table fill as
              select 'report/' || (p.data ->> 'code') || '/' || r.unit_id as stream, p.data ->> 'code' as period, r.unit_id as unit
              from mt_doc_period p cross join mt_doc_report r where p.data ->> 'code' like '{name}%' and p.data ->> 'code' <> '{name}0' and r.period = '{name}0';
            insert into mt_streams (id, type, version) select stream, 'report', (select max(version) from template) from fill;
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
              select nextval('mt_events_sequence'), gen_random_uuid(), stream, version,
                case when t.type = 'report-opened.v1' then t.data || jsonb_build_object('period', period, 'unitId', unit) else t.data end,
                t.type, t.timestamp, t.mt_dotnet_type, t.correlation_id, t.causation_id, t.headers, t.user_name
              from (select * from fill order by stream) f cross join lateral (select * from template order by version) t;
            insert into mt_doc_report (id, data, mt_version, mt_dotnet_type, unit_id, period)
              select stream, r.data || jsonb_build_object('id', stream, 'period', f.period, 'unitId', unit), r.mt_version, r.mt_dotnet_type, unit, f.period
              from fill f cross join (select * from mt_doc_report where id = (select max(stream_id) from template)) r;
            """,
            ct);
        // What waited for long enough to pile up was looked at by the autovacuum meanwhile; here it came in one stroke.
        await Sql.ExecuteAsync(house.Database("criteria"), "analyze mt_events; analyze mt_streams; analyze mt_doc_report;", ct);
        var (clock, use) = (Stopwatch.StartNew(), Processes.Read(house.ProcessId));
        var (wanted, arrived, took) = (periods * first.Count, 0L, TimeSpan.Zero);
        while (arrived < wanted && clock.Elapsed < Patience)
        {
            var now = await Sql.NumberAsync(house.Database("notifications"), marks, ct) - before;
            if (now > arrived) (arrived, took) = (now, clock.Elapsed);
            await Task.Delay(100, ct);
        }

        return (wanted, arrived, took, Processes.Cpu(use, Processes.Read(house.ProcessId), 1e6 / Math.Max(1, arrived), "µs each"));
    }
}

using MassTransit;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.EndToEnd;

/// <summary>Processes die, the broker is away, messages come twice and in the wrong order: nothing is lost, nothing is doubled.</summary>
[Collection(OneHouse.Name)]
public sealed class FaultTests(House house) : IAsyncDisposable
{
    private const string Entries =
        "select coalesce(string_agg(id || ' ' || (data ->> 'recipient') || ' ' || (data ->> 'kind') || ' ' || (data ->> 'createdAt') || ' ' || (data ->> 'causedBy'), E'\\n' order by id), '') from mt_doc_inboxentry where data ->> 'link' not like '%/shuffle/%'";

    private const string Published =
        "select string_agg(id || ' ' || md5((data - 'position')::text) || ' ' || (data ->> 'position'), E'\\n' order by id) from mt_doc_latestfact";

    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task Consumers_that_came_30_s_late_on_the_first_start_lost_nothing()
    {
        Assert.Equal(3, house.HeldBack.Count);
        const string units = "select string_agg(md5(data::text), ',' order by id) from mt_doc_unitrecord";
        await using var owner = await Db.OpenAsync(house.Database("criteria"));
        // Other tests may have made units meanwhile.
        Assert.InRange(await owner.NumberAsync("select count(*) from mt_doc_unitrecord"), await owner.NumberAsync("select data ->> 'units' from mt_events where type = 'data-imported.v1'"), long.MaxValue);
        foreach (var consumer in Topology.Listeners.Keys)
        {
            await using var store = await Db.OpenAsync(house.Database(consumer));
            await Until.TrueAsync(async () => await store.TextAsync(units) == await owner.TextAsync(units), $"{consumer} has all units");
        }
    }

    [Fact]
    public async Task A_service_killed_between_commit_and_publish_still_announces_once()
    {
        const string unit = "18676";
        var report = await SubmittedAsync(unit);
        var broker = house.ProcessOf("beam.smp");
        Signals.Send(broker, Signals.Stop);
        try
        {
            (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
            Signals.Send(house.ProcessOf("Ntm.Criteria.dll"), Signals.Kill);
        }
        finally
        {
            Signals.Send(broker, Signals.Continue);
        }

        await ToldOnceAsync(unit, report, "report-approved");
        Assert.Equal("approved", (await UpAsync(report, unit))["status"].GetString());
    }

    [Fact]
    public async Task A_broker_that_is_down_refuses_no_command_and_the_event_comes_later()
    {
        const string unit = "18682";
        var report = await SubmittedAsync(unit);
        Signals.Send(house.ProcessOf("beam.smp"), Signals.Kill);
        (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
        (await api.PostAsync($"{report}/reopen", Who.Coordinator, new { reason = "Đính chính" })).Must(200);
        await ToldOnceAsync(unit, report, "report-approved");
        await ToldOnceAsync(unit, report, "report-reopened");
    }

    [Fact]
    public async Task A_database_that_is_killed_is_waited_for()
    {
        const string unit = "18748";
        var report = await SubmittedAsync(unit);
        Signals.Send(house.ProcessOf("postgres -D"), Signals.Kill);
        var key = Api.NewKey();
        Answer? answer = null;
        await Until.TrueAsync(
            async () =>
            {
                answer = await api.PostAsync($"{report}/approve", Who.Coordinator, new { }, key);
                Assert.Contains(answer.Status, (int[])[200, 503]);
                return answer.Status == 200;
            },
            "the approval is answered", TimeSpan.FromSeconds(60));
        await ToldOnceAsync(unit, report, "report-approved");
    }

    [Fact]
    public async Task A_consumer_emptied_and_replayed_equals_the_old_one()
    {
        await SubmittedAsync("18685");
        foreach (var (service, program, content) in new[] { ("notifications", "Ntm.Notifications.dll", Entries), ("central", "Ntm.Central.dll", Published) })
        {
            await using var store = await Db.OpenAsync(house.Database(service));
            await SettledAsync(store, content);
            var old = await store.TextAsync(content);
            Assert.NotEmpty(old);

            var process = house.ProcessOf(program);
            Signals.Send(process, Signals.Stop);
            await store.ExecuteAsync(
                """
                do $$ declare t text; begin
                  for t in select quote_ident(tablename) from pg_tables where schemaname = 'public' loop execute 'truncate ' || t || ' cascade'; end loop;
                end $$
                """);
            Signals.Send(process, Signals.Kill);
            var now = "";
            await Until.TrueAsync(
                async () => (now = await store.TextAsync(content)) == old, $"{service} is as it was", TimeSpan.FromSeconds(90),
                () => $"Missing:\n{Beyond(old, now)}\nMore:\n{Beyond(now, old)}\n{string.Concat(house.LogOf(service).TakeLast(4_000))}");
            await SettledAsync(store, content);
            Assert.Equal(old, await store.TextAsync(content));
        }
    }

    [Fact]
    public async Task Facts_delivered_twice_and_in_any_order_take_effect_once()
    {
        var unit = new UnitRef(Guid.CreateVersion7(), "18999", "Xã Thử");
        var stream = $"report/shuffle/{unit.Id}";
        ReportSubmitted[] facts = [.. Enumerable.Range(1, 12).Select(n => Fact(unit, stream, n))];
        var bus = Bus.Factory.CreateUsingRabbitMq(c =>
        {
            c.Host(house.Broker());
            c.Publish<IIntegrationEvent>(m => m.Exclude = true);
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            // Each fact twice, shuffled with a fixed seed; the newest comes somewhere in the middle and what is older after it is dropped.
            var random = new Random(20260824);
            foreach (var fact in facts.Concat(facts).OrderBy(_ => random.Next()))
            {
                var id = Ntm.ServiceDefaults.DeterministicId.Of(fact.Origin.EventId.ToString());
                await bus.Publish(fact, c => c.MessageId = id, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }

        await using var store = await Db.OpenAsync(house.Database("notifications"));
        var mark = $"criteria.report-submitted/{stream}";
        await Until.TrueAsync(
            async () => await store.NumberAsync($"select coalesce((select (data ->> 'position')::bigint from mt_doc_inboxmark where id = '{mark}'), 0)") == 12, "the newest fact is kept");
        await SettledAsync(store, "select count(*) from mt_doc_inboxentry");
        var kept = await store.NumberAsync($"select count(*) from mt_events where stream_id = '{mark}'");
        Assert.InRange(kept, 1, 12);
        Assert.Equal(kept, await store.NumberAsync($"select count(distinct (data -> 'origin' ->> 'position')::bigint) from mt_events where stream_id = '{mark}'"));
        Assert.Equal(
            kept, await store.NumberAsync($"select count(*) from mt_doc_inboxentry where data ->> 'recipient' = 'unit/{unit.Id}/commune-officer'"));
        Assert.Equal(
            0,
            await store.NumberAsync(
                $"select count(*) from (select (data -> 'origin' ->> 'position')::bigint p, lag((data -> 'origin' ->> 'position')::bigint) over (order by version) l from mt_events where stream_id = '{mark}') x where p <= l"));
    }

    /// <summary>The first service that has not handled all it knows of; empty when none.</summary>
    private async Task<string> BehindAsync()
    {
        foreach (var service in Topology.Services)
        {
            var answer = await api.GetAsync($"/api/{service}/operations/subscriptions", Who.Operator);
            if (answer.Status != 200) return $"{service} answers {answer.Status}";
            var state = answer["state"];
            // Without the broker no queue is told of.
            if (Topology.Listeners.ContainsKey(service) && state.GetProperty("queues").GetArrayLength() == 0) return $"{service} does not see its queue";
            if (answer["awaitedReplays"].GetArrayLength() > 0
                || state.GetProperty("subscriptions").EnumerateArray().Any(s => s.GetProperty("events").GetInt64() > 0)
                || state.GetProperty("queues").EnumerateArray().Any(q => q.GetProperty("messages").GetInt64() > 0)) return $"{service}: {answer.Text}";
        }

        return "";
    }

    private static string Beyond(string all, string known) => string.Join('\n', all.Split('\n').Except(known.Split('\n')).Take(20));

    private static ReportSubmitted Fact(UnitRef unit, string stream, int n) => new(
        new("criteria", stream, n, n, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "an", "test", Demonstration: false),
        new(unit, "shuffle", Scene.Set, new(2025, 12, 31), "submitted", n, null, null, [], []));

    private async Task<string> SubmittedAsync(string unit)
    {
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
        return report;
    }

    /// <summary>The commune has exactly one entry of the kind, now and after everything has settled.</summary>
    private async Task ToldOnceAsync(string unit, string report, string kind)
    {
        await Until.TrueAsync(async () => await CountAsync() > 0, $"{unit} is told of {kind}", TimeSpan.FromSeconds(90));
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        await SettledAsync(store, Entries);
        Assert.Equal(1, await CountAsync());

        async Task<int> CountAsync()
        {
            var inbox = await api.GetAsync("/api/notifications/inbox?limit=200", Who.Commune(unit));
            return inbox.Status != 200 ? 0 : inbox["items"].EnumerateArray().Count(e => e.GetProperty("kind").GetString() == kind && e.GetProperty("link").GetString() == report);
        }
    }

    private async Task<Answer> UpAsync(string path, string unit)
    {
        Answer? answer = null;
        await Until.TrueAsync(async () => (answer = await api.GetAsync(path, Who.Commune(unit))).Status == 200, $"{path} is served again", TimeSpan.FromSeconds(60));
        return answer!;
    }

    /// <summary>All that is recorded is handled and taken in, in every service; and for two seconds nothing new came of it.</summary>
    private async Task SettledAsync(Db store, string content)
    {
        var behind = "";
        await Until.TrueAsync(async () => (behind = await BehindAsync()).Length == 0, "everything that is recorded is handled", TimeSpan.FromSeconds(90), () => behind);
        var (last, since) = ("", TimeProvider.System.GetTimestamp());
        await Until.TrueAsync(
            async () =>
            {
                var now = await store.TextAsync(content);
                if (now != last) (last, since) = (now, TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(2);
            },
            "the read model has settled", TimeSpan.FromSeconds(90));
    }
}

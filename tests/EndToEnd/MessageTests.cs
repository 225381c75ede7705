using System.Net.Http.Json;
using MassTransit;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.EndToEnd;

/// <summary>Messages that cannot be taken in are parked and settled by an operator; a lost broker is refilled; nothing late is skipped.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class MessageTests(OperatedHouse house) : IAsyncDisposable
{
    private const string Parked = "/api/notifications/operations/parked";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task A_poison_fact_is_parked_with_its_reason_what_follows_waits_and_both_are_taken_in_once_it_can_be()
    {
        var (unit, stream) = Thing();
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        await BreakAsync(store, unit);
        await PublishAsync(Submitted(unit, stream, 1), Submitted(unit, stream, 2));
        var (first, second) = (await FindAsync(stream, 1), await FindAsync(stream, 2));
        Assert.Contains("broken on purpose", first.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False(first.GetProperty("waitsBehind").GetBoolean());
        Assert.True(second.GetProperty("waitsBehind").GetBoolean());
        Assert.Equal("criteria.report-submitted", first.GetProperty("contract").GetString());
        Assert.Contains(stream, (await api.GetAsync($"{Parked}/{Id(first)}", Who.Auditor)).Must(200)["body"].GetString(), StringComparison.Ordinal);

        Assert.Equal("older-one-parked", (await api.PostAsync($"{Parked}/{Id(second)}/replay", Who.Operator)).Must(409).Rule);
        var still = (await api.PostAsync($"{Parked}/{Id(first)}/replay", Who.Operator)).Must(409);
        Assert.Equal("message-still-fails", still.Rule);
        Assert.Contains("broken on purpose", still["reason"].GetString(), StringComparison.Ordinal);

        await MendAsync(store);
        var key = Api.NewKey();
        var answer = (await api.PostAsync($"{Parked}/{Id(first)}/replay", Who.Operator, null, key, "\"2\"")).Must(200);
        Assert.Equal("\"3\"", answer.ETag);
        Assert.Equal(answer.Text, (await api.PostAsync($"{Parked}/{Id(first)}/replay", Who.Operator, null, key, "\"2\"")).Must(200).Text);
        Assert.Equal("not-parked", (await api.PostAsync($"{Parked}/{Id(first)}/replay", Who.Operator)).Must(409).Rule);
        await Until.TrueAsync(async () => await EntriesAsync(store, unit) == 2, "what waited is taken in");
        Assert.Equal("1,2", await store.TextAsync($"select string_agg(data -> 'origin' ->> 'position', ',' order by version) from mt_events where stream_id = 'criteria.report-submitted/{stream}'"));
        const string steps = "message-parked.v1 system:inbox,parked-message-replay-failed.v1 van-hanh,parked-message-replayed.v1 van-hanh";
        Assert.Equal(steps, await store.TextAsync($"select string_agg(type || ' ' || user_name, ',' order by version) from mt_events where stream_id = 'parked/{Id(first)}'"));
        Assert.Equal(steps, string.Join(',', (await api.GetAsync($"{Parked}/{Id(first)}", Who.Auditor)).Must(200)["steps"].EnumerateArray().Select(s => $"{s.GetProperty("type")} {s.GetProperty("person")}")));
        Assert.Equal("replayed", (await api.GetAsync($"{Parked}/{Id(second)}", Who.Operator)).Must(200)["item"].GetProperty("status").GetString());

        // The thing is free again: what comes now does not wait.
        await PublishAsync(Submitted(unit, stream, 3));
        await Until.TrueAsync(async () => await EntriesAsync(store, unit) == 3, "the next fact is taken in at once");
    }

    [Fact]
    public async Task A_poison_fact_that_is_dropped_lets_go_what_waited_and_stays_on_record()
    {
        var (unit, stream) = Thing();
        await PublishAsync(Submitted(unit, stream, 1) with { Report = null! }, Submitted(unit, stream, 2));
        var (first, _) = (await FindAsync(stream, 1), await FindAsync(stream, 2));
        Assert.Contains(" 422 ", (await DropAsync(" ")).Must(1).Errors, StringComparison.Ordinal);
        var dropped = (await DropAsync("thiếu nội dung")).Must(0).Json;
        Assert.Equal("thiếu nội dung", dropped.GetProperty("settledBecause").GetString());
        Assert.Equal("van-hanh", dropped.GetProperty("settledBy").GetString());
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        await Until.TrueAsync(async () => await EntriesAsync(store, unit) == 1, "what waited is taken in");
        Assert.Equal(1, await store.NumberAsync($"select count(*) from mt_events where stream_id = 'parked/{Id(first)}' and type = 'parked-message-dropped.v1'"));

        Task<Said> DropAsync(string reason) => NtmAsync("drop", "notifications", Id(first), "--reason", reason);
    }

    [Fact]
    public async Task A_fact_that_carries_the_whole_state_does_not_wait_and_makes_the_parked_one_old()
    {
        var (unit, stream) = Thing();
        await PublishAsync(Assessed(unit, stream, 1) with { Assessment = null! }, Assessed(unit, stream, 2));
        await using var store = await Db.OpenAsync(house.Database("central"));
        var thing = $"criteria.assessment-changed/{stream}";
        await Until.TrueAsync(async () => await store.NumberAsync($"select count(*) from mt_events where stream_id = '{thing}'") == 1, "the newer fact is taken in");
        var parked = await Until.FoundAsync(async () => (await ParkedAsync("central")).Where(p => p.GetProperty("thing").GetString() == thing).Select(p => p.GetRawText()).FirstOrDefault(), "the older one is parked");
        var id = System.Text.Json.JsonDocument.Parse(parked).RootElement.GetProperty("message").GetString();
        Assert.Contains($"central  {id}  criteria.assessment-changed  ", (await NtmAsync("list")).Must(0).Output, StringComparison.Ordinal);
        Assert.Contains(stream, (await NtmAsync("show", "central", id!)).Must(0).Json.GetProperty("body").GetString(), StringComparison.Ordinal);
        var answer = (await NtmAsync("replay", "central", id!)).Must(0).Json;
        Assert.Equal("a newer fact was known", answer.GetProperty("settledBecause").GetString());
        Assert.Contains("not-parked", (await NtmAsync("replay", "central", id!)).Must(1).Errors, StringComparison.Ordinal);
        Assert.Equal(1, await store.NumberAsync($"select count(*) from mt_events where stream_id = '{thing}'"));
    }

    [Fact]
    public async Task What_is_no_message_of_ours_is_parked_too()
    {
        await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = house.Broker() }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var nonsense = System.Text.Encoding.UTF8.GetBytes($"no json {Guid.CreateVersion7()} \0 \u00e1");
        var known = (await ParkedAsync("pilots")).Count;
        await channel.BasicPublishAsync("", "pilots", mandatory: true, new RabbitMQ.Client.BasicProperties { ContentType = "application/vnd.masstransit+json" }, nonsense, TestContext.Current.CancellationToken);
        await Until.TrueAsync(async () => (await ParkedAsync("pilots")).Count == known + 1, "it is parked");
        var parked = (await ParkedAsync("pilots")).First(p => p.GetProperty("thing").ValueKind == System.Text.Json.JsonValueKind.Null);
        Assert.Equal("message-unreadable", (await api.PostAsync($"/api/pilots/operations/parked/{Id(parked)}/replay", Who.Operator)).Must(409).Rule);
        (await api.PostAsync($"/api/pilots/operations/parked/{Id(parked)}/drop", Who.Operator, new { reason = "rác" })).Must(200);
    }

    [Fact]
    public async Task A_malformed_fact_is_parked_with_what_is_wrong_and_what_is_behind_it_goes_on()
    {
        const string json = "application/vnd.masstransit+json";
        const string submitted = "urn:message:Ntm.Contracts.Criteria:ReportSubmitted";
        var (unit, stream) = Thing();
        string Of(string fact, string urn = submitted) => $$"""{ "messageId": "{{Guid.CreateVersion7()}}", "messageType": ["{{urn}}"], "message": {{fact}} }""";
        string From(string owner, long position) => $$"""{ "origin": { "service": "{{owner}}", "stream": "{{stream}}", "position": {{position}} }, "report": {} }""";
        (string Body, string? ContentType, string? Id, string Reason, string Rule)[] malformed =
        [
            (Of("{}"), json, null, "origin is missing", "message-unreadable"),
            (Of("""{ "origin": {} }"""), json, "no-guid", "origin.service is missing", "message-unreadable"),
            (Of(From("criteria", 0)), json, $"{Guid.CreateVersion7()}", "origin.position is not above 0", "message-unreadable"),
            (Of(From("pilots", 1)), json, null, "origin.service does not announce", "message-unreadable"),
            (Of($$"""{ "origin": { "service": "criteria", "stream": "{{new string('x', 9000)}}", "position": 1 }, "report": {} }"""), json, null, "origin.stream is no key", "message-unreadable"),
            (Of("""{ "origin": { "service": "criteria", "stream": "a\u0000", "position": 1 }, "report": {} }"""), json, null, "origin.stream is no key", "message-unreadable"),
            (Of("null"), json, null, "", "message-unreadable"),
            (Of(From("criteria", 1), "urn:message:Ntm.Contracts.Criteria:NoSuchThing"), json, null, "names no contract", "message-unreadable"),
            (Of(From("criteria", 1), "urn:message:Ntm.Contracts.Criteria:CalendarChanged"), json, null, "does not take in criteria.calendar-changed", "contract-not-taken-in"),
            ("", json, null, "", "message-unreadable"),
            ($"no json {unit.Id}", json, null, "", "message-unreadable"),
            ($"no json either {unit.Id}", "text/plain", null, "", "message-unreadable"),
            ($"nor this {unit.Id}", null, null, "", "message-unreadable"),
            (Of($$"""{ "origin": { "service": "criteria", "stream": "{{stream}}", "position": 1 }, "report": "none" }"""), json, null, "", "message-unreadable"),
            (Of($$"""{ "origin": {{System.Text.Json.JsonSerializer.Serialize(OriginOf(stream, 1), System.Text.Json.JsonSerializerOptions.Web)}}, "report": {} }"""), json, null, "report.unit is missing", "message-unreadable"),
        ];
        var known = (await ParkedAsync("notifications")).Select(Id).ToHashSet(StringComparer.Ordinal);
        await SendAsync([.. malformed.Select(m => (m.Body, m.ContentType, m.Id))]);
        await PublishAsync(Submitted(unit, stream, 2), Submitted(unit, $"{stream}/other", 3));

        // The last of them holds its own stream, and nothing holds what is behind.
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        await Until.TrueAsync(async () => await store.NumberAsync($"select count(*) from mt_events where stream_id = 'criteria.report-submitted/{stream}/other'") == 1, "the queue goes on");
        Assert.True((await FindAsync(stream, 2)).GetProperty("waitsBehind").GetBoolean());
        var parked = (await ParkedAsync("notifications")).Where(p => !known.Contains(Id(p)) && !p.GetProperty("waitsBehind").GetBoolean()).ToList();
        Assert.Equal(malformed.Length, parked.Count);
        var shown = new Dictionary<string, System.Text.Json.JsonElement>(StringComparer.Ordinal);
        foreach (var one in parked)
        {
            var whole = (await api.GetAsync($"{Parked}/{Id(one)}", Who.Operator)).Must(200);
            shown.Add(whole["body"].GetString()!, whole["item"]);
        }

        foreach (var (body, _, _, reason, rule) in malformed)
        {
            Assert.Contains(reason, shown[body].GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.Equal(rule, (await api.PostAsync($"{Parked}/{Id(shown[body])}/replay", Who.Operator)).Must(409).Rule);
            (await api.PostAsync($"{Parked}/{Id(shown[body])}/drop", Who.Operator, new { reason = "rác" })).Must(200);
        }

        await Until.TrueAsync(async () => await store.NumberAsync($"select count(*) from mt_events where stream_id = 'criteria.report-submitted/{stream}'") == 1, "what waited is taken in");

        // What was dropped stays dropped.
        await SendAsync([.. malformed.Select(m => (m.Body, m.ContentType, m.Id))]);
        await PublishAsync(Submitted(unit, stream, 4));
        await Until.TrueAsync(async () => await store.NumberAsync($"select count(*) from mt_events where stream_id = 'criteria.report-submitted/{stream}'") == 2, "what is behind them is taken in");
        Assert.DoesNotContain(await ParkedAsync("notifications"), p => !known.Contains(Id(p)));
    }

    [Fact]
    public async Task A_broker_that_lost_its_data_is_refilled_and_everything_takes_effect_once()
    {
        const string unit = "18685";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        var consumer = house.ProcessOf("Ntm.Notifications.dll");
        var told = Topology.Listeners.Keys.ToDictionary(name => name, name => house.LogOf(name).Length, StringComparer.Ordinal);
        using (Held.Back(consumer))
        {
            await using var criteria = await Db.OpenAsync(house.Database("criteria"));
            (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
            (await api.PostAsync($"{report}/return", Who.Coordinator, new { items = new[] { new { indicator = "1.1", reason = "xem lại" } } })).Must(200);
            await Until.TrueAsync(
                async () => await criteria.NumberAsync("select (select last_value from mt_events_sequence) - last_seq_id from mt_event_progression where name = 'outbox:All'") == 0,
                "everything is announced");

            // What was announced lies in the consumer's queue only, and the queue goes with the broker's data while everybody else runs.
            var broker = house.ProcessOf("beam.smp");
            Signals.Send(broker, Signals.Kill);
            Signals.Send(consumer, Signals.Kill);
            await Until.TrueAsync(() => Signals.Processes().All(p => p.Id != broker), "the broker is gone");
            // In one step: the run starts the next one soon.
            Directory.Move(Path.Combine(house.Folder, "rabbitmq"), Path.Combine(house.Folder, "rabbitmq.lost"));
            Directory.Delete(Path.Combine(house.Folder, "rabbitmq.lost"), recursive: true);
        }

        await using var store = await Db.OpenAsync(house.Database("notifications"));
        await Until.TrueAsync(async () => await KindsAsync(store, report) == "report-returned,report-submitted", "both notices are there", TimeSpan.FromSeconds(60));
        foreach (var name in Topology.Listeners.Keys)
        {
            await using var learner = await Db.OpenAsync(house.Database(name));
            await Until.TrueAsync(() => house.LogOf(name)[told[name]..].Contains($"has lost the queue {name}", StringComparison.Ordinal), $"{name} has noticed", TimeSpan.FromSeconds(60));
            await Until.TrueAsync(async () => await learner.NumberAsync("select count(*) from mt_doc_introduced where (data ->> 'waiting')::boolean") == 0, $"{name} has all facts", TimeSpan.FromSeconds(60));
        }

        // An order to send everything again changes nothing: all of it is known.
        const string facts = "select count(*) || ' ' || max(seq_id) from mt_events where type like 'learned:%'";
        var before = await store.TextAsync(facts);
        foreach (var owner in new[] { null, "criteria" }) (await api.PostAsync("/api/notifications/operations/replays", Who.Operator, new { owner })).Must(201);
        await Until.TrueAsync(async () => (await api.GetAsync("/api/notifications/operations/subscriptions", Who.Operator)).Must(200)["awaitedReplays"].GetArrayLength() == 0, "the replays have ended", TimeSpan.FromSeconds(60));
        Assert.Equal(before, await store.TextAsync(facts));
        Assert.Equal("report-returned,report-submitted", await KindsAsync(store, report));
    }

    [Fact]
    public async Task A_consumer_emptied_while_facts_wait_in_its_queue_learns_each_once_and_in_order()
    {
        const string unit = "18748";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        await Until.TrueAsync(async () => await KindsAsync(store, report) == "report-submitted", "the first notice is there");

        var process = house.ProcessOf("Ntm.Notifications.dll");
        using var held = Held.Back(process);
        (await api.PostAsync($"{report}/return", Who.Coordinator, new { items = new[] { new { indicator = "1.1", reason = "xem lại" } } })).Must(200);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = false, validOn = Scene.TwoTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
        await store.ExecuteAsync(
            """
            do $$ declare t text; begin
              for t in select quote_ident(tablename) from pg_tables where schemaname = 'public' loop execute 'truncate ' || t || ' cascade'; end loop;
            end $$
            """);
        Signals.Send(process, Signals.Kill);
        await Until.TrueAsync(async () => await KindsAsync(store, report) == "report-returned,report-submitted,report-submitted", "all three notices are there", TimeSpan.FromSeconds(90));
        Assert.Equal(0, await store.NumberAsync(
            "select count(*) from (select (data -> 'origin' ->> 'position')::bigint p, lag((data -> 'origin' ->> 'position')::bigint) over (partition by stream_id order by version) l from mt_events where type like 'learned:%') x where p <= l"));
    }

    [Fact]
    public async Task What_a_service_begins_to_listen_to_it_learns_from_the_beginning()
    {
        const string sets = "select count(*) from mt_events where type = 'learned:criteria.set-published.v1'";
        await using var pilots = await Db.OpenAsync(house.Database("pilots"));
        var all = await pilots.NumberAsync(sets);
        Assert.NotEqual(0, all);
        // The store as a release left it that did not listen to sets.
        await pilots.ExecuteAsync(
            """
            delete from mt_events where stream_id like 'criteria.set-%';
            delete from mt_streams where id like 'criteria.set-%';
            delete from mt_doc_inboxmark where id like 'criteria.set-%';
            update mt_doc_introduced set data = data - 'contracts';
            """);
        await Until.TrueAsync(async () => await pilots.NumberAsync(sets) == all, "the sets are learned again");
        await Proof.MustHoldAsync(house);
    }

    [Fact]
    public async Task A_fact_that_becomes_visible_late_is_waited_for_and_never_skipped()
    {
        const string unit = "18676";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        var late = $"register-{Guid.CreateVersion7():N}";
        await using var notifications = await Db.OpenAsync(house.Database("notifications"));
        await using (var slow = await Db.OpenAsync(house.Database("criteria", "criteria")))
        await using (var foreign = await Db.OpenAsync(house.Database("criteria")))
        {
            // The server's own administrator has taken a number too, and has written nothing yet.
            await foreign.ExecuteAsync("begin");
            var taken = await foreign.NumberAsync("select nextval('mt_events_sequence')");
            await slow.ExecuteAsync(
                $"""
                begin;
                insert into mt_streams (id, type, version, timestamp, tenant_id) select '{late}', type, 1, now(), tenant_id from mt_streams where id = 'register';
                insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived, user_name)
                select nextval('mt_events_sequence'), gen_random_uuid(), '{late}', 1, data, type, now(), tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived, user_name
                from mt_events where stream_id = 'register' and version = 1;
                """);
            (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
            // Several times longer than a number that nobody will ever use is waited for.
            await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            Assert.Equal("", await KindsAsync(notifications, report));
            Assert.True((await api.GetAsync("/api/criteria/operations/subscriptions", Who.Operator)).Must(200)["state"].GetProperty("lagEvents").GetInt64() > 0);
            await slow.ExecuteAsync("commit");
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            Assert.Equal("", await KindsAsync(notifications, report));
            await foreign.ExecuteAsync(
                $"""
                insert into mt_streams (id, type, version, timestamp, tenant_id) select '{late}-foreign', type, 1, now(), tenant_id from mt_streams where id = 'register';
                insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived, user_name)
                select {taken}, gen_random_uuid(), '{late}-foreign', 1, data, type, now(), tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived, user_name
                from mt_events where stream_id = 'register' and version = 1;
                commit;
                """);
        }

        await Until.TrueAsync(async () => await KindsAsync(notifications, report) == "report-submitted", "the later fact is announced");
        foreach (var stream in (string[])[late, $"{late}-foreign"])
            Assert.Equal(1, await notifications.NumberAsync($"select count(*) from mt_events where stream_id = 'criteria.register-imported/{stream}'"));
    }

    private static (UnitRef Unit, string Stream) Thing()
    {
        var unit = new UnitRef(Guid.CreateVersion7(), "18999", "Xã Thử");
        return (unit, $"report/parked/{unit.Id}");
    }

    private static Origin OriginOf(string stream, int n) => new("criteria", stream, n, n, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "an", "test", Demonstration: false);

    private static ReportSubmitted Submitted(UnitRef unit, string stream, int n) =>
        new(OriginOf(stream, n), new(unit, "parked", Scene.Set, new(2025, 12, 31), "submitted", n, null, null, [], []));

    private static AssessmentChanged Assessed(UnitRef unit, string stream, int n) => new(OriginOf(stream, n), new(unit, Scene.Set, n, 0, 0, 0, 0, 19, [], []));

    private Task<Said> NtmAsync(params IReadOnlyList<string> args) => NtmCommand.RunAsync(["parked", .. args, "--data", house.Folder, "--person", "van-hanh"]);

    private static string Id(System.Text.Json.JsonElement parked) => parked.GetProperty("message").GetString()!;

    private static Task BreakAsync(Db store, UnitRef unit) => store.ExecuteAsync(
        $"""
        create or replace function refuse() returns trigger language plpgsql as $$ begin
          if new.data ->> 'recipient' like '%{unit.Id}%' then raise exception 'broken on purpose'; end if; return new; end $$;
        create trigger refuse before insert on mt_doc_inboxentry for each row execute function refuse();
        """);

    private static Task MendAsync(Db store) => store.ExecuteAsync("drop trigger refuse on mt_doc_inboxentry; drop function refuse");

    private static Task<long> EntriesAsync(Db store, UnitRef unit) =>
        store.NumberAsync($"select count(*) from mt_doc_inboxentry where data ->> 'recipient' = 'unit/{unit.Id}/commune-officer'");

    private static Task<string> KindsAsync(Db store, string report) => store.TextAsync(
        $"select coalesce(string_agg(data ->> 'kind', ',' order by data ->> 'kind'), '') from mt_doc_inboxentry where data ->> 'link' = '{report}' and data ->> 'recipient' like '%/commune-officer'");

    private async Task<List<System.Text.Json.JsonElement>> ParkedAsync(string service) =>
        [.. (await api.GetAsync($"/api/{service}/operations/parked", Who.Operator)).Must(200)["items"].EnumerateArray()];

    private async Task<System.Text.Json.JsonElement> FindAsync(string stream, int position)
    {
        System.Text.Json.JsonElement? found = null;
        await Until.TrueAsync(
            async () =>
            {
                found = (await ParkedAsync("notifications")).Where(p => p.GetProperty("thing").GetString()?.EndsWith(stream, StringComparison.Ordinal) == true && p.GetProperty("sourcePosition").GetInt64() == position)
                    .Select(p => (System.Text.Json.JsonElement?)p).FirstOrDefault();
                return found is not null;
            },
            $"fact {position} is parked");
        return found!.Value;
    }

    /// <summary>Puts bodies into the queue as they are.</summary>
    private async Task SendAsync(params IEnumerable<(string Body, string? ContentType, string? Id)> messages)
    {
        await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = house.Broker() }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new RabbitMQ.Client.CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), TestContext.Current.CancellationToken);
        foreach (var (body, contentType, id) in messages)
        {
            await channel.BasicPublishAsync(
                "", "notifications", mandatory: true, new RabbitMQ.Client.BasicProperties { ContentType = contentType, MessageId = id }, System.Text.Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
        }
    }

    private async Task PublishAsync(params IIntegrationEvent[] facts)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(c =>
        {
            c.Host(house.Broker());
            c.Publish<IIntegrationEvent>(m => m.Exclude = true);
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            foreach (var fact in facts) await bus.Publish(fact, fact.GetType(), TestContext.Current.CancellationToken);
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }
}

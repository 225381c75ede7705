using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;
using Ntm.ServiceDefaults.Proof;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>What is parked holds what follows it in its source stream, and what an operator dropped stays dropped; on a real PostgreSQL.</summary>
public sealed class ParkedTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Parked = "/api/notifications/operations/parked";
    private const string Operator = "operator@0#van-hanh";
    private static readonly Exception Broken = new InvalidOperationException("broken on purpose");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_waits_does_so_behind_every_contract_of_its_stream_and_is_taken_in_in_order()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var parking = service.Part<Parking>();
        var (first, second, third) = (Fact<ReportSubmitted>("report/a", 1), Fact<ReportReturned>("report/a", 2), Fact<ReportVerified>("report/a", 3));
        var one = await ParkAsync(service, first, Broken);

        await MustWaitAsync(parking, second);
        await parking.MustNotWaitAsync(Fact<ReportReturned>("report/b", 2), Ct);
        await parking.MustNotWaitAsync(Fact<UnitChanged>("report/a", 2), Ct);
        await parking.MustNotWaitAsync(Fact<PeriodOpened>("report/c", 2), Ct);
        await using (var restarted = new NotificationsHost(database))
        {
            await restarted.Part<Parking>().LoadAsync(Ct);
            await MustWaitAsync(restarted.Part<Parking>(), third);
        }

        var three = await ParkAsync(service, third, new WaitsBehindException("report/a"));
        var two = await ParkAsync(service, second, new WaitsBehindException("report/a"));
        foreach (var behind in (Guid[])[two, three]) await RefusedAsync(service, behind, "older-one-parked");
        await ReleaseAsync(service);
        Assert.Equal("", await LearnedAsync(database));

        Assert.Equal(200, (await DropAsync(service, one)).Status);
        await ReleaseAsync(service);
        Assert.Equal("criteria.report-returned/report/a@2 criteria.report-verified/report/a@3", await LearnedAsync(database));
        Assert.False(parking.MayHaveToWait(third));
        await MustBeProvedAsync(service);
    }

    [Fact]
    public async Task A_fact_that_is_known_already_need_not_wait()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var known = Fact<ReportReturned>("report/a", 2);
        Assert.Equal(1, await TakeAsync(service, known));
        await ParkAsync(service, Fact<ReportSubmitted>("report/a", 1), Broken);
        await service.Part<Parking>().MustNotWaitAsync(known, Ct);
        await MustWaitAsync(service.Part<Parking>(), Fact<ReportReturned>("report/a", 3));
    }

    [Fact]
    public async Task A_fact_that_cannot_be_read_whole_keeps_its_place_and_says_what_is_wrong()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var body = BodyOf(Fact<ReportSubmitted>("report/a", 5));
        body["message"]!["report"] = "no report";
        var id = Guid.CreateVersion7();
        await service.Part<Parking>().ParkAsync(id, Encoding.UTF8.GetBytes(body.ToJsonString()), new JsonException("broken"), Ct);

        var (_, item) = await ShownAsync(service, id);
        Assert.Equal(("criteria.report-submitted", "criteria.report-submitted/report/a", 5), (item.GetProperty("contract").GetString(), item.GetProperty("thing").GetString(), item.GetProperty("sourcePosition").GetInt64()));
        await MustWaitAsync(service.Part<Parking>(), Fact<ReportReturned>("report/a", 6));
        await service.Part<Parking>().MustNotWaitAsync(Fact<ReportReturned>("report/a", 4), Ct);
        Assert.Contains("could not be converted", (await RefusedAsync(service, id, "message-unreadable")).GetProperty("reason").GetString(), StringComparison.Ordinal);

        // Once a newer one is known nothing is left to do, and nobody need read it.
        Assert.Equal(1, await TakeAsync(service, Fact<ReportSubmitted>("report/a", 7)));
        var (status, replayed) = await service.SendAsync(HttpMethod.Post, $"{Parked}/{id}/replay", Operator);
        Assert.Equal((200, "a newer fact was known"), (status, replayed.GetProperty("settledBecause").GetString()));
    }

    [Fact]
    public async Task What_was_dropped_because_it_could_not_be_read_is_taken_in_when_it_comes_whole()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var fact = Fact<ReportSubmitted>("report/a", 1);
        var broken = BodyOf(fact);
        broken["message"]!["report"] = "no report";
        var (id, bytes) = (Guid.CreateVersion7(), Encoding.UTF8.GetBytes(broken.ToJsonString()));
        await service.Part<Parking>().ParkAsync(id, bytes, new JsonException("broken"), Ct);
        Assert.Equal(200, (await DropAsync(service, id)).Status);

        // As broken as before it stays dropped, under whatever id.
        foreach (var under in (Guid[])[id, Guid.CreateVersion7()]) await service.Part<Parking>().ParkAsync(under, bytes, new JsonException("broken"), Ct);
        Assert.Equal("Dropped", await TextAsync(database, "select string_agg(status, ' ') from mt_doc_parkedmessage"));
        Assert.Equal(1, await NumberAsync(database, "select count(*) from mt_doc_parkedmessage"));

        // Whole, and failing for another reason, it is parked anew; and taken in where it does not.
        await ParkAsync(service, fact, Broken, Guid.CreateVersion7());
        Assert.Equal("Dropped Parked", await TextAsync(database, "select string_agg(status, ' ' order by status) from mt_doc_parkedmessage"));
        Assert.Equal(1, await TakeAsync(service, fact));
        Assert.Equal("criteria.report-submitted/report/a@1", await LearnedAsync(database));
        await MustBeProvedAsync(service);
    }

    [Fact]
    public async Task A_parked_fact_that_was_taken_in_meanwhile_holds_nobody_and_stays_listed()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var (first, second) = (Fact<ReportSubmitted>("report/a", 1), Fact<ReportReturned>("report/a", 2));
        var one = await ParkAsync(service, first, Broken);
        await ParkAsync(service, second, new WaitsBehindException("report/a"));
        Assert.Equal(2, (await service.Part<SubscriptionWatch>().LookAsync(Ct)).Parked);

        // What was wrong is mended, and the owner sends it again.
        Assert.Equal(1, await TakeAsync(service, first));
        await ReleaseAsync(service);
        Assert.Equal("criteria.report-submitted/report/a@1 criteria.report-returned/report/a@2", await LearnedAsync(database));
        var (_, left) = await ShownAsync(service, one);
        Assert.Equal(("parked", 1), (left.GetProperty("status").GetString(), left.GetProperty("times").GetInt32()));
        Assert.Equal(1, (await service.Part<SubscriptionWatch>().LookAsync(Ct)).Parked);
        var (status, replayed) = await service.SendAsync(HttpMethod.Post, $"{Parked}/{one}/replay", Operator);
        Assert.Equal((200, "a newer fact was known", "van-hanh"), (status, replayed.GetProperty("settledBecause").GetString(), replayed.GetProperty("settledBy").GetString()));
        Assert.Equal(0, (await service.Part<SubscriptionWatch>().LookAsync(Ct)).Parked);
        await MustBeProvedAsync(service);
    }

    /// <summary>Whoever breaks the copy of a real fact finds it listed, and what comes next of that fact's stream does not wait.</summary>
    [Fact]
    public async Task A_broken_copy_of_a_known_fact_stays_listed_and_holds_nobody()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var known = Fact<ReportSubmitted>("report/a", 5);
        Assert.Equal(1, await TakeAsync(service, known));
        var copy = BodyOf(known);
        copy["message"]!["report"] = "broken";
        var id = Guid.CreateVersion7();
        await service.Part<Parking>().ParkAsync(id, Encoding.UTF8.GetBytes(copy.ToJsonString()), new JsonException("broken"), Ct);

        await service.Part<Parking>().MustNotWaitAsync(Fact<ReportReturned>("report/a", 6), Ct);
        for (var round = 0; round < 2; round++) await ReleaseAsync(service);
        Assert.False(service.Part<Parking>().MayHaveToWait(Fact<ReportReturned>("report/a", 6)));
        await using (var restarted = new NotificationsHost(database))
        {
            await restarted.Part<Parking>().LoadAsync(Ct);
            Assert.False(restarted.Part<Parking>().MayHaveToWait(Fact<ReportReturned>("report/a", 6)));
        }

        var (_, listed) = await service.SendAsync(HttpMethod.Get, Parked, Operator);
        Assert.Equal([id.ToString()], listed.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("message").GetString()));

        // What waits behind something else is replayed past it.
        var other = await ParkAsync(service, Fact<ReportReturned>("report/a", 6), Broken);
        var (status, _) = await service.SendAsync(HttpMethod.Post, $"{Parked}/{other}/replay", Operator);
        Assert.Equal(200, status);
        Assert.Equal(200, (await DropAsync(service, id)).Status);
    }

    /// <summary>The fact and who had it taken in are one: whoever is first, nobody is told that he did it who did not.</summary>
    [Fact]
    public async Task An_operator_and_the_release_meet_on_one_message_and_one_of_them_settles_it()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        List<(Guid Message, string Stream)> waiting = [];
        for (var n = 0; n < 24; n++)
        {
            var stream = $"report/{n}";
            var first = await ParkAsync(service, Fact<ReportSubmitted>(stream, 1), Broken);
            waiting.Add((await ParkAsync(service, Fact<ReportReturned>(stream, 2), new WaitsBehindException(stream)), stream));
            Assert.Equal(200, (await DropAsync(service, first)).Status);
        }

        var release = Task.Run(async () =>
        {
            // As its service does: a lost race ends the round, and the next one goes on.
            while (service.Part<Parking>().Turns.Any())
            {
                try
                {
                    await ReleaseAsync(service);
                }
                catch (Exception exception) when (Commands.IsRace(exception))
                {
                }
            }
        }, Ct);
        var answers = await Task.WhenAll(waiting.Select(async (one, n) => (one.Message, one.Stream, Replay: n % 2 == 0, Answer: n % 2 == 0
            ? await service.SendAsync(HttpMethod.Post, $"{Parked}/{one.Message}/replay", Operator)
            : await DropAsync(service, one.Message))));
        await release;

        var learned = await LearnedAsync(database);
        foreach (var (message, stream, replay, (status, _)) in answers)
        {
            var (_, item) = await ShownAsync(service, message);
            var expected = (status, replay) switch
            {
                (200, true) => ("replayed", "van-hanh", true),
                (200, false) => ("dropped", "van-hanh", false),
                (409, _) => ("replayed", "system:release", true),
                _ => throw new InvalidOperationException($"{status}"),
            };
            Assert.Equal(expected, (item.GetProperty("status").GetString(), item.GetProperty("settledBy").GetString(), learned.Split(' ').Contains($"criteria.report-returned/{stream}@2")));
            if (expected.Item3) Assert.Equal("applied", item.GetProperty("settledBecause").GetString());
        }

        await MustBeProvedAsync(service);
    }

    [Fact]
    public async Task Each_step_is_shown_with_who_took_it_and_what_it_came_to()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var id = await ParkAsync(service, Fact<ReportSubmitted>("report/a", 1), new InvalidOperationException("outer", new FormatException("broken\r\non\tpurpose \0")));
        await TextAsync(database, "create function refuse() returns trigger language plpgsql as $$ begin raise exception E'broken\non purpose'; end $$; create trigger refuse before insert on mt_doc_inboxentry for each row execute function refuse(); select ''");
        var problem = await RefusedAsync(service, id, "message-still-fails");
        Assert.Equal("PostgresException: P0001: broken on purpose", problem.GetProperty("reason").GetString()![.."PostgresException: P0001: broken on purpose".Length]);
        Assert.DoesNotContain('\n', problem.GetProperty("reason").GetString()!);
        Assert.Equal("", await LearnedAsync(database));
        await TextAsync(database, "drop trigger refuse on mt_doc_inboxentry; drop function refuse; select ''");
        Assert.Equal(200, (await DropAsync(service, id)).Status);

        var key = Guid.CreateVersion7().ToString();
        var (status, replayed) = await service.SendAsync(HttpMethod.Post, $"{Parked}/{id}/replay", Operator, key: key);
        Assert.Equal(200, status);
        // The answer was lost with its receipt: who asks again is told that it is done, and nobody else is.
        await TextAsync(database, "delete from mt_doc_receipt; select ''");
        Assert.Equal(replayed.GetRawText(), (await service.SendAsync(HttpMethod.Post, $"{Parked}/{id}/replay", Operator, key: key)).Body.GetRawText());
        await RefusedAsync(service, id, "not-parked");

        foreach (var who in (string[])[Operator, "auditor@0#kiem-toan"])
        {
            var steps = (await service.SendAsync(HttpMethod.Get, $"{Parked}/{id}", who)).Body.GetProperty("steps").EnumerateArray().ToList();
            Assert.Equal(
                [
                    "message-parked.v1 system:inbox FormatException: broken on purpose ", "parked-message-replay-failed.v1 van-hanh " + problem.GetProperty("reason").GetString(),
                    "parked-message-dropped.v1 van-hanh hỏng", "parked-message-replayed.v1 van-hanh applied",
                ],
                steps.Select(s => $"{s.GetProperty("type").GetString()} {s.GetProperty("person").GetString()} {s.GetProperty("reason").GetString()}"));
            Assert.All(steps.Skip(1), s => Assert.NotEqual("", s.GetProperty("client").GetString()));
            Assert.All(steps, s => Assert.NotEqual(default, s.GetProperty("at").GetDateTimeOffset()));
        }

        // The fact is its author's, though an operator had it taken in.
        Assert.Equal(Fact<ReportSubmitted>("report/a", 1).Origin.Person, await TextAsync(database, "select user_name from mt_events where type like 'learned:%'"));
        await MustBeProvedAsync(service);
    }

    [Fact]
    public async Task Replays_that_were_ordered_are_listed_with_who_ordered_them()
    {
        const string replays = "/api/notifications/operations/replays";
        await using var service = await StartedAsync(await postgres.CreateAsync());
        foreach (var owner in (string[])["criteria", "pilots", "appraisal"])
            Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, replays, Operator, $$"""{ "owner": "{{owner}}" }""")).Status);
        List<string> listed = [];
        for (var at = $"{replays}?limit=2"; at is not null;)
        {
            var (status, page) = await service.SendAsync(HttpMethod.Get, at, "auditor@0#kiem-toan");
            Assert.Equal(200, status);
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("version")} {i.GetProperty("owners")[0].GetString()} {i.GetProperty("person").GetString()}"));
            at = page.GetProperty("next").GetString();
        }

        Assert.Equal(["1 criteria van-hanh", "2 pilots van-hanh", "3 appraisal van-hanh"], listed);
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Get, $"{replays}?after=x", Operator)).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Get, replays, "ministry@0#bo")).Status);
    }

    [Fact]
    public async Task Two_messages_under_one_id_are_both_listed_and_one_that_is_sent_again_is_not()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var id = Guid.CreateVersion7();
        async Task<List<string>> SendAsync(params byte[][] bodies)
        {
            foreach (var body in bodies) await service.Part<Parking>().ParkAsync(id, body, new JsonException("broken"), Ct);
            var (_, page) = await service.SendAsync(HttpMethod.Get, Parked, Operator);
            return [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("message").GetString()!)];
        }

        byte[] Envelope(string report, string sent) => Encoding.UTF8.GetBytes(
            $$"""{ "messageType": ["urn:message:Ntm.Contracts.Criteria:ReportSubmitted"], "sentTime": "{{sent}}", "message": { "origin": { "service": "criteria", "stream": "s", "position": 1 }, "report": {{report}} } }""");
        var two = await SendAsync(Envelope("1", "a"), Envelope("2", "a"), Envelope("1", "b"), Envelope("2", "b"));
        Assert.Equal(2, two.Count);
        Assert.Contains(id.ToString(), two);
        var four = await SendAsync("no json"u8.ToArray(), "no json either"u8.ToArray(), "no json"u8.ToArray());
        Assert.Equal(4, four.Count);
        foreach (var message in four) Assert.Equal(200, (await DropAsync(service, Guid.Parse(message))).Status);
        Assert.Empty(await SendAsync(Envelope("1", "c"), "no json either"u8.ToArray()));
    }

    [Fact]
    public async Task What_was_dropped_is_neither_parked_nor_taken_in_again_until_an_operator_replays_it()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var fact = Fact<ReportSubmitted>("report/a", 1);
        var id = await ParkAsync(service, fact, Broken);
        Assert.Equal(200, (await DropAsync(service, id)).Status);

        await using (var restarted = new NotificationsHost(database))
        {
            await restarted.Part<Parking>().LoadAsync(Ct);
            foreach (var replica in (NotificationsHost[])[service, restarted])
            {
                Assert.Equal(0, await TakeAsync(replica, fact));
                foreach (var under in (Guid[])[id, Guid.CreateVersion7()]) await ParkAsync(replica, fact, Broken, under);
                await replica.Part<Parking>().MustNotWaitAsync(Fact<ReportReturned>("report/a", 2), Ct);
            }
        }

        var (_, dropped) = await ShownAsync(service, id);
        Assert.Equal(("dropped", 1), (dropped.GetProperty("status").GetString(), dropped.GetProperty("times").GetInt32()));
        Assert.Equal(1, await NumberAsync(database, "select count(*) from mt_doc_parkedmessage"));
        Assert.Equal("", await LearnedAsync(database));
        await MustBeProvedAsync(service);

        // What stands behind it goes on, beside it in one group too.
        Assert.Equal(2, await TakeAsync(service, fact, Fact<ReportReturned>("report/a", 2), Fact<ReportSubmitted>("report/b", 3)));

        var (status, replayed) = await service.SendAsync(HttpMethod.Post, $"{Parked}/{id}/replay", Operator);
        Assert.Equal((200, "applied"), (status, replayed.GetProperty("settledBecause").GetString()));
        Assert.Equal(0, await TakeAsync(service, fact));
        await RefusedAsync(service, id, "not-parked");
        Assert.Equal("criteria.report-returned/report/a@2 criteria.report-submitted/report/b@3 criteria.report-submitted/report/a@1", await LearnedAsync(database));
        Assert.Equal(
            "message-parked.v1 system:inbox,parked-message-dropped.v1 van-hanh,parked-message-replayed.v1 van-hanh",
            await TextAsync(database, $"select string_agg(type || ' ' || user_name, ',' order by version) from mt_events where stream_id = 'parked/{id}'"));
        await MustBeProvedAsync(service);
    }

    [Fact]
    public async Task What_nobody_can_read_stays_dropped_too()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var nonsense = Encoding.UTF8.GetBytes("no json \0");
        async Task<Guid> SendAsync()
        {
            await service.Part<Parking>().ParkAsync(null, nonsense, new JsonException("no \0 json"), Ct);
            await using var session = service.Part<IDocumentStore>().QuerySession();
            return Guid.Parse((await session.Query<ParkedMessage>().SingleAsync(Ct)).Message);
        }

        var id = await SendAsync();
        await RefusedAsync(service, id, "message-unreadable");
        Assert.Equal(200, (await DropAsync(service, id)).Status);
        Assert.Equal(id, await SendAsync());
        Assert.Equal("dropped", (await ShownAsync(service, id)).Item.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_fact_of_a_contract_that_the_service_does_not_take_in_can_only_be_dropped()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        var id = Guid.CreateVersion7();
        await service.Part<Parking>().ParkAsync(
            id, """{ "messageType": ["urn:message:Ntm.Contracts.Criteria:CalendarChanged"], "message": { "origin": { "service": "criteria", "stream": "calendar", "position": 3 }, "calendar": {} } }"""u8.ToArray(), null, Ct);
        var (_, item) = await ShownAsync(service, id);
        Assert.Equal("notifications does not take in criteria.calendar-changed", item.GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, item.GetProperty("thing").ValueKind);
        await RefusedAsync(service, id, "contract-not-taken-in");
        Assert.Equal(200, (await DropAsync(service, id)).Status);
        Assert.Equal("", await LearnedAsync(database));
    }

    [Fact]
    public async Task An_old_fact_counts_once_though_its_group_failed_and_each_was_tried_alone()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var old = Fact<ReportSubmitted>("report/a", 1);
        Assert.Equal(1, await TakeAsync(service, old));
        long counted = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "ntm.facts.old" && ReferenceEquals(instrument.Meter.Scope, service.Part<IMeterFactory>())) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();

        await Assert.ThrowsAnyAsync<Exception>(() => TakeAsync(service, old, Fact<ReportSubmitted>("report/b", 2) with { Report = null! }));
        Assert.Equal(0, Interlocked.Read(ref counted));
        Assert.Equal(0, await TakeAsync(service, old));
        Assert.Equal(1, Interlocked.Read(ref counted));
    }

    private static async Task<NotificationsHost> StartedAsync(string database)
    {
        var service = new NotificationsHost(database);
        await service.ApplySchemaAsync();
        return service;
    }

    private static T Fact<T>(string stream, long position)
        where T : class, IIntegrationEvent
    {
        var sample = JsonNode.Parse(Repository.Read($"tests/Notifications.Tests/Events/learned.{Topology.NameOf(typeof(T))}.v1.json"))!;
        (sample["origin"]!["stream"], sample["origin"]!["position"], sample["origin"]!["eventId"]) = (stream, position, Guid.CreateVersion7().ToString());
        return sample.Deserialize<T>(NtmJson.Stored)!;
    }

    private static JsonObject BodyOf(IIntegrationEvent fact) => new()
    {
        ["messageType"] = new JsonArray($"urn:message:{fact.GetType().Namespace}:{fact.GetType().Name}"),
        ["message"] = JsonSerializer.SerializeToNode(fact, fact.GetType(), SystemTextJsonMessageSerializer.Options),
    };

    private static async Task<Guid> ParkAsync(NotificationsHost service, IIntegrationEvent fact, Exception reason, Guid? under = null)
    {
        var id = under ?? Guid.CreateVersion7();
        await service.Part<Parking>().ParkAsync(id, Encoding.UTF8.GetBytes(BodyOf(fact).ToJsonString()), reason, Ct);
        return id;
    }

    private static Task<int> TakeAsync(NotificationsHost service, params IIntegrationEvent[] facts) =>
        service.Part<Learning>().TogetherAsync([.. facts.Select(f => new Delivery(f, null, Replay: Guid.CreateVersion7(), null))], Ct);

    private static async Task MustWaitAsync(Parking parking, IIntegrationEvent fact)
    {
        Assert.True(parking.MayHaveToWait(fact));
        await Assert.ThrowsAsync<WaitsBehindException>(() => parking.MustNotWaitAsync(fact, Ct));
    }

    private static async Task ReleaseAsync(NotificationsHost service)
    {
        using var release = ActivatorUtilities.CreateInstance<ParkedRelease>(service.Services);
        await release.RoundAsync(() => true, Ct);
    }

    private static async Task<JsonElement> RefusedAsync(NotificationsHost service, Guid message, string rule)
    {
        var (status, problem) = await service.SendAsync(HttpMethod.Post, $"{Parked}/{message}/replay", Operator);
        Assert.Equal(409, status);
        Assert.EndsWith($"/{rule}", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        return problem;
    }

    private static Task<(int Status, JsonElement Body)> DropAsync(NotificationsHost service, Guid message) =>
        service.SendAsync(HttpMethod.Post, $"{Parked}/{message}/drop", Operator, """{ "reason": "hỏng" }""");

    private static async Task<(string Body, JsonElement Item)> ShownAsync(NotificationsHost service, Guid message)
    {
        var (status, whole) = await service.SendAsync(HttpMethod.Get, $"{Parked}/{message}", Operator);
        Assert.Equal(200, status);
        return (whole.GetProperty("body").GetString()!, whole.GetProperty("item"));
    }

    private static async Task MustBeProvedAsync(NotificationsHost service) =>
        Assert.Equal(ProofStep.Right, await ProofStep.RunAsync(service.Services, "notifications", "check", TextWriter.Null, TextWriter.Null, Ct));

    /// <summary>Things that were learned, with the position of each fact, in the order in which they were.</summary>
    private static Task<string> LearnedAsync(string database) => TextAsync(
        database, "select coalesce(string_agg(stream_id || '@' || (data -> 'origin' ->> 'position'), ' ' order by seq_id), '') from mt_events where type like 'learned:%'");

    private static async Task<long> NumberAsync(string database, string query) => long.Parse(await TextAsync(database, query), CultureInfo.InvariantCulture);

    private static async Task<string> TextAsync(string database, string query)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(query, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture)!;
    }
}

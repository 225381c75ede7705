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
    public async Task A_parked_fact_that_was_taken_in_meanwhile_holds_nobody()
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
        var (_, settled) = await ShownAsync(service, one);
        Assert.Equal(("replayed", "a newer fact was known"), (settled.GetProperty("status").GetString(), settled.GetProperty("settledBecause").GetString()));
        Assert.Equal(0, (await service.Part<SubscriptionWatch>().LookAsync(Ct)).Parked);
        await MustBeProvedAsync(service);
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
        service.Part<Learning>().TogetherAsync([.. facts.Select(f => new Delivery(f, null, Replay: null, null))], Ct);

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

using System.Text;
using Npgsql;

namespace Ntm.EndToEnd;

/// <summary>The house itself: start, stop, descriptions, health, roles of the store.</summary>
[Collection(OneHouse.Name)]
public sealed class HouseTests(House house) : IAsyncDisposable
{
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task A_second_start_has_the_data_of_the_first_and_a_stop_leaves_no_process()
    {
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var report = Scene.Report(period, "18736");
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune("18736"), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        var before = (await api.GetAsync(report, Who.Commune("18736"))).Must(200);
        var token = await api.TokenAsync(Who.Auditor);

        var (took, left) = await house.StopAsync();
        Assert.True(took < TimeSpan.FromSeconds(10), $"the stop took {took}:\n{house.Output}");
        Assert.Empty(left);
        await house.StartAsync();

        // Whatever the house runs, servers too, takes connections from this machine alone.
        var listening = Listening.Of(house.Running().Select(p => p.Id));
        Assert.All(listening, at => Assert.True(System.Net.IPAddress.IsLoopback(at.Address), $"{at} is not on loopback"));
        Assert.Superset(new HashSet<int> { house.Gateway.Port, house.Grpc.Port, house.AddressOf("criteria").Port, house.AddressOf("postgres", "tcp").Port, house.AddressOf("rabbitmq", "tcp").Port }, listening.Select(at => at.Port).ToHashSet());

        // Keys outlive a restart, so a token does; ports of the gateway are fixed.
        Assert.Equal(before.Text, (await api.SendAsync(HttpMethod.Get, report, null, null, token: token)).Must(200).Text);
        Assert.Equal(69, (await api.GetAsync($"/api/criteria/units?level=commune&parent=42&on={Scene.TwoTiers}", Who.Auditor)).Must(200)["items"].GetArrayLength());
        await using var criteria = await Db.OpenAsync(house.Database("criteria"));
        Assert.Equal(1, await criteria.NumberAsync("select count(*) from mt_events where type = 'data-imported.v1'"));
    }

    [Fact]
    public async Task What_people_write_and_what_opens_doors_reaches_no_log()
    {
        const string unit = "18736";
        var written = $"canary-{Api.NewKey()}";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers, note = written })).Must(200);
        (await api.PutAsync($"{report}/indicators/1.2", Who.Commune(unit), new { value = written, validOn = "hôm qua", note = written })).Must(400);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = written })).Must(200);
        (await api.PostAsync($"{report}/return", Who.Coordinator, new { items = new[] { new { indicator = "1.1", reason = written } } })).Must(200);
        (await api.PostAsync($"{report}/return", Who.Coordinator, new { items = new[] { new { indicator = written, reason = written } } })).Must(422);
        await Until.TrueAsync(async () => (await api.GetAsync("/api/notifications/inbox?limit=50", Who.Commune(unit))).Text.Contains("report-returned", StringComparison.Ordinal), "the commune is told");

        var secrets = Directory.GetFiles(Path.GetDirectoryName(house.SecretFile("any"))!).Select(f => File.ReadAllText(f).Trim()).Where(s => s.Length >= 16);
        string[] forbidden = [written, await api.TokenAsync(Who.Commune(unit)), .. secrets];
        foreach (var log in Directory.GetFiles(Path.Combine(house.Folder, "logs")))
        {
            var text = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
            Assert.All(forbidden, f => Assert.False(text.Contains(f, StringComparison.Ordinal), $"{Path.GetFileName(log)} holds what no log may hold ({f[..8]}…)."));
        }
    }

    [Fact]
    public async Task The_tree_of_each_day_has_its_units()
    {
        foreach (var (day, count) in new[] { ("2024-06-01", 216), ("2025-06-30", 209), ("2025-07-01", 69) })
        {
            List<string> codes = [];
            for (var at = $"/api/criteria/units?level=commune&parent=42&on={day}&limit=50"; at is not null;)
            {
                var page = (await api.GetAsync(at, Who.Auditor)).Must(200);
                codes.AddRange(page["items"].EnumerateArray().Select(u => u.GetProperty("code").GetString()!));
                at = page["next"].GetString();
            }

            Assert.Equal(count, codes.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(count, codes.Count);
        }
    }

    [Fact]
    public async Task Each_service_is_described_and_the_page_opens()
    {
        foreach (var service in Ntm.Contracts.Topology.Services)
        {
            var description = (await api.GetAsync($"/openapi/{service}.json")).Must(200);
            Assert.StartsWith("3.1", description["openapi"].GetString(), StringComparison.Ordinal);
            Assert.NotEmpty(description["paths"].EnumerateObject());
        }

        var criteria = (await api.GetAsync("/openapi/criteria.json")).Must(200);
        var put = criteria["paths"].GetProperty("/api/criteria/reports/{period}/{unit}/indicators/{indicator}").GetProperty("put");
        var schema = put.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
        Assert.Equal(
            ["value", "validOn", "note", "evidence", "reason", "basedOn", "enteredOn"],
            criteria["components"].GetProperty("schemas").GetProperty(schema).GetProperty("properties").EnumerateObject().Select(p => p.Name));
        Assert.Contains(put.GetProperty("parameters").EnumerateArray(), p => p.GetProperty("name").GetString() == "Idempotency-Key");
        (await api.GetAsync("/openapi/nobody.json")).Must(404);
        Assert.Equal("text/html", (await api.GetAsync("/docs/")).Must(200).MediaType);
    }

    [Fact]
    public async Task Health_is_told_at_the_gateway_and_over_gRPC()
    {
        foreach (var path in (string[])["/health/live", "/health/ready", "/health/system"]) (await api.GetAsync(path)).Must(200);
        var (health, status) = await MinistryClient.CallAsync(house, "/grpc.health.v1.Health/Check", []);
        Assert.Equal("0", status);
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], health);

        // list_services = "" (field 7): reflection names the feed.
        var (names, _) = await MinistryClient.CallAsync(house, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", [0x3A, 0]);
        Assert.Contains("ntm.central.v1.ChangeFeed", Encoding.UTF8.GetString(names), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_feed_is_for_the_ministry_and_resumes_where_it_ended()
    {
        Assert.Equal("UNAUTHENTICATED", await CodeAsync(null));
        Assert.Equal("UNAUTHENTICATED", await CodeAsync("rubbish"));
        Assert.Equal("PERMISSION_DENIED", await CodeAsync(await api.TokenAsync(Who.Auditor)));
        var token = await api.TokenAsync(Who.Ministry);
        Assert.Equal("INVALID_ARGUMENT", await CodeAsync(token, Convert.ToBase64String(new byte[57])));
        Assert.Equal("INVALID_ARGUMENT", await CodeAsync(token, kinds: "everything"));

        var period = await scene.ApprovedAsync("18739");
        var unit = (await api.GetAsync(Scene.Report(period, "18739"), Who.Auditor)).Must(200)["unitId"].GetString()!;
        var all = await MinistryClient.UntilAsync(house, token, p => p.Of(unit).Count() == 2, "report and assessment reached the feed");
        Assert.Equal("idle", all.End.GetProperty("end").GetString());
        Assert.Empty((await MinistryClient.PullAsync(house, token, all.Token)).Changes);
        var first = await MinistryClient.PullAsync(house, token, count: 1, maxBatch: 1);
        var rest = await MinistryClient.PullAsync(house, token, first.Token);
        var inTwo = first.Changes.Concat(rest.Changes).Select(c => c.GetProperty("position").GetInt64()).ToHashSet();
        Assert.Superset(all.Changes.Select(c => c.GetProperty("position").GetInt64()).ToHashSet(), inTwo);
        Assert.All((await MinistryClient.PullAsync(house, token, kinds: "assessment")).Changes, c => Assert.Equal("assessment", c.GetProperty("kind").GetString()));

        async Task<string?> CodeAsync(string? bearer, string resume = "-", string kinds = "-") =>
            (await MinistryClient.PullAsync(house, bearer, resume, kinds)).End.GetProperty("code").GetString();
    }

    [Fact]
    public async Task The_run_time_role_appends_events_and_can_neither_change_nor_remove_them()
    {
        foreach (var service in Ntm.Contracts.Topology.Services)
        {
            await using var store = await Db.OpenAsync(house.Database(service, service));
            foreach (var statement in (string[])
                ["update mt_events set data = '{}'", "delete from mt_events", "truncate mt_events", "delete from mt_streams", "create table t (a int)", "alter table mt_events add column a int"])
            {
                var refused = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(statement));
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
            }

            foreach (var other in Ntm.Contracts.Topology.Services.Append("postgres").Where(o => o != service))
            {
                var refused = await Assert.ThrowsAsync<PostgresException>(() => Db.OpenAsync(house.Database(other, service)));
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
            }
        }

        await using var server = await Db.OpenAsync(house.Database("postgres"));
        foreach (var setting in (string[])["fsync", "synchronous_commit"]) Assert.Equal("on", await server.TextAsync($"show {setting}"));
    }

    [Fact]
    public void No_secret_and_no_remark_is_in_a_log()
    {
        foreach (var service in Ntm.Contracts.Topology.Services.Append("gateway"))
        {
            var log = house.LogOf(service);
            Assert.DoesNotContain(house.Secret("local-client-secret"), log, StringComparison.Ordinal);
            Assert.DoesNotContain(house.Secret("postgres-password"), log, StringComparison.Ordinal);
            Assert.DoesNotContain("Chờ bổ sung", log, StringComparison.Ordinal);
            Assert.DoesNotContain("Bearer ey", log, StringComparison.Ordinal);
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Grpc.Core;
using Ntm.AppHost.Local.Protocol;

namespace Ntm.EndToEnd;

/// <summary>What the dashboard is served: resources, commands, console logs; and that processes that die come back.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class DashboardTests(OperatedHouse house) : IAsyncDisposable
{
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(15);
    private readonly Operator desk = new(house);

    public async ValueTask DisposeAsync()
    {
        desk.Dispose();
        await Proof.MustHoldAfterTestAsync(house);
    }

    [Fact]
    public async Task Without_its_key_each_door_stays_shut()
    {
        foreach (var key in (string?[])[null, "", "wrong", house.Secret("resource-service-api-key")[1..], house.Secret("local-client-secret")])
        {
            using var stranger = new Operator(house, key);
            var refused = await Assert.ThrowsAsync<RpcException>(stranger.AllAsync);
            Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        }

        using var known = new Operator(house);
        Assert.NotEmpty(await known.AllAsync());
    }

    [Fact]
    public async Task Where_the_dashboard_is_installed_its_pages_and_its_collector_ask_for_theirs()
    {
        Assert.SkipUnless(house.Endpoints.GetProperty("dashboardApi").ValueKind == JsonValueKind.String, "the dashboard is not installed");
        Assert.All(Listening.Of(house.Running().Select(p => p.Id)), at => Assert.True(IPAddress.IsLoopback(at.Address), $"{at} is not on loopback"));
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var page = new Uri(house.Endpoints.GetProperty("dashboardApi").GetString()!);
        using var front = await http.GetAsync(page, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, front.StatusCode);
        Assert.StartsWith("/login", front.Headers.Location!.IsAbsoluteUri ? front.Headers.Location.AbsolutePath : front.Headers.Location.OriginalString, StringComparison.Ordinal);
        using var telemetry = await http.GetAsync(new Uri(page, "/api/telemetry/resources"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, telemetry.StatusCode);
        using var export = new HttpRequestMessage(HttpMethod.Post, new Uri(house.Endpoints.GetProperty("otlp").GetString() + "/opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };
        using var refusedExport = await http.SendAsync(export, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refusedExport.StatusCode);
    }

    [Fact]
    public async Task Every_resource_is_there_running_and_well()
    {
        await desk.AllWellAsync(TimeSpan.FromSeconds(30));
        var all = await desk.AllAsync();
        foreach (var service in Ntm.Contracts.Topology.Services)
        {
            var shown = all.Single(r => r.DisplayName == service);
            Assert.Equal("Project", shown.ResourceType);
            Assert.Contains(shown.HealthReports, r => r.Key == "store");
            Assert.Contains(shown.Urls, u => u.FullUrl == $"{house.AddressOf(service)}health/ready");
            Assert.Contains(shown.Relationships, r => r is { ResourceName: "gateway", Type: "Reference" });
            Assert.Contains(shown.Relationships, r => r is { ResourceName: "rabbitmq", Type: "WaitFor" });
            Assert.Contains(all, r => r.DisplayName == $"{service}-schema" && r.State == "Finished");
            Assert.Contains(all, r => r.DisplayName == $"{service}-database" && r.ResourceType == "PostgresDatabaseResource" && r.State == "Running");
            Assert.Contains(all, r => r.DisplayName == $"{service}-store" && r.ResourceType == "ConnectionString");
            Assert.Contains(shown.Relationships, r => r.ResourceName == $"{service}-store" && r.Type == "Reference");
            var store = all.Single(r => r.DisplayName == $"{service}-store");
            foreach (var other in (string[])["postgres", $"{service}-database", $"{service}-password"])
                Assert.Single(store.Relationships, r => r.ResourceName == other && r.Type == "Reference");
            Assert.Contains(all, r => r.DisplayName == $"{service}-password" && r.ResourceType == "Parameter" && r.Properties.Single(p => p.Name == "Value").IsSensitive);
        }

        Assert.Contains(all.Single(r => r.DisplayName == "gateway").Urls, u => u.FullUrl.EndsWith("/docs", StringComparison.Ordinal) && !u.IsInternal);
        // What speaks HTTP/2 only opens in no browser: it is text, and the links are what opens.
        Assert.Contains(all.Single(r => r.DisplayName == "gateway").Urls, u => u.EndpointName == "grpc" && u.FullUrl.StartsWith("grpc://127.0.0.1:", StringComparison.Ordinal));
        Assert.Contains(all.Single(r => r.DisplayName == "postgres").Commands, c => c is { Name: "stop", State: ResourceCommandState.Enabled } && c.HasConfirmationMessage);
    }

    [Fact]
    public async Task No_secret_is_sent()
    {
        var secrets = Directory.GetFiles(Path.GetDirectoryName(house.SecretFile("x"))!).Select(f => File.ReadAllText(f).Trim()).ToList();
        Assert.True(secrets.Count > 15);
        var all = await desk.AllAsync();
        foreach (var resource in all)
        {
            var sent = resource.ToString() + string.Concat((await desk.LinesAsync(resource.Name)).Select(l => l.Text));
            Assert.DoesNotContain(secrets, s => sent.Contains(s, StringComparison.Ordinal));
        }

        var environment = all.Single(r => r.DisplayName == "criteria").Environment;
        Assert.Equal($"Host=127.0.0.1;Port={house.AddressOf("postgres", "tcp").Port};Username=criteria;Password=********;Database=criteria", environment.Single(v => v.Name == "ConnectionStrings__criteria").Value);
        Assert.Equal("********", all.Single(r => r.DisplayName == "gateway").Environment.Single(v => v.Name == "Ntm__Auth__LocalClientSecret").Value);
    }

    [Fact]
    public async Task A_stopped_service_stays_stopped_until_it_is_started()
    {
        await desk.AllWellAsync(TimeSpan.FromSeconds(30));
        await desk.ExecuteAsync("pilots", "stop");
        var stopped = await desk.OneAsync("pilots");
        Assert.Equal("Exited", stopped.State);
        Assert.Equal(
            [ResourceCommandState.Enabled, ResourceCommandState.Hidden, ResourceCommandState.Disabled],
            ((string[])["start", "stop", "restart"]).Select(c => stopped.Commands.Single(k => k.Name == c).State));
        var answer = await house.Api.GetAsync("/api/pilots/models", Who.Auditor);
        Assert.Contains(answer.Status, (int[])[502, 503]);
        Assert.Equal("application/problem+json", answer.MediaType);

        await desk.ExecuteAsync("pilots", "start");
        await desk.WellAsync("pilots", BackWithin);
        await Until.TrueAsync(async () => (await house.Api.GetAsync("/api/pilots/models", Who.Auditor)).Status == 200, "pilots are served again");
    }

    [Fact]
    public async Task A_restart_gives_another_process_and_a_step_can_be_run_again()
    {
        await desk.AllWellAsync(TimeSpan.FromSeconds(30));
        var before = await desk.OneAsync("central");
        await desk.ExecuteAsync("central", "restart");
        await desk.WellAsync("central", BackWithin);
        var after = await desk.OneAsync("central");
        Assert.NotEqual(Operator.ProcessId(before), Operator.ProcessId(after));
        // An operator's restart is no failure.
        Assert.Equal(before.Properties.SingleOrDefault(p => p.Name == "ntm.restarts")?.Value, after.Properties.SingleOrDefault(p => p.Name == "ntm.restarts")?.Value);

        var ended = (await desk.OneAsync("provision")).StoppedAt;
        await desk.ExecuteAsync("provision", "start");
        await Until.TrueAsync(async () => await desk.OneAsync("provision") is { State: "Finished" } step && step.StoppedAt > ended, "provision has run again", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Console_logs_arrive_as_they_are_written()
    {
        var ct = TestContext.Current.CancellationToken;
        var mark = $"seen_{Guid.CreateVersion7():N}";
        var postgres = await desk.FirstLineAsync("postgres", mark, async () =>
        {
            await using var db = await Db.OpenAsync(house.Database("postgres"));
            await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => db.ExecuteAsync($"select {mark}"));
        });
        Assert.True(postgres.IsStdErr);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ", postgres.Text);

        await desk.FirstLineAsync("rabbitmq", "accepting AMQP connection", async () =>
        {
            using var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, house.AddressOf("rabbitmq", "tcp").Port, ct);
            await socket.GetStream().WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), ct);
            await socket.GetStream().ReadExactlyAsync(new byte[8], ct);
        });
        foreach (var resource in await desk.AllAsync())
            if (resource.ResourceType is "Project" or "Executable")
                Assert.NotEmpty(await desk.LinesAsync(resource.Name));
        var refused = await Assert.ThrowsAsync<RpcException>(() => desk.LinesAsync("nobody"));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task Whatever_is_killed_is_back_and_well_within_15_s()
    {
        await desk.AllWellAsync(TimeSpan.FromSeconds(60));
        foreach (var victim in (await desk.AllAsync()).Where(r => r.State == "Running" && Operator.ProcessId(r) is not null).ToList())
        {
            var clock = Stopwatch.StartNew();
            Signals.Send(Operator.ProcessId(victim)!.Value, Signals.Kill);
            await Until.TrueAsync(
                async () => await desk.OneAsync(victim.DisplayName) is { State: "Running" } now && Operator.ProcessId(now) != Operator.ProcessId(victim) && Operator.IsWell(now),
                $"{victim.DisplayName} is back", BackWithin, () => house.Output);
            Assert.Contains((await desk.OneAsync(victim.DisplayName)).Properties, p => p.Name == "ntm.restarts");
            TestContext.Current.SendDiagnosticMessage($"{victim.DisplayName} was back after {clock.Elapsed.TotalSeconds:F1} s");
            await desk.AllWellAsync(TimeSpan.FromSeconds(60));
        }

        await Until.TrueAsync(async () => (await house.Api.GetAsync("/health/system")).Status == 200, "the whole system is ready");
    }

    [Fact]
    public async Task Services_survive_a_stopped_database()
    {
        await desk.AllWellAsync(TimeSpan.FromSeconds(60));
        var before = Operator.ProcessId(await desk.OneAsync("criteria"));
        await desk.ExecuteAsync("postgres", "stop");
        await Until.TrueAsync(
            async () => (await desk.OneAsync("criteria")).HealthReports.Any(r => r.Status == HealthStatus.Unhealthy && r.Description.Contains("database", StringComparison.Ordinal)),
            "criteria tells why it is not well", TimeSpan.FromSeconds(30));
        await desk.ExecuteAsync("postgres", "start");
        await desk.AllWellAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(before, Operator.ProcessId(await desk.OneAsync("criteria")));
    }
}

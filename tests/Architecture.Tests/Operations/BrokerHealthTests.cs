using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>What the run sees of a broker on a full disk, told in the words of its management API, and when it starts it anew.</summary>
public sealed class BrokerHealthTests : IAsyncLifetime
{
    private const string Fine = """{"status":"ok"}""";
    private const string Alarmed = """{"alarms":[{"node":"ntm@localhost","resource":"disk space"}],"reason":"There are alarms in effect on the node","status":"failed"}""";
    private const string Running = """[{"leader":"ntm@localhost","name":"criteria","type":"quorum"},{"name":"other","type":"classic"}]""";
    private const string Standing = """[{"leader":null,"name":"criteria","type":"quorum"},{"name":"other","type":"classic"}]""";
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-broker-").FullName;
    private readonly DistributedApplicationBuilder builder;
    private readonly WebApplication management;
    private (string Alarms, string Queues) told = (Fine, Running);

    public BrokerHealthTests()
    {
        builder = new([$"--NTM_DATA={folder}"]);
        var web = WebApplication.CreateBuilder();
        web.WebHost.UseUrls("http://127.0.0.1:0");
        web.Logging.ClearProviders();
        management = web.Build();
        management.MapGet("/", () => "");
        management.MapGet("/api/health/checks/local-alarms", (HttpRequest request) => Answer(request, told.Alarms, told.Alarms == Fine ? 200 : 503));
        management.MapGet("/api/queues/ntm", (HttpRequest request) => Answer(request, told.Queues, 200));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await management.StartAsync(Ct);

    public async ValueTask DisposeAsync()
    {
        await management.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_alarm_is_told_and_neither_holds_the_start_up_nor_ends_the_broker()
    {
        using var data = DataFolder.Open(builder);
        var broker = Broker(data);
        Assert.All(await broker.CheckAsync(Ct), report => Assert.Equal(HealthStatus.Healthy, report.Status));
        told = (Alarmed, Running);
        var alarm = Assert.Single(await broker.CheckAsync(Ct), report => report.Status != HealthStatus.Healthy);
        Assert.Equal(("alarms", HealthStatus.Degraded), (alarm.Key, alarm.Status));
        Assert.Contains("disk space", alarm.Reason, StringComparison.Ordinal);
        Assert.Null(broker.NeedsNewStart);
    }

    [Fact]
    public async Task Queues_that_stand_still_for_good_need_a_new_start_once_there_is_room_and_only_one()
    {
        using var data = DataFolder.Open(builder);
        var broker = Broker(data);
        told = (Alarmed, Standing);
        for (var n = 0; n < 10; n++) Assert.Null(await AskAsync());
        told = (Fine, Standing);
        Assert.Contains("criteria", await AskAsync(), StringComparison.Ordinal);
        for (var n = 0; n < 10; n++) Assert.Null(await AskAsync());

        told = (Fine, Running);
        Assert.Null(await AskAsync());
        told = (Fine, Standing);
        Assert.Null(await AskAsync());
        Assert.Null(await AskAsync());
        Assert.NotNull(await AskAsync());

        async Task<string?> AskAsync()
        {
            Assert.DoesNotContain(await broker.CheckAsync(Ct), report => report.Status == HealthStatus.Unhealthy);
            return broker.NeedsNewStart;
        }
    }

    [Fact]
    public async Task Whoever_needs_a_new_start_is_ended_in_order_and_started_again()
    {
        using var data = DataFolder.Open(builder);
        var narrator = new Narrator { Silent = true };
        var recipe = new Stuck();
        using var child = new Supervisor(new(new ExecutableResource("child", "sleep", "/"), 0), recipe, new(data, "child", new Masking()), narrator, await ProcessRecord.TakeOverAsync(data, narrator));
        child.Start();
        await UntilAsync(child, status => status.Restarts == 1);
        await UntilAsync(child, status => status is { State: States.Running, Health: [{ Status: HealthStatus.Healthy }] });
        Assert.Contains("child is ended to be started anew: stuck on purpose", await File.ReadAllTextAsync(child.Log.FilePath, Ct), StringComparison.Ordinal);
        await child.StopAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
    }

    private static IResult Answer(HttpRequest request, string text, int status) =>
        request.Headers.Authorization == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("keeper:se cret"))}" ? Results.Content(text, "application/json", statusCode: status) : Results.StatusCode(401);

    private static async Task UntilAsync(Supervisor child, Func<Status, bool> condition)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); !condition(child.Status); await Task.Delay(20, Ct))
            Assert.True(clock.GetElapsedTime(start) < TimeSpan.FromSeconds(20), child.Status.ToString());
    }

    /// <summary>The stand-in answers at both doors: at the first one, that somebody listens is all that is asked.</summary>
    private RabbitMqRecipe Broker(DataFolder data)
    {
        var port = new Uri(management.Urls.Single()).Port;
        var resource = new RabbitMQServerResource("rabbitmq", new("user", () => "keeper", false), new("password", () => "se cret", true));
        foreach (var name in (string[])["tcp", "management"])
            resource.Annotations.Add(new EndpointAnnotation(name, "http", null, null, null) { TargetHost = "127.0.0.1", AllocatedPort = port });
        return new(resource, resource.PrimaryEndpoint, 0, data, builder.Secrets);
    }

    /// <summary>Its first process is stuck, the second one is not.</summary>
    private sealed class Stuck : IRecipe
    {
        private int starts;

        public string? NeedsNewStart => starts == 1 ? "stuck on purpose" : null;

        public Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken)
        {
            starts++;
            return Task.FromResult(new ProcessSpec("sleep", ["600"], "/"));
        }

        public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => Task.FromResult(true);
    }
}

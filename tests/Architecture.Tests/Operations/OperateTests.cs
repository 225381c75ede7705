using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Ntm.AppHost.Local;
using Topology = Ntm.Contracts.Topology;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>The operator's commands against a gateway behind which one service is away, and on folders on which nothing runs.</summary>
public sealed class OperateTests : IAsyncLifetime
{
    private const string Away = "criteria";
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-operate-").FullName;
    private readonly ConcurrentQueue<(string Path, string Authorization)> calls = new();
    private readonly WebApplication gateway = WebApplication.CreateSlimBuilder().Build();
    private bool localIssuer = true;
    private string? full;

    public async ValueTask InitializeAsync()
    {
        gateway.Urls.Add("http://127.0.0.1:0");
        gateway.MapPost("/connect/token", () => localIssuer ? Results.Json(new { access_token = "of-the-local-issuer" }) : Results.NotFound());
        gateway.MapGet("/api/{service}/operations/parked", (string service, HttpContext http) => Answer(service, http, () => Results.Json(new
        {
            items = new[] { new { message = $"m-{service}", contract = "c", reason = "r" } },
            next = (string?)null,
        })));
        gateway.MapPost("/api/{service}/operations/replays", (string service, HttpContext http) => Answer(service, http, () => Results.Json(new { owners = new[] { "pilots" } })));
        await gateway.StartAsync(TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "secrets"));
        await File.WriteAllTextAsync(Path.Combine(folder, "secrets/local-client-secret"), "secret", TestContext.Current.CancellationToken);
        await WriteEndpointsAsync(ProcessTable.StartTimeOf(Environment.ProcessId)!.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_is_parked_is_listed_of_every_service_that_is_there()
    {
        var (code, output, errors) = await NtmAsync(["parked", "list"]);
        Assert.Equal(1, code);
        Assert.Equal($"{Away}: not reachable", errors.Trim());
        foreach (var service in Topology.Services.Where(s => s != Away)) Assert.Contains($"{service}  m-{service}  c  r", output, StringComparison.Ordinal);
        Assert.All(calls, call => Assert.Equal("Bearer of-the-local-issuer", call.Authorization));
    }

    [Fact]
    public async Task A_service_that_cannot_do_it_now_is_there_and_says_why()
    {
        full = Topology.Services.First(s => s != Away);
        var (code, output, errors) = await NtmAsync(["parked", "list"]);
        Assert.Equal(1, code);
        Assert.Contains($"{full}: GET ", errors, StringComparison.Ordinal);
        Assert.Contains("storage-full", errors, StringComparison.Ordinal);
        Assert.DoesNotContain($"{full}: not reachable", errors, StringComparison.Ordinal);
        foreach (var service in Topology.Services.Where(s => s != Away && s != full)) Assert.Contains($"{service}  m-{service}  c  r", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_house_that_an_older_version_started_is_a_running_system()
    {
        await File.WriteAllTextAsync(
            Path.Combine(folder, "endpoints.json"),
            JsonSerializer.Serialize(new { pid = Environment.ProcessId, resources = new { gateway = new { http = gateway.Urls.First() } } }),
            TestContext.Current.CancellationToken);
        var (_, output, _) = await NtmAsync(["parked", "list"]);
        foreach (var service in Topology.Services.Where(s => s != Away)) Assert.Contains($"{service}  m-{service}  c  r", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_for_which_there_is_nothing_to_do_says_so()
    {
        var (consumer, owner) = Topology.Listeners.Keys.SelectMany(to => Topology.Owners.Keys.Select(of => (to, of))).First(pair => !Topology.Listeners[pair.to].Intersect(Topology.Owners[pair.of]).Any());
        var (code, output, errors) = await NtmAsync(["replay", "--consumer", consumer, "--owner", owner]);
        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Contains($"{consumer} takes in no facts of {owner}", errors, StringComparison.Ordinal);
        Assert.Empty(calls);

        // For all, with one away: the others are asked all the same.
        (code, output, errors) = await NtmAsync(["replay"]);
        Assert.Equal(Topology.Listeners.ContainsKey(Away) ? 1 : 0, code);
        foreach (var to in Topology.Listeners.Keys.Where(s => s != Away)) Assert.Contains($"{to}: asks pilots for all facts", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_of_ones_own_issuer_is_used_and_never_shown(bool asArgument)
    {
        const string Token = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln-_";
        localIssuer = false;
        var (code, output, errors) = asArgument ? await NtmAsync(["parked", "list", "--token", Token]) : await NtmAsync(["parked", "list"], Token);
        Assert.Equal($"{Away}: not reachable", errors.Trim());
        Assert.Equal(1, code);
        Assert.Equal(Topology.Services.Count, calls.Count);
        Assert.All(calls, call => Assert.Equal($"Bearer {Token}", call.Authorization));
        Assert.DoesNotContain(Token, output + errors, StringComparison.Ordinal);

        (code, output, errors) = await NtmAsync(["parked", "list"], "not a\ntoken");
        Assert.Equal(1, code);
        Assert.DoesNotContain("not a", output + errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));

        (code, _, errors) = await NtmAsync(["parked", "list"]);
        Assert.Equal(1, code);
        Assert.Contains("takes those of another issuer", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_killed_is_no_running_system()
    {
        await WriteEndpointsAsync(ProcessTable.StartTimeOf(Environment.ProcessId)!.Value + 1);
        foreach (var command in (string[][])[["parked", "list"], ["check"], ["rebuild"], ["backup"]])
        {
            var (code, _, errors) = await NtmAsync(command);
            Assert.NotEqual(0, code);
            Assert.Contains("othing runs on", errors, StringComparison.Ordinal);
        }

        Assert.Empty(calls);
    }

    [Fact]
    public async Task What_a_killed_run_has_left_is_waited_for_before_a_stopped_system_is_changed()
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__postgres"] = "Host=127.0.0.1;Port=1;Username=postgres;Password=hidden",
            ["ConnectionStrings__rabbitmq"] = "amqp://admin:hidden@127.0.0.1:1",
            ["NTM_RABBITMQ_MANAGEMENT"] = "http://127.0.0.1:1",
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "kind"), "real", TestContext.Current.CancellationToken);
        Assert.Contains("ConnectionStrings__postgres is not set", await RefusedAsync([]), StringComparison.Ordinal);
        using (new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("the system runs on", await RefusedAsync(environment), StringComparison.Ordinal);

        // Servers need a moment to close.
        using var closing = Process.Start("sleep", "4")!;
        await RecordAsync(closing, ProcessTable.Boot, ProcessTable.StartTimeOf(closing.Id)!.Value);
        Assert.DoesNotContain("processes", await RefusedAsync(environment), StringComparison.Ordinal);
        Assert.True(closing.HasExited);

        using var left = Process.Start("sleep", "600")!;
        try
        {
            var startTime = ProcessTable.StartTimeOf(left.Id)!.Value;
            await RecordAsync(left, ProcessTable.Boot, startTime);
            Assert.Contains($"has left processes on {folder} (criteria {left.Id}): start ./run once", await RefusedAsync(environment), StringComparison.Ordinal);
            // Of another boot, or another process with its id: none of ours. The next thing that is wrong is told then.
            foreach (var (boot, started) in ((string, long)[])[("another", startTime), (ProcessTable.Boot, startTime + 1)])
            {
                await RecordAsync(left, boot, started);
                Assert.DoesNotContain("processes", await RefusedAsync(environment), StringComparison.Ordinal);
            }
        }
        finally
        {
            left.Kill();
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "processes.json"), "{ half", TestContext.Current.CancellationToken);
        Assert.Contains("cannot be read", await RefusedAsync(environment), StringComparison.Ordinal);

        Task RecordAsync(Process process, string boot, long startTime) => File.WriteAllTextAsync(
            Path.Combine(folder, "processes.json"),
            JsonSerializer.Serialize(new { Boot = boot, Run = "run", Processes = new[] { new { Name = "criteria", process.Id, StartTime = startTime, StopSignal = 15 } } }),
            TestContext.Current.CancellationToken);

        async Task<string> RefusedAsync(Dictionary<string, string?> environment)
        {
            var (code, output, errors) = await NtmAsync(["restored"], null, environment);
            Assert.Equal(1, code);
            Assert.StartsWith("restored: ", errors, StringComparison.Ordinal);
            Assert.Single(errors.Trim().Split('\n'));
            Assert.DoesNotContain("hidden", output + errors, StringComparison.Ordinal);
            return errors;
        }
    }

    private IResult Answer(string service, HttpContext http, Func<IResult> answer)
    {
        calls.Enqueue((http.Request.Path, http.Request.Headers.Authorization.ToString()));
        if (service == full) return Results.Json(new { rule = "storage-full" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        return service == Away ? Results.Json(new { rule = "service-unavailable" }, statusCode: StatusCodes.Status503ServiceUnavailable) : answer();
    }

    private Task WriteEndpointsAsync(long startTime) => File.WriteAllTextAsync(
        Path.Combine(folder, "endpoints.json"),
        JsonSerializer.Serialize(new { pid = Environment.ProcessId, startTime, resources = new { gateway = new { http = gateway.Urls.First() } } }),
        TestContext.Current.CancellationToken);

    private Task<(int Code, string Output, string Errors)> NtmAsync(string[] arguments, string? token = null, IReadOnlyDictionary<string, string?>? more = null) => Programs.RunAsync(
        "dotnet",
        [Programs.Cli, .. arguments],
        new Dictionary<string, string?>(more ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal) { ["NTM_DATA"] = folder, ["NTM_TOKEN"] = token });
}

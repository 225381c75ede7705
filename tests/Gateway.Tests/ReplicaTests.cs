using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Ntm.Gateway.Tests;

/// <summary>Two replicas behind one service name: work is shared, and a dead one costs nobody his answer.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private readonly string keys = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private EchoService first = null!;
    private EchoService second = null!;
    private GatewayHost gateway = null!;

    public async ValueTask InitializeAsync()
    {
        (first, second) = (await EchoService.StartAsync("first"), await EchoService.StartAsync("second"));
        gateway = Start(first, second);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await first.DisposeAsync();
        await second.DisposeAsync();
        if (Directory.Exists(keys)) Directory.Delete(keys, recursive: true);
    }

    [Fact]
    public async Task Work_is_shared()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReplicaAsync(HttpMethod.Get)));
        Assert.Equal(10, asked.Count(name => name == "first"));
        Assert.Equal(10, asked.Count(name => name == "second"));
    }

    [Fact]
    public async Task A_dead_replica_costs_no_answer_not_even_of_a_write()
    {
        // Both have been used: their connections are open when one goes.
        for (var n = 0; n < 4; n++) await ReplicaAsync(HttpMethod.Put);
        await first.DisposeAsync();
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Post, HttpMethod.Get, HttpMethod.Put, HttpMethod.Post])
            Assert.Equal("second", await ReplicaAsync(method));

        var (status, service) = await HealthAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("degraded", service.GetProperty("status").GetString());
        Assert.StartsWith("1/2: cannot be reached", service.GetProperty("reason").GetString(), StringComparison.Ordinal);

        await second.DisposeAsync();
        (status, service) = await HealthAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("notReady", service.GetProperty("status").GetString());
        using var answer = await SendAsync(HttpMethod.Get);
        await Stage.AssertProblemAsync(answer, 503, Stage.Report);
    }

    [Fact]
    public async Task A_write_that_was_sent_is_not_sent_again_but_a_read_is()
    {
        await using var broken = await EchoService.StartAsync(breaksOff: true);
        var answers = new List<(HttpMethod Method, HttpStatusCode Status)>();
        // The broken one is left alone after each failure, so a new gateway meets it with each method once.
        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Get])
        {
            await using var fresh = Start(broken, second);
            foreach (var _ in (int[])[1, 2])
            {
                using var answer = await SendAsync(method, fresh);
                answers.Add((method, answer.StatusCode));
            }
        }

        Assert.Equal(1, answers.Count(a => a.Method == HttpMethod.Put && a.Status == HttpStatusCode.ServiceUnavailable));
        Assert.Equal(1, answers.Count(a => a.Method == HttpMethod.Put && a.Status == HttpStatusCode.OK));
        Assert.Equal(2, answers.Count(a => a.Method == HttpMethod.Get && a.Status == HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_gRPC_call_finds_the_replica_that_lives()
    {
        await first.DisposeAsync();
        foreach (var _ in (int[])[1, 2, 3])
        {
            using var client = new HttpClient { BaseAddress = gateway.GrpcDoor };
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/ntm.central.v1.ChangeFeed/Pull", UriKind.Relative))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
            };
            request.Headers.TryAddWithoutValidation("authorization", "Bearer anything");
            using var answer = await client.SendAsync(request, Stage.Cancel);
            Assert.Equal("second", Assert.Single(answer.Headers.GetValues("Replica")));
            Assert.Equal("0", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
        }
    }

    private GatewayHost Start(EchoService one, EchoService other)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var service in (string[])["criteria", "appraisal", "pilots", "notifications", "central"])
            (settings[$"services:{service}:http:0"], settings[$"services:{service}:http:1"]) = (one.Http, other.Http);
        (settings["services:central:h2:0"], settings["services:central:h2:1"]) = (one.Grpc, other.Grpc);
        return GatewayHost.Start(keys, settings);
    }

    private async Task<string> ReplicaAsync(HttpMethod method)
    {
        using var answer = await SendAsync(method);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (method != HttpMethod.Get)
            Assert.Equal("what was sent", (await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel)).GetProperty("body").GetString());
        return Assert.Single(answer.Headers.GetValues("Replica"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, GatewayHost? through = null)
    {
        using var client = (through ?? gateway).Client(await gateway.TokenAsync("commune-officer@18073#an"));
        using var request = new HttpRequestMessage(method, new Uri(Stage.Report, UriKind.Relative));
        if (method != HttpMethod.Get) request.Content = new StringContent("what was sent", Encoding.UTF8);
        return await client.SendAsync(request, Stage.Cancel);
    }

    private async Task<(HttpStatusCode Status, JsonElement Criteria)> HealthAsync()
    {
        using var client = gateway.Client(language: "en");
        using var answer = await client.GetAsync(new Uri("/health/system", UriKind.Relative), Stage.Cancel);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel)).GetProperty("services").GetProperty("criteria"));
    }
}

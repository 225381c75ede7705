using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Ntm.Gateway.Tests;

/// <summary>What a caller hears when something is down or too much; each test has its own stage.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly Stage stage = new();

    public ValueTask InitializeAsync() => stage.InitializeAsync();

    public ValueTask DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_service_that_is_down_is_named_in_a_503()
    {
        await stage.StopServicesAsync();
        using var client = stage.Gateway.Client(language: "en");
        using var answer = await client.GetAsync(new Uri("/open-data/communes", UriKind.Relative), Stage.Cancel);
        var problem = await Stage.AssertProblemAsync(answer, 503, "/open-data/communes");
        Assert.Contains("central", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        using var system = await client.GetAsync(new Uri("/health/system", UriKind.Relative), Stage.Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, system.StatusCode);
        var services = (await system.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel)).GetProperty("services");
        Assert.Equal("notReady", services.GetProperty("pilots").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_client_over_its_limit_is_told_when_to_come_back()
    {
        await using var narrow = stage.Start(stage.Keys, new() { ["Ntm:Gateway:RateLimit:PerSecond"] = "1", ["Ntm:Gateway:RateLimit:Burst"] = "1" });
        var (busy, calm) = (await stage.Gateway.TokenAsync("ministry@0#busy"), await stage.Gateway.TokenAsync("ministry@0#calm"));
        using var client = narrow.Client(busy);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.GetAsync(new Uri(Stage.Report, UriKind.Relative), Stage.Cancel)));
        Assert.Contains(answers, answer => answer.StatusCode is HttpStatusCode.OK);
        var refused = Assert.Single(answers.Where(answer => answer.StatusCode is not HttpStatusCode.OK).Take(1));
        await Stage.AssertProblemAsync(refused, 429, Stage.Report);
        Assert.NotNull(refused.Headers.RetryAfter?.Delta);

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", calm);
        using var other = await client.GetAsync(new Uri(Stage.Report, UriKind.Relative), Stage.Cancel);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using var narrow = stage.Start(stage.Keys, new() { ["Ntm:Gateway:MaxBodyBytes"] = "1000" });
        using var client = narrow.Client(await stage.Gateway.TokenAsync("commune-officer@18073#an"));
        using var body = new StringContent(new string('x', 2000));
        using var answer = await client.PostAsync(new Uri("/api/criteria/periods", UriKind.Relative), body, Stage.Cancel);
        await Stage.AssertProblemAsync(answer, 413, "/api/criteria/periods");
    }

    [Fact]
    public async Task A_gRPC_caller_hears_UNAVAILABLE_when_Central_is_down()
    {
        await stage.StopServicesAsync();
        using var answer = await stage.PullAsync("Bearer anything");
        Assert.Equal("14", Assert.Single(answer.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task An_open_stream_does_not_hold_up_a_stop()
    {
        using var client = stage.Gateway.Client(await stage.Gateway.TokenAsync("commune-officer@18073#an"));
        await using var stream = await client.GetStreamAsync(new Uri("/api/notifications/stream", UriKind.Relative), Stage.Cancel);
        Assert.NotEqual(0, await stream.ReadAsync(new byte[100], Stage.Cancel));
        await stage.Gateway.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(3), Stage.Cancel);
    }
}

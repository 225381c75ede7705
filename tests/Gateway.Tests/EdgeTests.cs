using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Ntm.Gateway.Tests;

/// <summary>Who comes through the gateway, and what arrives on the other side.</summary>
public sealed class EdgeTests(Stage stage) : IClassFixture<Stage>
{
    [Fact]
    public async Task A_call_with_a_token_reaches_the_service_and_its_answer_comes_back_whole()
    {
        var token = await stage.Gateway.TokenAsync("commune-officer@18073#an");
        using var client = stage.Gateway.Client(token);
        client.DefaultRequestHeaders.Add("X-Correlation-Id", "my-id-1");
        using var answer = await client.GetAsync(new Uri(Stage.Report + "?asOf=2024-12-31T00:00:00%2B07:00", UriKind.Relative), Stage.Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel);

        Assert.Equal("/api/criteria/reports/2024-Q4/18073", body.GetProperty("path").GetString());
        Assert.Equal("?asOf=2024-12-31T00:00:00%2B07:00", body.GetProperty("query").GetString());
        Assert.Equal("my-id-1", body.GetProperty("correlationId").GetString());
        Assert.Equal("Bearer " + token, body.GetProperty("authorization").GetString());
        Assert.Equal("my-id-1", Assert.Single(answer.Headers.GetValues("X-Correlation-Id")));
        Assert.Equal("\"7\"", answer.Headers.ETag?.Tag);
        Assert.Equal("/api/criteria/periods/2024-Q4", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_correlation_id_that_is_not_sane_is_replaced()
    {
        using var client = stage.Gateway.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Correlation-Id", new string('x', 65));
        using var answer = await client.GetAsync(new Uri("/open-data/x", UriKind.Relative), Stage.Cancel);
        var sent = (await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel)).GetProperty("correlationId").GetString();
        Assert.Equal(32, sent?.Length);
        Assert.Equal(sent, Assert.Single(answer.Headers.GetValues("X-Correlation-Id")));
    }

    [Theory]
    [InlineData("GET", "/api/criteria/sets", 401)]
    [InlineData("POST", "/api/appraisal/dossiers", 401)]
    [InlineData("GET", "/api/appraisal/recognitions", 200)]
    [InlineData("POST", "/api/appraisal/recognitions", 401)]
    [InlineData("GET", "/api/pilots/targets", 401)]
    [InlineData("GET", "/api/notifications/stream", 401)]
    [InlineData("GET", "/open-data/communes", 200)]
    [InlineData("GET", "/api/unknown", 404)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/openapi/unknown.json", 404)]
    [InlineData("GET", "/openapi/criteria.json", 200)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("GET", "/docs/", 200)]
    public async Task Without_a_token_only_the_public_doors_are_open(string method, string path, int status)
    {
        using var client = stage.Gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var answer = await client.SendAsync(request, Stage.Cancel);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status >= 400) await Stage.AssertProblemAsync(answer, status, path);
        if (status is 401) Assert.Contains(answer.Headers.WwwAuthenticate, scheme => scheme.Scheme == "Bearer");
    }

    [Fact]
    public async Task The_system_is_ready_when_every_service_is()
    {
        using var client = stage.Gateway.Client();
        using var answer = await client.GetAsync(new Uri("/health/system", UriKind.Relative), Stage.Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("ready", (await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_description_is_asked_for_under_the_address_of_the_gateway()
    {
        using var client = stage.Gateway.Client();
        var body = await client.GetFromJsonAsync<JsonElement>(new Uri("/openapi/pilots.json", UriKind.Relative), Stage.Cancel);
        Assert.Equal("/openapi/v1.json", body.GetProperty("path").GetString());
        Assert.Equal(stage.Gateway.Http.Authority, body.GetProperty("host").GetString());
    }

    [Theory]
    [InlineData(null, "16")]
    [InlineData("Bearer anything", "0")]
    public async Task A_gRPC_call_passes_with_its_metadata_and_trailers(string? authorization, string status)
    {
        using var answer = await stage.PullAsync(authorization);
        await answer.Content.ReadAsByteArrayAsync(Stage.Cancel);
        Assert.Equal(status, Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
    }
}

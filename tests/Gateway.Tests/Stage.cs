using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Ntm.Gateway.Tests;

/// <summary>A gateway, and behind it one echo that stands for every service.</summary>
public sealed class Stage : IAsyncLifetime
{
    internal const string Report = "/api/criteria/reports/2024-Q4/18073";
    private EchoService echo = null!;

    internal GatewayHost Gateway { get; private set; } = null!;

    internal string Keys { get; } = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        echo = await EchoService.StartAsync();
        Gateway = Start(Keys);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await echo.DisposeAsync();
        if (Directory.Exists(Keys)) Directory.Delete(Keys, recursive: true);
    }

    /// <summary>Another gateway before the same services.</summary>
    internal GatewayHost Start(string keys, Dictionary<string, string?>? more = null)
    {
        var settings = more ?? new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var service in (string[])["criteria", "appraisal", "pilots", "notifications", "central"]) settings[$"services:{service}:http:0"] = echo.Http;
        settings["services:central:h2:0"] = echo.Grpc;
        return GatewayHost.Start(keys, settings);
    }

    internal ValueTask StopServicesAsync() => echo.DisposeAsync();

    internal async Task<HttpResponseMessage> PullAsync(string? authorization)
    {
        using var client = new HttpClient { BaseAddress = Gateway.GrpcDoor };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/ntm.central.v1.ChangeFeed/Pull", UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };
        if (authorization is not null) request.Headers.TryAddWithoutValidation("authorization", authorization);
        return await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, Cancel);
    }

    internal static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage answer, int status, string instance)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(instance, problem.GetProperty("instance").GetString());
        foreach (var name in (string[])["type", "title", "detail", "traceId"]) Assert.False(string.IsNullOrEmpty(problem.GetProperty(name).GetString()));
        return problem;
    }
}

using System.Text.Json.Serialization;
using Ntm.Gateway.Routing;
using Ntm.ServiceDefaults;
using Yarp.ReverseProxy;

namespace Ntm.Gateway.Health;

/// <summary>Asks every service whether it is ready: 200 when all are, else 503 with which and why.</summary>
internal static class SystemHealth
{
    private const string Client = "health";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private sealed record ServiceHealth(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);

    public static WebApplicationBuilder AddSystemHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(Client, http => http.Timeout = Patience);
        return builder;
    }

    public static void MapSystemHealth(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/health/system", Answer).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Answer(HttpContext context, IProxyStateLookup proxy, IHttpClientFactory clients, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(Client);
        var answers = await Task.WhenAll(Services.All.Select(service => AskAsync(service.Name, proxy, http, context, cancellationToken)));
        var ready = answers.All(answer => answer.Reason is null);
        var services = Services.All.Zip(answers).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        return Results.Json(
            new { status = ready ? "ready" : "notReady", services },
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<ServiceHealth> AskAsync(string name, IProxyStateLookup proxy, HttpClient http, HttpContext context, CancellationToken cancellationToken)
    {
        var address = proxy.TryGetCluster(name, out var cluster) && cluster.Destinations is { Count: > 0 } destinations
            ? destinations.Values.First().Model.Config.Address
            : null;
        if (address is null) return NotReady(new("không có địa chỉ", "no address is known"), context);
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(address), "/health/ready"))
            {
                Version = cluster!.Model.Config.HttpRequest!.Version!,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var answer = await http.SendAsync(question, cancellationToken);
            return answer.IsSuccessStatusCode
                ? new ServiceHealth("ready", null)
                : NotReady(new($"trả lời {(int)answer.StatusCode}", $"answers {(int)answer.StatusCode}"), context);
        }
        catch (HttpRequestException exception)
        {
            return NotReady(new($"không kết nối được ({exception.HttpRequestError})", $"cannot be reached ({exception.HttpRequestError})"), context);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotReady(new("không trả lời kịp", "does not answer in time"), context);
        }
    }

    private static ServiceHealth NotReady(Text reason, HttpContext context) => new("notReady", reason.For(context));
}

using System.Text.Json.Serialization;
using Ntm.Gateway.Routing;
using Ntm.ServiceDefaults;
using Yarp.ReverseProxy;

namespace Ntm.Gateway.Health;

/// <summary>Asks every replica of every service whether it is ready: 200 when every service has one that is, else 503; with which and why.</summary>
internal static class SystemHealth
{
    private const string Client = "health";
    private const string Ready = "ready";
    private const string Degraded = "degraded";
    private const string NotReady = "notReady";
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
        var answers = await Task.WhenAll(Services.All.Select(service => AskAllAsync(service.Name, proxy, http, context, cancellationToken)));
        var services = Services.All.Zip(answers).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        var status = answers.Any(answer => answer.Status == NotReady) ? NotReady : answers.Any(answer => answer.Status == Degraded) ? Degraded : Ready;
        return Results.Json(new { status, services }, statusCode: status == NotReady ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    /// <summary>A service with several replicas serves as long as one of them is ready; the others are counted.</summary>
    private static async Task<ServiceHealth> AskAllAsync(string name, IProxyStateLookup proxy, HttpClient http, HttpContext context, CancellationToken cancellationToken)
    {
        string[] addresses = proxy.TryGetCluster(name, out var cluster) ? [.. cluster.Destinations.Values.Select(replica => replica.Model.Config.Address)] : [];
        if (addresses.Length == 0) return new(NotReady, new Text("không có địa chỉ", "no address is known").For(context));
        var answers = await Task.WhenAll(addresses.Select(address => AskAsync(address, cluster!.Model.Config.HttpRequest!.Version!, http, cancellationToken)));
        string[] faults = [.. answers.OfType<Text>().Select(reason => reason.For(context))];
        if (faults.Length == 0) return new(Ready, null);
        var reasons = string.Join("; ", faults.Distinct(StringComparer.Ordinal));
        // Whoever asks has no token: how many is told, where they are is not.
        return new(faults.Length == answers.Length ? NotReady : Degraded, answers.Length == 1 ? reasons : $"{faults.Length}/{answers.Length}: {reasons}");
    }

    /// <summary>Why the replica is not ready, or null.</summary>
    private static async Task<Text?> AskAsync(string address, Version version, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(address), "/health/ready")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var answer = await http.SendAsync(question, cancellationToken);
            return answer.IsSuccessStatusCode ? null : new($"trả lời {(int)answer.StatusCode}", $"answers {(int)answer.StatusCode}");
        }
        catch (HttpRequestException exception)
        {
            return new($"không kết nối được ({exception.HttpRequestError})", $"cannot be reached ({exception.HttpRequestError})");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new("không trả lời kịp", "does not answer in time");
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Ntm.Cli.Running;

/// <summary>The public calls, as any outsider's program would make them: a token for each person, a key for each write.</summary>
/// <param name="token">A bearer token that stands for every person: of an issuer of one's own, beside which there is no local one.</param>
internal sealed class GatewayClient(Uri gateway, string clientSecret, string language, string? token = null) : IDisposable
{
    private static readonly string[] AwayRules = ["service-unavailable", "service-too-slow"];
    // Of this machine, and so never asked for through a proxy of the environment.
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentDictionary<string, Task<string>> tokens = new(StringComparer.Ordinal);

    public Uri Gateway => gateway;

    public Task<string> TokenAsync(string client) => token is not null ? Task.FromResult(token) : tokens.GetOrAdd(client, FetchTokenAsync);

    /// <summary>A read; without a client it is a public one.</summary>
    public Task<JsonElement> GetAsync(string path, string? client, CancellationToken ct) => SendAsync(HttpMethod.Get, path, client, null, ct);

    public Task<JsonElement> PostAsync(string path, string client, object body, CancellationToken ct) => SendAsync(HttpMethod.Post, path, client, body, ct);

    public Task<JsonElement> PutAsync(string path, string client, object body, CancellationToken ct) => SendAsync(HttpMethod.Put, path, client, body, ct);

    /// <summary>Whether the gateway answered for a service that does not; a service that cannot do it now says so itself, and why.</summary>
    public static bool IsAway(HttpRequestException reason) => AwayRules.Any(rule => reason.Message.Contains(rule, StringComparison.Ordinal));

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? client, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.AcceptLanguage.ParseAdd(language);
        if (client is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(client));
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        }

        using var response = await http.SendAsync(request, ct);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<JsonElement>(ct)
            : throw new HttpRequestException(
                $"{method} {path} ({(token is null ? client : "with the token given")}): {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}", null, response.StatusCode);
    }

    private async Task<string> FetchTokenAsync(string client)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", clientSecret),
        ]);
        using var response = await http.PostAsync(new Uri("/connect/token", UriKind.Relative), form);
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw new HttpRequestException("This system gives out no tokens, it takes those of another issuer: give one of the role operator in NTM_TOKEN, or with --token.");
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Ntm.Bench;

/// <summary>The public calls, through the gateway or straight at the service; tokens always come from the gateway.</summary>
internal sealed class Api(Uri target, Uri gateway, string clientSecret, int connections) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections * 4 }) { BaseAddress = target };
    private readonly ConcurrentDictionary<string, Task<AuthenticationHeaderValue>> tokens = new(StringComparer.Ordinal);

    public Task<JsonElement> GetAsync(string path, string client, CancellationToken ct) => AnswerAsync(HttpMethod.Get, path, client, null, ct);

    /// <summary>A write that must succeed: preparation, not measurement.</summary>
    public Task<JsonElement> MustAsync(HttpMethod method, string path, string client, object body, CancellationToken ct) => AnswerAsync(method, path, client, body, ct);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string client, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = await TokenAsync(client);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        }

        return await http.SendAsync(request, ct);
    }

    public Task<AuthenticationHeaderValue> TokenAsync(string client) => tokens.GetOrAdd(client, FetchAsync);

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> AnswerAsync(HttpMethod method, string path, string client, object? body, CancellationToken ct)
    {
        using var response = await SendAsync(method, path, client, body, ct);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{method} {path} as {client}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(ct);
    }

    private async Task<AuthenticationHeaderValue> FetchAsync(string client)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", clientSecret),
        ]);
        using var response = await http.PostAsync(new Uri(gateway, "/connect/token"), form);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return new("Bearer", answer.GetProperty("access_token").GetString());
    }
}

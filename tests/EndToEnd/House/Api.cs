using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>An answer as it came.</summary>
public sealed record Answer(HttpStatusCode Code, string Text, HttpResponseHeaders Headers, string? MediaType)
{
    public int Status => (int)Code;

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

    public string? ETag => Headers.ETag?.ToString();

    /// <summary>Last part of a problem's type.</summary>
    public string? Rule => MediaType == "application/problem+json" ? Json.GetProperty("type").GetString()!.Split('/')[^1] : null;

    public JsonElement this[string name] => Json.GetProperty(name);

    public Answer Must(int status)
    {
        Assert.True(Status == status, $"{status} was expected, {Status} came: {Text}");
        return this;
    }
}

/// <summary>The public calls through the gateway.</summary>
public sealed class Api(Uri gateway, string clientSecret) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(100) };
    private readonly ConcurrentDictionary<string, Task<string>> tokens = new(StringComparer.Ordinal);

    public Task<string> TokenAsync(string client) => tokens.GetOrAdd(client, FetchAsync);

    public Task<Answer> GetAsync(string path, string? client = null, string? language = null) => SendAsync(HttpMethod.Get, path, client, null, language: language);

    public Task<Answer> PutAsync(string path, string client, object body, string? key = null, string? ifMatch = null) =>
        SendAsync(HttpMethod.Put, path, client, Json(body), key ?? NewKey(), ifMatch);

    public Task<Answer> PostAsync(string path, string client, object? body = null, string? key = null, string? ifMatch = null) =>
        SendAsync(HttpMethod.Post, path, client, Json(body ?? new { }), key ?? NewKey(), ifMatch);

    /// <summary>Sends a file as it is.</summary>
    public async Task<Answer> UploadAsync(string path, string client, byte[] file, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(file) };
        request.Headers.Authorization = new("Bearer", await TokenAsync(client));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key ?? NewKey());
        if (file.Length > 1_000_000) request.Headers.ExpectContinue = true;
        using var response = await http.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers.ContentType?.MediaType);
    }

    public async Task<(int Status, byte[] File, System.Net.Http.Headers.HttpContentHeaders Headers)> DownloadAsync(string path, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", await TokenAsync(client));
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Content.Headers);
    }

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? client, string? body, string? key = null, string? ifMatch = null, string? language = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, path);
        var bearer = token ?? (client is null ? null : await TokenAsync(client));
        if (bearer is not null) request.Headers.Authorization = new("Bearer", bearer);
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (language is not null) request.Headers.AcceptLanguage.ParseAdd(language);
        // A large body may be refused before it is sent.
        if (body is { Length: > 1_000_000 }) request.Headers.ExpectContinue = true;
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers.ContentType?.MediaType);
    }

    public void Dispose() => http.Dispose();

    public static string NewKey() => Guid.CreateVersion7().ToString();

    public static string Instant(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O", CultureInfo.InvariantCulture));

    private static string Json(object body) => body as string ?? JsonSerializer.Serialize(body, JsonSerializerOptions.Web);

    private async Task<string> FetchAsync(string client)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", clientSecret),
        ]);
        using var response = await http.PostAsync(new Uri("/connect/token", UriKind.Relative), form);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }
}

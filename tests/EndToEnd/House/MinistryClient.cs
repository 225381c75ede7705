using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>What the Node client (tests/clients/pull.mjs) pulled, and how it ended.</summary>
internal sealed record Pulled(IReadOnlyList<JsonElement> Changes, JsonElement End)
{
    public string Token => End.GetProperty("resume_token").GetString()!;

    public IEnumerable<JsonElement> Of(string key) => Changes.Where(c => c.GetProperty("key").GetString()!.StartsWith(key, StringComparison.Ordinal));
}

/// <summary>The gRPC door, seen by a client that shares no code with the product.</summary>
internal static class MinistryClient
{
    public static async Task<Pulled> PullAsync(House house, string? token, string resume = "-", string kinds = "-", int count = 0, int maxBatch = 0)
    {
        var info = new ProcessStartInfo("node",
        [
            Path.Combine(House.Repository, "tests/clients/pull.mjs"), $"127.0.0.1:{house.Grpc.Port}", token ?? "-", resume,
            count.ToString(CultureInfo.InvariantCulture), "30", kinds, maxBatch.ToString(CultureInfo.InvariantCulture),
        ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        JsonElement[] parsed = [.. lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l))];
        return new(parsed[..^1], parsed[^1]);
    }

    /// <summary>Pulls all again until the wanted change is there.</summary>
    public static async Task<Pulled> UntilAsync(House house, string token, Func<Pulled, bool> there, string what)
    {
        Pulled? pulled = null;
        await Until.TrueAsync(async () => there(pulled = await PullAsync(house, token)), what);
        return pulled!;
    }

    /// <summary>One framed message to a method, and the bytes and status that came back.</summary>
    public static async Task<(byte[] Body, string? Status)> CallAsync(House house, string method, byte[] message)
    {
        using var http = new HttpClient { BaseAddress = house.Grpc };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(method, UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message]) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.Add(new("trailers"));
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        return (body, response.TrailingHeaders.TryGetValues("grpc-status", out var status) ? status.Single() : null);
    }
}

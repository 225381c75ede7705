using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults;

/// <summary>The first successful answer to a command, kept 30 days in the command's own transaction.</summary>
/// <param name="Id">Hash of client, method, path and key.</param>
/// <param name="Request">Hash of query and body, or of what stands for them: a key that comes back with others is refused.</param>
/// <param name="Version">The stream's after the command; 0 where it wrote to many, none of which is the answer's own.</param>
public sealed record Receipt(string Id, string Request, int Status, long Version, string? Location, string Body, DateTimeOffset At)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    internal static string IdOf(Actor actor, HttpRequest request, Guid key) =>
        HashOf($"{actor.Client}\n{request.Method}\n{request.Path.Value}\n{key}");

    internal static async Task<string> HashOfAsync(HttpRequest request, CancellationToken ct)
    {
        request.Body.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(request.QueryString.Value ?? ""));
        hash.AppendData(await SHA256.HashDataAsync(request.Body, ct));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    internal static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>Answers a stored receipt again, byte for byte.</summary>
internal sealed class ReceiptResult(Receipt receipt) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => receipt.Status;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = receipt.Status;
        if (receipt.Version > 0) httpContext.Response.Headers.ETag = ETags.Of(receipt.Version);
        if (receipt.Location is { } location) httpContext.Response.Headers.Location = location;
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        return httpContext.Response.WriteAsync(receipt.Body, httpContext.RequestAborted);
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Ntm.Central.OpenData;

/// <summary>A public answer with an ETag over its bytes: who already has them gets 304.</summary>
internal sealed class CachedAnswer(byte[] body, string contentType, string? next) : IResult
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    public static CachedAnswer Json(byte[] body) => new(body, "application/json; charset=utf-8", null);

    /// <summary>With a byte order mark, or spreadsheets garble Vietnamese letters; the next page stands in the header Link.</summary>
    public static CachedAnswer Csv(string table, string? next) => new([.. ByteOrderMark, .. Encoding.UTF8.GetBytes(table)], "text/csv; charset=utf-8", next);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body))}\"");
        var response = httpContext.Response;
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "public, max-age=60";
        response.Headers.Vary = HeaderNames.Accept;
        if (next is not null) response.Headers.Link = $"<{next}>; rel=\"next\"";
        if (httpContext.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}

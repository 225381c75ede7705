using Ntm.ServiceDefaults;

namespace Ntm.Gateway.Edge;

/// <summary>Headers that every answer of the gateway carries, whoever wrote it: the correlation id and what keeps browsers careful.</summary>
internal static class ResponseHeaders
{
    public const string CorrelationId = "X-Correlation-Id";
    private const int MaxLength = 64;

    /// <summary>The browsable page needs its own scripts and styles; nothing may come from elsewhere.</summary>
    private const string PagePolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'";

    private const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";

    public static IApplicationBuilder UseResponseHeaders(this IApplicationBuilder app)
    {
        var demonstration = app.ApplicationServices.GetRequiredService<Demonstration>();
        return app.Use((context, next) => AnswerAsync(context, next, demonstration));
    }

    private static Task AnswerAsync(HttpContext context, RequestDelegate next, Demonstration demonstration)
    {
        var given = context.Request.Headers[CorrelationId];
        var correlationId = given is [{ } text] && IsSane(text) ? text : Guid.CreateVersion7().ToString("N");
        context.Request.Headers[CorrelationId] = correlationId;
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers[CorrelationId] = correlationId;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal) ? PagePolicy : ApiPolicy;
            if (demonstration.On) headers["Ntm-Demonstration"] = "true";
            headers.Remove("Server");
            return Task.CompletedTask;
        });
        return next(context);
    }

    /// <summary>A value that may stand in a log line or a header as it is: 1 to 64 visible ASCII characters.</summary>
    public static bool IsSane(string value) => value.Length is > 0 and <= MaxLength && value.All(c => c is > ' ' and < '\x7f');
}

using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Ntm.ServiceDefaults;

namespace Ntm.Gateway.Edge;

/// <summary>A token bucket for each client of a valid token; callers without one share the bucket of their address.</summary>
internal static class RateLimits
{
    private const int DefaultPerSecond = 500;
    private const int DefaultBurst = 1000;

    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        var limit = builder.Configuration.GetSection("Ntm:Gateway:RateLimit");
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokensPerPeriod = limit.GetValue("PerSecond", DefaultPerSecond),
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            TokenLimit = limit.GetValue("Burst", DefaultBurst),
            QueueLimit = 0,
        };
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, bucket));
            limiter.OnRejected = Refuse;
        });
        return builder;
    }

    private static RateLimitPartition<string> PartitionOf(HttpContext context, TokenBucketRateLimiterOptions bucket)
    {
        if (context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)) return RateLimitPartition.GetNoLimiter("health");
        var client = context.User.FindFirst("client_id")?.Value;
        var key = client is null ? "address:" + context.Connection.RemoteIpAddress : "client:" + client;
        return RateLimitPartition.GetTokenBucketLimiter(key, _ => bucket);
    }

    private static async ValueTask Refuse(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)) : 1;
        var context = rejected.HttpContext;
        context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        if (GrpcAnswers.IsCall(context.Request))
        {
            GrpcAnswers.Refuse(context.Response, GrpcAnswers.ResourceExhausted, "Too many requests of this client.");
            return;
        }

        await Problems.WriteAsync(context, new Refusal(StatusCodes.Status429TooManyRequests, "too-many-requests", new(
            "Ứng dụng này gửi quá nhiều yêu cầu; xin chờ số giây ghi ở Retry-After rồi gửi lại.",
            "This client sends too many requests; wait the seconds of Retry-After and send again.")));
    }
}

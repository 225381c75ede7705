using Ntm.Gateway.Edge;
using Ntm.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Ntm.Gateway.Routing;

/// <summary>Says which service is down instead of an empty 502.</summary>
internal static partial class Unreachable
{
    public static void UseUnreachable(this IReverseProxyApplicationBuilder proxy)
    {
        var log = proxy.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Unreachable).FullName!);
        proxy.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response.HasStarted || context.GetForwarderErrorFeature() is not { } failure) return;
            var service = RouteTable.ServiceOf(context.GetReverseProxyFeature().Cluster.Config);
            if (RefusalOf(failure.Error, service) is not { } refusal) return;

            Failed(log, service, failure.Error, failure.Exception?.GetBaseException().Message);
            context.Response.Clear();
            if (GrpcAnswers.IsCall(context.Request))
                GrpcAnswers.Refuse(context.Response, refusal.Status is 504 ? GrpcAnswers.DeadlineExceeded : GrpcAnswers.Unavailable, $"The service {service} does not answer.");
            else
                await Problems.WriteAsync(context, refusal);
        });
    }

    /// <summary>Null where the caller broke off or sent an unreadable body: nobody reads, or the status says it already.</summary>
    private static Refusal? RefusalOf(ForwarderError error, string service) => error switch
    {
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient => null,
        ForwarderError.RequestTimedOut => new(StatusCodes.Status504GatewayTimeout, "service-too-slow", new(
            $"Dịch vụ {service} không trả lời kịp; có thể gửi lại với cùng Idempotency-Key.",
            $"The service {service} did not answer in time; send again with the same Idempotency-Key.")),
        _ => new(StatusCodes.Status503ServiceUnavailable, "service-unavailable", new(
            $"Dịch vụ {service} tạm thời không phục vụ được; xin gửi lại sau với cùng Idempotency-Key.",
            $"The service {service} is not available for the moment; send again later with the same Idempotency-Key.")),
    };

    [LoggerMessage(LogLevel.Warning, "No answer from {Service}: {Error} {Reason}")]
    private static partial void Failed(ILogger log, string service, ForwarderError error, string? reason);
}

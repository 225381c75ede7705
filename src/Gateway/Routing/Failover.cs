using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Ntm.Gateway.Routing;

/// <summary>
/// A replica that does not answer is left alone for a while, and the request goes to another one where that is safe: nothing of it
/// was sent, or it only reads.
/// </summary>
internal static partial class Failover
{
    private static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(2);

    public static void UseFailover(this IReverseProxyApplicationBuilder proxy)
    {
        var health = proxy.ApplicationServices.GetRequiredService<IDestinationHealthUpdater>();
        var log = proxy.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Failover).FullName!);
        proxy.Use(async (context, next) =>
        {
            var request = context.GetReverseProxyFeature();
            var left = request.AvailableDestinations;
            while (true)
            {
                await next(context);
                if (request.ProxiedDestination is not { } failed || context.GetForwarderErrorFeature() is not { } failure || !IsItsFault(failure.Error)) return;

                health.SetPassive(context.GetRouteModel().Cluster!, failed, DestinationHealth.Unhealthy, LeftAlone);
                left = [.. left.Where(other => other != failed)];
                if (left.Count == 0 || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested || !IsSafe(context.Request, failure)) return;

                Elsewhere(log, failed.DestinationId, failure.Error, left.Count);
                context.Features.Set<IForwarderErrorFeature>(null);
                context.Response.Clear();
                (request.AvailableDestinations, request.ProxiedDestination) = (left, null);
            }
        });
    }

    private static bool IsItsFault(ForwarderError error) =>
        error is ForwarderError.Request or ForwarderError.RequestCreation or ForwarderError.ResponseHeaders or ForwarderError.ResponseBodyDestination;

    private static bool IsSafe(HttpRequest request, IForwarderErrorFeature failure) =>
        failure.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
        || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    [LoggerMessage(LogLevel.Warning, "{Destination} failed ({Error}); one of {Count} others is asked")]
    private static partial void Elsewhere(ILogger log, string destination, ForwarderError error, int count);
}

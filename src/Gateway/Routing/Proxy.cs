using Yarp.ReverseProxy.ServiceDiscovery;

namespace Ntm.Gateway.Routing;

/// <summary>YARP over the route table, with destinations from service discovery.</summary>
internal static class Proxy
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    public static WebApplicationBuilder AddRoutes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
        var httpVersion = builder.Configuration["Ntm:Gateway:ServiceHttpVersion"] ?? "1.1";
        builder.Services.AddReverseProxy().LoadFromMemory(RouteTable.Routes, RouteTable.Clusters(httpVersion))
            .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = ConnectPatience);
        return builder;
    }

    public static void MapRoutes(this WebApplication app) => app.MapReverseProxy(proxy =>
    {
        proxy.UseUnreachable();
        proxy.UseEndOfStreams(app.Lifetime.ApplicationStopping);
        proxy.UseFailover();
        proxy.UseLoadBalancing();
    });

    /// <summary>A stream has no end of its own: without this a stop would wait for it until its patience is over.</summary>
    private static void UseEndOfStreams(this IReverseProxyApplicationBuilder proxy, CancellationToken stopping) => proxy.Use(async (context, next) =>
    {
        if (!RouteTable.IsStream(context.GetReverseProxyFeature().Cluster.Config))
        {
            await next(context);
            return;
        }

        await using var end = stopping.Register(context.Abort);
        await next(context);
    });
}

using Grpc.AspNetCore.HealthChecks;
using Marten;
using Ntm.Central.V1;

namespace Ntm.Central.Feed;

/// <summary>The gRPC side: the feed, health, reflection.</summary>
internal static class FeedModule
{
    public static StoreOptions AddFeed(this StoreOptions options)
    {
        options.Schema.For<FeedSecret>();
        return options;
    }

    public static void AddFeedSignal(this MartenServiceCollectionExtensions.MartenConfigurationExpression store) =>
        store.AddSubscriptionWithServices<FeedSubscription>(ServiceLifetime.Singleton, _ => { });

    public static void AddFeed(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FeedSignal>().AddSingleton<FeedSecrets>().AddSingleton<FeedReader>();
        builder.Services.AddGrpc().AddServiceOptions<ChangeFeedService>(options => options.Interceptors.Add<MinistryOnly>());
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks(options =>
        {
            options.Services.Map("", check => check.Tags.Contains("ready"));
            options.Services.Map(ChangeFeed.Descriptor.FullName, check => check.Tags.Contains("ready"));
        });
    }

    public static void MapFeed(this IEndpointRouteBuilder app)
    {
        app.MapGrpcService<ChangeFeedService>();
        app.MapGrpcReflectionService();
        app.MapGrpcHealthChecksService();
    }
}

using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>MassTransit, wired the same way in every service, from the table of <see cref="Topology"/>.</summary>
public static class MessagingSetup
{
    /// <summary>Listens to the contracts of the table and answers requests for a replay. The broker may be away at the start.</summary>
    public static void AddNtmMessaging(this IHostApplicationBuilder builder, string service)
    {
        var listens = Topology.Listeners.GetValueOrDefault(service) ?? [];
        var owns = Topology.Owners.ContainsKey(service);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            foreach (var contract in listens) bus.AddConsumer(typeof(Inbox<>).MakeGenericType(contract));
            if (owns) bus.AddConsumer<Replay>();
            bus.ConfigureHealthCheckOptions(options => options.MinimalFailureStatus = HealthStatus.Degraded);
            bus.UsingRabbitMq((context, configurator) =>
            {
                configurator.ConnectTo(new Uri(builder.Configuration.GetConnectionString("broker")
                    ?? throw new InvalidOperationException("ConnectionStrings:broker is not set.")));
                BrokerTopology.ConfigureMessages(configurator);
                if (listens.Count > 0)
                {
                    configurator.ReceiveEndpoint(Topology.QueueOf(service), endpoint =>
                    {
                        BrokerTopology.BindFacts(endpoint, service);
                        endpoint.PrefetchCount = 64;
                        // One after another, as the owner announced them: side by side, a newer fact would overtake an older one's effect.
                        endpoint.ConcurrentMessageLimit = 1;
                        Retry(endpoint);
                        foreach (var contract in listens) endpoint.ConfigureConsumer(context, typeof(Inbox<>).MakeGenericType(contract));
                    });
                }

                if (!owns) return;
                configurator.ReceiveEndpoint(Topology.ReplayQueueOf(service), endpoint =>
                {
                    BrokerTopology.BindReplay(endpoint);
                    endpoint.PrefetchCount = 1;
                    Retry(endpoint);
                    endpoint.ConfigureConsumer<Replay>(context);
                });
            });
        });
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = false;
            options.StopTimeout = TimeSpan.FromSeconds(4);
        });
        if (listens.Count > 0)
            builder.Services.AddHostedService(p => ActivatorUtilities.CreateInstance<Introduction>(p, service));
    }

    /// <summary>Announces the store's events as <paramref name="map"/> says.</summary>
    public static void AddNtmOutbox(this MartenServiceCollectionExtensions.MartenConfigurationExpression store, IHostApplicationBuilder builder, IntegrationMap map)
    {
        builder.Services.AddSingleton(provider =>
        {
            map.Register = provider.GetRequiredService<UnitRegister>;
            return map;
        });
        builder.Services.AddSingleton<OutboxHealth>();
        builder.Services.AddHealthChecks().AddCheck<OutboxHealth>("outbox", HealthStatus.Degraded);
        store.AddSubscriptionWithServices<Outbox>(ServiceLifetime.Singleton, _ => { });
    }

    /// <summary>Keeps learned facts under stable names and, where units are among them, the consumer's own unit tree.</summary>
    public static void KeepFactsOf(this StoreOptions options, string service)
    {
        options.Schema.For<InboxMark>();
        options.Schema.For<Introduced>();
        foreach (var contract in Topology.Listeners[service])
            options.Events.MapEventType(contract, $"learned:{Topology.NameOf(contract)}.v1");
        options.Projections.Add(new LearnedUnits(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
    }

    /// <summary>A database that is away is waited for; anything else is parked in the error queue after a few tries.</summary>
    private static void Retry(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(StoreAway.Is);
            retry.Interval(10_000, TimeSpan.FromSeconds(2));
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<Exception>(StoreAway.Is);
            retry.Intervals(20, 100, 300, 1_000, 2_000);
        });
    }
}

using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

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
            if (listens.Count > 0) bus.AddConsumer<ReplayCourse>();
            if (owns) bus.AddConsumer<ReplayRequests>();
            bus.ConfigureHealthCheckOptions(options => options.MinimalFailureStatus = HealthStatus.Degraded);
            // The queues are opened by whichever replica owns the subscriptions.
            bus.UsingRabbitMq((_, configurator) =>
            {
                configurator.ConnectTo(new Uri(builder.Configuration.GetConnectionString("broker")
                    ?? throw new InvalidOperationException("ConnectionStrings:broker is not set.")));
                BrokerTopology.ConfigureMessages(configurator);
            });
        });
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = false;
            options.StopTimeout = TimeSpan.FromSeconds(4);
        });
        builder.Services.AddSingleton<Learning>().AddSingleton<InboxLines>().AddSingleton<LostQueue>();
        AddFor<Parking>();
        AddFor<Introductions>();
        AddFor<Intake>();
        AddHosted<Subscriptions>();
        AddHosted<Introduction>();
        AddHosted<SubscriptionWatch>();
        builder.Services.AddHostedService<ParkedRelease>();
        if (owns) builder.Services.AddHostedService<Replay>();

        void AddFor<T>()
            where T : class => builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<T>(provider, service));

        void AddHosted<T>()
            where T : class, IHostedService
        {
            AddFor<T>();
            builder.Services.AddHostedService(provider => provider.GetRequiredService<T>());
        }
    }

    /// <summary>Announces the store's events as <paramref name="map"/> says.</summary>
    public static void AddNtmOutbox(this MartenServiceCollectionExtensions.MartenConfigurationExpression store, IHostApplicationBuilder builder, IntegrationMap map)
    {
        builder.Services.AddSingleton(provider =>
        {
            map.Parts = provider.GetRequiredService;
            return map;
        });
        builder.Services.AddSingleton<OutboxHealth>().AddSingleton<OutboxTurn>();
        builder.Services.AddHealthChecks().AddCheck<OutboxHealth>("outbox", HealthStatus.Degraded);
        store.AddSubscriptionWithServices<Outbox>(ServiceLifetime.Singleton, _ => { });
    }

    /// <summary>Keeps learned facts under stable names and, where units are among them, the consumer's own unit tree; of an owner, also the replays that it owes.</summary>
    public static void KeepFactsOf(this StoreOptions options, string service)
    {
        options.Schema.For<InboxMark>();
        options.Schema.For<Introduced>();
        if (Topology.Owners.ContainsKey(service)) options.Schema.For<OwedReplay>();
        foreach (var contract in Topology.Listeners[service])
            options.Events.MapEventType(contract, $"learned:{Topology.NameOf(contract)}.v1");
        if (Topology.Listeners[service].Contains(typeof(UnitChanged))) options.Projections.Add(new LearnedUnits(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
    }
}

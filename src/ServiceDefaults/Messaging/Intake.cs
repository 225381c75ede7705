using MassTransit;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>The service's queues, open while this process owns the subscriptions: facts in the order of their delivery, requests for a replay.</summary>
internal sealed class Intake(string service, IReceiveEndpointConnector connector, Introductions introductions, InboxLines lines, Parking parking, LostQueue lost)
{
    private readonly List<HostReceiveEndpointHandle> open = [];

    public async Task OpenAsync(CancellationToken ct)
    {
        await parking.LoadAsync(ct);
        if (Topology.Listeners.TryGetValue(service, out var contracts))
        {
            await introductions.LoadAsync(ct);
            Open(Topology.QueueOf(service), 128, (context, endpoint) =>
            {
                lines.Keep(endpoint);
                lost.Watch(endpoint, Topology.QueueOf(service));
                BrokerTopology.BindFacts(endpoint, service);
                foreach (var contract in contracts) endpoint.ConfigureConsumer(context, typeof(Inbox<>).MakeGenericType(contract));
                endpoint.ConfigureConsumer<ReplayCourse>(context);
            });
        }

        if (Topology.Owners.ContainsKey(service))
        {
            Open(Topology.ReplayQueueOf(service), 1, (context, endpoint) =>
            {
                BrokerTopology.BindRequests(endpoint, service);
                endpoint.ConfigureConsumer<ReplayRequests>(context);
            });
        }
    }

    /// <param name="patience">How long what is in hand may take; what it takes longer is given up and delivered again.</param>
    public async Task CloseAsync(TimeSpan patience)
    {
        using var enough = new CancellationTokenSource(patience);
        try
        {
            await Task.WhenAll(open.Select(endpoint => endpoint.StopAsync(enough.Token)));
        }
        finally
        {
            open.Clear();
        }
    }

    private void Open(string queue, ushort prefetch, Action<IRegistrationContext, IRabbitMqReceiveEndpointConfigurator> configure) =>
        open.Add(connector.ConnectReceiveEndpoint(queue, (context, configurator) =>
        {
            var endpoint = (IRabbitMqReceiveEndpointConfigurator)configurator;
            endpoint.PrefetchCount = prefetch;
            endpoint.ConcurrentMessageLimit = prefetch;
            // Nobody listens for faults: what fails is parked.
            endpoint.PublishFaults = false;
            Retry(endpoint);
            parking.Take(endpoint);
            configure(context, endpoint);
        }));

    /// <summary>A database that is away is waited for; anything else is parked after a few tries.</summary>
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
            retry.Ignore<WaitsBehindException>();
            retry.Ignore<MalformedFactException>();
            retry.Intervals(20, 100, 300, 1_000, 2_000);
        });
    }
}

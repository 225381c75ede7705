using MassTransit;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Exchanges, queues and bindings of <see cref="Topology"/>, declared alike by the step at the start and by each service.</summary>
public static class BrokerTopology
{
    /// <summary>Declares everything, so that no service can publish what nobody would keep.</summary>
    public static async Task DeclareAsync(Uri broker, CancellationToken ct)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(configurator =>
        {
            configurator.ConnectTo(broker);
            configurator.DeployTopologyOnly = true;
            ConfigureMessages(configurator);
            foreach (var service in Topology.Listeners.Keys) configurator.ReceiveEndpoint(Topology.QueueOf(service), endpoint => BindFacts(endpoint, service));
            foreach (var owner in Topology.Owners.Keys) configurator.ReceiveEndpoint(Topology.ReplayQueueOf(owner), endpoint => BindRequests(endpoint, owner));
        });
        await bus.DeployAsync(ct);
    }

    /// <summary>Header of a fact that was sent again: the id of the request that it answers.</summary>
    internal const string ReplayHeader = "ntm-replay";

    /// <summary>Exchange for facts that are meant for one consumer alone.</summary>
    internal static string ReplayExchangeOf(string consumer) => $"Ntm.Replay.{consumer}";

    /// <summary>Exchange for requests to one owner: the broker tells whether the owner's own queue has taken it.</summary>
    internal static string RequestExchangeOf(string owner) => $"Ntm.Request.{owner}";

    /// <summary>MassTransit takes TLS from the port; here the scheme says it, on whatever port.</summary>
    internal static void ConnectTo(this IRabbitMqBusFactoryConfigurator configurator, Uri broker) => configurator.Host(broker, host =>
    {
        if (broker.Scheme == "amqps") host.UseSsl(_ => { });
    });

    internal static void ConfigureMessages(IRabbitMqBusFactoryConfigurator configurator) =>
        configurator.Publish<IIntegrationEvent>(message => message.Exclude = true);

    internal static void BindFacts(IRabbitMqReceiveEndpointConfigurator endpoint, string service)
    {
        Durable(endpoint);
        foreach (var contract in Topology.Listeners[service]) endpoint.Bind($"{contract.Namespace}:{contract.Name}");
        endpoint.Bind(ReplayExchangeOf(service));
    }

    internal static void BindRequests(IRabbitMqReceiveEndpointConfigurator endpoint, string owner)
    {
        Durable(endpoint);
        endpoint.Bind(RequestExchangeOf(owner));
    }

    private static void Durable(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.SetQuorumQueue();
    }
}

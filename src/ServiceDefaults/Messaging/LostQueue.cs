using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// The provisioning step has declared the queue before the service runs. Where it is missing at a connection, the broker has lost its data since: what lay in
/// the queue is gone, and what is announced before the queue is declared anew goes to others only. All facts are asked for again.
/// </summary>
internal sealed partial class LostQueue(Introductions introductions, ILogger<LostQueue> log)
{
    private const ushort NotFound = 404;

    /// <summary>Looks each time before the endpoint declares its queue: once it takes from it, it is too late.</summary>
    public void Watch(IRabbitMqReceiveEndpointConfigurator endpoint, string queue)
    {
        endpoint.ConfigureChannel(channel => channel.UseExecuteAsync(context => LookAsync(context, queue)));
        endpoint.ConnectReceiveEndpointObserver(new Hearing(introductions));
    }

    private async Task LookAsync(ChannelContext context, string queue)
    {
        introductions.Hears = false;
        // Not to be cancelled: an endpoint whose start was cancelled is not started again, one whose start failed is. The client itself waits 20 s at most.
        // The broker closes the channel on which it says no.
        await using var channel = await context.ConnectionContext.CreateChannel(null, CancellationToken.None);
        try
        {
            await channel.QueueDeclarePassiveAsync(queue, CancellationToken.None);
            // Should the provisioning step have found it missing and declared it anew, what it noted counts from the first delivery on.
            await introductions.LoadAsync(CancellationToken.None);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
        {
            await introductions.ForgetAsync(CancellationToken.None);
            Lost(queue);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The broker has lost the queue {Queue}: all facts are asked for again")]
    private partial void Lost(string queue);

    private sealed class Hearing(Introductions introductions) : IReceiveEndpointObserver
    {
        public Task Ready(ReceiveEndpointReady ready)
        {
            introductions.Hears = true;
            return Task.CompletedTask;
        }

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }
}

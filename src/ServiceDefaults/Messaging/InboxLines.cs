using System.Diagnostics;
using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// Keeps the order in which the broker delivered, though many deliveries are in hand at a time: those that wait side by side are
/// learned in one transaction; where that fails each is tried by itself, in its turn, so that only what is at fault is parked.
/// </summary>
internal sealed partial class InboxLines(
    Learning learning, Introductions introductions, Parking parking, TimeProvider clock, ILogger<InboxLines> log)
{
    private readonly ConditionalWeakTable<IChannel, DeliveryLine> lines = [];
    private int inHand;

    /// <summary>Deliveries that this process has and has not ended with.</summary>
    public int InHand => Volatile.Read(ref inHand);

    /// <summary>Puts every delivery of the endpoint in its channel's line, whatever becomes of it.</summary>
    public void Keep(IReceiveEndpointConfigurator endpoint) => endpoint.ConfigureReceive(pipe => pipe.UseFilter(new InLine(this)));

    /// <param name="delivery">Null for what is no fact.</param>
    /// <inheritdoc cref="DeliveryLine.TurnAsync"/>
    public Task<bool> TurnAsync(ReceiveContext context, Delivery? delivery)
    {
        var (line, tag) = PlaceOf(context);
        return line.TurnAsync(tag, delivery, context.CancellationToken);
    }

    /// <summary>
    /// Whether the fact is to be learned: while its owner's replay is awaited, what is announced to all is left to that, and so is what an earlier
    /// request brings yet: of that the beginning may have been lost.
    /// </summary>
    public bool Counts(Delivery delivery)
    {
        var owner = delivery.Fact.Origin.Service;
        if (!introductions.IsAwaited(owner)) return true;
        if (!introductions.IsAwaited(owner, delivery.Replay)) return false;
        introductions.Heard(owner);
        return true;
    }

    private async Task<int?> TogetherAsync(IReadOnlyList<Delivery> waiting)
    {
        var group = new Dictionary<string, Delivery>(StringComparer.Ordinal);
        var taken = 0;
        foreach (var delivery in waiting)
        {
            if (parking.MayHaveToWait(delivery.Fact)) break;
            if (Counts(delivery) && !group.TryAdd(Learning.KeyOf(delivery.Fact), delivery)) break;
            taken++;
        }

        if (group.Count == 0) return taken;
        Trace([.. group.Values]);
        try
        {
            await learning.TogetherAsync(group.Values, CancellationToken.None);
            return taken;
        }
        catch (Exception exception)
        {
            Apart(group.Count, exception);
            return null;
        }
    }

    /// <summary>The statements of a group show in the trace of its first fact, to which the others are linked.</summary>
    private static void Trace(IReadOnlyList<Delivery> group)
    {
        Activity.Current = group[0].Activity;
        foreach (var delivery in group.Skip(1)) if (Activity.Current is { } first) delivery.Activity?.AddLink(new(first.Context));
    }

    private (DeliveryLine Line, ulong Tag) PlaceOf(ReceiveContext context) =>
        (lines.GetValue(context.GetPayload<ChannelContext>().Channel, _ => new(TogetherAsync, Unexpected, clock)), context.GetPayload<RabbitMqBasicConsumeContext>().DeliveryTag);

    [LoggerMessage(LogLevel.Debug, "A group of {Count} facts was not taken in; each is tried alone")]
    private partial void Apart(int count, Exception exception);

    [LoggerMessage(LogLevel.Error, "A group of facts could not even be tried; each is tried alone")]
    private partial void Unexpected(Exception exception);

    private sealed class InLine(InboxLines lines) : IFilter<ReceiveContext>
    {
        public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            var (line, tag) = lines.PlaceOf(context);
            line.Came(tag);
            Interlocked.Increment(ref lines.inHand);
            try
            {
                await next.Send(context);
            }
            catch (Exception) when (context.CancellationToken.IsCancellationRequested)
            {
                line.Close();
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref lines.inHand);
                line.Ended(tag);
            }
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("line");
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using JasperFx.Events;
using Marten;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Serialization;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>An older fact of the same thing is parked, and facts of this contract have effects of their own.</summary>
internal sealed class WaitsBehindException(string thing) : Exception($"an older fact of {thing} is parked");

/// <summary>
/// Where poison messages go: into the consumer's own store, as events, so that they outlive the broker and every step with them is
/// on record. Kept by the owner of the subscriptions.
/// </summary>
internal sealed partial class Parking(IDocumentStore store, TimeProvider clock, HouseMetrics metrics, ILogger<Parking> log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, bool> things = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim gate = new(1, 1);

    public IEnumerable<string> Things => things.Keys;

    public void Dispose() => gate.Dispose();

    /// <summary>Things of which something is parked; the store is asked before anything is made to wait.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        await using var session = store.QuerySession();
        foreach (var thing in await session.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Parked && m.Thing != null).Select(m => m.Thing!).ToListAsync(ct))
            things[thing] = true;
    }

    /// <summary>Whatever cannot be taken in from this queue is parked: unreadable, of no known contract, or failing again and again.</summary>
    public void Take(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureError(pipe => pipe.UseFilter(new Failed(this)));
        endpoint.ConfigureDeadLetter(pipe => pipe.UseFilter(new Unknown(this)));
    }

    /// <summary>Whether something of the fact's thing is parked for which its contract waits; the store says whether it is older.</summary>
    public bool MayHaveToWait(IIntegrationEvent fact) =>
        !things.IsEmpty && Topology.WaitsBehindParked(fact.GetType()) && things.ContainsKey(Learning.KeyOf(fact));

    /// <summary>Throws when the fact must wait: its contract says so, and an older one of its thing is parked.</summary>
    public async Task MustNotWaitAsync(IIntegrationEvent fact, CancellationToken ct)
    {
        if (!MayHaveToWait(fact)) return;
        var thing = Learning.KeyOf(fact);
        var position = fact.Origin.Position;
        await using var session = store.QuerySession();
        if (await session.Query<ParkedMessage>().AnyAsync(m => m.Status == ParkedStatus.Parked && m.Thing == thing && m.Order < position, ct)) throw new WaitsBehindException(thing);
    }

    /// <summary>Reads the fact of a parked message; null when it is none that this house knows.</summary>
    public static IIntegrationEvent? Read(byte[] body)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            foreach (var urn in envelope.RootElement.GetProperty("messageType").EnumerateArray())
            {
                if (urn.GetString() is { } name && Topology.ContractOf(name["urn:message:".Length..]) is { } contract)
                    return (IIntegrationEvent?)envelope.RootElement.GetProperty("message").Deserialize(contract, SystemTextJsonMessageSerializer.Options);
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    internal async Task ParkAsync(ReceiveContext context, Exception? reason)
    {
        var body = context.GetBody();
        var fact = Read(body);
        var id = context.GetMessageId()?.ToString() ?? DeterministicId.Of(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body))).ToString();
        var root = reason is MassTransitException { InnerException: { } inner } ? inner : reason;
        var parked = new MessageParked(
            id, fact is null ? null : Topology.NameOf(fact.GetType()), fact is null ? null : Learning.KeyOf(fact), fact?.Origin.Position ?? 0,
            root is null ? "no contract of this house" : $"{root.GetType().Name}: {root.Message}".Replace("\0", "", StringComparison.Ordinal),
            root is WaitsBehindException, Convert.ToBase64String(body), clock.GetUtcNow());
        await gate.WaitAsync(context.CancellationToken);
        try
        {
            await StoreAsync(id, parked, context.CancellationToken);
            if (parked.Thing is { } thing) things[thing] = true;
        }
        finally
        {
            gate.Release();
        }

        Parked(id, parked.Contract ?? "unreadable", root?.GetType().Name ?? "unknown");
    }

    /// <summary>Lets the thing go once nothing of it is parked.</summary>
    internal async Task ForgetAsync(string thing, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await using var session = store.QuerySession();
            if (!await session.Query<ParkedMessage>().AnyAsync(m => m.Status == ParkedStatus.Parked && m.Thing == thing, ct)) things.TryRemove(thing, out _);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task StoreAsync(string id, MessageParked parked, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await using var session = store.LightweightSession();
                session.LastModifiedBy = "system:inbox";
                session.SetHeader(EventHeaders.Client, "system:inbox");
                var known = await session.LoadAsync<ParkedMessage>(ParkedMessage.Key(id), ct);
                // Delivered again while it waits here: once is enough.
                if (known is { Status: ParkedStatus.Parked } && known.WaitsBehind == parked.WaitsBehind) return;
                if (known is null) session.Events.StartStream(ParkedMessage.Key(id), parked);
                else session.Events.Append(ParkedMessage.Key(id), known.Version + 1, parked);
                await session.SaveChangesAsync(ct);
                metrics.WasParked(parked.Contract ?? "unreadable");
                return;
            }
            catch (Exception exception) when (StoreAway.Is(exception) && !ct.IsCancellationRequested)
            {
                await Task.Delay(Pause, clock, ct);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Message {Message} ({Contract}) is parked: {Reason}; an operator replays or drops it")]
    private partial void Parked(string message, string contract, string reason);

    private sealed class Failed(Parking parking) : IFilter<ExceptionReceiveContext>
    {
        public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) => parking.ParkAsync(context, context.Exception);

        public void Probe(ProbeContext context) => context.CreateFilterScope("parking");
    }

    private sealed class Unknown(Parking parking) : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => parking.ParkAsync(context, null);

        public void Probe(ProbeContext context) => context.CreateFilterScope("parking");
    }
}

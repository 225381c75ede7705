using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults;

/// <summary>What operations staff watch: numbers and names of rules, never what somebody wrote.</summary>
public sealed class HouseMetrics : IDisposable
{
    /// <summary>Kinds of lost races: a command; commands that were committed together.</summary>
    internal const string Alone = "alone";
    internal const string Group = "group";

    private const string Other = "other";
    private readonly Meter meter;
    private readonly Counter<long> commands;
    private readonly Counter<long> refusals;
    private readonly Counter<long> conflicts;
    private readonly Counter<long> old;
    private readonly Counter<long> parkings;
    private volatile SubscriptionState? state;

    public HouseMetrics(IMeterFactory factory)
    {
        meter = factory.Create(TelemetryNames.Meter);
        commands = meter.CreateCounter<long>("ntm.commands", "{command}", "Commands answered, by command and status");
        refusals = meter.CreateCounter<long>("ntm.refusals", "{refusal}", "Requests refused, by rule, command and status");
        conflicts = meter.CreateCounter<long>("ntm.append.conflicts", "{conflict}", "Commands, or groups of them, that lost a race for their stream or key and were judged anew");
        old = meter.CreateCounter<long>("ntm.facts.old", "{fact}", "Foreign facts dropped because a newer one of the same thing is known");
        parkings = meter.CreateCounter<long>("ntm.messages.parked", "{message}", "Messages parked, by contract");
        meter.CreateObservableGauge("ntm.subscription.lag.events", () => Observed(s => s.Subscriptions.Select(l => Of(l.Events, "subscription", l.Name))), "{event}", "Events that a subscription has not handled yet");
        meter.CreateObservableGauge("ntm.subscription.lag.seconds", () => Observed(s => s.Subscriptions.Select(l => Of(l.Seconds, "subscription", l.Name))), "s", "Age of the oldest event that it has not handled yet");
        meter.CreateObservableGauge("ntm.queue.depth", () => Observed(s => s.Queues.Select(q => Of(q.Messages, "queue", q.Name))), "{message}", "Messages of a queue that are not taken in yet, those in hand included");
        meter.CreateObservableGauge("ntm.parked", () => Observed(s => [new Measurement<double>(s.Parked)]), "{message}", "Messages that are parked now");
    }

    public void Dispose() => meter.Dispose();

    /// <summary>
    /// Counters that say "none yet": what was never counted does not exist for whoever watches, and its first increase is lost to them.
    /// </summary>
    internal void Begin(string service)
    {
        commands.Add(0, new("command", Other), new("status", StatusCodes.Status404NotFound));
        foreach (var rule in (string[])["storage-full", "unavailable"]) refusals.Add(0, new("rule", rule), new("command", Other), new("status", StatusCodes.Status503ServiceUnavailable));
        foreach (var kind in (string[])[Alone, Group]) conflicts.Add(0, new KeyValuePair<string, object?>("kind", kind));
        foreach (var contract in Topology.Listeners.GetValueOrDefault(service) ?? [])
        {
            old.Add(0, new KeyValuePair<string, object?>("contract", contract.Name));
            parkings.Add(0, new KeyValuePair<string, object?>("contract", Topology.NameOf(contract)));
        }
    }

    /// <summary>A POST or PUT was answered.</summary>
    internal void Answered(HttpContext http) => commands.Add(1, new("command", CommandOf(http)), new("status", http.Response.StatusCode));

    /// <summary>A "no" was written, whoever said it. That a caller hung up is none.</summary>
    internal void Refused(HttpContext http, Refusal refusal)
    {
        if (refusal.Status != 499) refusals.Add(1, new("rule", refusal.Rule), new("command", CommandOf(http)), new("status", refusal.Status));
    }

    /// <summary>A gRPC call was answered; a "no" is one by its gRPC status, the status of HTTP being 200.</summary>
    internal void CallAnswered(HttpContext http)
    {
        var status = http.Response.Headers["grpc-status"].FirstOrDefault() ?? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers["grpc-status"].FirstOrDefault();
        // 0 is OK, 1 a caller that hung up.
        if (status is not (null or "0" or "1")) CallRefused(http, status);
    }

    /// <summary>A gRPC call was refused with this status of gRPC.</summary>
    public void CallRefused(HttpContext http, string status) =>
        refusals.Add(1, new("rule", $"grpc-{status}"), new("command", CommandOf(http)), new("status", http.Response.StatusCode));

    /// <param name="kind"><see cref="Alone"/> or <see cref="Group"/>.</param>
    internal void LostRace(string kind) => conflicts.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void FactWasOld(IIntegrationEvent fact) => old.Add(1, new KeyValuePair<string, object?>("contract", fact.GetType().Name));

    internal void WasParked(string contract) => parkings.Add(1, new KeyValuePair<string, object?>("contract", contract));

    /// <summary>Said by the replica that owns the subscriptions; null when it does no longer, or cannot see how they stand.</summary>
    internal void Observe(SubscriptionState? now) => state = now;

    private static string CommandOf(HttpContext http) =>
        // Where a fault is answered, the request has no endpoint any more.
        (http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint())?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? Other;

    private static Measurement<double> Of(double value, string tag, string name) => new(value, new KeyValuePair<string, object?>(tag, name));

    private IEnumerable<Measurement<double>> Observed(Func<SubscriptionState, IEnumerable<Measurement<double>>> of) => state is { } now ? of(now) : [];
}

/// <summary>How the subscriptions of a service stand.</summary>
/// <param name="LagEvents">Events above the announcing subscription's progress; null for a service that announces nothing.</param>
/// <param name="LagSeconds">Age of the oldest of them in seconds, 0 when there is none.</param>
/// <param name="QueueDepth">Messages in the service's queue, those in hand included; null for a service that listens to nothing, or while the broker is away.</param>
/// <param name="Parked">Messages parked now.</param>
/// <param name="Subscriptions">Every subscription of the service; the announcing one, <c>outbox</c>, is among them.</param>
/// <param name="Queues">The service's queue, and those that wait for its facts and nobody takes from now; none while the broker is away.</param>
public sealed record SubscriptionState(
    long? LagEvents, double? LagSeconds, long? QueueDepth, long Parked, IReadOnlyList<SubscriptionLag> Subscriptions, IReadOnlyList<QueueDepth> Queues);

/// <summary>How far one subscription is behind.</summary>
/// <param name="Events">Events above its progress.</param>
/// <param name="Seconds">Age of the oldest of them in seconds, 0 when there is none.</param>
public sealed record SubscriptionLag(string Name, long Events, double Seconds);

/// <summary>What a queue holds.</summary>
/// <param name="Messages">Messages not taken in yet.</param>
public sealed record QueueDepth(string Name, long Messages);

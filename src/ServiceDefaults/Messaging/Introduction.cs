using System.Collections.Concurrent;
using Marten;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Kept once a service has asked an owner for all of its facts; gone when the store was emptied.</summary>
/// <param name="Id">The owner.</param>
/// <param name="Waiting">Whether the replay has not ended yet.</param>
/// <param name="Request">Id of the request that is waited for.</param>
/// <param name="Contracts">Facts that the service listened to when it asked; of what it began to listen to later it has no past. Null in what was kept before.</param>
public sealed record Introduced(string Id, bool Waiting = false, Guid Request = default, IReadOnlyList<string>? Contracts = null);

/// <summary>
/// Which owners' replays are still awaited. Until one has ended, what its owner announces to all is left to it: a newer fact that is
/// taken in before an older one of the same thing would have the older one dropped.
/// </summary>
internal sealed class Introductions(string service, IDocumentStore store, TimeProvider clock) : IDisposable
{
    public string Service => service;

    private readonly ConcurrentDictionary<string, Introduced> waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> heard = new(StringComparer.Ordinal);
    private volatile bool hears;

    // What is waited for and what is stored of it change together: a wait that ended while it was being read would begin anew, and what
    // is announced meanwhile would be left to a replay that is over.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Owners whose facts this service listens to.</summary>
    public IReadOnlyList<string> Owners { get; } = [.. Topology.Owners.Where(o => o.Value.Intersect(Topology.Listeners.GetValueOrDefault(service) ?? []).Any()).Select(o => o.Key)];

    /// <summary>Whether the service's own queue is there and taken from: a replay that is asked for before would be sent to nobody.</summary>
    public bool Hears
    {
        get => hears;
        set
        {
            // Silence is what is not heard while one listens.
            if (value) foreach (var (owner, at) in heard) if (at != 0) heard.TryUpdate(owner, clock.GetTimestamp(), at);
            hears = value;
        }
    }

    public bool IsAwaited(string owner) => waiting.ContainsKey(owner);

    /// <summary>It was asked for.</summary>
    public void Heard(string owner) => heard[owner] = clock.GetTimestamp();

    /// <summary>Something of the owner's replay came; false for another than the one that was asked for last, which is nothing to go by.</summary>
    public bool Heard(string owner, Guid request)
    {
        if (waiting.GetValueOrDefault(owner)?.Request != request) return false;
        Heard(owner);
        return true;
    }

    /// <summary>For how long nothing of the owner's replay has come.</summary>
    public TimeSpan SilenceOf(string owner) => clock.GetElapsedTime(heard.GetOrAdd(owner, _ => clock.GetTimestamp()));

    /// <summary>The request did not go out: it is made anew.</summary>
    public void NotAsked(string owner) => heard[owner] = 0;

    public Task<IReadOnlyCollection<Introduced>> LoadAsync(CancellationToken ct) => InTurnAsync<IReadOnlyCollection<Introduced>>(async () =>
    {
        await using var session = store.QuerySession();
        var known = (await session.LoadManyAsync<Introduced>(ct, [.. Owners])).ToDictionary(i => i.Id, StringComparer.Ordinal);
        foreach (var owner in Owners)
        {
            var introduced = known.GetValueOrDefault(owner) is { } before && ContractsOf(owner).All(c => before.Contracts?.Contains(c) == true) ? before : new Introduced(owner, Waiting: true);
            if (introduced.Waiting) waiting[owner] = introduced;
            else waiting.TryRemove(owner, out _);
        }

        return [.. waiting.Values];
    }, ct);

    public Task AskedAsync(string owner, Guid request, CancellationToken ct) => InTurnAsync(async () =>
    {
        var introduced = new Introduced(owner, Waiting: true, request, ContractsOf(owner));
        waiting[owner] = introduced;
        await using var session = store.LightweightSession();
        session.Store(introduced);
        await session.SaveChangesAsync(ct);
        return introduced;
    }, ct);

    /// <summary>What was announced or sent again may not have come: all owners are asked anew, and until they have answered it is left to that.</summary>
    public Task ForgetAsync(CancellationToken ct) => InTurnAsync(async () =>
    {
        await using var session = store.LightweightSession();
        foreach (var owner in Owners)
        {
            waiting[owner] = new(owner, Waiting: true);
            session.Store(waiting[owner]);
        }

        await session.SaveChangesAsync(ct);
        return true;
    }, ct);

    private List<string> ContractsOf(string owner) => [.. Topology.Owners[owner].Intersect(Topology.Listeners[Service]).Select(Topology.NameOf)];

    /// <summary>Ends the wait; the end of a request that is not the last one made is nothing to go by.</summary>
    public Task<bool> EndedAsync(ReplayCompleted end, CancellationToken ct) => InTurnAsync(async () =>
    {
        await using var session = store.LightweightSession();
        // Held until it is written: a replay that is ordered meanwhile, through whichever process, would be taken for ended with it.
        await session.BeginTransactionAsync(ct);
        if (await session.QueryAsync<Introduced>("where id = ? for update", ct, end.Owner) is not [var introduced] || introduced.Request != end.Request) return false;
        session.Store(introduced with { Waiting = false });
        await session.SaveChangesAsync(ct);
        waiting.TryRemove(end.Owner, out _);
        return true;
    }, ct);

    public void Dispose() => turn.Dispose();

    private async Task<T> InTurnAsync<T>(Func<Task<T>> act, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            return await act();
        }
        finally
        {
            turn.Release();
        }
    }
}

/// <summary>A consumer that is new, was emptied, or is told to by an operator asks each owner it listens to for a replay.</summary>
internal sealed partial class Introduction(
    string service, Introductions introductions, Subscriptions subscriptions, IBus bus, TimeProvider clock, ILogger<Introduction> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A request may be lost with a broker's data: a replay that is silent for so long is asked for anew. So long a request waits for its
    /// owner, too: of those made while it is away it takes the last one alone.
    /// </summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!subscriptions.Owns) continue;
            try
            {
                foreach (var introduced in await introductions.LoadAsync(stoppingToken))
                    if (introductions.Hears && (introduced.Request == default || introductions.SilenceOf(introduced.Id) > Silence)) await TryAsync(introduced.Id, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotYet(exception.Message);
            }
        }
    }

    /// <summary>An owner who is away keeps nobody from asking the others.</summary>
    private async Task TryAsync(string owner, CancellationToken ct)
    {
        try
        {
            await Outbox.InTimeAsync(inTime => AskAsync(owner, inTime), ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            NotYet(exception.Message);
        }
    }

    private async Task AskAsync(string owner, CancellationToken ct)
    {
        var request = Guid.CreateVersion7();
        introductions.Heard(owner);
        // Written first: the end of a replay may come before the broker's confirmation does.
        await introductions.AskedAsync(owner, request, ct);
        try
        {
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{BrokerTopology.RequestExchangeOf(owner)}"));
            await endpoint.Send(new ReplayRequested(service, owner, request), Pipe.Execute<SendContext>(asked =>
            {
                asked.TimeToLive = Silence;
                // On a broker that begins anew the owner may be behind us: it is asked until it is there.
                if (asked.TryGetPayload(out RabbitMqSendContext? rabbit)) rabbit.Mandatory = true;
            }), ct);
        }
        catch
        {
            introductions.NotAsked(owner);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The facts of another service could not be asked for yet ({Reason}); it is tried again")]
    private partial void NotYet(string reason);
}

/// <summary>How a replay goes on; from its end on the owner's announcements count.</summary>
internal sealed partial class ReplayCourse(Introductions introductions, InboxLines lines, ILogger<ReplayCourse> log) : IConsumer<ReplayUnderWay>, IConsumer<ReplayCompleted>
{
    public Task Consume(ConsumeContext<ReplayUnderWay> context)
    {
        introductions.Heard(context.Message.Owner, context.Message.Request);
        return Task.CompletedTask;
    }

    public async Task Consume(ConsumeContext<ReplayCompleted> context)
    {
        // What the replay brought is before it in the line, what counts from here on is behind.
        await lines.TurnAsync(context.ReceiveContext, null);
        if (await introductions.EndedAsync(context.Message, context.CancellationToken)) Ended(context.Message.Owner, context.Message.Position);
    }

    [LoggerMessage(LogLevel.Information, "The replay of {Owner} has ended at its position {Position}")]
    private partial void Ended(string owner, long position);
}

using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Takes in what only waited behind a parked message, in order, as soon as that one is settled.</summary>
internal sealed partial class ParkedRelease(
    IDocumentStore store, Parking parking, Learning learning, Subscriptions subscriptions, TimeProvider clock, ILogger<ParkedRelease> log) : BackgroundService
{
    private const string Itself = "system:release";
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RoundAsync(() => subscriptions.Owns, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotNow(exception.Message);
            }
        }
    }

    /// <summary>Takes in what need not wait any longer.</summary>
    /// <param name="owns">Whether this process still owns the subscriptions; asked before each message.</param>
    internal async Task RoundAsync(Func<bool> owns, CancellationToken ct)
    {
        foreach (var turn in parking.Turns)
        {
            while (owns() && await FirstAsync(turn, ct) is { WaitsBehind: true } first) await ReleaseAsync(first, ct);
            await parking.ForgetAsync(turn, ct);
        }
    }

    private async Task<ParkedMessage?> FirstAsync(Turn turn, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await Parking.Awaited(session).Where(m => m.Thing!.IsOneOf(turn.Things)).OrderBy(m => m.Order).ThenByDescending(m => m.WaitsBehind).ThenBy(m => m.Message).FirstOrDefaultAsync(ct);
    }

    private async Task ReleaseAsync(ParkedMessage waiting, CancellationToken ct)
    {
        try
        {
            var body = MessageReading.Read(Convert.FromBase64String(waiting.Body));
            var fact = body.Fact ?? throw new MalformedFactException(body.Fault!);
            // Where an operator was first, the next look tells what is left to do.
            await learning.SettleAsync(waiting, fact, Itself, clock.GetUtcNow(), Describe, ct);
        }
        catch (Exception exception) when (!StoreAway.Is(exception) && !ct.IsCancellationRequested)
        {
            // Now it is the one that the others wait for.
            await FailedAsync(waiting, Reason.Of(exception), ct);
        }
    }

    private async Task FailedAsync(ParkedMessage waiting, string reason, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        var stream = await session.Events.FetchForWriting<ParkedMessage>(waiting.Id, ct);
        if (stream.CurrentVersion != waiting.Version) return;
        stream.AppendOne(new MessageParked(waiting.Message, waiting.Contract, waiting.Thing, waiting.Order, reason, WaitsBehind: false, waiting.Body, clock.GetUtcNow()));
        Describe(stream.Events[^1]);
        await session.SaveChangesAsync(ct);
    }

    private static void Describe(IEvent e)
    {
        e.UserName = Itself;
        e.SetHeader(EventHeaders.Client, Itself);
    }

    [LoggerMessage(LogLevel.Warning, "What waits behind parked messages cannot be taken in now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}

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
            while (owns() && await FirstAsync(turn, ct) is { } first)
            {
                if (first.WaitsBehind) await ReleaseAsync(first, ct);
                else if (await IsKnownAsync(first, ct)) await SettleAsync(first, new ParkedMessageReplayed(first.Message, Applied: false, Itself, clock.GetUtcNow()), ct);
                else break;
            }

            await parking.ForgetAsync(turn, ct);
        }
    }

    private async Task<ParkedMessage?> FirstAsync(Turn turn, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Parked && m.Thing!.IsOneOf(turn.Things)).OrderBy(m => m.Order).ThenByDescending(m => m.WaitsBehind).ThenBy(m => m.Message).FirstOrDefaultAsync(ct);
    }

    /// <summary>Whether the fact, or a newer one of its thing, was taken in meanwhile: sent again, say, after what was wrong had been mended.</summary>
    private async Task<bool> IsKnownAsync(ParkedMessage first, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<InboxMark>(first.Thing!, ct) is { } mark && mark.Position >= first.Order;
    }

    private async Task ReleaseAsync(ParkedMessage waiting, CancellationToken ct)
    {
        object settled;
        try
        {
            var body = MessageReading.Read(Convert.FromBase64String(waiting.Body));
            var fact = body.Fact ?? throw new MalformedFactException(body.Fault!);
            settled = new ParkedMessageReplayed(waiting.Message, await learning.LearnAsync(fact, waiting.Message, ct), Itself, clock.GetUtcNow());
        }
        catch (Exception exception) when (!StoreAway.Is(exception) && !ct.IsCancellationRequested)
        {
            // Now it is the one that the others wait for.
            settled = new MessageParked(
                waiting.Message, waiting.Contract, waiting.Thing, waiting.Order, $"{exception.GetType().Name}: {exception.Message}", WaitsBehind: false, waiting.Body, clock.GetUtcNow());
        }

        await SettleAsync(waiting, settled, ct);
    }

    private async Task SettleAsync(ParkedMessage message, object settled, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        session.LastModifiedBy = Itself;
        session.SetHeader(EventHeaders.Client, Itself);
        session.Events.Append(message.Id, message.Version + 1, settled);
        await session.SaveChangesAsync(ct);
    }

    [LoggerMessage(LogLevel.Warning, "What waits behind parked messages cannot be taken in now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}

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
                foreach (var thing in parking.Things)
                {
                    while (subscriptions.Owns && await FirstAsync(thing, stoppingToken) is { WaitsBehind: true } waiting) await ReleaseAsync(waiting, stoppingToken);
                    await parking.ForgetAsync(thing, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotNow(exception.Message);
            }
        }
    }

    private async Task<ParkedMessage?> FirstAsync(string thing, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.Query<ParkedMessage>().Where(m => m.Status == ParkedStatus.Parked && m.Thing == thing).OrderBy(m => m.Order).FirstOrDefaultAsync(ct);
    }

    private async Task ReleaseAsync(ParkedMessage waiting, CancellationToken ct)
    {
        object settled;
        try
        {
            var fact = Parking.Read(Convert.FromBase64String(waiting.Body)) ?? throw new InvalidOperationException("the message cannot be read any more");
            settled = new ParkedMessageReplayed(waiting.Message, await learning.LearnAsync(fact, waiting.Message, ct), Itself, clock.GetUtcNow());
        }
        catch (Exception exception) when (!StoreAway.Is(exception) && !ct.IsCancellationRequested)
        {
            // Now it is the one that the others wait for.
            settled = new MessageParked(
                waiting.Message, waiting.Contract, waiting.Thing, waiting.Order, $"{exception.GetType().Name}: {exception.Message}", WaitsBehind: false, waiting.Body, clock.GetUtcNow());
        }

        await using var session = store.LightweightSession();
        session.LastModifiedBy = Itself;
        session.SetHeader(EventHeaders.Client, Itself);
        session.Events.Append(waiting.Id, waiting.Version + 1, settled);
        await session.SaveChangesAsync(ct);
    }

    [LoggerMessage(LogLevel.Warning, "What waits behind parked messages cannot be taken in now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}

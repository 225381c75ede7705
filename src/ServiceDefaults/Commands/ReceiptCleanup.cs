using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ntm.ServiceDefaults;

/// <summary>Once an hour removes the receipts that are older than 30 days.</summary>
internal sealed partial class ReceiptCleanup(IDocumentStore store, TimeProvider clock, ILogger<ReceiptCleanup> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var before = clock.GetUtcNow() - Receipt.KeptFor;
                await using var session = store.LightweightSession();
                session.DeleteWhere<Receipt>(r => r.At < before);
                await session.SaveChangesAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Failed(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old receipts could not be removed; the next hour tries again")]
    private partial void Failed(Exception exception);
}

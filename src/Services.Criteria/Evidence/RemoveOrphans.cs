using Marten;
using Npgsql;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>
/// Once an hour one replica removes what was brought in long ago and no report ever referred to. What a report refers, or once
/// referred, to stays: a figure's history must be provable.
/// </summary>
internal sealed partial class RemoveOrphans(
    IDocumentStore store, NpgsqlDataSource database, IConfiguration configuration, TimeProvider clock, Demonstration demonstration, ILogger<RemoveOrphans> log) : BackgroundService
{
    private const string Remover = "system:evidence";
    private const int DefaultDays = 30;
    private const int Most = 200;

    /// <summary>Not referred to by any figure; the events are asked too, as older ones may have no <see cref="EvidenceUse"/> before a rebuild.</summary>
    private const string Orphans =
        """
        with old as (
            select f.data ->> 'sha256' as sha256 from mt_doc_evidencefile f
            where f.data ->> 'removedAt' is null and (f.data ->> 'lastAt')::timestamptz < $1
              and not exists (select from mt_doc_evidenceuse u where u.sha_256 = f.data ->> 'sha256')
            limit $2)
        select sha256 from old
        except
        select r ->> 'sha256' from mt_events e, jsonb_array_elements(e.data -> 'evidence') r
        where e.type in ('indicator-recorded.v1', 'indicator-corrected.v1') and exists (select from old)
        """;

    private TimeSpan Kept => TimeSpan.FromDays(configuration.GetValue("Ntm:Evidence:OrphanDays", DefaultDays));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var turn = await StoreLock.TryTakeAsync(configuration.GetConnectionString("criteria")!, "evidence", stoppingToken);
                if (turn is not null) await RunAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Failed(exception);
            }
        }
    }

    /// <summary>Says how many were removed.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var removed = 0;
        foreach (var sha256 in await FindAsync(ct))
            if (await RemoveAsync(sha256, ct)) removed++;
        if (removed > 0) Removed(removed);
        return removed;
    }

    private async Task<List<string>> FindAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Orphans);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() - Kept });
        command.Parameters.Add(new() { Value = Most });
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<string> found = [];
        while (await reader.ReadAsync(ct)) found.Add(reader.GetString(0));
        return found;
    }

    private async Task<bool> RemoveAsync(string sha256, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var session = store.LightweightSession();
        session.LastModifiedBy = Remover;
        session.SetHeader(EventHeaders.Client, Remover);
        if (demonstration.On) session.SetHeader(EventHeaders.Demonstration, true);
        await EvidenceContent.HoldBackAsync(session, ct);
        // Asked again now that nobody refers to it at the same moment.
        if (await session.Query<EvidenceUse>().AnyAsync(u => u.Sha256 == sha256, ct)) return false;
        var stream = await session.Events.FetchForWriting<EvidenceFile>(EvidenceFile.Key(sha256), ct);
        if (stream.Aggregate is not { RemovedAt: null } file || file.LastAt >= now - Kept) return false;
        stream.AppendOne(new EvidenceRemoved(now));
        await EvidenceContent.DeleteAsync(session, sha256, ct);
        await session.SaveChangesAsync(ct);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "{Count} files of evidence that nobody referred to were removed")]
    private partial void Removed(int count);

    [LoggerMessage(LogLevel.Warning, "Evidence that nobody refers to could not be removed; the next hour tries again")]
    private partial void Failed(Exception exception);
}

using JasperFx.Events;
using Marten;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>The data files were loaded; says how much there is to know.</summary>
public sealed record DataImported(int Units, int Sets, string By, DateTimeOffset At);

/// <summary>Loads the data files at the start as events, each once: a second start adds nothing.</summary>
internal sealed partial class DataImport(IDocumentStore store, UnitRegister units, SetCatalogue sets, IConfiguration configuration, TimeProvider clock, Demonstration demonstration, ILogger<DataImport> log) : IHostedService
{
    private const string Register = "register";
    private const int Page = 50;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Replicas start side by side, and each fact is imported once.
        await using var turn = await StoreLock.TakeAsync(configuration.GetConnectionString("criteria")!, "import", cancellationToken);
        var now = clock.GetUtcNow();
        var unitStreams = UnitsFile.Read(await ReadAsync("units.json", cancellationToken), await ReadAsync("regions.json", cancellationToken), now);
        var setEvents = SetsFile.Read(await ReadAsync("criteria.json", cancellationToken), now);
        var streams = unitStreams.Select(u => (Key: UnitRecord.Key(u.Key), Events: u.Value))
            .Concat(setEvents.Select(s => (Key: CriteriaSet.Key(s.Set.Id), Events: new List<object> { s })))
            .Append((Key: Register, Events: [new DataImported(unitStreams.Count, setEvents.Count, "system:import", now)]));
        var added = 0;
        foreach (var page in streams.Chunk(Page)) added += await AppendMissingAsync(page, cancellationToken);
        units.Invalidate();
        sets.Invalidate();
        Imported(unitStreams.Count, setEvents.Count, added);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<int> AppendMissingAsync(IReadOnlyList<(string Key, List<object> Events)> page, CancellationToken ct)
    {
        await using var session = store.LightweightSession();
        session.LastModifiedBy = "system:import";
        session.SetHeader(EventHeaders.Client, "system:import");
        if (demonstration.On) session.SetHeader(EventHeaders.Demonstration, true);
        var batch = session.CreateBatchQuery();
        var states = page.Select(p => (p.Key, p.Events, State: batch.Events.FetchStreamState(p.Key))).ToList();
        await batch.Execute(ct);
        var added = 0;
        foreach (var (key, events, state) in states)
        {
            var known = await state is { } existing ? (int)existing.Version : 0;
            if (known == 0) session.Events.StartStream(key, events);
            else if (known < events.Count) session.Events.Append(key, events.Count, events.Skip(known));
            added += Math.Max(0, events.Count - known);
        }

        await session.SaveChangesAsync(ct);
        return added;
    }

    private static Task<string> ReadAsync(string file, CancellationToken ct) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "data", file), ct);

    [LoggerMessage(LogLevel.Information, "{Units} units and {Sets} sets are known; {Added} events were added")]
    private partial void Imported(int units, int sets, int added);
}

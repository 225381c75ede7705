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
    private const int Page = 100;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Replicas start side by side, and each fact is imported once.
        await using var turn = await StoreLock.TakeAsync(configuration.GetConnectionString("criteria")!, "import", cancellationToken);
        var now = clock.GetUtcNow();
        var unitStreams = UnitsFile.Read(await ReadAsync("units.json", cancellationToken), await ReadAsync("regions.json", cancellationToken), now);
        var setEvents = SetsFile.Read(await ReadAsync("criteria.json", cancellationToken), now);
        var streams = unitStreams.Select(u => new Wanted(UnitRecord.Key(u.Key), u.Value, stored => MissingEvents.Of(stored, u.Value, UnitsFile.Importer)))
            .Concat(setEvents.Select(s => Wanted.Once(CriteriaSet.Key(s.Set.Id), s)))
            .Append(Wanted.Once(Register, new DataImported(unitStreams.Count, setEvents.Count, UnitsFile.Importer, now)));
        var added = await AppendMissingAsync(store, streams, demonstration.On, cancellationToken);
        units.Invalidate();
        sets.Invalidate();
        Imported(unitStreams.Count, setEvents.Count, added);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Appends to each stream what it does not tell yet, page by page; says how many events that were.</summary>
    internal static async Task<int> AppendMissingAsync(IDocumentStore store, IEnumerable<Wanted> streams, bool demonstration, CancellationToken ct)
    {
        var added = 0;
        foreach (var page in streams.Chunk(Page))
        {
            await using var session = store.LightweightSession();
            session.LastModifiedBy = UnitsFile.Importer;
            session.SetHeader(EventHeaders.Client, UnitsFile.Importer);
            if (demonstration) session.SetHeader(EventHeaders.Demonstration, true);
            var keys = page.Select(p => p.Key).ToArray();
            var stored = (await session.Events.QueryAllRawEvents().Where(e => keys.Contains(e.StreamKey!)).OrderBy(e => e.Sequence).ToListAsync(ct))
                .ToLookup(e => e.StreamKey!, e => e.Data, StringComparer.Ordinal);
            foreach (var wanted in page)
            {
                object[] known = [.. stored[wanted.Key]];
                object[] missing = [.. known.Length == 0 ? wanted.Events : wanted.Missing(known)];
                if (missing.Length == 0) continue;
                if (known.Length == 0) session.Events.StartStream(wanted.Key, missing);
                else session.Events.Append(wanted.Key, missing);
                added += missing.Length;
            }

            await session.SaveChangesAsync(ct);
        }

        return added;
    }

    /// <summary>What a stream is to tell.</summary>
    /// <param name="Events">All of it, for a stream that is not there yet.</param>
    /// <param name="Missing">What of it a stream that is there does not tell.</param>
    internal sealed record Wanted(string Key, IReadOnlyList<object> Events, Func<IReadOnlyList<object>, IReadOnlyList<object>> Missing)
    {
        public static Wanted Once(string key, object e) => new(key, [e], _ => []);
    }

    private static Task<string> ReadAsync(string file, CancellationToken ct) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "data", file), ct);

    [LoggerMessage(LogLevel.Information, "{Units} units and {Sets} sets are known; {Added} events were added")]
    private partial void Imported(int units, int sets, int added);
}

using JasperFx.Events;
using Marten;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Units.Administration;
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
        // Acts wait meanwhile, and all of it is recorded or nothing.
        await using var session = store.LightweightSession();
        session.LastModifiedBy = UnitsFile.Importer;
        session.SetHeader(EventHeaders.Client, UnitsFile.Importer);
        if (demonstration.On) session.SetHeader(EventHeaders.Demonstration, true);
        await StoredRegister.TakeTurnAsync(session, cancellationToken);
        var stored = await StoredRegister.LoadAsync(session, cancellationToken);
        var known = await RecordedAsync(session, [.. unitStreams.Keys.Select(UnitRecord.Key), .. setEvents.Select(s => CriteriaSet.Key(s.Set.Id)), Register], cancellationToken);

        Dictionary<Guid, IReadOnlyList<object>> missing = [];
        foreach (var (unit, wanted) in unitStreams)
        {
            object[] told = [.. known[UnitRecord.Key(unit)]];
            var untold = told.Length == 0 ? wanted : MissingEvents.Of(told, wanted, UnitsFile.Importer);
            if (untold.Count > 0) missing.Add(unit, untold);
            foreach (var (field, rule) in MissingEvents.NotTold(told, wanted, UnitsFile.Importer)) NotApplied(unit, NameOf(wanted), field, rule);
        }

        var (lawful, faults) = Lawful(stored.Units, missing);
        foreach (var fault in faults) NotApplied(fault.Unit, unitStreams.TryGetValue(fault.Unit, out var wanted) ? NameOf(wanted) : "", fault.Field, fault.Rule);
        var added = 0;
        foreach (var (unit, events) in lawful)
        {
            stored.Append(session, unit, events);
            added += events.Count;
        }

        var whole = unitStreams.Keys.Count(u => stored.Units.ContainsKey(u) || lawful.ContainsKey(u));
        foreach (var (key, e) in setEvents.Select(s => (CriteriaSet.Key(s.Set.Id), (object)s)).Append((Register, new DataImported(whole, setEvents.Count, UnitsFile.Importer, now))))
        {
            if (known[key].Any()) continue;
            session.Events.StartStream(key, e);
            added++;
        }

        await session.SaveChangesAsync(cancellationToken);
        units.Invalidate();
        sets.Invalidate();
        Imported(unitStreams.Count, setEvents.Count, added);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// What may be appended without breaking the register's law, and what it would break: a unit at fault, e.g. of a code that an
    /// administrator gave to another, learns facts at most, and so do those that hang on what was left out.
    /// </summary>
    internal static (IReadOnlyDictionary<Guid, IReadOnlyList<object>> Lawful, IReadOnlyList<UnitFault> Faults) Lawful(
        IReadOnlyDictionary<Guid, UnitState> register, IReadOnlyDictionary<Guid, IReadOnlyList<object>> missing)
    {
        var lawful = new Dictionary<Guid, IReadOnlyList<object>>(missing);
        List<UnitFault> told = [];
        var before = RegisterLaw.Judge(register, [.. missing.Keys.Where(register.ContainsKey)], NoRegions).Faults.Select(f => (f.Unit, f.Field, f.Rule)).ToHashSet();
        while (true)
        {
            var after = new Dictionary<Guid, UnitState>(register);
            foreach (var (unit, events) in lawful) after[unit] = events.Aggregate(after.GetValueOrDefault(unit), UnitHistory.Fold)!;
            var faults = RegisterLaw.Judge(after, lawful.Keys, NoRegions).Faults.Where(f => !before.Contains((f.Unit, f.Field, f.Rule))).ToList();
            if (faults.Count == 0) return (lawful, told);
            told.AddRange(faults);
            var guilty = faults.SelectMany(f => lawful.ContainsKey(f.Unit) ? [f.Unit] : lawful.Keys.Where(u => HangTogether(after[u], after[f.Unit]))).ToHashSet();
            foreach (var unit in guilty.Count > 0 ? [.. guilty] : lawful.Keys.ToList())
            {
                UnitClassified[] facts = [.. lawful[unit].OfType<UnitClassified>()];
                if (register.ContainsKey(unit) && facts.Length > 0 && facts.Length < lawful[unit].Count) lawful[unit] = facts;
                else lawful.Remove(unit);
            }
        }
    }

    private static IReadOnlySet<string> NoRegions { get; } = new HashSet<string>(StringComparer.Ordinal);

    private static bool HangTogether(UnitState one, UnitState other) =>
        Names(one, other.Id) || Names(other, one.Id) || one.Versions.Any(v => other.Versions.Any(o => o.Code == v.Code));

    private static bool Names(UnitState unit, Guid other) =>
        unit.Versions.Any(v => v.Parent == other) || unit.Predecessors.Any(l => l.Unit == other) || unit.Successors.Any(l => l.Unit == other);

    private static string NameOf(IEnumerable<object> events)
    {
        var created = events.OfType<UnitCreated>().First();
        return $"{created.FullName} ({created.Code})";
    }

    private static async Task<ILookup<string, object>> RecordedAsync(IQuerySession session, string[] keys, CancellationToken ct)
    {
        List<(string Key, object Event)> recorded = [];
        foreach (var page in keys.Chunk(Page))
        {
            var events = await session.Events.QueryAllRawEvents().Where(e => page.Contains(e.StreamKey!)).OrderBy(e => e.Sequence).ToListAsync(ct);
            recorded.AddRange(events.Select(e => (e.StreamKey!, e.Data)));
        }

        return recorded.ToLookup(r => r.Key, r => r.Event, StringComparer.Ordinal);
    }

    private static Task<string> ReadAsync(string file, CancellationToken ct) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "data", file), ct);

    [LoggerMessage(LogLevel.Information, "{Units} units and {Sets} sets are known; {Added} events were added")]
    private partial void Imported(int units, int sets, int added);

    [LoggerMessage(LogLevel.Warning, "units.json is not applied to unit {Unit}, {Name}: {Field}, {Rule}")]
    private partial void NotApplied(Guid unit, string name, string field, string rule);
}

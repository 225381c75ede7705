using Marten;
using Npgsql;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults;

/// <summary>What a service keeps of one unit.</summary>
/// <param name="Id"><see cref="Key"/> of the unit.</param>
public sealed record UnitRecord(string Id, UnitState State)
{
    public static string Key(Guid unit) => $"unit/{unit}";
}

/// <summary>
/// The unit tree of this service's own store, held in memory; looked at anew when it changed here or elsewhere, and every ten
/// seconds should nobody have told. Only the units that were written meanwhile are read.
/// </summary>
public sealed class UnitRegister : IDisposable
{
    private readonly IDocumentStore store;
    private readonly NpgsqlDataSource database;
    private readonly Kept<UnitTree> tree;
    private readonly Dictionary<string, (long Writer, UnitState State)> known = new(StringComparer.Ordinal);

    public UnitRegister(IDocumentStore store, NpgsqlDataSource database, TimeProvider clock)
    {
        (this.store, this.database) = (store, database);
        tree = new(UnitTree.Empty, async (kept, ct) => await CatchUpAsync(ct) ? new UnitTree(known.Values.Select(k => k.State)) : kept, clock);
    }

    /// <summary>Says that a unit changed.</summary>
    public void Invalidate() => tree.Invalidate();

    public ValueTask<UnitTree> GetAsync(CancellationToken ct) => tree.GetAsync(ct);

    public void Dispose() => tree.Dispose();

    /// <summary>Reads what other transactions wrote than those that were seen; says whether there was any.</summary>
    private async Task<bool> CatchUpAsync(CancellationToken ct)
    {
        var writers = await WritersAsync(ct);
        var gone = known.Keys.Where(id => !writers.ContainsKey(id)).ToList();
        foreach (var id in gone) known.Remove(id);
        string[] changed = [.. writers.Where(w => !known.TryGetValue(w.Key, out var k) || k.Writer != w.Value).Select(w => w.Key)];
        if (changed.Length == 0) return gone.Count > 0;

        await using var session = store.QuerySession();
        // Written once more since it was listed, it is read once more the next time.
        var records = changed.Length == writers.Count ? await session.Query<UnitRecord>().ToListAsync(ct) : await session.LoadManyAsync<UnitRecord>(ct, changed);
        foreach (var record in records) known[record.Id] = (writers.GetValueOrDefault(record.Id), record.State);
        return true;
    }

    /// <summary>The transaction that wrote each unit last: unlike an instant it tells also what was committed late.</summary>
    private async Task<Dictionary<string, long>> WritersAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select id, xmin::text::bigint from mt_doc_unitrecord");
        await using var reader = await command.ExecuteReaderAsync(ct);
        Dictionary<string, long> writers = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct)) writers.Add(reader.GetString(0), reader.GetInt64(1));
        return writers;
    }
}

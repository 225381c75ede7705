using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>The sets with their versions, held in memory; read anew when one changed here or elsewhere, and every ten seconds should nobody have told.</summary>
public sealed class SetCatalogue(IDocumentStore store, AsOf past, TimeProvider clock) : IDisposable
{
    private readonly Kept<IReadOnlyDictionary<string, SetRecord>> sets =
        new(new Dictionary<string, SetRecord>(StringComparer.Ordinal), (_, ct) => ReadAllAsync(store, ct), clock);

    /// <summary>Says that a set changed.</summary>
    public void Invalidate() => sets.Invalidate();

    /// <summary>All sets, also those that are only drafted.</summary>
    public ValueTask<IReadOnlyDictionary<string, SetRecord>> AllAsync(CancellationToken ct) => sets.GetAsync(ct);

    /// <summary>The set when it is published.</summary>
    public async ValueTask<SetRecord?> FindAsync(string id, CancellationToken ct) => (await AllAsync(ct)).GetValueOrDefault(id) is { IsPublished: true } found ? found : null;

    /// <summary>The set of a period: it is published, if need be by another process just now.</summary>
    public async ValueTask<SetRecord> OfPeriodAsync(string id, CancellationToken ct)
    {
        if (await FindAsync(id, ct) is { } known) return known;
        Invalidate();
        return (await FindAsync(id, ct))!;
    }

    /// <summary>The set as it was published at the position (null: now).</summary>
    public async ValueTask<SetRecord?> FindAsync(string id, long? position, CancellationToken ct)
    {
        if (position is not { } at) return await FindAsync(id, ct);
        if (!SetRules.IsId(id)) return null;
        var version = await past.VersionAtAsync(CriteriaSet.Key(id), at, ct);
        if (version == 0) return null;
        // Another process may have published what this one has not read yet.
        if ((await AllAsync(ct)).GetValueOrDefault(id) is not { } record || record.Version < version) Invalidate();
        return (await AllAsync(ct)).GetValueOrDefault(id)?.At(version);
    }

    /// <summary>All sets that were published by the position.</summary>
    public async ValueTask<IReadOnlyList<SetRecord>> AllAsync(long position, CancellationToken ct)
    {
        // Another process may have published what this one has not read yet.
        Invalidate();
        List<SetRecord> published = [];
        foreach (var id in (await AllAsync(ct)).Keys)
            if (await FindAsync(id, position, ct) is { } record) published.Add(record);
        return published;
    }

    /// <summary>
    /// The set for a command that rests on it without writing to it: as the store has it, and the command is decided again when the set
    /// changes before it is saved.
    /// </summary>
    public static async Task<SetRecord?> ReadAsync(IDocumentSession session, string id, CancellationToken ct)
    {
        if (!SetRules.IsId(id)) return null;
        var stream = await session.Events.FetchForWriting<SetRecord>(CriteriaSet.Key(id), ct);
        if (stream.Aggregate is not null) stream.AlwaysEnforceConsistency = true;
        return stream.Aggregate;
    }

    public void Dispose() => sets.Dispose();

    private static async Task<IReadOnlyDictionary<string, SetRecord>> ReadAllAsync(IDocumentStore store, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        var read = new Dictionary<string, SetRecord>(StringComparer.Ordinal);
        foreach (var stored in await session.Query<SetRecord>().ToListAsync(ct))
        {
            // What was stored before there were versions does not say when and by whom; its events do, so that no answer waits for a rebuild.
            var record = stored.Versions.Any(v => v.At is null) ? await session.Events.AggregateStreamAsync<SetRecord>(stored.Id, token: ct) ?? stored : stored;
            read[record.SetId] = record;
        }

        return read;
    }
}

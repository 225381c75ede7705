using Marten;
using Npgsql;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>The register as the store has it at this moment, with the version of each unit's stream.</summary>
internal sealed record StoredRegister(IReadOnlyDictionary<Guid, UnitState> Units, IReadOnlyDictionary<Guid, long> Versions)
{
    /// <summary>
    /// What commands of one process take turns at before they take the turn over all processes: only one of them waits on a connection.
    /// </summary>
    public const string Turn = "register";

    private const string Prefix = "unit/";

    /// <summary>
    /// Acts and imports take turns over all processes, until the session's transaction ends: what holds between units, such as one
    /// code a day, no expected version of a stream could keep.
    /// </summary>
    public static async Task TakeTurnAsync(IDocumentSession session, CancellationToken ct)
    {
        await session.BeginTransactionAsync(ct);
        // An import of a whole country is waited for, as long as the caller waits.
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('register'), 1)", session.Connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task<StoredRegister> LoadAsync(IQuerySession session, CancellationToken ct)
    {
        var units = (await session.Query<UnitRecord>().ToListAsync(ct)).ToDictionary(r => r.State.Id, r => r.State);
        var versions = new Dictionary<Guid, long>();
        await using var command = new NpgsqlCommand("select id, version from mt_streams where starts_with(id, $1)", session.Connection) { Parameters = { new() { Value = Prefix } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) versions[Guid.Parse(reader.GetString(0).AsSpan(Prefix.Length))] = reader.GetInt64(1);
        return new(units, versions);
    }

    /// <summary>Appends to the unit's stream, which must be as it was read.</summary>
    public long Append(IDocumentSession session, Guid unit, IReadOnlyList<object> events)
    {
        var before = Versions.GetValueOrDefault(unit);
        if (before == 0) session.Events.StartStream(UnitRecord.Key(unit), events);
        else session.Events.Append(UnitRecord.Key(unit), before + events.Count, events);
        return before + events.Count;
    }
}

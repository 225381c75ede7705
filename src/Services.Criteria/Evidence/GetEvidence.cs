using Marten;
using Npgsql;
using NpgsqlTypes;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>Files given back, and what there is of them. Who may not read a file does not learn that it exists.</summary>
internal sealed class GetEvidence(IQuerySession session, NpgsqlDataSource database, UnitRegister register, PeriodBook periods, TimeProvider clock)
{
    private const int Chunk = 500;

    /// <summary>What the unit holds or refers to, or a report of the period refers to, among what the caller could read on some day.</summary>
    private const string Candidates =
        """
        select f.id from mt_doc_evidencefile f
        where f.id > $1
          and ($2 is null and $3 is null
            or exists (select from mt_doc_evidenceuse u where u.sha_256 = f.data ->> 'sha256' and ($2 is null or u.unit_id = $2) and ($3 is null or u.period = $3))
            or $3 is null and exists (select from jsonb_array_elements(f.data -> 'holders') h where (h ->> 'unitId')::uuid = $2))
          and ($4 is null
            or exists (select from jsonb_array_elements(f.data -> 'holders') h where (h ->> 'unitId')::uuid = any($4))
            or exists (select from mt_doc_evidenceuse u where u.sha_256 = f.data ->> 'sha256' and u.unit_id = any($4)))
        order by f.id limit $5
        """;

    public sealed record Unit(string Code, Guid UnitId, string Name);

    /// <param name="Indicator">Indicator whose figure refers, or once referred, to the file.</param>
    public sealed record Reference(string Period, string Unit, Guid UnitId, string Indicator);

    public sealed record Item(
        string Sha256, long Size, string MediaType, IReadOnlyList<string> Names, IReadOnlyList<Unit> Units, DateTimeOffset StoredAt, DateTimeOffset? RemovedAt, IReadOnlyList<Reference> References);

    public static Task<IResult> Handle(HttpContext http, string sha256, GetEvidence evidence, CancellationToken ct) => evidence.DownloadAsync(http, sha256.ToLowerInvariant(), ct);

    public static Task<IResult> HandleList(HttpContext http, string? unit, string? on, string? period, string? after, int? limit, GetEvidence evidence, CancellationToken ct) =>
        evidence.ListAsync(http, unit, on, period, after, limit, ct);

    private async Task<IResult> DownloadAsync(HttpContext http, string sha256, CancellationToken ct)
    {
        if (await session.LoadAsync<EvidenceFile>(EvidenceFile.Key(sha256), ct) is not { } file) return Problems.Of(Unknown);
        var uses = await EvidenceRights.DatedAsync(await session.Query<EvidenceUse>().Where(u => u.Sha256 == sha256).ToListAsync(ct), periods, ct);
        var seen = file.HoldersSeenBy(await register.GetAsync(ct), Actor.Of(http)!, uses.Select(u => (u.Use.UnitId, u.Day)), clock.Today());
        if (seen.Count == 0) return Problems.Of(Unknown);
        if (file.RemovedAt is not null) return Problems.Of(Removed);

        return await EvidenceContent.Files.AnswerAsync(http, database, sha256, file.Size, file.MediaType, seen[^1].Name, ct) ?? Problems.Of(Removed);
    }

    private async Task<IResult> ListAsync(HttpContext http, string? unit, string? on, string? periodCode, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        var period = periodCode is null ? null : await periods.FindAsync(periodCode, ct);
        var day = Days.Parse(on, "on", period?.FiguresAsOf ?? clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        if (periodCode is not null && period is null) return Problems.Of(PeriodsModule.Unknown(periodCode));
        var (tree, actor) = (await register.GetAsync(ct), Actor.Of(http)!);
        Guid? of = null;
        if (unit is not null)
        {
            if (tree.Resolve(unit, day) is not { } found) return Problems.Of(GetUnits.Unknown(unit, day));
            if (!tree.MayRead(actor, found.Id, day, clock.Today()))
                return Problems.Of(Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem minh chứng của đơn vị.", "Only the unit and those above it read its evidence."));
            of = found.Id;
        }

        var items = ItemsAsync(tree, actor, of, period?.Code, http.Request.Query.ContainsKey("format") ? null : after, ct);
        return await Exports.AnswerAsync(http, "evidence", items, i => i.Sha256, take);
    }

    /// <summary>What the caller may read after the hash, in the order of the hashes; read in chunks, as far as somebody reads on.</summary>
    private async IAsyncEnumerable<Item> ItemsAsync(
        UnitTree tree, Actor actor, Guid? unit, string? period, string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var today = clock.Today();
        var readable = tree.ReadableEver(actor, today);
        await foreach (var files in FilesAsync(unit, period, readable, after ?? "", ct))
        {
            string[] hashes = [.. files.Select(f => f.Sha256)];
            var uses = (await EvidenceRights.DatedAsync(await session.Query<EvidenceUse>().Where(u => hashes.Contains(u.Sha256)).ToListAsync(ct), periods, ct)).ToLookup(u => u.Use.Sha256, StringComparer.Ordinal);
            foreach (var file in files)
            {
                var referring = uses[file.Sha256].ToList();
                var seen = file.HoldersSeenBy(tree, actor, referring.Select(u => (u.Use.UnitId, u.Day)), today);
                if (seen.Count == 0) continue;
                var shown = referring.Where(u => tree.MayRead(actor, u.Use.UnitId, u.Day, today)).ToList();
                // That a report refers to the file is said to those who may read that report.
                if (period is not null && !shown.Exists(u => u.Use.Period == period && (unit is null || u.Use.UnitId == unit))) continue;
                yield return new(
                    file.Sha256, file.Size, file.MediaType, [.. seen.Select(h => h.Name).Distinct(StringComparer.Ordinal)],
                    [.. seen.Select(h => tree.Ref(h.UnitId, h.On)!).Select(u => new Unit(u.Code, u.Id, u.Name))], seen.Min(h => h.At), file.RemovedAt,
                    [
                        .. shown.OrderBy(u => u.Use.Id, StringComparer.Ordinal).Select(u => new Reference(u.Use.Period, tree.Ref(u.Use.UnitId, u.Day)!.Code, u.Use.UnitId, u.Use.Indicator)),
                    ]);
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<EvidenceFile>> FilesAsync(
        Guid? unit, string? period, IReadOnlyCollection<Guid>? readable, string after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (await NextAsync(unit, period, readable, after, ct) is { Length: > 0 } chunk)
        {
            yield return [.. (await session.LoadManyAsync<EvidenceFile>(ct, chunk)).OrderBy(f => f.Sha256, StringComparer.Ordinal)];
            after = chunk[^1][EvidenceFile.Key("").Length..];
        }
    }

    private async Task<string[]> NextAsync(Guid? unit, string? period, IReadOnlyCollection<Guid>? readable, string after, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Candidates);
        object?[] values = [EvidenceFile.Key(after), unit, period, readable?.ToArray(), Chunk];
        NpgsqlDbType[] types = [NpgsqlDbType.Text, NpgsqlDbType.Uuid, NpgsqlDbType.Text, NpgsqlDbType.Array | NpgsqlDbType.Uuid, NpgsqlDbType.Integer];
        foreach (var (value, type) in values.Zip(types)) command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<string> found = [];
        while (await reader.ReadAsync(ct)) found.Add(reader.GetString(0));
        return [.. found];
    }

    private static Refusal Unknown { get; } = Refusal.NotFound("Không có minh chứng này.", "There is no such evidence.");

    private static Refusal Removed { get; } = new(
        410, "evidence-removed", new("Tệp này đã được xóa vì không báo cáo nào dùng đến; có thể nộp lại.", "The file was removed, as no report referred to it; it can be brought in again."));
}

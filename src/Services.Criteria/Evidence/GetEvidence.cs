using Marten;
using Marten.Linq.MatchesSql;
using Microsoft.Net.Http.Headers;
using Npgsql;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>Files given back, and what there is of them. Who may not read a file does not learn that it exists.</summary>
internal sealed class GetEvidence(IQuerySession session, NpgsqlDataSource database, UnitRegister register, PeriodBook periods, TimeProvider clock)
{
    private const int Chunk = 500;

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

        var headers = http.Response.Headers;
        (headers.ETag, headers.CacheControl, headers.XContentTypeOptions) = ($"\"{sha256}\"", "private, no-cache", "nosniff");
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == $"\"{sha256}\"")) return TypedResults.StatusCode(304);
        var connection = await database.OpenConnectionAsync(ct);
        http.Response.RegisterForDisposeAsync(connection);
        if (await EvidenceContent.OpenAsync(connection, sha256, ct) is not { } reader) return Problems.Of(Removed);
        http.Response.RegisterForDisposeAsync(reader);
        http.Response.ContentLength = file.Size;
        var text = file.MediaType.StartsWith("text/", StringComparison.Ordinal);
        return TypedResults.Stream(await reader.GetStreamAsync(0, ct), text ? $"{file.MediaType}; charset=utf-8" : file.MediaType, seen[^1].Name);
    }

    private async Task<IResult> ListAsync(HttpContext http, string? unit, string? on, string? periodCode, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        var period = periodCode is null ? null : await periods.FindAsync(periodCode, ct);
        var day = Days.Parse(on, "on", period?.FiguresAsOf ?? clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        if (periodCode is not null && period is null) return Problems.Of(PeriodsModule.Unknown(periodCode));
        var tree = await register.GetAsync(ct);
        Guid? of = null;
        if (unit is not null)
        {
            if (tree.Resolve(unit, day) is not { } found) return Problems.Of(GetUnits.Unknown(unit, day));
            of = found.Id;
        }

        var items = ItemsAsync(tree, Actor.Of(http)!, of, period?.Code, http.Request.Query.ContainsKey("format") ? null : after, ct);
        return await Exports.AnswerAsync(http, "evidence", items, i => i.Sha256, take);
    }

    /// <summary>What the caller may read after the hash, in the order of the hashes; read in chunks, as far as somebody reads on.</summary>
    private async IAsyncEnumerable<Item> ItemsAsync(
        UnitTree tree, Actor actor, Guid? unit, string? period, string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var today = clock.Today();
        await foreach (var files in FilesAsync(unit, period, after ?? "", ct))
        {
            string[] hashes = [.. files.Select(f => f.Sha256)];
            var uses = (await EvidenceRights.DatedAsync(await session.Query<EvidenceUse>().Where(u => hashes.Contains(u.Sha256)).ToListAsync(ct), periods, ct)).ToLookup(u => u.Use.Sha256, StringComparer.Ordinal);
            foreach (var file in files)
            {
                var referring = uses[file.Sha256].ToList();
                var seen = file.HoldersSeenBy(tree, actor, referring.Select(u => (u.Use.UnitId, u.Day)), today);
                if (seen.Count == 0) continue;
                yield return new(
                    file.Sha256, file.Size, file.MediaType, [.. seen.Select(h => h.Name).Distinct(StringComparer.Ordinal)],
                    [.. seen.Select(h => tree.Ref(h.UnitId, h.On)!).Select(u => new Unit(u.Code, u.Id, u.Name))], file.StoredAt, file.RemovedAt,
                    [
                        .. referring.Where(u => tree.MayRead(actor, u.Use.UnitId, u.Day, today))
                            .OrderBy(u => u.Use.Id, StringComparer.Ordinal).Select(u => new Reference(u.Use.Period, tree.Ref(u.Use.UnitId, u.Day)!.Code, u.Use.UnitId, u.Use.Indicator)),
                    ]);
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<EvidenceFile>> FilesAsync(
        Guid? unit, string? period, string after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (unit is null && period is null)
        {
            while (await session.Query<EvidenceFile>().Where(f => f.MatchesSql("d.id > ?", EvidenceFile.Key(after))).OrderBy(f => f.Id).Take(Chunk).ToListAsync(ct) is { Count: > 0 } chunk)
            {
                yield return chunk;
                after = chunk[^1].Sha256;
            }

            yield break;
        }

        var uses = session.Query<EvidenceUse>().Where(u => (period == null || u.Period == period) && (unit == null || u.UnitId == unit));
        var hashes = (await uses.Select(u => u.Sha256).ToListAsync(ct)).ToHashSet(StringComparer.Ordinal);
        if (period is null) hashes.UnionWith(await session.Query<EvidenceFile>().Where(f => f.Holders.Any(h => h.UnitId == unit)).Select(f => f.Sha256).ToListAsync(ct));
        foreach (var chunk in hashes.Where(h => string.CompareOrdinal(h, after) > 0).Order(StringComparer.Ordinal).Chunk(Chunk))
            yield return [.. (await session.LoadManyAsync<EvidenceFile>(ct, [.. chunk.Select(EvidenceFile.Key)])).OrderBy(f => f.Sha256, StringComparer.Ordinal)];
    }

    private static Refusal Unknown { get; } = Refusal.NotFound("Không có minh chứng này.", "There is no such evidence.");

    private static Refusal Removed { get; } = new(
        410, "evidence-removed", new("Tệp này đã được xóa vì không báo cáo nào dùng đến; có thể nộp lại.", "The file was removed, as no report referred to it; it can be brought in again."));
}

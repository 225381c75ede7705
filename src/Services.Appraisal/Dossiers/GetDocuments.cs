using System.Globalization;
using Npgsql;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The documents of a dossier, for those who may read it.</summary>
internal static class GetDocuments
{
    internal static async Task<IResult> List(Guid id, string? after, int? limit, HttpContext http, GetDossier get, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse() is { } refused) return Problems.Of(refused);
        var (found, refusal) = await get.AtAsync(id, null, http, ct);
        if (found is null) return Problems.Of(refusal!);
        var numbered = found.Dossier.Documents.Select((document, i) => (Document: document, Key: i.ToString("D6", CultureInfo.InvariantCulture)));
        var page = Paging.Page(http, numbered, d => d.Key, after, take);
        return TypedResults.Ok(new Page<DossierDocument>([.. page.Items.Select(d => d.Document)], page.Next));
    }

    internal static async Task<IResult> Download(Guid id, string sha256, HttpContext http, GetDossier get, NpgsqlDataSource database, CancellationToken ct)
    {
        var (found, refusal) = await get.AtAsync(id, null, http, ct);
        if (found is null) return Problems.Of(refusal!);
        var hash = sha256.ToLowerInvariant();
        return found.Dossier.Documents.FindLast(d => d.Sha256 == hash) is { } document
            && await AttachDocument.Files.AnswerAsync(http, database, document.Sha256, document.Size, document.MediaType, document.Name, ct) is { } answer
            ? answer
            : Problems.Of(Refusal.NotFound("Hồ sơ không có tài liệu này.", "The dossier has no such document."));
    }
}

using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Marten;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>A unit brings a file in: kept once by its content, whoever brings it in again.</summary>
internal static partial class StoreEvidence
{
    /// <summary>Bytes of a file.</summary>
    public const int MostBytes = 20 * 1024 * 1024;

    /// <summary>Bytes of a body: a form has a frame around its file.</summary>
    public const int MostBodyBytes = MostBytes + (64 * 1024);
    private const int LongestName = 200;

    public sealed record View(string Sha256, long Size, string MediaType, string Unit, Guid UnitId, string Name);

    public static Task<IResult> Handle(HttpContext http, string? unit, string? on, string? name, Commands commands, UnitRegister register, TimeProvider clock) => commands.Run(http, async (c, ct) =>
    {
        var faults = new Faults().Required(unit, "unit");
        var day = Days.Parse(on, "on", clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return malformed;
        if (http.Request.Headers.IfMatch.Count > 0)
        {
            return Refusal.Malformed(
                "If-Match", "if-match-not-offered", "Tệp được lưu theo nội dung, không có phiên bản.", "A file is kept by its content and has no versions.");
        }

        var tree = await register.GetAsync(ct);
        if (tree.Resolve(unit!, day) is not { } found) return GetUnits.Unknown(unit!, day);
        if (!tree.EntersFor(c.Actor, found.Id, day, c.Today)) return Forbidden;
        var (content, given, unreadable) = await ReadAsync(http, ct);
        if (unreadable is not null) return unreadable;
        if (content!.Length > MostBytes) return Problems.OfStatus(413);
        if (content.Length == 0) return Refusal.Invalid("file", "empty-file", "Tệp rỗng.", "The file is empty.");
        if (await FileKinds.DetectAsync(content, ct) is not { } kind) return Unknown;

        content.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
        var clean = NameOf(name ?? given, kind);
        await EvidenceContent.KeepAsync(c.Session, ct);
        var stream = await c.Session.Events.FetchForWriting<EvidenceFile>(EvidenceFile.Key(sha256), ct);
        var events = Decide(stream.Aggregate, new(sha256, content.Length, kind.MediaType, found.Id, day, clean, c.Actor.Person, c.Now));
        stream.AppendMany(events);
        if (events is [EvidenceStored]) await EvidenceContent.InsertAsync(c.Session, sha256, content, ct);
        // Neither status nor version say whether somebody else holds the same.
        return Outcome.Created(new View(sha256, content.Length, kind.MediaType, found.Code, found.Id, clean), 0, $"/api/criteria/evidence/{sha256}");
    });

    /// <summary>Nothing where the unit brought it in within the last day; later on it is held anew, or the removal would count from the first time.</summary>
    public static IReadOnlyList<object> Decide(EvidenceFile? file, EvidenceStored upload) => file switch
    {
        null or { RemovedAt: not null } => [upload],
        _ when file.Holders.Any(h => h.UnitId == upload.UnitId && h.At > upload.At.AddDays(-1)) => [],
        _ => [new EvidenceShared(upload.UnitId, upload.On, upload.Name, upload.By, upload.At)],
    };

    /// <summary>A name alone, without folders and what could be taken for something else, with the extension of what the file is.</summary>
    public static string NameOf(string? given, FileKind kind)
    {
        var bare = Prose.Clean(Unnameable().Replace(given?.Split('/', '\\')[^1] ?? "", ""))?.Trim('.', ' ') is { Length: > 0 } left ? left : "minh-chung";
        if (bare.EnumerateRunes().Count() > LongestName) bare = string.Concat(bare.EnumerateRunes().Take(LongestName));
        return Array.Exists(kind.Extensions, e => bare.EndsWith($".{e}", StringComparison.OrdinalIgnoreCase)) ? bare : $"{bare}.{kind.Extensions[0]}";
    }

    /// <summary>The body itself, or the one file of a form.</summary>
    private static async Task<(Stream? Content, string? Name, Refusal? Refusal)> ReadAsync(HttpContext http, CancellationToken ct)
    {
        http.Request.Body.Position = 0;
        if (http.Request.GetTypedHeaders().ContentType?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) != true) return (http.Request.Body, null, null);
        try
        {
            var form = await http.Request.ReadFormAsync(ct);
            return form.Files is [var file]
                ? (file.OpenReadStream(), file.FileName, null)
                : (null, null, Refusal.Malformed("file", "malformed-body", "Biểu mẫu phải có đúng một tệp.", "The form must have exactly one file."));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return (null, null, Refusal.Malformed("file", "malformed-body", "Biểu mẫu không đọc được.", "The form cannot be read."));
        }
    }

    private static Refusal Forbidden { get; } = Refusal.Forbidden(
        "Chỉ cán bộ nhập số liệu của đơn vị và cấp trên của đơn vị được nộp minh chứng.", "Only those who enter the unit's figures and those above it bring evidence in.");

    private static Refusal Unknown { get; } = Refusal.Invalid(
        "file", "file-kind",
        "Nội dung tệp không thuộc loại được nhận: PDF, JPEG, PNG, WebP, TIFF, MP4, DOCX, XLSX, PPTX, ODT, ODS, DOC, XLS không có macro, văn bản hoặc CSV (UTF-8). Tên tệp không quyết định.",
        "The content is of no kind that is accepted: PDF, JPEG, PNG, WebP, TIFF, MP4, DOCX, XLSX, PPTX, ODT, ODS, DOC, XLS without macros, text or CSV (UTF-8). The name does not count.");

    /// <summary>Control and formatting characters (among them those that turn the direction of writing), and what file systems refuse.</summary>
    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Cs}\p{Co}""<>:|?*]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unnameable();
}

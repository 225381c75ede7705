using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults;

/// <summary>A file that a caller sent in, named by its content.</summary>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Name">A name alone, with the extension of what the file is.</param>
public sealed partial record UploadedFile(Stream Content, string Sha256, FileKind Kind, string Name)
{
    /// <summary>Bytes of a file.</summary>
    public const int MostBytes = 20 * 1024 * 1024;

    /// <summary>Bytes of a body: a form has a frame around its file.</summary>
    public const int MostBodyBytes = MostBytes + (64 * 1024);
    private const int LongestName = 200;

    /// <summary>The body itself, or the one file of a form: unreadable 400, too large 413, empty or of no known kind 422.</summary>
    /// <param name="name">What the caller calls it; else the form does, else <paramref name="otherwise"/>.</param>
    public static async Task<(UploadedFile? File, Refusal? Refusal)> ReadAsync(HttpContext http, string? name, string otherwise, CancellationToken ct)
    {
        var (content, given, unreadable) = await BodyAsync(http, ct);
        if (unreadable is not null) return (null, unreadable);
        if (content!.Length > MostBytes) return (null, Problems.OfStatus(413));
        if (content.Length == 0) return (null, Refusal.Invalid("file", "empty-file", "Tệp rỗng.", "The file is empty."));
        if (await FileKinds.DetectAsync(content, ct) is not { } kind) return (null, Unknown);

        content.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
        return (new(content, sha256, kind, NameOf(name ?? given, kind, otherwise)), null);
    }

    /// <summary>A name alone, without folders and what could be taken for something else, with the extension of what the file is.</summary>
    public static string NameOf(string? given, FileKind kind, string otherwise)
    {
        var bare = Prose.Clean(Unnameable().Replace(given?.Split('/', '\\')[^1] ?? "", ""))?.Trim('.', ' ') is { Length: > 0 } left ? left : otherwise;
        if (bare.EnumerateRunes().Count() > LongestName) bare = string.Concat(bare.EnumerateRunes().Take(LongestName));
        return Array.Exists(kind.Extensions, e => bare.EndsWith($".{e}", StringComparison.OrdinalIgnoreCase)) ? bare : $"{bare}.{kind.Extensions[0]}";
    }

    private static async Task<(Stream? Content, string? Name, Refusal? Refusal)> BodyAsync(HttpContext http, CancellationToken ct)
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
        catch (Exception exception) when (exception is InvalidDataException or IOException && !StoreAway.IsFull(exception))
        {
            return (null, null, Refusal.Malformed("file", "malformed-body", "Biểu mẫu không đọc được.", "The form cannot be read."));
        }
    }

    private static Refusal Unknown { get; } = Refusal.Invalid(
        "file", "file-kind",
        "Nội dung tệp không thuộc loại được nhận: PDF, JPEG, PNG, WebP, TIFF, MP4, DOCX, XLSX, PPTX, ODT, ODS, DOC, XLS không có macro, văn bản hoặc CSV (UTF-8). Tên tệp không quyết định.",
        "The content is of no kind that is accepted: PDF, JPEG, PNG, WebP, TIFF, MP4, DOCX, XLSX, PPTX, ODT, ODS, DOC, XLS without macros, text or CSV (UTF-8). The name does not count.");

    /// <summary>Control and formatting characters (among them those that turn the direction of writing), and what file systems refuse.</summary>
    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Cs}\p{Co}""<>:|?*]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unnameable();
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Ntm.ServiceDefaults;

/// <summary>A kind of file that is taken in, e.g. as evidence (minh chứng) or in a dossier (hồ sơ).</summary>
/// <param name="MediaType">What is kept and answered.</param>
/// <param name="Extensions">The first is added to a name that has none of them.</param>
/// <param name="Also">Other media types under which callers name the same kind.</param>
public sealed record FileKind(string MediaType, string[] Extensions, params string[] Also)
{
    public bool IsNamed(string mediaType) => mediaType.Split(';')[0].Trim() is var bare && Also.Prepend(MediaType).Contains(bare, StringComparer.OrdinalIgnoreCase);
}

/// <summary>Tells a file's kind by what is in it, never by its name or by what the sender calls it; what is not known is not taken.</summary>
public static partial class FileKinds
{
    private const int DirectoryEntry = 128;
    private const int Overlap = 16;

    /// <summary>Bytes.</summary>
    private const int LongestContentTypes = 1024 * 1024;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly FileKind Pdf = new("application/pdf", ["pdf"], "application/x-pdf");
    private static readonly FileKind Jpeg = new("image/jpeg", ["jpg", "jpeg"], "image/jpg", "image/pjpeg");
    private static readonly FileKind Png = new("image/png", ["png"]);
    private static readonly FileKind WebP = new("image/webp", ["webp"]);
    private static readonly FileKind Tiff = new("image/tiff", ["tif", "tiff"]);
    private static readonly FileKind Mp4 = new("video/mp4", ["mp4", "m4v"]);
    private static readonly FileKind Word = new("application/msword", ["doc"]);
    private static readonly FileKind Excel = new("application/vnd.ms-excel", ["xls"]);
    private static readonly FileKind PlainText = new("text/plain", ["txt", "csv"], "text/csv", "application/csv");

    private static readonly FileKind[] Zipped =
    [
        new("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx"]),
        new("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ["xlsx"]),
        new("application/vnd.openxmlformats-officedocument.presentationml.presentation", ["pptx"]),
        new("application/vnd.oasis.opendocument.text", ["odt"]),
        new("application/vnd.oasis.opendocument.spreadsheet", ["ods"]),
    ];

    /// <summary>The part that makes a zip an Office document.</summary>
    private static readonly (string Part, string Extension)[] OfficeParts = [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx")];

    /// <summary>Bytes that a kind begins with, each at its offset.</summary>
    private static readonly (FileKind Kind, (int At, byte[] Bytes)[] Signature)[] Signatures =
    [
        (Pdf, [(0, "%PDF-"u8.ToArray())]),
        (Jpeg, [(0, [0xFF, 0xD8, 0xFF])]),
        (Png, [(0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])]),
        (WebP, [(0, "RIFF"u8.ToArray()), (8, "WEBP"u8.ToArray())]),
        (Tiff, [(0, [0x49, 0x49, 0x2A, 0x00])]),
        (Tiff, [(0, [0x4D, 0x4D, 0x00, 0x2A])]),
        // The length of the first box stands before its name.
        .. ((string[])["isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "MSNV", "dash"]).Select(brand =>
            (Mp4, new[] { (4, "ftyp"u8.ToArray()), (8, Encoding.ASCII.GetBytes(brand)) })),
    ];

    private static readonly byte[] Zip = [0x50, 0x4B, 0x03, 0x04];
    private static readonly byte[] Ole = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    private static IEnumerable<FileKind> All => Signatures.Select(s => s.Kind).Concat(Zipped).Concat([Word, Excel, PlainText]);

    /// <summary>The kind that is kept under this media type.</summary>
    public static FileKind? Of(string mediaType) => All.FirstOrDefault(k => k.MediaType == mediaType);

    /// <summary>The kind that callers name so; null where it is none that is accepted.</summary>
    public static FileKind? Named(string mediaType) => All.FirstOrDefault(k => k.IsNamed(mediaType));

    /// <summary>The kind of the content, or null where it is none that is accepted.</summary>
    /// <param name="content">Can be sought; its position is changed.</param>
    public static async Task<FileKind?> DetectAsync(Stream content, CancellationToken ct)
    {
        var head = new byte[16];
        content.Position = 0;
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
        bool Begins(int at, byte[] bytes) => at + bytes.Length <= length && head.AsSpan(at, bytes.Length).SequenceEqual(bytes);
        if (Array.Find(Signatures, s => Array.TrueForAll(s.Signature, part => Begins(part.At, part.Bytes))) is { Kind: { } known })
            return known != Mp4 || (BinaryPrimitives.ReadUInt32BigEndian(head) is >= 8 and var box && box <= content.Length) ? known : null;
        if (Begins(0, Zip)) return InsideZip(content);
        return Begins(0, Ole) ? await InsideOleAsync(content, ct) : await TextAsync(content, ct);
    }

    /// <summary>A zip is what its parts make it; one that carries a program is none of the kinds.</summary>
    private static FileKind? InsideZip(Stream content)
    {
        try
        {
            content.Position = 0;
            using var zip = new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Any(e => e.FullName.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase))) return null;
            if (zip.GetEntry("[Content_Types].xml") is { } types)
            {
                if (CarriesProgram(types)) return null;
                return Array.Find(OfficeParts, p => zip.GetEntry(p.Part) is not null).Extension is { } extension ? Array.Find(Zipped, k => k.Extensions[0] == extension) : null;
            }

            // Open documents name themselves in their first part.
            if (zip.Entries.Any(e => e.FullName.StartsWith("Basic/", StringComparison.OrdinalIgnoreCase) || e.FullName.StartsWith("Scripts/", StringComparison.OrdinalIgnoreCase))) return null;
            if (zip.Entries is not [{ FullName: "mimetype", Length: < 100 } mimetype, ..]) return null;
            using var reader = new StreamReader(mimetype.Open(), Encoding.ASCII);
            var named = reader.ReadToEnd();
            return Array.Find(Zipped, k => k.MediaType == named);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // Whatever is wrong inside a broken archive, it is no document.
            return null;
        }
    }

    /// <summary>Whether an Office document names parts that run, wherever in it they stand.</summary>
    private static bool CarriesProgram(ZipArchiveEntry types)
    {
        if (types.Length > LongestContentTypes) return true;
        using var part = types.Open();
        using var reader = XmlReader.Create(part, new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader).Descendants().Attributes().Any(a => Programs().IsMatch(a.Value));
    }

    /// <summary>A compound file is told by the names in its directory, whose entries stand at multiples of 128 bytes.</summary>
    private static async Task<FileKind?> InsideOleAsync(Stream content, CancellationToken ct)
    {
        (byte[] Name, FileKind? Kind)[] names =
        [
            (Encoding.Unicode.GetBytes("WordDocument\0"), Word), (Encoding.Unicode.GetBytes("Workbook\0"), Excel), (Encoding.Unicode.GetBytes("Book\0"), Excel),
            (Encoding.Unicode.GetBytes("_VBA_PROJECT"), null),
        ];
        FileKind? found = null;
        var page = new byte[512 * DirectoryEntry];
        content.Position = 0;
        while (await content.ReadAtLeastAsync(page, page.Length, throwOnEndOfStream: false, ct) is > 0 and var length)
        {
            for (var at = 0; at + DirectoryEntry <= length; at += DirectoryEntry)
            {
                foreach (var (name, kind) in names)
                {
                    if (!page.AsSpan(at).StartsWith(name)) continue;
                    if (kind is null) return null;
                    found ??= kind;
                }
            }
        }

        return found;
    }

    /// <summary>Readable text without markup or script: what a browser or a shell would run is no evidence.</summary>
    private static async Task<FileKind?> TextAsync(Stream content, CancellationToken ct)
    {
        content.Position = 0;
        using var reader = new StreamReader(content, Strict, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024, leaveOpen: true);
        // Each page begins with the end of the one before, as a word may stand on both.
        var page = new char[Overlap + (64 * 1024)];
        var (first, kept) = (true, 0);
        try
        {
            while (await reader.ReadBlockAsync(page.AsMemory(kept), ct) is > 0 and var length)
            {
                var text = page.AsMemory(0, kept + length);
                if (first && Opens().IsMatch(text.Span)) return null;
                if (Markup().IsMatch(text.Span) || text.Span.IndexOfAnyExcept(Written) is >= 0) return null;
                first = false;
                kept = Math.Min(Overlap, text.Length);
                text[^kept..].CopyTo(page);
            }
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        return first ? null : PlainText;
    }

    private static readonly System.Buffers.SearchValues<char> Written = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => !char.IsControl(c) || c is '\t' or '\n' or '\r' or '\f')]);

    [GeneratedRegex(@"macroEnabled|vbaProject|macrosheet|activeX", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Programs();

    [GeneratedRegex(@"\A[\uFEFF\s]*(<|#!|\{\\rtf|@echo\b|%!PS)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Opens();

    [GeneratedRegex(@"<(script|html|svg|body|iframe|object|embed|!doctype|\?php|\?xml)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Markup();
}

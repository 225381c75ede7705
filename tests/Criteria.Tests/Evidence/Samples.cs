using System.IO.Compression;
using System.Text;

namespace Ntm.Criteria.Tests.Evidence;

/// <summary>Small files of each kind, made here byte by byte.</summary>
internal static class Samples
{
    public static byte[] Pdf { get; } = Encoding.ASCII.GetBytes("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n");

    public static byte[] Html { get; } = Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body><script>alert(1)</script></body></html>");

    public static byte[] Office(string part, bool macros = false, string types = "<Types/>") => Zip([("[Content_Types].xml", types), (part, "<x/>"), .. macros ? [("word/vbaProject.bin", "x")] : Array.Empty<(string, string)>()]);

    public static byte[] OpenDocument(string type) => Zip([("mimetype", type), ("content.xml", "<x/>")]);

    public static byte[] Ole(params string[] entries)
    {
        var file = new byte[512 + (128 * entries.Length)];
        byte[] signature = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        signature.CopyTo(file, 0);
        for (var n = 0; n < entries.Length; n++) Encoding.Unicode.GetBytes(entries[n]).CopyTo(file, 512 + (128 * n));
        return file;
    }

    public static byte[] Zip((string Name, string Text)[] parts)
    {
        using var made = new MemoryStream();
        using (var zip = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in parts)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name, CompressionLevel.NoCompression).Open());
                writer.Write(text);
            }
        }

        return made.ToArray();
    }
}

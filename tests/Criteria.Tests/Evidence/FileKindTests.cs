using System.Text;
using Ntm.Criteria.Evidence;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Evidence;

public sealed class FileKindTests
{
    public static TheoryData<string, byte[]> Accepted => new()
    {
        { "application/pdf", Samples.Pdf },
        { "image/jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] },
        { "image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0] },
        { "image/webp", [.. "RIFF"u8, 1, 0, 0, 0, .. "WEBPVP8 "u8] },
        { "image/tiff", [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0] },
        { "image/tiff", [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8] },
        { "video/mp4", [0, 0, 0, 16, .. "ftypmp42"u8, 0, 0, 0, 0] },
        { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Samples.Office("word/document.xml") },
        { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Samples.Office("xl/workbook.xml") },
        { "application/vnd.openxmlformats-officedocument.presentationml.presentation", Samples.Office("ppt/presentation.xml") },
        { "application/vnd.oasis.opendocument.text", Samples.OpenDocument("application/vnd.oasis.opendocument.text") },
        { "application/vnd.oasis.opendocument.spreadsheet", Samples.OpenDocument("application/vnd.oasis.opendocument.spreadsheet") },
        { "application/msword", Samples.Ole("Root Entry", "WordDocument") },
        { "application/vnd.ms-excel", Samples.Ole("Root Entry", "Workbook") },
        { "text/plain", Encoding.UTF8.GetBytes("xã;chỉ tiêu\nThạch Hạ;a < b") },
        { "text/plain", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("Biên bản")] },
    };

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "html", Samples.Html },
        { "markup after blanks", Encoding.UTF8.GetBytes("\uFEFF \n<svg xmlns='http://www.w3.org/2000/svg'/>") },
        { "markup after words", Encoding.UTF8.GetBytes("xin chào <SCRIPT >alert(1)</script>") },
        { "shell", "#!/bin/sh\necho"u8.ToArray() },
        { "program", [.. "MZ"u8, 0x90, 0, 3, 0, 0, 0] },
        { "elf", [0x7F, .. "ELF"u8, 2, 1, 1, 0] },
        { "rtf", "{\\rtf1 x}"u8.ToArray() },
        { "a bare zip", Samples.Zip([("a.txt", "a")]) },
        { "a zip that only says so", Samples.Zip([("[Content_Types].xml", "<Types/>"), ("run.exe", "x")]) },
        { "macros", Samples.Office("word/document.xml", macros: true) },
        { "a document that says it runs", Samples.Office("word/document.xml", types: "<Types><Override ContentType='application/vnd.ms-word.document.macro&#69;nabled.main+xml'/></Types>") },
        { "a sheet of old macros", Samples.Office("xl/workbook.xml", types: "<Types><Override PartName='/xl/macrosheets/sheet1.xml' ContentType='application/vnd.ms-excel.macrosheet+xml'/></Types>") },
        { "controls that run", Samples.Office("word/document.xml", types: "<Types><Override ContentType='application/vnd.ms-office.activeX+xml'/></Types>") },
        { "a document whose types are no XML", Samples.Office("word/document.xml", types: "<Types>") },
        { "an open document with macros", Samples.Zip([("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>"), ("Basic/Standard/Module1.xml", "<x/>")]) },
        { "an open document with scripts", Samples.Zip([("mimetype", "application/vnd.oasis.opendocument.text"), ("Scripts/python/a.py", "x")]) },
        { "a video whose first box is longer than it", [0, 0, 1, 0, .. "ftypmp42"u8, 0, 0, 0, 0] },
        { "a video whose first box is none", [0, 0, 0, 4, .. "ftypmp42"u8, 0, 0, 0, 0] },
        { "a script on a later page", Encoding.UTF8.GetBytes(new string('a', 200_000) + "<script>alert(1)</script>") },
        { "a script across two pages", Encoding.UTF8.GetBytes(new string('a', (64 * 1024) + 16 - 3) + "<script>alert(1)</script>") },
        { "an open document of another kind", Samples.OpenDocument("application/vnd.oasis.opendocument.graphics") },
        { "a broken zip", [0x50, 0x4B, 0x03, 0x04, 1, 2, 3, 4, 5, 6, 7, 8] },
        { "another compound file", Samples.Ole("Root Entry", "__properties_version1.0") },
        { "macros in a compound file", Samples.Ole("Root Entry", "WordDocument", "_VBA_PROJECT") },
        { "UTF-16", Encoding.Unicode.GetBytes("xin chào") },
        { "no Unicode", [0x63, 0x68, 0xE0, 0x6F] },
        { "a picture of another kind", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0] },
        { "a PDF behind something else", [.. "x"u8, .. Samples.Pdf, 0] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task The_content_says_what_a_file_is(string mediaType, byte[] content)
    {
        using var stream = new MemoryStream(content);
        var kind = await FileKinds.DetectAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal(mediaType, kind?.MediaType);
        Assert.Same(kind, FileKinds.Of(mediaType));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_is_none_of_the_kinds_is_no_evidence(string what, byte[] content)
    {
        using var stream = new MemoryStream(content);
        Assert.True(await FileKinds.DetectAsync(stream, TestContext.Current.CancellationToken) is null, what);
    }

    [Fact]
    public async Task A_text_is_read_to_its_end()
    {
        byte[] content = [.. Encoding.UTF8.GetBytes(new string('ạ', 100_000)), 0];
        using var stream = new MemoryStream(content);
        Assert.Null(await FileKinds.DetectAsync(stream, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Biên bản họp.pdf", "Biên bản họp.pdf")]
    [InlineData("Bie\u0302n ba\u0309n.PDF", "Biên bản.PDF")]
    [InlineData("../../etc/passwd", "passwd.pdf")]
    [InlineData("C:\\Users\\an\\bb.pdf", "bb.pdf")]
    [InlineData("cod\u202Efdp.exe", "codfdp.exe.pdf")]
    [InlineData("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf")]
    [InlineData("", "minh-chung.pdf")]
    [InlineData("...", "minh-chung.pdf")]
    [InlineData(null, "minh-chung.pdf")]
    public void A_name_is_a_name_alone_with_the_extension_of_what_the_file_is(string? given, string name) =>
        Assert.Equal(name, UploadedFile.NameOf(given, FileKinds.Of("application/pdf")!, "minh-chung"));

    [Fact]
    public void A_long_name_is_cut_and_keeps_its_kind()
    {
        var name = UploadedFile.NameOf(new string('a', 5_000) + ".pdf", FileKinds.Of("application/pdf")!, "minh-chung");
        Assert.Equal(204, name.Length);
        Assert.EndsWith(".pdf", name, StringComparison.Ordinal);
    }
}

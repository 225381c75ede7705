using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Ntm.EndToEnd;

/// <summary>Evidence and filled-in forms through the gateway.</summary>
[Collection(OneHouse.Name)]
public sealed class BulkTests(House house) : IAsyncDisposable
{
    private const string Unit = "18100";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task Evidence_is_told_by_its_content_kept_once_and_read_by_those_who_may()
    {
        var upload = $"/api/criteria/evidence?unit={Unit}&name=Bi%C3%AAn%20b%E1%BA%A3n.pdf";
        var pdf = Encoding.UTF8.GetBytes($"%PDF-1.4\n{Api.NewKey()}\n%%EOF\n");
        var sha = Convert.ToHexStringLower(SHA256.HashData(pdf));
        var stored = (await api.UploadAsync(upload, Who.Commune(Unit), pdf)).Must(201);
        Assert.Equal((sha, "application/pdf"), (stored["sha256"].GetString(), stored["mediaType"].GetString()));
        Assert.Equal("file-kind", (await api.UploadAsync(upload, Who.Commune(Unit), Encoding.UTF8.GetBytes("<html><script>alert(1)</script></html>"))).Must(422).Rule);
        Assert.Equal("content-too-large", (await api.UploadAsync(upload, Who.Commune(Unit), [.. pdf, .. new byte[21 * 1024 * 1024]])).Must(413).Rule);
        Assert.Equal("content-too-large", (await api.UploadAsync(upload, Who.Commune(Unit), [.. pdf, .. new byte[20 * 1024 * 1024]])).Must(413).Rule);
        (await api.UploadAsync(upload, Who.Commune("18073"), pdf)).Must(403);

        var (status, file, headers) = await api.DownloadAsync($"/api/criteria/evidence/{sha}", Who.Coordinator);
        Assert.Equal((200, "Biên bản.pdf"), (status, headers.ContentDisposition?.FileNameStar));
        Assert.Equal(pdf, file);
        (await api.GetAsync($"/api/criteria/evidence/{sha}", Who.Commune("18073"))).Must(404);

        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var recorded = (await api.PutAsync(
            $"{Scene.Report(period, Unit)}/indicators/1.1", Who.Commune(Unit), new { value = true, validOn = Scene.TwoTiers, evidence = new[] { new { sha256 = sha, size = pdf.Length } } })).Must(200);
        Assert.True(recorded["indicators"][0].GetProperty("evidence")[0].GetProperty("stored").GetBoolean());
        var listed = (await api.GetAsync($"/api/criteria/evidence?unit={Unit}&period={period}", Who.Commune(Unit))).Must(200);
        Assert.Equal(sha, Assert.Single(listed["items"].EnumerateArray().ToList()).GetProperty("sha256").GetString());
        foreach (var list in (string[])["criteria/calendar", "criteria/sets/xa-ntm-2021-2025/versions", "pilots/models", "notifications/inbox", "appraisal/procedures", "appraisal/queue", "appraisal/sessions"])
        {
            var (answered, given, kind) = await api.DownloadAsync($"/api/{list}?format=csv", Who.Commune(Unit));
            Assert.Equal((200, "text/csv"), (answered, kind.ContentType?.MediaType));
            Assert.StartsWith("\uFEFF", Encoding.UTF8.GetString(given), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_form_goes_out_is_filled_in_tried_imported_and_changes_nothing_the_second_time()
    {
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var officer = Who.Commune(Unit);
        var (status, workbook, headers) = await api.DownloadAsync($"/api/criteria/periods/{period}/template", officer);
        Assert.Equal((200, $"{period}.xlsx"), (status, headers.ContentDisposition?.FileNameStar));
        using (var zip = new ZipArchive(new MemoryStream(workbook), ZipArchiveMode.Read)) Assert.NotNull(zip.GetEntry("xl/workbook.xml"));
        var untouched = (await ImportAsync(workbook)).Must(200);
        Assert.Equal(untouched["rows"].GetInt32(), untouched["skipped"].GetInt32());

        var form = Encoding.UTF8.GetString((await api.DownloadAsync($"/api/criteria/periods/{period}/template?format=csv", officer)).File);
        var filled = Encoding.UTF8.GetBytes(form.Replace(",yesno,,,", ",yesno,,có,", StringComparison.Ordinal));
        var tried = (await ImportAsync(filled, "?dryRun=true")).Must(200);
        var count = tried["recorded"].GetInt32();
        Assert.True(count > 10, tried.Text);
        Assert.Equal(0, (await api.GetAsync(Scene.Report(period, Unit), officer)).Must(200)["version"].GetInt32());
        Assert.Equal(count, (await ImportAsync(filled)).Must(200)["recorded"].GetInt32());
        Assert.Equal(count + 1, (await api.GetAsync(Scene.Report(period, Unit), officer)).Must(200)["version"].GetInt32());
        Assert.Equal(count, (await ImportAsync(filled)).Must(200)["unchanged"].GetInt32());

        (await api.PutAsync($"{Scene.Report(period, Unit)}/indicators/1.1", Who.Commune(Unit, "binh"), new { value = false, validOn = Scene.TwoTiers })).Must(200);
        var late = Encoding.UTF8.GetBytes($"unit,indicator,value,basedOn\r\n{Unit},1.1,có,1\r\n{Unit},1.2,1.234,1\r\n");
        var refused = (await ImportAsync(late)).Must(422);
        Assert.Equal(("invalid-rows", 1, 1), (refused.Rule, refused["faults"].GetArrayLength(), refused["conflicts"].GetArrayLength()));
        Assert.False(refused["conflicts"][0].GetProperty("theirs").GetProperty("value").GetBoolean());

        Task<Answer> ImportAsync(byte[] file, string query = "") => api.UploadAsync($"/api/criteria/periods/{period}/import{query}", officer, file);
    }
}

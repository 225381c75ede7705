using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Tests.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Evidence;

/// <summary>Files in a real store, over HTTP.</summary>
public sealed class EvidenceStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Own = "commune-officer@18073~2024-12-31#an";
    private const string Stranger = "commune-officer@18070~2024-12-31#binh";
    private const string Upload = "/api/criteria/evidence?unit=18073&on=2024-12-31";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_comes_back_to_those_who_may_read_it_byte_for_byte()
    {
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        var large = new byte[UploadedFile.MostBytes];
        new Random(3).NextBytes(large);
        Samples.Pdf.CopyTo(large, 0);
        var sha = ShaOf(large);
        var key = Guid.CreateVersion7().ToString();
        for (var time = 0; time < 2; time++)
        {
            var (status, bytes, answer) = await service.SendAsync(HttpMethod.Post, $"{Upload}&name=Bi%C3%AAn%20b%E1%BA%A3n.html", Own, Content(large), key);
            Assert.Equal((201, $"/api/criteria/evidence/{sha}"), (status, answer.Headers.Location?.ToString()));
            var view = JsonDocument.Parse(bytes).RootElement;
            Assert.Equal((sha, large.Length, "application/pdf", "Biên bản.html.pdf"), (view.GetProperty("sha256").GetString(), view.GetProperty("size").GetInt32(), view.GetProperty("mediaType").GetString(), view.GetProperty("name").GetString()));
        }

        foreach (var reader in (string[])[Own, "district-officer@436~2024-12-31#dung", "province-officer@42#phuong", "auditor@0#kiem"])
        {
            var (status, bytes, answer) = await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{sha}", reader);
            Assert.Equal(200, status);
            Assert.True(bytes.AsSpan().SequenceEqual(large));
            Assert.Equal(("application/pdf", $"\"{sha}\"", large.Length), (answer.Content.Headers.ContentType?.ToString(), answer.Headers.ETag?.ToString(), answer.Content.Headers.ContentLength));
            Assert.Equal(("attachment", "Biên bản.html.pdf"), (answer.Content.Headers.ContentDisposition?.DispositionType, answer.Content.Headers.ContentDisposition?.FileNameStar));
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        }

        Assert.Equal(304, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{sha}", Own, ifNoneMatch: $"\"{sha}\"")).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{sha}", Stranger)).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{new string('0', 64)}", Own)).Status);
        Assert.Equal(413, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content([.. large, 0]))).Status);
        Assert.Equal(413, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content(new byte[UploadedFile.MostBodyBytes + 1]))).Status);
    }

    [Fact]
    public async Task What_a_file_is_called_does_not_count_and_a_form_does_as_well()
    {
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        var disguised = await service.SendAsync(HttpMethod.Post, $"{Upload}&name=a.pdf", Own, Content(Samples.Html, "application/pdf"));
        Assert.Equal(422, disguised.Status);
        Assert.Equal("file", Assert.Single(JsonDocument.Parse(disguised.Bytes).RootElement.GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content([]))).Status);
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Post, "/api/criteria/evidence", Own, Content(Samples.Pdf))).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, "/api/criteria/evidence?unit=99999", Own, Content(Samples.Pdf))).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, Upload, Stranger, Content(Samples.Pdf))).Status);
        foreach (var (type, broken) in ((string, string)[])[("multipart/form-data; boundary=x", "--x\r\nno header"), ("multipart/form-data", "abc"), ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\ncut off")])
        {
            var content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(broken));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            Assert.Equal(400, (await service.SendAsync(HttpMethod.Post, Upload, Own, content)).Status);
        }

        Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content([.. Samples.Pdf, 7], "application/x-www-form-urlencoded"))).Status);
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content(Samples.Office("word/document.xml")[..^30]))).Status);
        using var form = new MultipartFormDataContent { { Content(Samples.Pdf, "text/html"), "tep", "quyết định.pdf" } };
        var (status, bytes, _) = await service.SendAsync(HttpMethod.Post, Upload, Own, form);
        Assert.Equal((201, "quyết định.pdf"), (status, JsonDocument.Parse(bytes).RootElement.GetProperty("name").GetString()));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{ShaOf(Samples.Pdf)}", Own)).Status);
    }

    [Fact]
    public async Task The_same_content_is_kept_once_and_each_unit_sees_its_own()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        var answers = await Task.WhenAll(
            ((string, string)[])[(Own, "18073"), (Stranger, "18070"), (Own, "18073"), (Stranger, "18070")] is var calls
                ? calls.Select(c => service.SendAsync(HttpMethod.Post, $"/api/criteria/evidence?unit={c.Item2}&on=2024-12-31&name={c.Item2}.pdf", c.Item1, Content(Samples.Pdf))) : []);
        Assert.All(answers, a => Assert.Equal(201, a.Status));
        Assert.All(answers, a => Assert.Null(a.Answer.Headers.ETag));
        Assert.Equal(1, await NumberAsync(database, "select count(*) from evidence_content"));
        Assert.Equal(2, await NumberAsync(database, "select count(*) from mt_events where stream_id like 'evidence/%'"));
        Assert.Equal(["18073.pdf"], await NamesAsync(Own));
        Assert.Equal(["18070.pdf"], await NamesAsync(Stranger));
        Assert.Equal(2, (await NamesAsync("province-officer@42#phuong")).Length);
        // Who holds the same is not found out by asking for his unit.
        Assert.Equal(403, (await service.GetAsync("/api/criteria/evidence?unit=18070&on=2024-12-31", Own)).Status);
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        Assert.Equal(200, (await service.WriteAsync(
            HttpMethod.Put, "/api/criteria/reports/2024-Q4/18070/indicators/3.1", Stranger, new { value = 90, validOn = "2024-12-31", evidence = new[] { new { sha256 = ShaOf(Samples.Pdf) } } })).Status);
        Assert.Empty((await service.GetAsync("/api/criteria/evidence?period=2024-Q4", Own)).Body.GetProperty("items").EnumerateArray());
        Assert.Single((await service.GetAsync("/api/criteria/evidence?period=2024-Q4", Stranger)).Body.GetProperty("items").EnumerateArray().ToList());
        Assert.Single((await service.GetAsync("/api/criteria/evidence?unit=18070&on=2024-12-31", "province-officer@42#phuong")).Body.GetProperty("items").EnumerateArray().ToList());

        async Task<string[]> NamesAsync(string client)
        {
            var item = Assert.Single((await service.GetAsync("/api/criteria/evidence", client)).Body.GetProperty("items").EnumerateArray().ToList());
            return [.. item.GetProperty("names").EnumerateArray().Select(n => n.GetString()!).Order(StringComparer.Ordinal)];
        }
    }

    [Fact]
    public async Task A_reference_shows_whether_the_units_own_file_is_kept_and_opens_nobody_elses()
    {
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        var sha = ShaOf(Samples.Pdf);
        Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, "/api/criteria/evidence?unit=18070&on=2024-12-31", Stranger, Content(Samples.Pdf))).Status);

        Assert.False(StoredOf((await RecordAsync(new { sha256 = sha, size = 1 })).Body));
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{sha}", Own)).Status);
        Assert.False(StoredOf((await service.GetAsync("/api/criteria/reports/2024-Q4/18073", Own)).Body));
        Assert.Empty((await service.GetAsync("/api/criteria/evidence?period=2024-Q4", Own)).Body.GetProperty("items").EnumerateArray());

        Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content(Samples.Pdf))).Status);
        var (status, problem) = await RecordAsync(new { sha256 = sha, size = 1 });
        Assert.Equal((422, true), (status, problem.GetProperty("errors").TryGetProperty("evidence", out _)));
        var known = (await service.GetAsync("/api/criteria/reports/2024-Q4/18073", Own)).Body.GetProperty("indicators").EnumerateArray().Single(i => i.GetProperty("code").GetString() == "3.1")
            .GetProperty("evidence")[0];
        Assert.Equal((Samples.Pdf.Length, "application/pdf"), (known.GetProperty("size").GetInt32(), known.GetProperty("mediaType").GetString()));
        Assert.True(StoredOf((await RecordAsync(new { sha256 = sha.ToUpperInvariant(), size = Samples.Pdf.Length, mediaType = "application/pdf" })).Body));
        Assert.True(StoredOf((await service.GetAsync("/api/criteria/reports/2024-Q4/18073", Own)).Body));
        var item = Assert.Single((await service.GetAsync("/api/criteria/evidence?unit=18073&period=2024-Q4", Own)).Body.GetProperty("items").EnumerateArray().ToList());
        var reference = Assert.Single(item.GetProperty("references").EnumerateArray().ToList());
        Assert.Equal(("2024-Q4", "18073", "3.1"), (reference.GetProperty("period").GetString(), reference.GetProperty("unit").GetString(), reference.GetProperty("indicator").GetString()));

        Task<(int Status, JsonElement Body)> RecordAsync(object evidence) => service.WriteAsync(
            HttpMethod.Put, "/api/criteria/reports/2024-Q4/18073/indicators/3.1", Own, new { value = 90, validOn = "2024-12-31", evidence = new[] { evidence } });

        static bool StoredOf(JsonElement report) => report.GetProperty("indicators").EnumerateArray().Single(i => i.GetProperty("code").GetString() == "3.1")
            .GetProperty("evidence").EnumerateArray().Single().GetProperty("stored").GetBoolean();
    }

    [Fact]
    public async Task What_no_report_ever_referred_to_goes_after_thirty_days_and_nothing_else()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        var orphan = Samples.Pdf;
        byte[] once = [.. Samples.Pdf, 1], always = [.. Samples.Pdf, 2];
        foreach (var content in (byte[][])[orphan, once, always]) Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content(content))).Status);
        await RecordAsync([ShaOf(once), ShaOf(always)]);
        await RecordAsync([ShaOf(always)]);

        Assert.Equal(0, await Cleaner(service, TimeSpan.FromDays(29)).RunAsync(Ct));
        Assert.Equal(1, await Cleaner(service, TimeSpan.FromDays(31)).RunAsync(Ct));
        Assert.Equal(0, await Cleaner(service, TimeSpan.FromDays(400)).RunAsync(Ct));
        Assert.Equal(2, await NumberAsync(database, "select count(*) from evidence_content"));
        Assert.Equal(410, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{ShaOf(orphan)}", Own)).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{ShaOf(orphan)}", Stranger)).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{ShaOf(once)}", Own)).Status);
        Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content(orphan))).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{ShaOf(orphan)}", Own)).Status);

        // What older events refer to counts before a rebuild tells of it.
        await ExecuteAsync(database, "delete from mt_doc_evidenceuse");
        Assert.Equal(1, await Cleaner(service, TimeSpan.FromDays(400)).RunAsync(Ct));
        Assert.Equal(2, await NumberAsync(database, "select count(*) from evidence_content"));

        async Task RecordAsync(string[] hashes) => Assert.Equal(200, (await service.WriteAsync(
            HttpMethod.Put, "/api/criteria/reports/2024-Q4/18073/indicators/3.1", Own, new { value = 90, validOn = "2024-12-31", evidence = hashes.Select(h => new { sha256 = h }) })).Status);
    }

    [Fact]
    public async Task A_reference_recorded_at_the_same_moment_keeps_the_file()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, Upload, Own, Content(Samples.Pdf))).Status);
        await using var recording = service.Store.LightweightSession();
        await EvidenceContent.KeepAsync(recording, Ct);
        var unit = Given.Unit("18073", Given.EndOf2024).Id;
        recording.Events.StartStream(
            Report.Key("2024-Q4", unit), new ReportOpened("2024-Q4", unit, "xa-ntm-2021-2025", Given.EndOf2024, "an", Given.Imported, 1),
            new IndicatorRecorded("3.1", Given.ValueOf("3.1"), Given.EndOf2024, null, [new(ShaOf(Samples.Pdf), null, null)], "an", Given.Imported));

        var cleaning = Cleaner(service, TimeSpan.FromDays(31)).RunAsync(Ct);
        while (!cleaning.IsCompleted && await NumberAsync(database, "select count(*) from pg_locks where locktype = 'advisory' and not granted") == 0) await Task.Yield();
        await recording.SaveChangesAsync(Ct);
        Assert.Equal(0, await cleaning);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"/api/criteria/evidence/{ShaOf(Samples.Pdf)}", Own)).Status);
    }

    private static ByteArrayContent Content(byte[] bytes, string mediaType = "application/octet-stream") => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private static string ShaOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static RemoveOrphans Cleaner(CriteriaService service, TimeSpan later) => ActivatorUtilities.CreateInstance<RemoveOrphans>(service.Services, new Later(later));

    private static async Task<long> NumberAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>Recorded steps and documents over HTTP on a real store.</summary>
public sealed class RecordedStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Commune = "commune-officer@18073#an";
    private const string Province = "province-officer@42#quy";
    private static readonly byte[] Pdf = "%PDF-1.7 tờ trình"u8.ToArray();
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_is_told_by_its_content_kept_once_and_read_by_those_who_read_the_dossier()
    {
        await using var service = await StartAsync();
        var documents = $"{await OpenAsync(service)}/documents";
        var sha = Convert.ToHexStringLower(SHA256.HashData(Pdf));
        for (var time = 0; time < 2; time++)
        {
            var (status, body) = await service.UploadAsync($"{documents}?kind=letter&name=T%E1%BB%9D%20tr%C3%ACnh", Commune, Pdf);
            Assert.Equal((201, sha, "application/pdf", "Tờ trình.pdf", Pdf.Length), (status, Text(body, "sha256"), Text(body, "mediaType"), Text(body, "name"), body.GetProperty("size").GetInt32()));
        }

        Assert.Equal([sha], Items((await service.SendAsync(HttpMethod.Get, documents, Province)).Body).Select(d => Text(d, "sha256")));
        var (found, content, type) = await service.DownloadAsync($"{documents}/{sha}", Province);
        Assert.Equal((200, "application/pdf"), (found, type));
        Assert.True(content.AsSpan().SequenceEqual(Pdf));
        Assert.Equal(403, (await service.DownloadAsync($"{documents}/{sha}", "commune-officer@18100#khac")).Status);
        Assert.Equal(404, (await service.DownloadAsync($"{documents}/{new string('0', 64)}", Province)).Status);
        Assert.Equal(403, (await service.UploadAsync($"{documents}?kind=letter", "commune-officer@18100#khac", Pdf)).Status);
        Assert.Equal(403, (await service.UploadAsync($"{documents}?kind=letter", "council-member@42#9", Pdf)).Status);
        Assert.Equal(422, (await service.UploadAsync($"{documents}?kind=letter&name=a.pdf", Commune, "<html><script>"u8.ToArray())).Status);
        Assert.Equal(422, (await service.UploadAsync($"{documents}?kind=dream", Commune, Pdf)).Status);
        Assert.Equal(422, (await service.UploadAsync(documents, Commune, Pdf)).Status);
        Assert.Equal(413, (await service.UploadAsync($"{documents}?kind=letter", Commune, [.. Pdf, .. new byte[20 * 1024 * 1024]])).Status);
    }

    [Fact]
    public async Task The_commune_s_own_steps_lead_to_the_submission_and_stand_in_the_dossier_now_and_then()
    {
        await using var service = await StartAsync();
        var dossier = await OpenAsync(service);
        var sha = Text((await service.UploadAsync($"{dossier}/documents?kind=meeting-minutes&name=bb.pdf", Commune, Pdf)).Body, "sha256");
        await MustAsync(service, $"{dossier}/register", new { date = "2026-01-05", number = "1/ĐK" });
        await MustAsync(service, $"{dossier}/self-assessment", new { date = "2026-01-10", summary = "Đạt 19/19" });
        await MustAsync(service, $"{dossier}/consultation", new { places = new[] { new { where = "Trụ sở UBND xã", from = "2026-01-11", to = "2026-01-20" } } });
        await MustAsync(service, $"{dossier}/consultation/remarks", new { text = "Đường thôn 2 chưa xong", on = "2026-01-15" });
        Assert.Equal(422, (await SendAsync(service, $"{dossier}/meeting", new { date = "2026-01-21", attending = 10, @for = 8, against = 2, documents = new[] { new string('0', 64) } })).Status);
        await MustAsync(service, $"{dossier}/meeting", new { date = "2026-01-21", attending = 10, @for = 8, against = 2, documents = new[] { sha } });
        var refused = await SendAsync(service, $"{dossier}/submit", new { });
        Assert.Equal(409, refused.Status);
        Assert.EndsWith("meeting-not-passed", Text(refused.Body, "type"), StringComparison.Ordinal);
        await MustAsync(service, $"{dossier}/consultation/remarks/1/answer", new { answer = "Đã xong ngày 18/01" });
        var again = await MustAsync(service, $"{dossier}/meeting", new { date = "2026-01-25", attending = 10, @for = 9, against = 1, documents = new[] { sha } });
        Assert.Equal("submitted", Text(await MustAsync(service, $"{dossier}/submit", new { }), "state"));

        var view = (await service.SendAsync(HttpMethod.Get, dossier, Province)).Body;
        Assert.Equal(["open", "register", "self-assessment", "consultation", "meeting", "meeting", "submit"], view.GetProperty("steps").EnumerateArray().Select(s => Text(s, "step")));
        Assert.Equal("Đạt 19/19", view.GetProperty("steps")[2].GetProperty("facts").GetProperty("summary").GetString());
        Assert.True(view.GetProperty("meeting").GetProperty("passed").GetBoolean());
        Assert.Equal("Đã xong ngày 18/01", view.GetProperty("remarks")[0].GetProperty("answer").GetProperty("answer").GetString());
        Assert.DoesNotContain("meeting-minutes", Step(view, "submit").GetProperty("missing").EnumerateArray().Select(m => m.GetString()));

        // Before the second meeting there was the first one only.
        await using var session = service.Store.QuerySession();
        var then = (await session.Events.AggregateStreamAsync<Dossier>(Dossier.Key(Guid.Parse(Text(view, "id"))), version: again.GetProperty("version").GetInt64() - 1, token: Ct))!;
        Assert.Equal((8, false, "opened"), (then.Meeting!.For, then.Meeting.Passed, then.State));
        var history = Items((await service.SendAsync(HttpMethod.Get, $"{dossier}/history", Province)).Body).Select(e => Text(e, "event"));
        Assert.Equal(
            ["dossier-opened.v1", "document-attached.v1", "paper-recorded.v1", "paper-recorded.v1", "notice-posted.v1", "remark-received.v1", "meeting-held.v1", "remark-answered.v1", "meeting-held.v1", "dossier-submitted.v1"],
            history);
    }

    [Fact]
    public async Task What_is_recorded_is_announced_where_it_changes_what_is_waited_for()
    {
        await using var service = await StartAsync();
        var dossier = await OpenAsync(service);
        await MustAsync(service, $"{dossier}/register", new { date = "2026-01-05" });
        await MustAsync(service, $"{dossier}/meeting", new { date = "2026-01-21", attending = 10, @for = 8, against = 2 });
        await MustAsync(service, $"{dossier}/meeting", new { date = "2026-01-25", attending = 10, @for = 9, against = 1 });
        await MustAsync(service, $"{dossier}/meeting", new { date = "2026-01-26", attending = 10, @for = 10, against = 0 });
        await MustAsync(service, $"{dossier}/withdraw", new { reason = "Chưa sẵn sàng" });

        var map = service.Map().AnnounceDossiers(Given.Book);
        await using var session = service.Store.QuerySession();
        List<(string, string)> told = [];
        foreach (var e in await session.Events.FetchStreamAsync(Dossier.Key(Guid.Parse(dossier.Split('/')[^1])), token: Ct))
        {
            foreach (var moved in (await map.MapAsync(e, session, Ct)).Cast<DossierMoved>())
                told.Add((moved.Dossier.Step, string.Join(',', moved.Dossier.NextSteps.Select(s => s.Step))));
        }

        Assert.Equal([("open", "submit"), ("meeting", ""), ("meeting", "submit"), ("withdraw", "")], told);
    }

    [Fact]
    public async Task Departments_visit_and_report_come_before_the_council_and_each_department_speaks_for_itself()
    {
        await using var service = await StartAsync();
        var dossier = await OpenAsync(service);
        await MustAsync(service, $"{dossier}/submit", new { });
        await MustAsync(service, $"{dossier}/accept", new { }, Province);
        await MustAsync(service, $"{dossier}/opinions", new { findings = new[] { new { indicator = "1.1", result = "meets" } } }, "department-officer@42:SNN#binh");
        Assert.Equal(422, (await SendAsync(service, $"{dossier}/opinions", new { findings = new[] { new { indicator = "9.9", result = "meets" } } }, "department-officer@42:SNN#binh")).Status);
        var other = await SendAsync(service, $"{dossier}/opinions", new { department = "CAT", findings = new[] { new { indicator = "1.1", result = "meets" } } }, "department-officer@42:SNN#binh");
        Assert.Equal(403, other.Status);
        await MustAsync(service, $"{dossier}/field-visit", new { date = "2026-02-01", participants = new[] { "Đoàn thẩm định" }, findings = "Đã xem" }, Province);
        var view = await MustAsync(service, $"{dossier}/report", new { date = "2026-02-03", recommendation = "propose", summary = "Đủ" }, Province);
        Assert.Equal("SNN", Text(view.GetProperty("opinions")[0].GetProperty("opinion"), "department"));
        Assert.Equal(["council", "opinions", "field-visit", "report", "report", "withdraw", "refuse"], view.GetProperty("nextSteps").EnumerateArray().Select(s => Text(s, "step")));
        Assert.Equal([false, true], view.GetProperty("nextSteps").EnumerateArray().Take(2).Select(s => s.TryGetProperty("required", out var r) && r.ValueKind == JsonValueKind.False));
    }

    [Theory]
    [InlineData("withdraw", "withdrawn", Commune)]
    [InlineData("refuse", "refused", Province)]
    public async Task What_ends_on_the_way_gives_its_reasons_and_sets_the_title_free(string step, string state, string client)
    {
        await using var service = await StartAsync();
        var dossier = await OpenAsync(service);
        await MustAsync(service, $"{dossier}/submit", new { });
        Assert.Equal(409, (await SendAsync(service, "/api/appraisal/dossiers", new { unit = "18073", title = "commune-ntm" })).Status);
        Assert.Equal(422, (await SendAsync(service, $"{dossier}/{step}", new { }, client)).Status);
        Assert.Equal(state, Text(await MustAsync(service, $"{dossier}/{step}", new { reason = "Chưa đủ" }, client), "state"));
        Assert.Equal(409, (await service.UploadAsync($"{dossier}/documents?kind=other", Commune, Pdf)).Status);
        Assert.Equal(201, (await SendAsync(service, "/api/appraisal/dossiers", new { unit = "18073", title = "commune-ntm" })).Status);
    }

    private async Task<AppraisalService> StartAsync()
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Next("unit/commune"), new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new SetPublished(Next($"set/{Given.SetId}"), Given.Set("1.1", "1.2")), Ct);
        await service.LearnAsync(
            new AssessmentChanged(Next($"assessment/{Given.Unit.Id}/{Given.SetId}"), Given.Assessed(("1.1", "met"), ("1.2", "met")).Assessment), Ct);
        foreach (var (condition, client) in new[] { ("arrears", "department-officer@42:SNN#lan"), ("satisfaction", "front-officer@42#mai"), ("security", "department-officer@42:CAT#nam") })
        {
            var (status, _) = await service.SendAsync(
                HttpMethod.Put, $"/api/appraisal/confirmations/18073/{condition}?title=commune-ntm", client, new { met = true, value = 96.5m, basis = "BC 12", validOn = "2025-12-31" });
            Assert.Equal(200, status);
        }

        return service;
    }

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position };

    private static async Task<string> OpenAsync(AppraisalService service)
    {
        var (status, body) = await SendAsync(service, "/api/appraisal/dossiers", new { unit = "18073", title = "commune-ntm" });
        Assert.Equal(201, status);
        return $"/api/appraisal/dossiers/{Text(body, "id")}";
    }

    private static Task<(int Status, JsonElement Body)> SendAsync(AppraisalService service, string path, object body, string client = Commune) =>
        service.SendAsync(HttpMethod.Post, path, client, body);

    private static async Task<JsonElement> MustAsync(AppraisalService service, string path, object body, string client = Commune)
    {
        var (status, answer) = await SendAsync(service, path, body, client);
        Assert.True(status == 200, $"{path}: {status} {answer}");
        return answer;
    }

    private static JsonElement Step(JsonElement view, string step) => view.GetProperty("documents").GetProperty("steps").EnumerateArray().Single(s => Text(s, "step") == step);

    private static string Text(JsonElement item, string member) => item.GetProperty(member).GetString()!;

    private static JsonElement[] Items(JsonElement body) => [.. body.GetProperty("items").EnumerateArray()];
}

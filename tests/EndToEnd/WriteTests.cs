namespace Ntm.EndToEnd;

/// <summary>What every write promises: repeats, versions, clear refusals.</summary>
[Collection(OneHouse.Name)]
public sealed class WriteTests(House house)
{
    private const string Unit = "18790";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task The_same_key_twice_at_once_is_one_write_with_one_answer()
    {
        var path = $"{Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), Unit)}/indicators/1.1";
        var key = Api.NewKey();
        var body = new { value = true, validOn = Scene.TwoTiers };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.PutAsync(path, Who.Commune(Unit), body, key)));
        foreach (var answer in answers)
        {
            answer.Must(200);
            Assert.Equal((answers[0].Text, answers[0].ETag), (answer.Text, answer.ETag));
        }

        var history = (await api.GetAsync(path.Replace("/indicators/1.1", "/history", StringComparison.Ordinal), Who.Commune(Unit))).Must(200);
        Assert.Single(history["items"].EnumerateArray(), e => e.GetProperty("event").GetString() == "indicator-recorded.v1");
        Assert.Equal("idempotency-key-reused", (await api.PutAsync(path, Who.Commune(Unit), new { value = false, validOn = Scene.TwoTiers }, key)).Must(422).Rule);

        // The repeat is answered although the state has moved on; a fresh write is not.
        var report = path.Replace("/indicators/1.1", "", StringComparison.Ordinal);
        (await api.PostAsync($"{report}/submit", Who.Commune(Unit), new { incompleteBecause = "thử" })).Must(200);
        Assert.Equal(answers[0].Text, (await api.PutAsync(path, Who.Commune(Unit), body, key)).Must(200).Text);
        (await api.PutAsync(path, Who.Commune(Unit), body)).Must(409);
    }

    [Fact]
    public async Task The_same_key_at_once_never_meets_its_own_effect()
    {
        var code = $"o-{Guid.CreateVersion7():N}"[..20];
        await OnceAsync("/api/criteria/periods", Who.Coordinator, Scene.PeriodBody(code, Scene.TwoTiers), 201);
        var report = Scene.Report(code, Unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(Unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        await OnceAsync($"{report}/submit", Who.Commune(Unit), new { incompleteBecause = "thử" }, 200);
        await OnceAsync($"{report}/approve", Who.Coordinator, new { }, 200);
        await OnceAsync("/api/pilots/models", Who.Commune(Unit), new { kind = "smart-village", unit = Unit, village = "Thôn 1", title = code }, 201);

        async Task OnceAsync(string path, string client, object body, int status)
        {
            var key = Api.NewKey();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.PostAsync(path, client, body, key)));
            Assert.All(answers, a => Assert.Equal((answers[0].Text, answers[0].ETag), (a.Must(status).Text, a.ETag)));
        }
    }

    [Fact]
    public async Task Writers_of_one_report_at_once_all_get_through()
    {
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), Unit);
        var indicators = await scene.IndicatorsAsync();
        string[] codes = [.. indicators.Select(i => i.Code)];
        var answers = await Task.WhenAll(indicators.Select(i => api.PutAsync(
            $"{report}/indicators/{i.Code}", Who.Commune(Unit), new { value = i.ValueType == "yesno" ? (object)true : 50, validOn = Scene.TwoTiers })));
        Assert.All(answers, a => a.Must(200));
        var written = (await api.GetAsync(report, Who.Commune(Unit))).Must(200);
        Assert.Equal(codes.Length + 1, written["version"].GetInt32());
        Assert.Equal(codes.Length, written["indicators"].EnumerateArray().Count(i => i.GetProperty("status").GetString() == "recorded"));
    }

    [Fact]
    public async Task A_period_with_a_Vietnamese_code_is_found_where_its_location_says()
    {
        var code = $"Kỳ-Đặc-{Guid.CreateVersion7():N}"[..30];
        var created = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Scene.PeriodBody(code, Scene.TwoTiers))).Must(201);
        Assert.Equal(code, (await api.GetAsync(created.Headers.Location!.ToString(), Who.Coordinator)).Must(200)["code"].GetString());
        var report = Scene.Report(Uri.EscapeDataString(code), Unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(Unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        foreach (var (status, count) in new[] { ("open", 1), ("submitted", 0) })
        {
            var list = (await api.GetAsync($"/api/criteria/reports?period={Uri.EscapeDataString(code)}&status={status}&parent=42", Who.Coordinator)).Must(200);
            Assert.Equal(count, list["items"].GetArrayLength());
        }
    }

    [Fact]
    public async Task A_created_thing_is_created_once_for_its_key()
    {
        var (key, code) = (Api.NewKey(), $"k-{Guid.CreateVersion7():N}"[..20]);
        var first = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Scene.PeriodBody(code, Scene.TwoTiers), key)).Must(201);
        var again = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Scene.PeriodBody(code, Scene.TwoTiers), key)).Must(201);
        Assert.Equal((first.Text, first.ETag, first.Headers.Location), (again.Text, again.ETag, again.Headers.Location));
        Assert.Equal("period-exists", (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Scene.PeriodBody(code, Scene.TwoTiers))).Must(409).Rule);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not-a-uuid")]
    public async Task A_write_without_a_key_is_refused(string? key)
    {
        var answer = await api.SendAsync(HttpMethod.Post, "/api/criteria/periods", Who.Coordinator, "{}", key);
        Assert.Equal("idempotency-key-required", answer.Must(400).Rule);
        Assert.True(answer["errors"].TryGetProperty("Idempotency-Key", out _));
    }

    [Fact]
    public async Task A_stale_version_changes_nothing()
    {
        var path = $"{Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), Unit)}/indicators/1.1";
        var body = new { value = true, validOn = Scene.TwoTiers };
        var first = (await api.PutAsync(path, Who.Commune(Unit), body, ifMatch: "\"0\"")).Must(200);
        Assert.Equal("\"2\"", first.ETag);
        Assert.Equal("stale-version", (await api.PutAsync(path, Who.Commune(Unit), body, ifMatch: "\"1\"")).Must(412).Rule);
        foreach (var malformed in new[] { "W/\"2\"", "\"1\", \"2\"", "2", "*" })
            Assert.Equal("if-match", (await api.PutAsync(path, Who.Commune(Unit), body, ifMatch: malformed)).Must(400).Rule);
        Assert.Equal("\"2\"", (await api.GetAsync(path.Replace("/indicators/1.1", "", StringComparison.Ordinal), Who.Commune(Unit))).Must(200).ETag);
        Assert.Equal("\"3\"", (await api.PutAsync(path, Who.Commune(Unit), body, ifMatch: "\"2\"")).Must(200).ETag);
    }

    [Theory]
    [InlineData("{\"value\": tru", "body", 400)]
    [InlineData("", "body", 400)]
    [InlineData("[1]", "body", 400)]
    [InlineData("{\"value\": {\"a\": 1}, \"validOn\": \"2025-12-31\"}", "value", 400)]
    [InlineData("{\"value\": true, \"validOn\": \"31/12/2025\"}", "validOn", 400)]
    [InlineData("{\"value\": true, \"value\": false, \"validOn\": \"2025-12-31\"}", "value", 400)]
    [InlineData("{\"value\": 12345678901234567890123456789012, \"validOn\": \"2025-12-31\"}", "value", 422)]
    [InlineData("{\"validOn\": \"2025-12-31\"}", "value", 422)]
    [InlineData("{\"value\": \"yes\", \"validOn\": \"2025-12-31\"}", "value", 422)]
    [InlineData("{\"value\": true, \"validOn\": \"2026-01-01\"}", "validOn", 422)]
    [InlineData("{\"value\": true, \"validOn\": \"2025-12-31\", \"note\": \"a\\u0000b\"}", "note", 400)]
    [InlineData("{\"value\": true, \"validOn\": \"2025-12-31\", \"evidence\": [{\"sha256\": \"xyz\"}]}", "evidence", 422)]
    public async Task A_bad_body_is_answered_with_the_field(string body, string field, int status)
    {
        var path = $"{Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), Unit)}/indicators/1.1";
        var answer = (await api.SendAsync(HttpMethod.Put, path, Who.Commune(Unit), body, Api.NewKey())).Must(status);
        if (field != "body") Assert.True(answer["errors"].TryGetProperty(field, out _), answer.Text);
        Assert.Equal(path, answer["instance"].GetString());
        foreach (var member in (string[])["title", "detail", "traceId"]) Assert.False(string.IsNullOrEmpty(answer[member].GetString()));
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100.000001", 422)]
    [InlineData("-0.5", 422)]
    [InlineData("99.1234567", 422)]
    [InlineData("1e400", 422)]
    [InlineData("99.123456", 200)]
    [InlineData("99.12345600", 200)]
    public async Task A_percentage_has_its_bounds(string value, int status)
    {
        var indicator = (await scene.IndicatorsAsync()).First(i => i.ValueType == "percent").Code;
        var path = $"{Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), Unit)}/indicators/{indicator}";
        (await api.SendAsync(HttpMethod.Put, path, Who.Commune(Unit), $"{{\"value\": {value}, \"validOn\": \"2025-12-31\"}}", Api.NewKey())).Must(status);
    }

    [Fact]
    public async Task Refusals_speak_Vietnamese_unless_English_is_preferred()
    {
        Assert.Equal("Không tìm thấy", (await api.GetAsync("/api/criteria/sets/none", Who.Auditor)).Must(404)["title"].GetString());
        Assert.Equal("Not found", (await api.GetAsync("/api/criteria/sets/none", Who.Auditor, "en-GB,vi;q=0.5")).Must(404)["title"].GetString());
        Assert.Equal("Không tìm thấy", (await api.GetAsync("/api/criteria/nothing", Who.Auditor)).Must(404)["title"].GetString());
    }
}

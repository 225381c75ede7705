using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ntm.EndToEnd;

/// <summary>A set from its draft to its end, a province's version of it, the import, and what Appraisal keeps of all that.</summary>
[Collection(OneHouse.Name)]
public sealed class CatalogueTests(House house)
{
    private const string Sets = "/api/criteria/sets";
    private readonly Api api = house.Api;

    [Fact]
    public async Task A_set_goes_from_draft_to_retirement_and_no_version_ever_changes()
    {
        var id = NewId();
        var before = Api.Instant(TimeProvider.System.GetUtcNow());
        Assert.Equal(403, (await api.PostAsync(Sets, Who.Coordinator, SetOf(id).ToJsonString())).Status);
        Assert.Equal(403, (await api.PostAsync(Sets, Who.Commune("18073"), SetOf(id).ToJsonString())).Status);
        var drafted = (await api.PostAsync(Sets, Who.Operator, SetOf(id).ToJsonString())).Must(201);
        Assert.Equal(($"{Sets}/{id}/draft", "\"1\"", "draft"), (drafted.Headers.Location?.ToString(), drafted.ETag, drafted["status"].GetString()));
        (await api.GetAsync($"{Sets}/{id}", Who.Auditor)).Must(404);
        (await api.GetAsync($"{Sets}/{id}/draft", Who.Coordinator)).Must(403);

        var rewritten = SetOf(id);
        rewritten["titleVi"] = "Bộ thử viết lại";
        Assert.Equal(412, (await api.PutAsync($"{Sets}/{id}/draft", Who.Ministry, rewritten.ToJsonString(), ifMatch: "\"7\"")).Status);
        (await api.PutAsync($"{Sets}/{id}/draft", Who.Ministry, rewritten.ToJsonString(), ifMatch: "\"1\"")).Must(200);
        Assert.Equal("Bộ thử viết lại", (await api.GetAsync($"{Sets}/{id}/draft", Who.Ministry)).Must(200)["titleVi"].GetString());
        (await api.PostAsync($"{Sets}/{id}/publish", Who.Operator)).Must(200);
        Assert.Equal("set-published", (await api.PutAsync($"{Sets}/{id}/draft", Who.Operator, rewritten.ToJsonString())).Must(409).Rule);

        var amended = rewritten.DeepClone().AsObject();
        amended["criteria"]![0]!["indicators"]![0]!["threshold"] = 85;
        var first = (await api.GetAsync($"{Sets}/{id}", Who.Auditor)).Must(200);
        Assert.Equal((1, true, "seen", "unknown"), (
            first["version"].GetInt32(), first["complete"].GetBoolean(), IndicatorOf(first, "1.1").GetProperty("thresholdSource").GetString(),
            IndicatorOf(first, "1.1").GetProperty("evidenceMark").GetString()));
        var known = Api.Instant(TimeProvider.System.GetUtcNow());
        await Task.Delay(50, TestContext.Current.CancellationToken);
        (await api.PostAsync($"{Sets}/{id}/amend", Who.Operator, Amendment(amended, "2/QĐ-TTg", "2024-03-01"))).Must(200);
        Assert.Equal("act-known", (await api.PostAsync($"{Sets}/{id}/amend", Who.Operator, Amendment(rewritten, "2/QĐ-TTg", "2024-05-01"))).Must(409).Rule);

        Assert.Equal((1, 80), await VersionAsync($"{Sets}/{id}?on=2024-02-29"));
        Assert.Equal((2, 85), await VersionAsync($"{Sets}/{id}?on=2024-03-01"));
        Assert.Equal((1, 80), await VersionAsync($"{Sets}/{id}?version=1"));
        Assert.Equal((1, 80), await VersionAsync($"{Sets}/{id}?asOf={known}"));
        (await api.GetAsync($"{Sets}/{id}?asOf={before}", Who.Auditor)).Must(404);
        (await api.GetAsync($"{Sets}/{id}?version=3", Who.Auditor)).Must(404);
        Assert.Equal(2, (await api.GetAsync($"{Sets}/{id}/versions", Who.Auditor)).Must(200)["items"].GetArrayLength());

        var difference = (await api.GetAsync($"{Sets}/{id}/difference?from=1&to=2", Who.Auditor)).Must(200);
        var field = Assert.Single(Assert.Single(difference["indicators"].EnumerateArray()).GetProperty("fields").EnumerateArray());
        Assert.Equal(("threshold", 80, 85), (field.GetProperty("field").GetString(), field.GetProperty("from").GetInt32(), field.GetProperty("to").GetInt32()));
        (await api.GetAsync($"{Sets}/{id}/difference?from=1", Who.Auditor)).Must(400);

        await LearnedAsync(id, "select count(*) from mt_doc_knownset where data->'set'->>'id' = '{0}' and data->>'source' like 'criteria.set-%/set/{0}%'", 2);
        var retirement = new { act = new { number = "9/QĐ-TTg", date = "2025-12-29" }, lastDay = "2025-12-31" };
        Assert.Equal("retired", (await api.PostAsync($"{Sets}/{id}/retire", Who.Ministry, retirement)).Must(200)["status"].GetString());
        Assert.Equal("set-retired", (await api.PostAsync($"{Sets}/{id}/retire", Who.Ministry, retirement)).Must(409).Rule);
        await LearnedAsync(id, "select count(*) from mt_doc_retiredset where id = '{0}'", 1);

        Assert.Equal(422, (await api.PostAsync("/api/criteria/periods", Who.Coordinator, PeriodOf(id, "2026-01-01"))).Status);
        var period = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, PeriodOf(id, "2025-12-31"))).Must(201);
        Assert.Equal((2, true), (period["setVersion"].GetInt32(), period["setInForce"].GetBoolean()));

        var report = Scene.Report(period["code"].GetString()!, "18100");
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune("18100"), new { value = 82, validOn = "2025-12-31" })).Must(200);
        var figure = (await api.GetAsync(report, Who.Commune("18100"))).Must(200);
        Assert.Equal((2, "seen"), (figure["setVersion"].GetInt32(), figure["indicators"][0].GetProperty("mark").GetString()));
        var assessment = (await api.GetAsync($"/api/criteria/assessments/18100?set={id}&validOn=2025-12-31", Who.Auditor)).Must(200);
        Assert.Equal(
            (2, "region", "Bắc Trung Bộ", 1),
            (assessment["setVersion"].GetInt32(), assessment["dimension"].GetString(), assessment["at"].GetProperty("value").GetString(), assessment["notMet"].GetInt32()));
        (await api.GetAsync($"/api/criteria/assessments/18100?set={id}&validOn=2025-12-31&asOf={before}", Who.Auditor)).Must(404);
        Assert.Equal(1, (await api.GetAsync($"/api/criteria/assessments/18100?set={id}&validOn=2025-12-31&asOf={known}", Who.Auditor)).Must(200)["setVersion"].GetInt32());
    }

    [Fact]
    public async Task A_province_adapts_a_national_set_as_a_set_of_its_own()
    {
        var (national, own) = (NewId(), NewId());
        (await api.PostAsync($"{Sets}/import", Who.Operator, new JsonObject { ["sets"] = new JsonArray(SetOf(national)) }.ToJsonString())).Must(200);
        object Body(int delegated, int unknown) => new
        {
            id = own,
            titleVi = "Bộ của Hà Tĩnh",
            titleEn = "Hà Tĩnh's set",
            scope = "province-42",
            inForceFrom = "2023-01-01",
            legalBasis = new[] { new { number = "36/2022/QĐ-UBND", date = "2022-12-09" } },
            changes = new object[] { new { code = "2", threshold = delegated, legalSource = "QĐ 36/2022/QĐ-UBND" }, new { code = "1.2", threshold = unknown } },
        };
        Assert.Equal(403, (await api.PostAsync($"{Sets}/{national}/adapt", Who.Operator, Body(4, 5))).Status);
        var looser = (await api.PostAsync($"{Sets}/{national}/adapt", Who.Coordinator, Body(2, 5))).Must(422);
        Assert.Equal("looser-than-base", looser["faults"][0].GetProperty("rule").GetString());
        var adapted = (await api.PostAsync($"{Sets}/{national}/adapt", Who.Coordinator, Body(4, 5))).Must(201);
        Assert.Equal((national, 1), (adapted["base"].GetProperty("set").GetString(), adapted["base"].GetProperty("version").GetInt32()));

        var difference = (await api.GetAsync($"{Sets}/{own}/difference-from-base", Who.Auditor)).Must(200);
        Assert.Equal(["1.2", "2"], difference["indicators"].EnumerateArray().Select(i => i.GetProperty("code").GetString()));
        var view = (await api.GetAsync($"{Sets}/{own}", Who.Auditor)).Must(200);
        Assert.Equal(
            ("seen", "seen", "recalled"),
            (IndicatorOf(view, "1.1").GetProperty("thresholdSource").GetString(), IndicatorOf(view, "2").GetProperty("thresholdSource").GetString(),
                IndicatorOf(view, "1.2").GetProperty("thresholdSource").GetString()));
        await LearnedAsync(own, "select count(*) from mt_doc_knownset where data->'set'->>'id' = '{0}' and data->'set'->'base'->>'version' = '1'", 1);

        Assert.Equal(1, (await api.PostAsync("/api/criteria/periods", Who.Coordinator, PeriodOf(own, "2024-12-31"))).Must(201)["setVersion"].GetInt32());

        // The nation amends first: the province's amendment goes out from that version.
        var stricter = SetOf(national);
        stricter["criteria"]![0]!["indicators"]![0]!["threshold"] = 85;
        (await api.PostAsync($"{Sets}/{national}/amend", Who.Operator, Amendment(stricter, "7/QĐ-TTg", "2024-03-01"))).Must(200);

        var whole = (await api.GetAsync($"{Sets}/{own}", Who.Auditor)).Must(200).Json;
        var rewritten = JsonNode.Parse(whole.GetRawText())!.AsObject();
        rewritten["criteria"]![0]!["indicators"]![0]!["threshold"] = 80;
        Assert.Equal("fixed-by-base", (await api.PostAsync($"{Sets}/{own}/amend", Who.Coordinator, Amendment(rewritten, "40/2024/QĐ-UBND", "2024-06-01"))).Must(422)["faults"][0].GetProperty("rule").GetString());
        rewritten["criteria"]![0]!["indicators"]![0]!["threshold"] = 85;
        rewritten["criteria"]![0]!["indicators"]![1]!["threshold"] = 4;
        var second = (await api.PostAsync($"{Sets}/{own}/amend", Who.Coordinator, Amendment(rewritten, "40/2024/QĐ-UBND", "2024-06-01"))).Must(200);
        Assert.Equal((2, 2), (second["version"].GetInt32(), second["base"].GetProperty("version").GetInt32()));
        Assert.Equal(1, await BaseOnAsync("2023-06-01"));
        Assert.Equal(2, await BaseOnAsync("2024-06-01"));

        async Task<int> BaseOnAsync(string day) => (await api.GetAsync($"{Sets}/{own}/difference-from-base?on={day}", Who.Auditor)).Must(200)["from"].GetProperty("version").GetInt32();

        var stub = (await api.GetAsync($"{Sets}/xa-ntm-ha-tinh-2022-2025/difference-from-base", Who.Auditor)).Must(200);
        Assert.All(stub["indicators"].EnumerateArray(), i => Assert.Equal("unknown", i.GetProperty("change").GetString()));
        Assert.Equal(403, (await api.PostAsync($"{Sets}/{own}/retire", Who.Operator, new { })).Status);
    }

    [Fact]
    public async Task A_backdated_amendment_leaves_a_signed_report_as_it_was_until_it_is_opened_again()
    {
        var id = NewId();
        (await api.PostAsync($"{Sets}/import", Who.Operator, SetOf(id).ToJsonString())).Must(200);
        var period = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, PeriodOf(id, "2025-12-31"))).Must(201);
        var report = Scene.Report(period["code"].GetString()!, "18100");
        Assert.Equal(1, (await api.PutAsync($"{report}/indicators/1.1", Who.Commune("18100"), new { value = 82, validOn = "2025-12-31" })).Must(200)["setVersion"].GetInt32());
        (await api.PostAsync($"{report}/submit", Who.Commune("18100"), new { incompleteBecause = "Thử" })).Must(200);
        (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
        var signed = Api.Instant(TimeProvider.System.GetUtcNow());

        var stricter = SetOf(id);
        stricter["criteria"]![0]!["indicators"]![0]!["threshold"] = 85;
        (await api.PostAsync($"{Sets}/{id}/amend", Who.Operator, Amendment(stricter, "2/QĐ-TTg", "2024-03-01"))).Must(200);
        Assert.Equal(1, (await api.GetAsync(report, Who.Commune("18100"))).Must(200)["setVersion"].GetInt32());
        var reopened = (await api.PostAsync($"{report}/reopen", Who.Coordinator, new { reason = "Sửa đổi" })).Must(200);
        Assert.Equal(2, reopened["setVersion"].GetInt32());
        Assert.Equal(1, (await api.GetAsync($"{report}?asOf={signed}", Who.Commune("18100"))).Must(200)["setVersion"].GetInt32());
        Assert.Contains(id, (await api.GetAsync($"{Sets}?asOf={signed}&limit=1000", Who.Auditor)).Must(200).Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_that_is_only_tried_writes_nothing_and_names_every_fault()
    {
        await using var store = await Db.OpenAsync(house.Database("criteria"));
        const string events = "select count(*) from mt_events where stream_id like 'set/%'";
        var broken = SetOf(NewId());
        broken["period"] = "2030-2021";
        broken["criteria"]![0]!["indicators"]![0]!.AsObject().Remove("comparison");
        var body = new JsonObject { ["sets"] = new JsonArray(SetOf(NewId()), broken) }.ToJsonString();
        var before = await store.NumberAsync(events);
        var tried = (await api.PostAsync($"{Sets}/import?dryRun=true", Who.Operator, body)).Must(200);
        Assert.Equal(
            ["sets[1].criteria[0].indicators[0].comparison"], tried["faults"].EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        broken["criteria"]![0]!["indicators"]![0]!["comparison"] = ">=";
        var rules = (await api.PostAsync($"{Sets}/import?dryRun=true", Who.Operator, new JsonObject { ["sets"] = new JsonArray(SetOf(NewId()), broken.DeepClone()) }.ToJsonString())).Must(200);
        Assert.Equal(["sets[1].period"], rules["faults"].EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.Equal("invalid-set", (await api.PostAsync($"{Sets}/import", Who.Operator, body)).Must(422).Rule);
        Assert.Equal(0, (await api.PostAsync($"{Sets}/import?dryRun=true", Who.Operator, new JsonObject { ["sets"] = new JsonArray(SetOf(NewId())) }.ToJsonString())).Must(200)["faults"].GetArrayLength());
        Assert.Equal(before, await store.NumberAsync(events));
        (await api.PostAsync($"{Sets}/import?dryRun=maybe", Who.Operator, body)).Must(400);

        var file = (await api.PostAsync($"{Sets}/import", Who.Operator, await File.ReadAllTextAsync(Path.Combine(House.Repository, "data", "criteria.json"), TestContext.Current.CancellationToken))).Must(200);
        Assert.Equal((0, 11), (file["published"].GetInt32(), file["unchanged"].GetInt32()));
        Assert.Equal(before, await store.NumberAsync(events));

        foreach (var bad in (string[])["null", "[]", """{ "sets": [null] }""", """{ "id": "a\u0000" }""", """{ "id": "a\ud800" }""", """{ "sets": [{ "preconditions": [1e400] }] }""", """{ "sets": 1e400 }"""])
            Assert.Equal(422, (await api.PostAsync($"{Sets}/import", Who.Operator, bad)).Status);
    }

    private async Task<(int, int)> VersionAsync(string path)
    {
        var set = (await api.GetAsync(path, Who.Auditor)).Must(200);
        return (set["version"].GetInt32(), IndicatorOf(set, "1.1").GetProperty("threshold").GetInt32());
    }

    private async Task LearnedAsync(string id, string query, long count)
    {
        await using var appraisal = await Db.OpenAsync(house.Database("appraisal"));
        await Until.TrueAsync(async () => await appraisal.NumberAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, id)) == count, $"Appraisal learned of {id}");
    }

    private static JsonElement IndicatorOf(Answer set, string code) =>
        set["criteria"].EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray()).Single(i => i.GetProperty("code").GetString() == code);

    private static string NewId() => $"bo-thu-{Guid.CreateVersion7():N}";

    private static object PeriodOf(string set, string day) =>
        new { code = $"t-{Guid.CreateVersion7():N}"[..20], kind = "adhoc", set, figuresAsOf = day, under = "42", level = "commune" };

    private static string Amendment(JsonObject set, string number, string from) => new JsonObject
    {
        ["act"] = new JsonObject { ["number"] = number, ["date"] = from },
        ["inForceFrom"] = from,
        ["set"] = set.DeepClone(),
    }.ToJsonString();

    /// <summary>A small national set as a client writes it.</summary>
    internal static JsonObject SetOf(string id) => JsonNode.Parse(
        $$"""
        {
          "id": "{{id}}", "titleVi": "Bộ thử", "titleEn": "A set", "tier": "commune", "period": "2021-2025", "scope": "national",
          "legalBasis": [{ "number": "1/QĐ-TTg", "date": "2022-03-08" }], "inForceFrom": "2022-03-08", "inForceTo": "2026-02-14", "source": "seen",
          "criteria": [
            { "no": 1, "nameVi": "Một", "nameEn": "One", "indicators": [
              { "code": "1.1", "textVi": "a", "textEn": "a", "valueType": "percent", "unit": "%", "comparison": ">=", "threshold": 80, "source": "seen", "thresholdSource": "seen" },
              { "code": "1.2", "textVi": "b", "textEn": "b", "valueType": "number", "comparison": "<=" }] },
            { "no": 2, "nameVi": "Hai", "nameEn": "Two", "indicators": [
              { "code": "2", "textVi": "c", "textEn": "c", "valueType": "number", "comparison": ">=", "threshold": 3, "delegatedToProvince": true, "thresholdSource": "seen" }] }
          ]
        }
        """)!.AsObject();
}

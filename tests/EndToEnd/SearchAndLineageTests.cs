using System.Text;
using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>Search, boundaries, and figures over mergers, through the gateway.</summary>
[Collection(OneHouse.Name)]
public sealed class SearchAndLineageTests(House house)
{
    private const string Before = "2025-06-30";
    private const string July = "2025-07-01";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task Units_and_indicators_are_found_however_they_are_typed()
    {
        foreach (var typed in new[] { "Thạch Hạ", "thach ha", "Thạch Hạ".Normalize(NormalizationForm.FormD) })
        {
            var found = await FindAsync(typed, "&kind=unit&on=2026-01-01");
            Assert.Contains(found, f => f.GetProperty("unit").GetProperty("name").GetString() == "Phường Thạch Hạ");
        }

        var ended = (await FindAsync("phường thạch hạ", "&kind=unit&on=2026-01-01"))[0].GetProperty("unit");
        Assert.False(ended.GetProperty("inForce").GetBoolean());
        Assert.Equal("18100", Assert.Single(ended.GetProperty("successors").EnumerateArray()).GetProperty("code").GetString());
        var former = (await FindAsync("xã thạch hạ", "&kind=unit&on=2025-03-01"))[0].GetProperty("unit");
        Assert.Equal(("Phường Thạch Hạ", "Xã Thạch Hạ", true), (former.GetProperty("name").GetString(), former.GetProperty("matched").GetProperty("name").GetString(), former.GetProperty("matched").GetProperty("former").GetBoolean()));

        Assert.All((await FindAsync("8.4", "&kind=indicator")).Take(2), i => Assert.Equal("8.4", i.GetProperty("indicator").GetProperty("code").GetString()));
        Assert.Contains(await FindAsync("cong nghe thong tin", ""), i => i.GetProperty("kind").GetString() == "indicator");
        var first = (await api.GetAsync("/api/criteria/search?q=xa&limit=3", Who.Auditor)).Must(200);
        var second = (await api.GetAsync(first["next"].GetString()!, Who.Auditor)).Must(200);
        Assert.Empty(Ids(first).Intersect(Ids(second)));
        foreach (var bad in new[] { "", "?q=", "?q=%20", "?q=%3F%3F", "?q=a%07b", $"?q={new string('a', 201)}", "?q=a%00", "?q=a&kind=set", "?q=a&on=1.1.2025", "?q=a&limit=0" })
            Assert.Equal("application/problem+json", (await api.GetAsync($"/api/criteria/search{bad}", Who.Auditor)).Must(400).MediaType);
        foreach (var day in new[] { "0001-01-01", "9999-12-31" }) (await api.GetAsync($"/api/criteria/search?q=ha&on={day}", Who.Auditor)).Must(200);
    }

    [Fact]
    public async Task A_divided_unit_is_carried_only_after_its_shares_were_recorded()
    {
        var before = Api.Instant(TimeProvider.System.GetUtcNow());
        var walk = (await api.GetAsync($"/api/criteria/lineage/18652?on={July}", Who.Auditor)).Must(200);
        var step = Step(walk);
        Assert.False(step.GetProperty("divisible").GetBoolean());
        Assert.NotEmpty(step.GetProperty("reason").GetString()!);
        Assert.Contains("NQ 1665", step.GetProperty("legalBasis").GetString(), StringComparison.Ordinal);

        var period = await scene.PeriodAsync(Before);
        string[] predecessors = ["18652", "18643", "18082"];
        foreach (var (unit, houses) in predecessors.Zip((int[])[3, 4, 10]))
        {
            var (report, officer) = (Scene.Report(period, unit), $"commune-officer@{unit}~{Before}#an");
            (await api.PutAsync($"{report}/indicators/9.1", officer, new { value = houses, validOn = Before })).Must(200);
            (await api.PutAsync($"{report}/indicators/8.4", officer, new { value = houses != 4, validOn = Before })).Must(200);
        }

        var figures = $"/api/criteria/lineage/18652/figures?set={Scene.Set}&on={July}";
        var reported = (await api.GetAsync(figures, Who.Commune("18652"))).Must(200);
        Assert.Equal(
            [("18082", 10m), ("18643", 4m), ("18652", 3m)],
            reported["predecessors"].EnumerateArray().Select(p => (p.GetProperty("code").GetString()!, p.GetProperty("figures").EnumerateArray().Single(f => f.GetProperty("indicator").GetString() == "9.1").GetProperty("value").GetDecimal())).Order());
        Assert.Equal("18082", Assert.Single(reported["cannotBeDivided"].EnumerateArray()).GetProperty("code").GetString());
        var open = (await api.GetAsync($"{figures}&view=carried", Who.Commune("18652"))).Must(200);
        Assert.Equal("cannot-be-divided", Figure(open["notCarried"], "9.1").GetProperty("notCarried").GetString());
        Assert.Equal("18082", Assert.Single(open["cannotBeDivided"].EnumerateArray()).GetProperty("code").GetString());
        (await api.GetAsync(figures, Who.Commune("18073"))).Must(403);

        object Shares(string people) => new { from = "18082", on = July, basis = "Biên bản 12/BB", shares = new[] { new { unit = "18073", people }, new { unit = "18652", people = "3/10" } } };
        (await api.PostAsync("/api/criteria/lineage/shares", Who.Commune("18652"), Shares("7/10"))).Must(403);
        Assert.Equal("invalid-input", (await api.PostAsync("/api/criteria/lineage/shares", Who.Coordinator, Shares("0.71"))).Must(422).Rule);
        foreach (var bad in new object[] { "{}", "[]", """{"from":"18082","on":"9999-12-31","shares":[null],"basis":"x"}""", """{"from":"18082","on":"0001-01-01","shares":[],"basis":"x"}""" })
            Assert.InRange((await api.PostAsync("/api/criteria/lineage/shares", Who.Coordinator, bad)).Status, 400, 422);
        var recorded = (await api.PostAsync("/api/criteria/lineage/shares", Who.Coordinator, Shares("0.7"))).Must(200);
        Assert.Equal(recorded.ETag, (await api.PostAsync("/api/criteria/lineage/shares", Who.Coordinator, Shares("0.7"))).Must(200).ETag);
        (await api.PostAsync("/api/criteria/lineage/shares", Who.Coordinator, Shares("0.7"), ifMatch: "\"99\"")).Must(412);

        var carried = (await api.GetAsync($"{figures}&view=carried", Who.Commune("18652"))).Must(200);
        var houses9 = Figure(carried["carried"], "9.1");
        Assert.Equal((10m, "10"), (houses9.GetProperty("value").GetDecimal(), houses9.GetProperty("exact").GetString()));
        Assert.Equal(("17", "10", "7", "0"), Texts(houses9.GetProperty("check"), "reported", "carried", "elsewhere", "difference"));
        Assert.False(Figure(carried["carried"], "8.4").GetProperty("value").GetBoolean());
        Assert.Equal("figure-missing", Figure(carried["notCarried"], "3.1").GetProperty("notCarried").GetString());
        Assert.Equal(["land"], Assert.Single(carried["cannotBeDivided"].EnumerateArray()).GetProperty("kinds").EnumerateArray().Select(k => k.GetString()));
        Assert.Equal("3/10", Step((await api.GetAsync($"/api/criteria/lineage/18652?on={July}", Who.Auditor)).Must(200)).GetProperty("people").GetString());

        // The past does not know them, today as tomorrow.
        var past = (await api.GetAsync($"/api/criteria/lineage/18652?on={July}&asOf={before}", Who.Auditor)).Must(200);
        Assert.Equal(JsonValueKind.Null, Step(past).GetProperty("people").ValueKind);
        var then = (await api.GetAsync($"{figures}&view=carried&asOf={before}", Who.Commune("18652"))).Must(200);
        Assert.Equal("cannot-be-divided", Figure(then["notCarried"], "9.1").GetProperty("notCarried").GetString());

        static JsonElement Step(Answer walk) => walk["predecessors"].EnumerateArray().Single(s => s.GetProperty("from").GetString() == "18082");
    }

    [Fact]
    public async Task A_province_sets_its_own_rule()
    {
        const string rule = $"/api/criteria/lineage/rules/{Scene.Set}/17.4";
        (await api.PutAsync(rule, Who.Commune("18073"), new { rule = "none", basis = "x" })).Must(403);
        Assert.Equal("invalid-input", (await api.PutAsync(rule, Who.Coordinator, new { rule = "average", basis = "x" })).Must(422).Rule);
        (await api.PutAsync($"/api/criteria/lineage/rules/{Scene.Set}/99.9", Who.Coordinator, new { rule = "none", basis = "x" })).Must(404);
        var set = (await api.PutAsync(rule, Who.Coordinator, new { rule = "worst", basis = "Công văn 45" })).Must(200);
        Assert.Equal(set.ETag, (await api.PutAsync(rule, Who.Coordinator, new { rule = "worst", basis = "Công văn 45" })).Must(200).ETag);
        var all = (await api.GetAsync($"/api/criteria/lineage/rules/{Scene.Set}?province=42", Who.Auditor)).Must(200);
        Assert.Equal(("worst", "set"), Two(Figure(all["rules"], "17.4")));
        Assert.Equal(("sum", "derived"), Two(Figure(all["rules"], "9.1")));

        static (string?, string?) Two(JsonElement item) => (item.GetProperty("rule").GetString(), item.GetProperty("mark").GetString());
    }

    [Fact]
    public async Task Boundaries_are_checked_tried_recorded_once_and_read_by_day()
    {
        var before = Api.Instant(TimeProvider.System.GetUtcNow());
        var file = File((Square(105.0), "18073"), (Square(105.1), "18100"));
        (await api.PostAsync("/api/criteria/boundaries", Who.Commune("18073"), file)).Must(403);
        (await api.PostAsync("/api/criteria/boundaries?dryRun=ja", Who.Coordinator, file)).Must(400);
        (await api.PostAsync("/api/criteria/boundaries?dryRun=", Who.Coordinator, file)).Must(400);
        (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, "{\"\\ud800\":1}")).Must(400);
        (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, "[[[")).Must(400);
        (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, """{"source":"\ud800","validFrom":"2025-07-01","tolerance":1e99}""")).Must(422);
        var faults = (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, File((Square(105.0), "18073"), (Square(105.05), "18100"), ("[[[18,105],[18.1,105],[18.1,105.1],[18,105]]]", "18115")))).Must(422);
        Assert.Equal(["features[2].geometry.coordinates[0][0]", "features[1].geometry"], faults["errors"].EnumerateObject().Select(e => e.Name));

        Assert.True((await api.PostAsync("/api/criteria/boundaries?dryRun=true", Who.Coordinator, file)).Must(200)["changed"].GetBoolean());
        Assert.Empty((await api.GetAsync($"/api/criteria/boundaries?on={July}&parent=42", Who.Auditor)).Must(200)["features"].EnumerateArray());
        var first = (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, file)).Must(200);
        Assert.True(first["changed"].GetBoolean());
        var again = (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, file)).Must(200);
        Assert.Equal((false, first.ETag), (again["changed"].GetBoolean(), again.ETag));

        var drawn = (await api.GetAsync($"/api/criteria/boundaries?on={July}&parent=42", Who.Commune("18073"))).Must(200);
        Assert.Equal("application/geo+json", drawn.MediaType);
        Assert.Equal(["18073", "18100"], drawn["features"].EnumerateArray().Select(f => f.GetProperty("properties").GetProperty("code").GetString()));
        Assert.Equal(105.1, drawn["features"][1].GetProperty("geometry").GetProperty("coordinates")[0][0][0].GetDouble());
        Assert.Empty((await api.GetAsync($"/api/criteria/boundaries?on={Before}", Who.Auditor)).Must(200)["features"].EnumerateArray());
        Assert.Empty((await api.GetAsync($"/api/criteria/boundaries?on={July}&asOf={before}", Who.Auditor)).Must(200)["features"].EnumerateArray());
        var now = Api.Instant(TimeProvider.System.GetUtcNow());
        Assert.Equal(2, (await api.GetAsync($"/api/criteria/boundaries?on={July}&parent=42&asOf={now}", Who.Auditor)).Must(200)["features"].GetArrayLength());
        Assert.Contains((await api.GetAsync("/api/criteria/boundaries/versions", Who.Auditor)).Must(200)["items"].EnumerateArray(), v => v.GetProperty("source").GetString() == "Bản đồ thử");

        // What stands of the others is not drawn over.
        (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, File((Square(105.05), "18115")))).Must(422);
        // Nor is what is drawn already from a later day on; the day is told.
        (await api.PostAsync("/api/criteria/boundaries?validFrom=2026-01-01", Who.Coordinator, File((Square(105.3), "18115")))).Must(200);
        var later = (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, File((Square(105.35), "18118")))).Must(422);
        Assert.Contains("18115 từ ngày 2026-01-01", later["errors"].GetProperty("features[0].geometry")[0].GetString(), StringComparison.Ordinal);
        // Larger than anything else the gateway lets through: refused for what it says, not for its size.
        var large = File(($"[[{string.Join(',', Enumerable.Repeat("[105.5,18]", 400_000))}]]", "18115"));
        Assert.True(large.Length > 4_000_000);
        (await api.PostAsync("/api/criteria/boundaries", Who.Coordinator, large)).Must(422);
    }

    private async Task<List<JsonElement>> FindAsync(string q, string more) =>
        [.. (await api.GetAsync($"/api/criteria/search?q={Uri.EscapeDataString(q)}{more}", Who.Auditor)).Must(200)["items"].EnumerateArray()];

    private static IEnumerable<string> Ids(Answer page) => page["items"].EnumerateArray().Select(i => i.GetRawText());

    private static JsonElement Figure(JsonElement list, string indicator) => list.EnumerateArray().Single(i => i.GetProperty("indicator").GetString() == indicator);

    private static (string?, string?, string?, string?) Texts(JsonElement of, string a, string b, string c, string d) =>
        (of.GetProperty(a).GetString(), of.GetProperty(b).GetString(), of.GetProperty(c).GetString(), of.GetProperty(d).GetString());

    private static string File(params IEnumerable<(string Coordinates, string Code)> features) =>
        "{\"type\":\"FeatureCollection\",\"source\":\"Bản đồ thử\",\"licence\":\"MIT\",\"validFrom\":\"2025-07-01\",\"features\":["
        + string.Join(',', features.Select(f => $"{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{f.Code}\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":{f.Coordinates}}}}}")) + "]}";

    private static string Square(double x) => FormattableString.Invariant($"[[[{x},18],[{x + 0.1:0.##},18],[{x + 0.1:0.##},18.1],[{x},18.1],[{x},18]]]");
}

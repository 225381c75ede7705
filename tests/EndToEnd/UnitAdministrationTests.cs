using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>Acts on the register through the gateway; all of them of days to come, so that today's units stay as they are.</summary>
[Collection(OneHouse.Name)]
public sealed class UnitAdministrationTests(House house)
{
    private const string Units = "/api/criteria/units";
    private const string Export = "/api/criteria/register/export";
    private const string Import = "/api/criteria/register/import";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task An_announced_merger_shows_what_hangs_on_it_and_gives_no_right_before_its_day()
    {
        var (first, second) = await TwoCommunesAsync(40);
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var report = Scene.Report(period, first);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(first), new { value = true, validOn = Scene.TwoTiers })).Must(200);

        var merger = new
        {
            into = new { code = "99101", name = "Hợp Nhất", kind = "xa" },
            from = new[] { new { unit = first, part = "whole" }, new { unit = second, part = "thôn 1, thôn 2" } },
            on = "2029-01-01",
            legalBasis = "NQ 1/NQ-UBTVQH",
        };
        var key = Api.NewKey();
        var shown = (await api.PostAsync($"{Units}/merge?dryRun=true", Who.Coordinator, merger, key)).Must(200);
        Assert.Contains(shown["consequences"].GetProperty("reports").EnumerateArray(), r => r.GetProperty("period").GetString() == period && r.GetProperty("unit").GetString() == first);
        Assert.Contains(shown["consequences"].GetProperty("deadlines").EnumerateArray(), r => r.GetProperty("period").GetString() == period);
        Assert.Equal("99101", Assert.Single(shown["consequences"].GetProperty("rights").EnumerateArray()).GetProperty("to").GetProperty("code").GetString());
        (await api.GetAsync($"{Units}/99101?on=2029-01-01", Who.Auditor)).Must(404);
        (await api.PostAsync($"{Units}/merge?dryRun=1", Who.Coordinator, merger)).Must(400);

        var done = (await api.PostAsync($"{Units}/merge", Who.Coordinator, merger, key)).Must(201);
        Assert.Equal(done.Text, (await api.PostAsync($"{Units}/merge", Who.Coordinator, merger, key)).Must(201).Text);
        Assert.Equal($"{Units}/99101?on=2029-01-01", done.Headers.Location?.ToString());
        Assert.Equal("Xã Hợp Nhất", (await api.GetAsync(done.Headers.Location!.ToString(), Who.Auditor)).Must(200)["unit"].GetProperty("name").GetString());

        // The heir's officer has nothing to say before the day; the commune's own goes on.
        (await api.PutAsync($"{report}/indicators/1.1", "commune-officer@99101~2029-01-01#moi", new { value = false, validOn = Scene.TwoTiers })).Must(403);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(first), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        (await api.GetAsync($"{Units}/{first}", Who.Auditor)).Must(200);
        (await api.GetAsync($"{Units}/{first}?on=2029-01-01", Who.Auditor)).Must(404);
        (await api.PostAsync($"{Units}/99101/rename", Who.Coordinator, new { name = "Mới Hơn", on = "2030-01-01", legalBasis = "NQ 2" })).Must(200);
        Assert.Equal("unit-ended", (await api.PostAsync($"{Units}/{first}/rename", Who.Coordinator, new { name = "Muộn", on = "2028-01-01", legalBasis = "NQ 3" })).Must(422).Rule);
    }

    [Fact]
    public async Task A_commune_registers_its_villages_and_nobody_elses()
    {
        var (own, other) = await TwoCommunesAsync(44);
        var village = new { name = "Đông Hà", kind = "thon", on = "2026-01-01" };
        (await api.PostAsync($"{Units}/{other}/villages", Who.Commune(own), village)).Must(403);
        var made = (await api.PostAsync($"{Units}/{own}/villages", Who.Commune(own), village)).Must(201);
        Assert.Equal($"{own}-01", made["units"][0].GetProperty("code").GetString());
        Assert.Equal("Thôn Đông Hà", (await api.GetAsync($"{Units}/{own}-01", Who.Auditor)).Must(200)["unit"].GetProperty("name").GetString());
        (await api.PostAsync($"{Units}/{own}/rename", Who.Commune(own), new { name = "Khác", on = "2029-01-01", legalBasis = "x" })).Must(403);
        var facts = new { facts = new[] { new { name = "population", value = 1200 } }, legalBasis = "Niên giám" };
        (await api.PostAsync($"{Units}/{own}-01/classify", Who.Commune(own), facts)).Must(200);
        var refused = (await api.PostAsync($"{Units}/{own}/classify", Who.Coordinator, new { facts = new[] { new { name = "population", value = 1.5 } }, legalBasis = "x" })).Must(422);
        Assert.Equal("facts[0].value", refused["faults"][0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task What_is_exported_is_imported_without_effect_however_large()
    {
        var json = (await api.GetAsync(Export, Who.Commune("18073"))).Must(200).Text;
        var large = json + new string(' ', 3 * 1024 * 1024);
        var imported = (await api.PostAsync(Import, Who.Coordinator, large)).Must(200);
        Assert.Equal((0, imported["units"].GetInt32()), (imported["added"].GetInt32(), imported["unchanged"].GetInt32()));
        (await api.PostAsync($"{Units}/merge", Who.Coordinator, "{}" + new string(' ', 3 * 1024 * 1024))).Must(413);

        var csv = (await api.GetAsync($"{Export}?format=csv", Who.Auditor)).Must(200);
        Assert.StartsWith("record,unitId,", csv.Text, StringComparison.Ordinal);
        var changed = JsonSerializer.Deserialize<JsonElement>(json).GetProperty("units")[0].GetRawText().Replace("Hà Tĩnh", "Hà Tịnh", StringComparison.Ordinal);
        var refused = (await api.PostAsync($"{Import}?dryRun=true", Who.Coordinator, $$"""{ "units": [ {{changed}} ] }""")).Must(422);
        Assert.Equal(("units[0].versions[0]", "history-differs"), (refused["faults"][0].GetProperty("field").GetString(), refused["faults"][0].GetProperty("rule").GetString()));
        (await api.PostAsync(Import, Who.Ministry, json)).Must(403);

        var past = (await api.GetAsync($"{Export}?asOf={Api.Instant(TimeProvider.System.GetUtcNow())}", Who.Auditor)).Must(200);
        Assert.True(past["asOfPosition"].GetInt64() > 0);
        Assert.True(past["units"].GetArrayLength() >= imported["units"].GetInt32());
        Assert.Equal(0, (await api.PostAsync(Import, Who.Coordinator, past.Text)).Must(200)["added"].GetInt32());
    }

    private async Task<(string First, string Second)> TwoCommunesAsync(int skip)
    {
        var units = (await api.GetAsync($"{Units}?level=commune&parent=42&on=2026-11-01&limit=1000", Who.Auditor)).Must(200)["items"];
        return (units[skip].GetProperty("code").GetString()!, units[skip + 1].GetProperty("code").GetString()!);
    }
}

namespace Ntm.EndToEnd;

/// <summary>The register through the gateway, and what Criteria learns of a unit from the others.</summary>
[Collection(OneHouse.Name)]
public sealed class UnitsTests(House house)
{
    private const string Unit = "18781";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Theory]
    [InlineData("2024-06-01", 216)]
    [InlineData("2025-06-30", 209)]
    [InlineData("2025-07-01", 69)]
    public async Task Each_day_has_its_communes_also_as_of_now(string day, int count)
    {
        var list = $"/api/criteria/units?parent=42&level=commune&limit=1000&on={day}";
        var now = (await api.GetAsync(list, Who.Auditor)).Must(200);
        Assert.Equal(count, now["items"].GetArrayLength());
        var past = (await api.GetAsync($"{list}&asOf={Api.Instant(TimeProvider.System.GetUtcNow())}", Who.Auditor)).Must(200);
        Assert.Equal(now["items"].GetRawText(), past["items"].GetRawText());
        Assert.True(past["asOfPosition"].GetInt64() > 0);
    }

    [Fact]
    public async Task A_page_of_history_leads_from_unit_to_unit_by_links()
    {
        var page = (await api.GetAsync("/api/criteria/units/18100/history?on=2025-07-01", Who.Auditor)).Must(200);
        var earliest = page["ancestry"].EnumerateArray().MaxBy(p => p.GetProperty("generation").GetInt32());
        Assert.Equal(2, earliest.GetProperty("generation").GetInt32());
        var first = (await api.GetAsync(earliest.GetProperty("href").GetString()!, Who.Auditor)).Must(200);
        Assert.Contains(first["descent"].EnumerateArray(), p => p.GetProperty("into").GetProperty("id").GetString() == page["unitId"].GetString());
        Assert.Equal("system:import", first["names"][0].GetProperty("recorded").GetProperty("by").GetString());
    }

    [Fact]
    public async Task Criteria_learns_of_a_units_dossier()
    {
        var dossier = await scene.DossierAsync(Unit);
        var id = Guid.Parse(dossier[(dossier.LastIndexOf('/') + 1)..]);
        await using var criteria = await Db.OpenAsync(house.Database("criteria"));
        await Until.TrueAsync(
            async () => await criteria.NumberAsync($"select count(*) from mt_doc_knowndossier where id = '{id}' and data ->> 'state' = 'opened' and data ->> 'ended' = 'false'") == 1,
            "the dossier is known in Criteria");
    }
}

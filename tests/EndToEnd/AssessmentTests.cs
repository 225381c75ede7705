using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>From one commune's figures to the overview of the province, the what-if and who has reported.</summary>
[Collection(OneHouse.Name)]
public sealed class AssessmentTests(House house)
{
    private const string Unit = "18589";
    private const string Set = Scene.Set;
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task A_figure_shows_in_overview_difference_what_if_and_completeness_at_once()
    {
        var period = await scene.PeriodAsync(Scene.ThreeTiers);
        var (report, officer) = (Scene.Report(period, Unit), Who.CommuneOf2024(Unit));
        var before = Api.Instant(TimeProvider.System.GetUtcNow());
        var was = ItemOf(await OverviewAsync(Who.Coordinator), Unit);

        const string code = "3.1";
        var value = (await scene.IndicatorsAsync()).Single(i => i.Code == code).Threshold!.Value;
        (await api.PutAsync($"{report}/indicators/{code}", officer, new { value = value - 1, validOn = Scene.ThreeTiers })).Must(200);
        (await api.PutAsync($"{report}/indicators/{code}", officer, new { value, validOn = Scene.ThreeTiers, reason = "Nhập nhầm" })).Must(200);

        // At once for those above, and the same as the commune's own assessment.
        var overview = await OverviewAsync(Who.Coordinator);
        var item = ItemOf(overview, Unit);
        var own = (await api.GetAsync($"/api/criteria/assessments/{Unit}?set={Set}&validOn={Scene.ThreeTiers}", officer)).Must(200);
        foreach (var count in (string[])["met", "notMet", "notReported", "undetermined", "criteriaMet", "criteriaTotal"])
            Assert.Equal(own[count].GetInt32(), item.GetProperty(count).GetInt32());
        Assert.Equal(was.GetProperty("met").GetInt32() + 1, item.GetProperty("met").GetInt32());
        var totals = overview["totals"];
        Assert.Equal(overview["items"].GetArrayLength(), totals.GetProperty("units").GetInt32());
        Assert.Equal(totals.GetProperty("units").GetInt32(), overview["districts"].EnumerateArray().Sum(d => d.GetProperty("totals").GetProperty("units").GetInt32()));
        Assert.Equal(totals.GetProperty("units").GetInt32(), totals.GetProperty("meanCriteriaMet").GetProperty("den").GetInt32());
        Assert.Equal(was.GetRawText(), ItemOf(await OverviewAsync(Who.Coordinator, $"&asOf={before}"), Unit).GetRawText());

        // What changed since, and the events behind.
        var difference = (await api.GetAsync($"/api/criteria/assessments/{Unit}/difference?set={Set}&from={before}&to={Scene.ThreeTiers}&on={Scene.ThreeTiers}&fromValidOn={Scene.ThreeTiers}", officer)).Must(200);
        var changed = Assert.Single(difference["items"].EnumerateArray());
        Assert.Equal((code, "indicator-corrected.v1"), (changed.GetProperty("code").GetString(), changed.GetProperty("to").GetProperty("behind").GetProperty("event").GetString()));
        var events = (await api.GetAsync($"/api/criteria/assessments/{Unit}/indicators/{code}/events?set={Set}&on={Scene.ThreeTiers}", officer)).Must(200)["items"].EnumerateArray().TakeLast(2).ToList();
        Assert.Equal(["recorded", "corrected"], events.Select(e => e.GetProperty("event").GetString()));
        Assert.All(events, e => Assert.Equal(("an", officer), (e.GetProperty("by").GetString(), e.GetProperty("client").GetString())));

        // A bar one higher loses the commune this indicator, and nothing is written.
        var body = new { set = Set, under = "42", validOn = Scene.ThreeTiers, changes = new[] { new { indicator = code, threshold = value + 1 } } };
        var score = Assert.Single((await api.PostAsync("/api/criteria/assessments/what-if", Who.Coordinator, body)).Must(200)["scores"].EnumerateArray());
        var unit = score.GetProperty("units").EnumerateArray().Single(u => u.GetProperty("code").GetString() == Unit);
        Assert.Equal([code], unit.GetProperty("lost").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(item.GetProperty("met").GetInt32(), unit.GetProperty("before").GetProperty("met").GetInt32());
        Assert.Equal(overview["items"].GetRawText(), (await OverviewAsync(Who.Coordinator))["items"].GetRawText());
        var wrong = await api.PostAsync("/api/criteria/assessments/what-if", Who.Coordinator, new { set = Set, under = "42", changes = new[] { new { indicator = code, threshold = 101 } } });
        Assert.True(wrong.Must(422)["errors"].TryGetProperty("changes[0].threshold", out _));

        // Who has reported: this commune is on its way, and late since the due day is long past.
        var matrix = (await api.GetAsync($"/api/criteria/completeness?under=42&periods={period}", Who.Coordinator)).Must(200);
        var cell = matrix["items"].EnumerateArray().Single(r => r.GetProperty("unit").GetString() == Unit).GetProperty("cells")[0];
        Assert.Equal(("open", 1, true), (cell.GetProperty("status").GetString(), cell.GetProperty("recorded").GetInt32(), cell.GetProperty("late").GetBoolean()));
        (await api.PostAsync($"{report}/submit", officer, new { incompleteBecause = "thử" })).Must(200);
        var list = (await api.GetAsync($"/api/criteria/completeness/{period}?under=42&status=submitted", Who.Coordinator)).Must(200);
        var row = Assert.Single(list["items"].EnumerateArray());
        Assert.Equal((Unit, true), (row.GetProperty("unit").GetString(), row.GetProperty("late").GetBoolean()));
        var then = (await api.GetAsync($"/api/criteria/completeness?under={Unit}&periods={period}&asOf={before}", officer)).Must(200)["items"][0].GetProperty("cells")[0];
        Assert.Equal(("open", 0), (then.GetProperty("status").GetString(), then.GetProperty("recorded").GetInt32()));
    }

    private async Task<Answer> OverviewAsync(string client, string more = "") =>
        (await api.GetAsync($"/api/criteria/assessments?set={Set}&under=42&validOn={Scene.ThreeTiers}{more}", client)).Must(200);

    private static JsonElement ItemOf(Answer overview, string unit) => overview["items"].EnumerateArray().Single(i => i.GetProperty("unit").GetString() == unit);
}

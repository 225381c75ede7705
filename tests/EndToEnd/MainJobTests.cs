using System.Security.Cryptography;
using System.Text;

namespace Ntm.EndToEnd;

[Collection(OneHouse.Name)]
public sealed class MainJobTests(House house)
{
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task A_commune_goes_from_its_figures_to_the_ministrys_copy()
    {
        const string unit = "18073";
        var dossier = await scene.RecognisedAsync(unit);

        var view = (await api.GetAsync(dossier, Who.Commune(unit))).Must(200);
        Assert.Equal("published", view["state"].GetString());
        Assert.Equal(
            ["open", "submit", "accept", "council", "votes", "votes", "votes", "votes/close", "decision", "publication"],
            view["steps"].EnumerateArray().Select(s => s.GetProperty("step").GetString()));
        Assert.Empty(view["nextSteps"].EnumerateArray());
        Assert.Equal($"\"{view["version"]}\"", view.ETag);

        var register = (await api.GetAsync($"/api/appraisal/recognitions?unit={unit}&title=commune-ntm&on=2026-10-01")).Must(200);
        var entry = Assert.Single(register["items"].EnumerateArray());
        Assert.Equal("in-force", entry.GetProperty("status").GetString());
        Assert.Equal($"{unit}/QĐ-UBND", entry.GetProperty("decision").GetProperty("number").GetString());
        Assert.Empty((await api.GetAsync($"/api/appraisal/recognitions?unit={unit}&on=2026-09-30")).Must(200)["items"].EnumerateArray());
        Assert.Equal("title-in-force", (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(unit), new { unit, title = "commune-ntm" })).Must(409).Rule);

        var unitId = view["unitId"].GetString()!;
        var pulled = await MinistryClient.UntilAsync(
            house, await api.TokenAsync(Who.Ministry), p => p.Of(unitId).Count(c => c.GetProperty("kind").GetString() == "recognition") == 2, "the recognition reached the feed");
        Assert.Equal(["assessment", "recognition", "report.approved"], pulled.Of(unitId).Select(c => c.GetProperty("kind").GetString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        foreach (var change in pulled.Changes)
        {
            var json = change.GetProperty("json").GetString()!;
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json))), change.GetProperty("content_hash").GetString());
        }

        var positions = pulled.Changes.Select(c => c.GetProperty("position").GetInt64()).ToList();
        Assert.Equal(positions.Order(), positions);
        Assert.Equal(positions.Count, positions.Distinct().Count());

        var open = (await api.GetAsync("/open-data/recognitions")).Must(200);
        Assert.Contains(open["items"].EnumerateArray(), r => r.GetProperty("unitId").GetString() == unitId);
    }

    [Fact]
    public async Task Three_tiers_ask_the_district_first_and_two_tiers_do_not()
    {
        var period = await scene.PeriodAsync(Scene.ThreeTiers);
        var report = Scene.Report(period, "18400");
        var unit = (await api.GetAsync($"/api/criteria/units/18400?on={Scene.ThreeTiers}", Who.Auditor)).Must(200)["unit"];
        var (officer, district) = (Who.CommuneOf2024("18400"), Who.DistrictOf2024(unit.GetProperty("parent").GetString()!));
        await scene.RecordAllAsync(period, "18400", officer, Scene.ThreeTiers);
        var submitted = (await api.PostAsync($"{report}/submit", officer)).Must(200);
        Assert.Equal(["verify", "return"], submitted["nextSteps"].EnumerateArray().Select(s => s.GetProperty("step").GetString()));

        Assert.Equal("out-of-turn", (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(409).Rule);
        var returned = (await api.PostAsync($"{report}/return", district, new { items = new[] { new { indicator = "8.4", reason = "Kiểm tra lại" } } })).Must(200);
        var figure = returned["indicators"].EnumerateArray().Single(i => i.GetProperty("code").GetString() == "8.4");
        Assert.Equal(("returned", "Kiểm tra lại"), (figure.GetProperty("status").GetString(), figure.GetProperty("reason").GetString()));
        Assert.Equal("report-locked", (await api.PutAsync($"{report}/indicators/1.1", officer, new { value = true, validOn = Scene.ThreeTiers })).Must(409).Rule);
        (await api.PutAsync($"{report}/indicators/8.4", officer, new { value = true, validOn = Scene.ThreeTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", officer)).Must(200);
        (await api.PostAsync($"{report}/verify", district)).Must(200);
        var approved = (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
        Assert.Equal(approved["version"].GetInt64(), approved["approvedVersion"].GetInt64());

        Assert.Equal("report-locked", (await api.PutAsync($"{report}/indicators/1.1", officer, new { value = false, validOn = Scene.ThreeTiers })).Must(409).Rule);
        (await api.PostAsync($"{report}/reopen", Who.Coordinator, new { reason = "Đính chính" })).Must(200);
        (await api.PutAsync($"{report}/indicators/1.1", officer, new { value = false, validOn = Scene.ThreeTiers })).Must(200);
        Assert.Equal(approved["version"].GetInt64(), (await api.GetAsync(report, officer)).Must(200)["approvedVersion"].GetInt64());

        var later = await scene.PeriodAsync(Scene.TwoTiers);
        (await api.PutAsync($"{Scene.Report(later, "18100")}/indicators/1.1", Who.Commune("18100"), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        var incomplete = (await api.PostAsync($"{Scene.Report(later, "18100")}/submit", Who.Commune("18100"))).Must(409);
        Assert.Equal(56, incomplete["missing"].GetArrayLength());
        (await api.PostAsync($"{Scene.Report(later, "18100")}/submit", Who.Commune("18100"), new { incompleteBecause = "Chưa đủ số liệu" })).Must(200);
        Assert.Equal("no-level-between", (await api.PostAsync($"{Scene.Report(later, "18100")}/verify", Who.Coordinator)).Must(409).Rule);
        (await api.PostAsync($"{Scene.Report(later, "18100")}/approve", Who.Coordinator)).Must(200);
    }

    [Fact]
    public async Task A_lost_vote_ends_the_dossier_and_another_may_be_opened()
    {
        const string unit = "18115";
        var dossier = await scene.DossierAsync(unit);
        Assert.Equal("dossier-open", (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(unit), new { unit, title = "commune-ntm" })).Must(409).Rule);
        (await api.PostAsync($"{dossier}/submit", Who.Commune(unit))).Must(200);
        Assert.Equal("returned", (await api.PostAsync($"{dossier}/return", Who.Secretary, new { reason = "Thiếu biểu" })).Must(200)["state"].GetString());
        (await api.PostAsync($"{dossier}/submit", Who.Commune(unit))).Must(200);
        (await api.PostAsync($"{dossier}/accept", Who.Secretary)).Must(200);

        // The person who approved the figures may not sit on the council, whatever the role.
        Assert.Equal("council-member", (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = "council-member@42#phuc", members = new[] { "council-member@42#phuc" } })).Must(422).Rule);
        (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = Who.Council[0], members = Who.Council })).Must(200);
        (await api.PostAsync($"{dossier}/votes", Who.Council[0], new { vote = "for" })).Must(200);
        Assert.Equal("quorum-not-reached", (await api.PostAsync($"{dossier}/votes/close", Who.Council[0])).Must(409).Rule);
        (await api.PostAsync($"{dossier}/votes", Who.Council[0], new { vote = "for" })).Must(409);
        (await api.PostAsync($"{dossier}/votes", Who.Council[1], new { vote = "abstain", remark = "Chờ bổ sung" })).Must(200);
        (await api.PostAsync($"{dossier}/votes", Who.Council[2], new { vote = "for" })).Must(200);
        Assert.Equal("refused", (await api.PostAsync($"{dossier}/votes/close", Who.Council[0])).Must(200)["state"].GetString());
        (await api.PostAsync($"{dossier}/decision", Who.Chair, new { number = "1", date = "2026-01-01", legalBasis = "x" })).Must(409);
        (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(unit), new { unit, title = "commune-ntm" })).Must(201);
    }

    [Fact]
    public async Task What_is_missing_for_a_title_is_named()
    {
        const string unit = "18118";
        await scene.ApprovedAsync(unit);
        await scene.ConfirmAsync(unit, "arrears", "security");
        await Until.TrueAsync(async () => Condition(await EligibilityAsync(unit), "criteria") == "met", "the approval reached Appraisal");
        var answer = await EligibilityAsync(unit);
        Assert.False(answer["eligible"].GetBoolean());
        Assert.Equal("unknown", Condition(answer, "satisfaction"));
        var refused = (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(unit), new { unit, title = "commune-ntm" })).Must(409);
        Assert.Equal("satisfaction", Assert.Single(refused["conditions"].EnumerateArray()).GetProperty("id").GetString());

        var empty = await EligibilityAsync("18775");
        Assert.Equal(57, empty["missing"].GetArrayLength());
        Assert.All(empty["missing"].EnumerateArray(), m => Assert.Equal("notReported", m.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Who_must_act_next_and_the_unit_concerned_are_told_once_each()
    {
        const string unit = "18838";
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        await scene.RecordAllAsync(period, unit, Who.Commune(unit), Scene.TwoTiers);
        (await api.PostAsync($"{Scene.Report(period, unit)}/submit", Who.Commune(unit))).Must(200);
        foreach (var (client, toDo) in new[] { (Who.Commune(unit, "other"), false), ("province-officer@42", true) })
        {
            var entry = await Until.FoundAsync(async () => await EntriesAsync(client, Scene.Report(period, unit)) is [_, ..] found ? found : null, $"{client} is told");
            Assert.Equal("report-submitted", Assert.Single(entry).GetProperty("kind").GetString());
            Assert.Equal(toDo, entry[0].GetProperty("toDo").GetBoolean());
            Assert.Equal(System.Text.Json.JsonValueKind.Null, entry[0].GetProperty("readAt").ValueKind);
        }

        Assert.Empty(await EntriesAsync(Who.Commune("18766"), Scene.Report(period, unit)));
    }

    [Fact]
    public async Task Targets_count_proposed_models_beside_recognised_ones()
    {
        var before = await TargetAsync();
        var body = new { kind = "smart-village", unit = "18787", village = "Thôn Đông", field = (string?)null, title = $"Thôn thông minh {Api.NewKey()}" };
        var created = (await api.PostAsync("/api/pilots/models", Who.Commune("18787"), body)).Must(201);
        Assert.Equal($"/api/pilots/models/{created["id"].GetString()}", created.Headers.Location?.ToString());
        (await api.PostAsync("/api/pilots/models", Who.Commune("18787"), body)).Must(409);
        var after = await TargetAsync();
        Assert.Equal(before.Proposed + 1, after.Proposed);
        Assert.Equal((0, 20m, false), (after.Actual, after.Goal, after.Reached));

        async Task<(int Proposed, int Actual, decimal Goal, bool Reached)> TargetAsync()
        {
            var line = (await api.GetAsync("/api/pilots/targets", Who.Auditor)).Must(200)["items"].EnumerateArray().Single(i => i.GetProperty("id").GetString() == "2.4");
            return (line.GetProperty("proposed").GetInt32(), line.GetProperty("actual").GetInt32(), line.GetProperty("goal").GetDecimal(), line.GetProperty("reached").GetBoolean());
        }
    }

    private async Task<Answer> EligibilityAsync(string unit) => (await api.GetAsync($"/api/appraisal/eligibility/{unit}?title=commune-ntm", Who.Commune(unit))).Must(200);

    private static string? Condition(Answer eligibility, string id) =>
        eligibility["conditions"].EnumerateArray().Single(c => c.GetProperty("id").GetString() == id).GetProperty("status").GetString();

    private async Task<List<System.Text.Json.JsonElement>> EntriesAsync(string client, string link) =>
        [.. (await api.GetAsync("/api/notifications/inbox?limit=200", client)).Must(200)["items"].EnumerateArray().Where(e => e.GetProperty("link").GetString() == link)];
}

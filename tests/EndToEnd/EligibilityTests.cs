using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>From the last value to the inbox, and back by a correction.</summary>
[Collection(OneHouse.Name)]
public sealed class EligibilityTests(House house)
{
    private const string Unit = "18163";
    private const string Link = $"/api/appraisal/eligibility/{Unit}?title=commune-ntm";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task The_last_value_makes_a_unit_eligible_and_a_correction_ends_it_and_both_are_told_once()
    {
        await scene.ConfirmAsync(Unit, Who.Confirmers.Keys);
        var period = await scene.ApprovedAsync(Unit);
        await scene.EligibleAsync(Unit);
        await ToldAsync("unit-eligible");
        var dossier = (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(Unit), new { unit = Unit, title = "commune-ntm" })).Must(201).Headers.Location!.ToString();
        var before = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(["submit"], await WorkAsync(Who.Commune(Unit), dossier));

        var report = Scene.Report(period, Unit);
        (await api.PostAsync($"{report}/reopen", Who.Coordinator, new { reason = "Đính chính" })).Must(200);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(Unit), new { value = false, validOn = Scene.TwoTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.Commune(Unit))).Must(200);
        (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
        await ToldAsync("unit-no-longer-eligible");

        var answer = (await api.GetAsync(Link, Who.Commune(Unit))).Must(200);
        Assert.False(answer["eligible"].GetBoolean());
        var missing = Assert.Single(answer["missing"].EnumerateArray());
        Assert.Equal(("1.1", "notMet"), (missing.GetProperty("indicator").GetString(), missing.GetProperty("reason").GetString()));
        Assert.Contains(answer["notSeen"].EnumerateArray(), u => u.GetProperty("condition").GetString() == "satisfaction");
        var history = (await api.GetAsync($"/api/appraisal/eligibility/{Unit}/history?title=commune-ntm", Who.Auditor)).Must(200)["items"];
        Assert.Equal([true, false], history.EnumerateArray().Select(i => i.GetProperty("eligible").GetBoolean()));

        await FlaggedAsync(dossier, before);
        foreach (var client in Told) Assert.Equal(["unit-no-longer-eligible", "unit-eligible"], await KindsAsync(client));
    }

    /// <summary>The open dossier keeps its basis; the correction stands beside it until it is answered.</summary>
    private async Task FlaggedAsync(string dossier, string before)
    {
        await Until.TrueAsync(async () => (await api.GetAsync(dossier, Who.Secretary)).Must(200)["flags"].GetArrayLength() == 1, "the dossier is flagged", TimeSpan.FromSeconds(5));
        var view = (await api.GetAsync(dossier, Who.Secretary)).Must(200);
        Assert.Equal("1.1", view["flags"][0].GetProperty("indicator").GetString());
        Assert.Contains(view["basis"].GetProperty("differences").EnumerateArray(), d => (d.GetProperty("kind").GetString(), d.GetProperty("item").GetString()) == ("figure", "1.1"));
        (await api.PostAsync($"{dossier}/flags/1/answer", Who.Secretary, new { answer = "material", reason = "Phải thẩm định lại" })).Must(200);
        Assert.Equal("flag-answered", (await api.PostAsync($"{dossier}/flags/1/answer", Who.Secretary, new { answer = "material", reason = "x" })).Must(409).Rule);

        var then = (await api.GetAsync($"{dossier}?asOf={Uri.EscapeDataString(before)}", Who.Secretary)).Must(200);
        Assert.Empty(then["flags"].EnumerateArray());
        Assert.Empty(then["basis"].GetProperty("differences").EnumerateArray());
        var difference = (await api.GetAsync($"{dossier}/difference?from={Uri.EscapeDataString(before)}", Who.Secretary)).Must(200);
        var change = Assert.Single(difference["changes"].EnumerateArray());
        Assert.Equal(("flags", "material"), (change.GetProperty("part").GetString(), change.GetProperty("now").GetProperty("answer").GetProperty("answer").GetString()));
    }

    private async Task<IReadOnlyList<string?>> WorkAsync(string client, string dossier) =>
        [.. (await api.GetAsync("/api/appraisal/queue", client)).Must(200)["items"].EnumerateArray().Where(i => dossier.EndsWith(i.GetProperty("dossier").GetString()!, StringComparison.Ordinal)).Select(i => i.GetProperty("step").GetString())];

    private static readonly string[] Told = [Who.Commune(Unit), Who.Secretary];

    private async Task ToldAsync(string kind)
    {
        foreach (var client in Told)
            await Until.TrueAsync(async () => (await KindsAsync(client)).Contains(kind), $"{client} is told {kind}", TimeSpan.FromSeconds(5));
    }

    private async Task<IReadOnlyList<string?>> KindsAsync(string client) =>
        [.. (await api.GetAsync("/api/notifications/inbox?limit=200", client)).Must(200)["items"].EnumerateArray().Where(IsOfUnit).Select(e => e.GetProperty("kind").GetString())];

    private static bool IsOfUnit(JsonElement entry) => entry.GetProperty("link").GetString() == Link;
}

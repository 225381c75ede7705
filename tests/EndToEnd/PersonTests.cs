namespace Ntm.EndToEnd;

/// <summary>Wrong token, unit, person: who is refused, and why. The whole matrix of roles is in rights.csv.</summary>
[Collection(OneHouse.Name)]
public sealed class PersonTests(House house)
{
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task Without_a_valid_token_nothing_is_shown()
    {
        const string path = "/api/criteria/sets";
        (await api.GetAsync(path)).Must(401);
        (await api.SendAsync(HttpMethod.Get, path, null, null, token: "rubbish")).Must(401);
        var token = await api.TokenAsync(Who.Auditor);
        var parts = token.Split('.');
        (await api.SendAsync(HttpMethod.Get, path, null, null, token: $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA")).Must(401);
    }

    [Fact]
    public async Task The_code_18073_of_2024_is_not_the_18073_of_today()
    {
        var (then, now) = (await scene.PeriodAsync(Scene.ThreeTiers), await scene.PeriodAsync(Scene.TwoTiers));
        var old = await UnitAsync(then);
        var today = await UnitAsync(now);
        Assert.NotEqual(old.Id, today.Id);
        Assert.NotEqual(old.Name, today.Name);

        // The officer of 2024 writes for the unit of 2024 only; today's officer also for what it was made of.
        (await api.PutAsync($"{Scene.Report(now, "18073")}/indicators/1.1", Who.CommuneOf2024("18073"), new { value = true, validOn = Scene.TwoTiers })).Must(403);
        (await api.PutAsync($"{Scene.Report(then, "18073")}/indicators/1.1", Who.CommuneOf2024("18073"), new { value = true, validOn = Scene.ThreeTiers })).Must(200);
        (await api.PutAsync($"{Scene.Report(then, "18073")}/indicators/1.1", Who.Commune("18073"), new { value = true, validOn = Scene.ThreeTiers })).Must(200);
        (await api.PutAsync($"{Scene.Report(now, "18073")}/indicators/1.1", Who.Commune("18073"), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        (await api.PutAsync($"{Scene.Report(then, "18073")}/indicators/1.1", Who.Commune("18100"), new { value = true, validOn = Scene.ThreeTiers })).Must(403);

        async Task<(string Id, string Name)> UnitAsync(string period)
        {
            var report = (await api.GetAsync(Scene.Report(period, "18073"), Who.Auditor)).Must(200);
            return (report["unitId"].GetString()!, report["name"].GetString()!);
        }
    }

    [Fact]
    public async Task Nobody_approves_what_he_entered_under_whatever_role()
    {
        const string unit = "18742";
        const string both = $"commune-officer@{unit}+province-officer@42#phuc";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", both, new { value = true, validOn = Scene.TwoTiers })).Must(200);
        var open = (await scene.IndicatorsAsync()).First(i => i is { ValueType: "percent", Threshold: null }).Code;
        (await api.PutAsync($"{report}/indicators/{open}", both, new { value = 70, validOn = Scene.TwoTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", both, new { incompleteBecause = "thử" })).Must(200);

        Assert.Equal("own-figures", (await api.PutAsync($"{report}/indicators/{open}/judgement", Who.Coordinator, new { met = true, basis = "x" })).Must(403).Rule);
        Assert.Equal("own-figures", (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(403).Rule);
        (await api.PostAsync($"{report}/approve", "province-officer@42#khac")).Must(200);
    }

    [Fact]
    public async Task Who_entered_figures_or_opened_a_dossier_neither_accepts_nor_signs_it()
    {
        const string unit = "18748";
        var dossier = await scene.DossierAsync(unit);
        (await api.PostAsync($"{dossier}/submit", Who.Commune(unit))).Must(200);
        Assert.Equal("self-approval", (await api.PostAsync($"{dossier}/accept", "province-officer@42#an")).Must(403).Rule);
        (await api.PostAsync($"{dossier}/accept", Who.Secretary)).Must(200);
        foreach (var recused in (string[])["council-member@42#an", "council-member@42#phuc"])
            (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = Who.Council[0], members = Who.Council.Append(recused) })).Must(422);
        (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = Who.Council[0], members = Who.Council })).Must(200);
        (await api.PostAsync($"{dossier}/votes", "council-member@42#la", new { vote = "for" })).Must(403);
        foreach (var member in Who.Council) (await api.PostAsync($"{dossier}/votes", member, new { vote = "for" })).Must(200);
        (await api.PostAsync($"{dossier}/votes/close", Who.Council[1])).Must(403);
        (await api.PostAsync($"{dossier}/votes/close", Who.Council[0])).Must(200);
        var decision = new { number = $"{unit}/QĐ", date = "2026-10-01", legalBasis = "QĐ 18/2022/QĐ-TTg" };
        Assert.Equal("self-approval", (await api.PostAsync($"{dossier}/decision", "province-chair@42#an", decision)).Must(403).Rule);
        (await api.PostAsync($"{dossier}/decision", Who.Chair, decision)).Must(200);
    }
}

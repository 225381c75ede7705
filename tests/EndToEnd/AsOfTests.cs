namespace Ntm.EndToEnd;

/// <summary>The past is shown as it was, for ever.</summary>
[Collection(OneHouse.Name)]
public sealed class AsOfTests(House house)
{
    private const string Unit = "18814";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task A_report_an_assessment_and_a_dossier_are_shown_as_they_were()
    {
        var start = TimeProvider.System.GetUtcNow();
        var dossier = await scene.DossierAsync(Unit);
        var opened = TimeProvider.System.GetUtcNow();
        (await api.PostAsync($"{dossier}/submit", Who.Commune(Unit))).Must(200);

        var past = (await api.GetAsync($"{dossier}?asOf={Api.Instant(opened)}", Who.Commune(Unit))).Must(200);
        Assert.Equal(("opened", 1), (past["state"].GetString(), past["version"].GetInt32()));
        Assert.True(past["asOfPosition"].GetInt64() > 0);
        Assert.Equal(past.Text, (await api.GetAsync($"{dossier}?asOf={Api.Instant(opened.ToOffset(TimeSpan.FromHours(9)))}", Who.Commune(Unit))).Must(200).Text);
        (await api.GetAsync($"{dossier}?asOf={Api.Instant(start)}", Who.Commune(Unit))).Must(404);

        var assessment = $"/api/criteria/assessments/{Unit}?set={Scene.Set}&validOn={Scene.TwoTiers}";
        Assert.Equal(0, (await api.GetAsync($"{assessment}&asOf={Api.Instant(start)}", Who.Commune(Unit))).Must(200)["met"].GetInt32());
        Assert.Equal(57, (await api.GetAsync($"{assessment}&asOf={Api.Instant(opened)}", Who.Commune(Unit))).Must(200)["met"].GetInt32());

        var future = await api.GetAsync($"{dossier}?asOf={Api.Instant(opened.AddDays(1))}", Who.Commune(Unit));
        Assert.Equal("as-of-future", future.Must(400).Rule);
        Assert.Equal("as-of-instant", (await api.GetAsync($"{dossier}?asOf=yesterday", Who.Commune(Unit))).Must(400).Rule);
    }

    [Fact]
    public async Task A_late_commit_does_not_change_an_answer()
    {
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var (late, prompt) = (Scene.Report(period, "18823"), Scene.Report(period, "18832"));
        var body = new { value = true, validOn = Scene.TwoTiers };
        (await api.PutAsync($"{late}/indicators/1.1", Who.Commune("18823"), body)).Must(200);

        // Its event takes time and position, then the transaction waits for the row of its stream and commits late.
        await using var hold = await Db.OpenAsync(house.Database("criteria"));
        await using var watch = await Db.OpenAsync(house.Database("criteria"));
        var taken = await watch.NumberAsync("select last_value from mt_events_sequence");
        await hold.ExecuteAsync($"begin; select version from mt_streams where id like 'report/{period}/%' for update");
        var waiting = api.PutAsync($"{late}/indicators/1.2", Who.Commune("18823"), body);
        await Until.TrueAsync(async () => await watch.NumberAsync("select last_value from mt_events_sequence") > taken, "the late event has its position");
        (await api.PutAsync($"{prompt}/indicators/1.1", Who.Commune("18832"), body)).Must(200);
        var instant = Api.Instant(TimeProvider.System.GetUtcNow());

        var before = (await api.GetAsync($"{late}?asOf={instant}", Who.Commune("18823"))).Must(200);
        Assert.False(waiting.IsCompleted);
        await hold.ExecuteAsync("commit");
        (await waiting).Must(200);
        await Until.TrueAsync(
            async () => await watch.NumberAsync("select last_seq_id from mt_event_progression where name = 'HighWaterMark'") >= await watch.NumberAsync("select max(seq_id) from mt_events"),
            "the mark passed the late commit");

        Assert.Equal(before.Text, (await api.GetAsync($"{late}?asOf={instant}", Who.Commune("18823"))).Must(200).Text);
        Assert.Equal("missing", StatusOf(before, "1.2"));
        Assert.Equal("recorded", StatusOf((await api.GetAsync(late, Who.Commune("18823"))).Must(200), "1.2"));
    }

    private static string? StatusOf(Answer report, string indicator) =>
        report["indicators"].EnumerateArray().Single(i => i.GetProperty("code").GetString() == indicator).GetProperty("status").GetString();
}

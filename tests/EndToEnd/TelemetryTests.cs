using System.Text;

namespace Ntm.EndToEnd;

/// <summary>Traces, logs and metrics as a collector receives them: they tell what was done, not what was written.</summary>
[Collection(OneHouse.Name)]
public sealed class TelemetryTests(House house) : IAsyncDisposable
{
    private const string Unit = "18160";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task No_secret_token_note_remark_or_ballot_leaves_with_telemetry()
    {
        using var received = house.Collector!.Keep();
        var written = await ActAsync();
        await Until.TrueAsync(
            () => ((string[])["/v1/traces", "/v1/logs", "/v1/metrics"]).All(received.BySignal().ContainsKey)
                && received.Holds("/v1/traces", "/api/appraisal/dossiers/{id:guid}/votes/close"),
            "the collector has all three signals, the last act among them", explain: received.Tell);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        // The proof can fail: the same search finds what is meant to be there.
        foreach (var expected in (string[])["/api/criteria/reports/{period}/{unit}/indicators/{indicator}", "appraisal", "gateway", "access_token=Redacted"])
            Assert.True(received.Holds("/v1/traces", expected), $"{expected} is missing from the traces");
        Assert.True(house.ToldAtTheStart!.Holds("/v1/logs", "Now listening on"), house.ToldAtTheStart.Tell());
        foreach (var (signal, content) in received.BySignal().Concat(house.ToldAtTheStart!.BySignal()))
        {
            foreach (var secret in written.Append(house.Secret("local-client-secret")).Append(house.Secret("postgres-password")))
                Assert.False(content.Contains(secret, StringComparison.Ordinal), $"{signal} carries {secret}");
            Assert.False(content.Contains("eyJhbGci", StringComparison.Ordinal), $"{signal} carries a token");
        }

        foreach (var log in Directory.GetFiles(Path.Combine(house.Folder, "logs")))
        {
            var content = await ReadAsync(log);
            foreach (var secret in written.Where(w => !w.Contains("vote", StringComparison.Ordinal)).Append("eyJhbGci"))
                Assert.False(content.Contains(secret, StringComparison.Ordinal), $"{log} holds {secret}");
        }
    }

    /// <summary>Texts, ballots and refusals through the whole job; answers all that must not be seen.</summary>
    private async Task<IReadOnlyList<string>> ActAsync()
    {
        List<string> written = [];
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var report = Scene.Report(period, Unit);
        await scene.RecordAllAsync(period, Unit, Who.Commune(Unit), Scene.TwoTiers);
        (await api.PutAsync($"{report}/indicators/8.4", Who.Commune(Unit), new { value = true, validOn = Scene.TwoTiers, note = Secret("ghi chú") })).Must(200);
        (await api.PutAsync($"{report}/indicators/8.4", Who.Commune(Unit), new { value = Secret("sai kiểu"), validOn = Scene.TwoTiers })).Must(422);
        (await api.PostAsync($"{report}/submit", Who.Commune(Unit))).Must(200);
        (await api.PostAsync($"{report}/return", Who.Coordinator, new { items = new[] { new { indicator = "8.4", reason = Secret("lý do trả lại") } } })).Must(200);
        (await api.PutAsync($"{report}/indicators/8.4", Who.Commune(Unit), new { value = true, validOn = Scene.TwoTiers, note = (string?)null })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.Commune(Unit))).Must(200);
        await scene.JudgeOpenOnesAsync(period, Unit, Who.Coordinator, Scene.TwoTiers);
        (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
        await scene.ConfirmAsync(Unit, Who.Confirmers.Keys);
        await scene.EligibleAsync(Unit);
        var dossier = (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(Unit), new { unit = Unit, title = "commune-ntm" })).Must(201).Headers.Location!.ToString();
        (await api.PostAsync($"{dossier}/submit", Who.Commune(Unit))).Must(200);
        (await api.PostAsync($"{dossier}/accept", Who.Secretary)).Must(200);
        (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = Who.Council[0], members = Who.Council })).Must(200);
        foreach (var member in Who.Council) (await api.PostAsync($"{dossier}/votes", member, new { vote = "against", remark = Secret("ý kiến") })).Must(200);
        (await api.PostAsync($"{dossier}/votes/close", Who.Council[0])).Must(200);
        written.Add("\"vote\":\"against\"");
        await AskWithTokensAsync(written);
        return written;

        string Secret(string kind)
        {
            written.Add($"{kind} {Guid.CreateVersion7():N}");
            return written[^1];
        }
    }

    /// <summary>Some clients put their token into the address, where it does not belong: answered, refused, unknown, by the gateway and by services.</summary>
    private async Task AskWithTokensAsync(List<string> written)
    {
        foreach (var (path, client) in (IEnumerable<(string, string?)>)[("/open-data/recognitions", null), ("/api/criteria/units/none", Who.Auditor), ("/api/none", null), ("/api/notifications/inbox", null)])
        {
            var (token, other) = ($"tk{Guid.CreateVersion7():N}", $"pw{Guid.CreateVersion7():N}");
            var answer = await api.GetAsync($"{path}?access_token={token}&asdf={other}", client);
            Assert.Contains(answer.Status, (int[])[200, 401, 404]);
            written.AddRange([token, other]);
        }
    }

    /// <summary>A log of a running process.</summary>
    private static async Task<string> ReadAsync(string log)
    {
        await using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}

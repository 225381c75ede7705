using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>Every service twice: work is shared, nothing is doubled, the subscriptions move to the survivor.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class ReplicaTests(OperatedHouse house) : IAsyncDisposable
{
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(10);
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task Two_replicas_share_the_work_and_the_survivor_goes_on_within_10_s()
    {
        await RestartAsync("2");
        try
        {
            await BothServeAsync();
            var told = new List<(string Unit, string Report)>();
            foreach (var (service, unit, signal) in new[] { ("criteria", "18409", Signals.Kill), ("notifications", "18562", Signals.Kill), ("criteria", "18409", Signals.Terminate) })
            {
                var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
                (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
                await Until.TrueAsync(async () => await OwnerOfAsync(service) is not null, $"a replica owns the subscriptions of {service}");
                var owner = await OwnerOfAsync(service);
                Signals.Send(ProcessOf(service, owner!.Port), signal);
                var clock = Stopwatch.StartNew();
                await Until.TrueAsync(
                    async () => (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" }, Key(report))).Status == 200, "the survivor answers", Takeover);
                await Until.TrueAsync(async () => await EntriesAsync(unit, report) > 0, "the notice arrives", Takeover - clock.Elapsed);
                told.Add((unit, report));
                await Until.TrueAsync(async () => (await api.GetAsync("/health/system")).Json.GetProperty("status").GetString() == "ready", "the killed replica is back", TimeSpan.FromSeconds(60));
            }

            foreach (var (unit, report) in told) Assert.Equal(1, await EntriesAsync(unit, report));
            await Proof.MustHoldAsync(house);
        }
        finally
        {
            await RestartAsync("1");
        }
    }

    /// <summary>Refusals are logged by whoever answers: of some requests in a row, each replica has some.</summary>
    private async Task BothServeAsync()
    {
        var unknown = $"/api/criteria/sets/{Api.NewKey()}";
        await Until.TrueAsync(
            async () =>
            {
                (await api.GetAsync(unknown, Who.Auditor)).Must(404);
                return house.LogOf("criteria").Contains(unknown, StringComparison.Ordinal) && house.LogOf("criteria-2").Contains(unknown, StringComparison.Ordinal);
            },
            "both replicas answer");
    }

    private async Task<Uri?> OwnerOfAsync(string service)
    {
        var token = await api.TokenAsync(Who.Operator);
        using var http = new HttpClient();
        foreach (var address in new[] { house.AddressOf(service), house.AddressOf($"{service}-2") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"/api/{service}/operations/subscriptions"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            try
            {
                using var answer = await http.SendAsync(request);
                if (answer.IsSuccessStatusCode && JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("ownedHere").GetBoolean()) return address;
            }
            catch (HttpRequestException)
            {
                // Just killed or starting again: not the owner.
                continue;
            }
        }

        return null;
    }

    private async Task<int> EntriesAsync(string unit, string report)
    {
        var inbox = await api.GetAsync("/api/notifications/inbox?limit=200", Who.Commune(unit));
        return inbox.Status != 200 ? 0 : inbox["items"].EnumerateArray().Count(e => e.GetProperty("kind").GetString() == "report-submitted" && e.GetProperty("link").GetString() == report);
    }

    private async Task RestartAsync(string replicas)
    {
        await house.StopAsync();
        house.Settings["NTM_REPLICAS"] = replicas;
        await house.StartAsync();
    }

    private static string Key(string report) => Ntm.ServiceDefaults.DeterministicId.Of(report).ToString();

    private int ProcessOf(string service, int port)
    {
        var program = $"Ntm.{char.ToUpperInvariant(service[0])}{service[1..]}.dll";
        return house.Running().Single(p => p.CommandLine.Contains(program, StringComparison.Ordinal) && p.Environment.Contains($"//localhost:{port}", StringComparison.Ordinal)).Id;
    }
}

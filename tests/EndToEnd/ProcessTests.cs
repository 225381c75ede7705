using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Ntm.EndToEnd;

/// <summary>The run is killed, or told to stop in the midst of work: nobody is left behind and no answer was a lie.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class ProcessTests(OperatedHouse house) : IAsyncDisposable
{
    private const string Indicator = "1.1";
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(5);
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task A_run_that_was_killed_is_cleared_away_by_the_next_one()
    {
        const string unit = "18133";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await house.Api.PutAsync($"{report}/indicators/{Indicator}", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        var before = (await house.Api.GetAsync(report, Who.Commune(unit))).Must(200).Text;
        int[] old = [.. house.Running().Select(p => p.Id)];
        Assert.True(old.Length >= 8, string.Join(", ", old));

        using var foreign = Process.Start("sleep", "600")!;
        using var stubborn = Process.Start("setsid", ["sh", "-c", "trap '' TERM; sleep 600 & wait; wait"])!;
        int[] family = [];
        await Until.TrueAsync(() => (family = [stubborn.Id, .. ChildrenOf(stubborn.Id)]).Length == 2, "the stubborn one has a child");
        // A frozen server hears no polite word, and what it holds must be free all the same.
        Signals.Send(house.ProcessOf("postgres -D"), Signals.Stop);
        await house.KillAsync();
        // The record names a process that is another one now, and one of ours that does not want to end.
        var file = Path.Combine(house.Folder, "processes.json");
        Assert.Equal("600", (await Shell.RunAsync("stat", "-c", "%a", file)).Trim());
        var record = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        record["Processes"]!.AsArray().Add(EntryOf("foreign", foreign.Id, StartTimeOf(foreign.Id) + 1));
        record["Processes"]!.AsArray().Add(EntryOf("stubborn", stubborn.Id, StartTimeOf(stubborn.Id)));
        await File.WriteAllTextAsync(file, record.ToJsonString(), TestContext.Current.CancellationToken);
        try
        {
            await house.StartAsync();
            Assert.False(foreign.HasExited);
            Assert.DoesNotContain(Signals.Processes(), p => family.Contains(p.Id) && p.CommandLine.Length > 0);
        }
        finally
        {
            foreach (var id in family.Append(foreign.Id).Intersect(Signals.Processes().Select(p => p.Id))) Signals.Send(id, Signals.Kill);
        }

        int[] now = [.. house.Running().Select(p => p.Id)];
        Assert.Empty(now.Intersect(old));
        Assert.Single(house.Running(), p => p.CommandLine.Contains("postgres -D", StringComparison.Ordinal));
        (await house.Api.GetAsync("/health/system")).Must(200);
        Assert.Equal(before, (await house.Api.GetAsync(report, Who.Commune(unit))).Must(200).Text);
        (await house.Api.PutAsync($"{report}/indicators/{Indicator}", Who.Commune(unit), new { value = false, validOn = Scene.TwoTiers })).Must(200);
    }

    [Fact]
    public async Task A_stop_under_load_loses_nothing_that_was_answered()
    {
        const int clients = 16;
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var units = (await house.Api.GetAsync($"/api/criteria/units?level=commune&parent=42&on={Scene.TwoTiers}", Who.Auditor)).Must(200)["items"].EnumerateArray()
            .Take(clients).Select(u => (Code: u.GetProperty("code").GetString()!, Id: u.GetProperty("unitId").GetString()!)).ToArray();
        var percent = (await scene.IndicatorsAsync()).First(i => i.ValueType == "percent").Code;
        foreach (var (code, _) in units) await house.Api.TokenAsync(Who.Commune(code));

        var calls = new ConcurrentBag<Call>();
        var load = Task.WhenAll(units.Select(unit => Task.Run(() => WriteAsync(unit))));
        await Until.TrueAsync(() => calls.Count > 20 * clients, "the load runs", TimeSpan.FromSeconds(60));
        // One call takes long: what it writes to is held for some seconds after the house was told to stop.
        var (slowUnit, slowValue) = (units[0], 99.99m);
        await using var holder = await Db.OpenAsync(house.Database("criteria"));
        await holder.ExecuteAsync($"begin; select 1 from mt_streams where id = 'report/{period}/{slowUnit.Id}' for update");
        var slow = house.Api.PutAsync($"{Scene.Report(period, slowUnit.Code)}/indicators/{percent}", Who.Commune(slowUnit.Code), new { value = slowValue, validOn = Scene.TwoTiers });
        // Asked outside of the transaction, which sees the same all the time.
        await using var onlooker = await Db.OpenAsync(house.Database("postgres"));
        await Until.TrueAsync(async () => await onlooker.NumberAsync("select count(*) from pg_stat_activity where datname = 'criteria' and wait_event_type = 'Lock'") > 0, "it waits");
        var stopping = Stopwatch.GetTimestamp();
        var stop = house.StopAsync();
        await Task.Delay(Held, TestContext.Current.CancellationToken);
        Assert.False(slow.IsCompleted);
        await holder.ExecuteAsync("commit");
        (await slow).Must(200);
        var (took, left) = await stop;
        await load;
        // A record that cannot be read keeps nobody from starting.
        await File.WriteAllTextAsync(Path.Combine(house.Folder, "processes.json"), "{ half a rec", TestContext.Current.CancellationToken);
        await house.StartAsync();
        Assert.Contains("cannot be read", house.Output, StringComparison.Ordinal);

        Assert.True(took < Held + TimeSpan.FromSeconds(10), $"the stop took {took}:\n{house.Output}");
        Assert.Empty(left);
        Assert.All(calls.Where(c => c.Began < stopping), c => Assert.True(c.Status == 200, $"{c} was in flight and was not answered"));
        await using var store = await Db.OpenAsync(house.Database("criteria"));
        var kept = (await store.TextAsync(
            $"select string_agg(stream_id || ' ' || (data ->> 'value'), E'\\n') from mt_events where type in ('indicator-recorded.v1', 'indicator-corrected.v1') and stream_id like '%{period}%'"))
            .Split('\n').ToLookup(line => line, StringComparer.Ordinal);
        foreach (var call in calls.Where(c => c.Status == 200)) Assert.Single(kept[$"report/{period}/{call.Unit} {call.Value}"]);
        // What got no answer may be sent again with its key, and is there once.
        foreach (var call in calls.Where(c => c.Status != 200))
        {
            (await house.Api.PutAsync(call.Path, call.Client, call.Body, call.Key)).Must(200);
            Assert.Equal(1, await store.NumberAsync(
                $"select count(*) from mt_events where type in ('indicator-recorded.v1', 'indicator-corrected.v1') and stream_id = 'report/{period}/{call.Unit}' and data ->> 'value' = '{call.Value}'"));
        }

        async Task WriteAsync((string Code, string Id) unit)
        {
            for (var n = 1; ; n++)
            {
                var value = n / 100m;
                var call = new Call(
                    unit.Id, value.ToString(CultureInfo.InvariantCulture), $"{Scene.Report(period, unit.Code)}/indicators/{percent}", Who.Commune(unit.Code), new { value, validOn = Scene.TwoTiers }, Api.NewKey(), Stopwatch.GetTimestamp());
                try
                {
                    call = call with { Status = (await house.Api.PutAsync(call.Path, call.Client, call.Body, call.Key)).Status };
                }
                catch (HttpRequestException exception)
                {
                    call = call with { Fault = exception.HttpRequestError.ToString() };
                }

                calls.Add(call);
                if (call.Status != 200) return;
            }
        }
    }

    private static int[] ChildrenOf(int id) =>
        [.. File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture))];

    private static JsonObject EntryOf(string name, int id, long startTime) =>
        new() { ["Name"] = name, ["Id"] = id, ["StartTime"] = startTime, ["StopSignal"] = Signals.Terminate };

    private static long StartTimeOf(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }

    private sealed record Call(string Unit, string Value, string Path, string Client, object Body, string Key, long Began)
    {
        public int Status { get; init; }

        public string? Fault { get; init; }
    }
}

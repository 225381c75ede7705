namespace Ntm.EndToEnd;

/// <summary>Commands that wait at the same time are committed together, and nobody notices.</summary>
[Collection(OneHouse.Name)]
public sealed class GroupTests(House house)
{
    private const int Writers = 57;
    private const string WaitingForLocks = "select count(*) from pg_stat_activity where application_name = 'ntm-criteria' and wait_event_type = 'Lock'";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    [Fact]
    public async Task Commands_of_a_group_are_judged_and_described_each_by_itself()
    {
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var units = await UnitsAsync(Writers);
        await using var locker = await Db.OpenAsync(house.Database("criteria"));
        await using var store = await Db.OpenAsync(house.Database("criteria"));

        // While the first groups cannot commit, all others come and wait. Every third writer is refused: by the body, by the version, by his right.
        await locker.ExecuteAsync("begin; lock table mt_doc_report in exclusive mode");
        Task<Answer>[] writes = [.. units.Select((unit, n) => api.PutAsync(
            $"{Scene.Report(period, unit)}/indicators/1.1", n % 9 == 8 ? Who.Commune(units[0], $"w{n}") : Who.Commune(unit, $"w{n}"),
            new { value = true, validOn = n % 9 == 2 ? "2026-12-31" : Scene.TwoTiers }, KeyOf(n), n % 9 == 5 ? "\"7\"" : null))];
        await Until.TrueAsync(async () => await store.NumberAsync(WaitingForLocks) == 2, "two groups wait");
        await locker.ExecuteAsync("commit");
        var answers = await Task.WhenAll(writes);

        for (var n = 0; n < Writers; n++)
            Assert.Equal((n, n % 9 == 2 ? 422 : n % 9 == 5 ? 412 : n % 9 == 8 ? 403 : 200), (n, answers[n].Status));
        var events = $"from mt_events where stream_id like 'report/{period}/%'";
        Assert.Equal(2 * answers.Count(a => a.Status == 200), await store.NumberAsync($"select count(*) {events}"));
        Assert.True(await store.NumberAsync($"select count(distinct xmin::text) {events}") < answers.Count(a => a.Status == 200), "Nothing was committed together.");
        for (var n = 0; n < Writers; n++)
        {
            if (answers[n].Status != 200) continue;
            var own = $"{events} and stream_id = 'report/{period}/{answers[n]["unitId"].GetString()}'";
            Assert.Equal(
                $"w{n} {KeyOf(n)} {Who.Commune(units[n], $"w{n}")} {answers[n].Headers.GetValues("X-Correlation-Id").Single()} 2",
                await store.TextAsync($"select string_agg(distinct concat_ws(' ', user_name, causation_id, headers ->> 'client', correlation_id), ', ') || ' ' || count(*) {own}"));
            Assert.Equal(1, await store.NumberAsync($"select count(distinct xmin::text) from mt_doc_receipt where data ->> 'body' like '%{answers[n]["unitId"].GetString()}%' and xmin in (select xmin {own})"));
        }

        string KeyOf(int n) => $"00000000-0000-7000-8000-{period.GetHashCode(StringComparison.Ordinal):x8}{n:x4}";
    }

    [Fact]
    public async Task A_group_that_another_process_spoils_is_judged_one_by_one()
    {
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var units = await UnitsAsync(12);
        string[] indicators = [.. (await scene.IndicatorsAsync()).Where(i => i.ValueType == "yesno").Select(i => i.Code).Take(3)];
        var spoiled = Scene.Report(period, units[0]);
        await Task.WhenAll(units.Take(2).Select(async unit => (await PutAsync(unit, indicators[0])).Must(200)));
        var unitId = (await api.GetAsync(spoiled, Who.Commune(units[0]))).Must(200)["unitId"].GetString();
        await using var other = await Db.OpenAsync(house.Database("criteria"));
        await using var store = await Db.OpenAsync(house.Database("criteria"));

        // Another process is about to commit a figure of the first report.
        await other.ExecuteAsync(
            $"""
            begin;
            update mt_streams set version = version + 1 where id = 'report/{period}/{unitId}';
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
              select nextval('mt_events_sequence'), gen_random_uuid(), stream_id, version + 1, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name
              from mt_events where stream_id = 'report/{period}/{unitId}' order by version desc limit 1;
            update mt_doc_report set mt_version = mt_version + 1,
              data = jsonb_set(data, array['figures', '{indicators[0]}', 'version'], to_jsonb(mt_version + 1)) || jsonb_build_object('version', mt_version + 1)
              where id = 'report/{period}/{unitId}';
            """);
        Task<Answer>[] writes =
        [
            .. units.Select(unit => PutAsync(unit, indicators[1])),
            PutAsync(units[1], indicators[2]),
        ];
        await Until.TrueAsync(async () => await store.NumberAsync(WaitingForLocks) > 0, "a group waits for the other process");
        await other.ExecuteAsync("commit");

        Assert.All(await Task.WhenAll(writes), answer => answer.Must(200));
        Assert.Equal(4, (await api.GetAsync(spoiled, Who.Commune(units[0]))).Must(200)["version"].GetInt32());
        Assert.Equal(4, (await api.GetAsync(Scene.Report(period, units[1]), Who.Commune(units[1]))).Must(200)["version"].GetInt32());
        Assert.Equal(
            4 + 4 + (2 * (units.Count - 2)), await store.NumberAsync($"select count(*) from mt_events where stream_id like 'report/{period}/%'"));

        // The other process left its document as its events say, and those who came after it added to that.
        var (code, said) = await Proof.RunAsync(house, "check", "criteria");
        Assert.True(code == 0, said);

        Task<Answer> PutAsync(string unit, string indicator) =>
            api.PutAsync($"{Scene.Report(period, unit)}/indicators/{indicator}", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers });
    }

    private async Task<IReadOnlyList<string>> UnitsAsync(int count)
    {
        var units = (await api.GetAsync($"/api/criteria/units?level=commune&parent=42&on={Scene.TwoTiers}&limit=1000", Who.Coordinator)).Must(200);
        string[] codes = [.. units["items"].EnumerateArray().Select(u => u.GetProperty("code").GetString()!).Take(count)];
        Assert.Equal(count, codes.Length);
        return codes;
    }
}

using System.Globalization;
using MassTransit;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;

namespace Ntm.EndToEnd;

/// <summary>The read models are the fold of the events; where they are not, the check says so and the rebuild mends it.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class ProofTests(OperatedHouse house)
{
    private const string Recognised = "18568";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    /// <summary>Documents that no event makes: the check does not look at them.</summary>
    private static readonly string[] SoftState = ["mt_doc_receipt", "mt_doc_asofpin", "mt_doc_introduced", "mt_doc_owedreplay", "mt_doc_sessionkey", "mt_doc_feedsecret", "mt_doc_deadletterevent"];

    /// <summary>
    /// Read models that <see cref="PlayAsync"/> leaves with fewer than two documents. Each is damaged all the same, in
    /// ReadModelProofTests of the architecture, which knows no exception.
    /// </summary>
    private static readonly string[] NotPlayed =
    [
        "criteria mt_doc_carryingrules", "criteria mt_doc_difficulty", "criteria mt_doc_evidencefile", "criteria mt_doc_evidenceuse", "criteria mt_doc_provinceboundaries",
        "criteria mt_doc_unitshares", "criteria mt_doc_workcalendar", "appraisal mt_doc_knowncalendar", "appraisal mt_doc_listedsession", .. Topology.Services.Select(s => $"{s} mt_doc_parkedmessage"),
    ];

    [Fact]
    public async Task After_the_main_job_every_read_model_is_the_fold_of_its_events_and_each_damage_is_found_and_mended()
    {
        await PlayAsync();
        await Proof.MustHoldAsync(house);

        List<string> damaged = [];
        foreach (var service in Topology.Services)
        {
            await using var store = await Db.OpenAsync(house.Database(service));
            var tables = (await store.TextAsync("select string_agg(tablename, ' ' order by 1) from pg_tables where schemaname = 'public' and starts_with(tablename, 'mt_doc_')")).Split(' ');
            foreach (var table in tables.Except(SoftState, StringComparer.Ordinal))
            {
                if (await store.NumberAsync($"select count(*) from {table}") > 1) damaged.AddRange((await DamageAsync(store, table)).Select(d => $"{service}: {table} {d}"));
                else Assert.Contains($"{service} {table}", NotPlayed);
            }
        }

        await using (var criteria = await Db.OpenAsync(house.Database("criteria", "criteria")))
        {
            // The service's own role may do it, and no command on the report would be taken any more.
            var id = await criteria.TextAsync("select min(id) from mt_streams where id like 'report/%'");
            var version = await criteria.NumberAsync($"select version from mt_streams where id = '{id}'");
            await criteria.ExecuteAsync($"update mt_streams set version = version - 1 where id = '{id}'");
            damaged.Add(string.Create(CultureInfo.InvariantCulture, $"criteria: mt_streams {id} version: stored {version - 1}, folded {version}"));
        }

        var (code, found) = await Proof.RunAsync(house, "check");
        Assert.Equal(1, code);
        foreach (var damage in damaged) Assert.Contains(damage, found, StringComparison.Ordinal);

        var (done, mended) = await Proof.RunAsync(house, "rebuild");
        Assert.True(done == 0, mended);
        await Proof.MustHoldAsync(house);
        // And it serves on from there: the next command on what was rebuilt, and the next fact.
        (await api.PostAsync("/api/pilots/models", Who.Commune(Recognised), Model("Thôn 3"))).Must(201);
        var report = await scene.ApprovedAsync(Recognised);
        Assert.Equal("approved", (await api.GetAsync(Scene.Report(report, Recognised), Who.Commune(Recognised))).Must(200)["status"].GetString());
        await Proof.MustHoldAsync(house);
    }

    [Fact]
    public async Task While_others_write_the_check_raises_no_false_alarm_and_the_rebuild_loses_nothing()
    {
        string[] units = ["18583", "18586", "18601", "18604"];
        var period = await scene.PeriodAsync(Scene.TwoTiers);
        var indicators = await scene.IndicatorsAsync();
        using var stop = new CancellationTokenSource();
        var writers = units.Select(unit => Task.Run(async () =>
        {
            var answered = 0;
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                var (code, type, _) = indicators[n % indicators.Count];
                object value = type == "yesno" ? n % 2 == 0 : (decimal)(n % 100);
                (await api.PutAsync($"{Scene.Report(period, unit)}/indicators/{code}", Who.Commune(unit), new { value, validOn = Scene.TwoTiers })).Must(200);
                answered++;
            }

            return answered;
        })).ToList();
        try
        {
            await using var store = await Db.OpenAsync(house.Database("criteria"));
            for (var round = 0; round < 3; round++)
            {
                var (code, output) = await Proof.RunAsync(house, "check", "criteria", "appraisal");
                Assert.True(code == 0, output);
                await store.ExecuteAsync("update mt_doc_setrecord set data = data || jsonb_build_object('damaged', 5); update mt_streams set version = version - 1 where id like 'unit/%'");
                var (done, mended) = await Proof.RunAsync(house, "rebuild", "criteria");
                Assert.True(done == 0, mended);
                Assert.Contains("writers waited", mended, StringComparison.Ordinal);
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        var answers = await Task.WhenAll(writers);
        await using var criteria = await Db.OpenAsync(house.Database("criteria"));
        Assert.Equal(
            answers.Sum(), await criteria.NumberAsync($"select count(*) from mt_events where type in ('indicator-recorded.v1', 'indicator-corrected.v1') and stream_id like 'report/{period}/%'"));
        await Proof.MustHoldAsync(house);
    }

    [Fact]
    public async Task A_table_that_nobody_classified_cannot_be_checked()
    {
        await using var store = await Db.OpenAsync(house.Database("pilots"));
        await store.ExecuteAsync("create table mt_doc_newcomer (id varchar primary key, data jsonb)");
        try
        {
            var (code, output) = await Proof.RunAsync(house, "check", "pilots");
            Assert.Equal(2, code);
            Assert.Contains("mt_doc_newcomer", output, StringComparison.Ordinal);
        }
        finally
        {
            await store.ExecuteAsync("drop table mt_doc_newcomer");
        }

        Assert.Equal(0, (await Proof.RunAsync(house, "check", "pilots")).Code);
    }

    /// <summary>The main job, and what else fills a read model.</summary>
    private async Task PlayAsync()
    {
        await scene.RecognisedAsync(Recognised);
        await scene.RecognisedAsync("18619");
        (await api.PostAsync("/api/pilots/models", Who.Commune(Recognised), Model("Thôn 1"))).Must(201);
        (await api.PostAsync("/api/pilots/models", Who.Commune(Recognised), Model("Thôn 2"))).Must(201);
        var inbox = await Until.FoundAsync(
            async () => (await api.GetAsync("/api/notifications/inbox", Who.Commune(Recognised))).Must(200) is { } page && page["items"].GetArrayLength() > 5 ? page : null, "the commune is told");
        foreach (var entry in inbox["items"].EnumerateArray().Take(3))
            (await api.PostAsync($"/api/notifications/inbox/{entry.GetProperty("id").GetString()}/read", Who.Commune(Recognised))).Must(200);
        foreach (var set in (string[])["bo-da-bai-bo", "bo-het-hieu-luc"]) await RetireAsync(set);
        await OvertakeAsync();
    }

    /// <summary>A set is published, and its end reaches Appraisal.</summary>
    private async Task RetireAsync(string set)
    {
        (await api.PostAsync("/api/criteria/sets/import", Who.Operator, CatalogueTests.SetOf(set).ToJsonString())).Must(200);
        (await api.PostAsync($"/api/criteria/sets/{set}/retire", Who.Operator, new { act = new { number = "9/QĐ-TTg" }, lastDay = "2025-12-31" })).Must(200);
        await using var appraisal = await Db.OpenAsync(house.Database("appraisal"));
        await Until.TrueAsync(async () => await appraisal.NumberAsync($"select count(*) from mt_doc_retiredset where id = '{set}'") == 1, "Appraisal learned of the end");
    }

    /// <summary>Two dossiers of one unit and title are two streams: the older fact comes after the newer one.</summary>
    private async Task OvertakeAsync()
    {
        var unit = new UnitRef(Guid.CreateVersion7(), "18998", "Xã Thử");
        var bus = Bus.Factory.CreateUsingRabbitMq(c =>
        {
            c.Host(house.Broker());
            c.Publish<IIntegrationEvent>(m => m.Exclude = true);
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            foreach (var position in (long[])[1_000_004, 1_000_002, 1_000_006, 1_000_001])
            {
                var dossier = Guid.CreateVersion7();
                var origin = new Origin(
                    "appraisal", $"recognition/{dossier}", 1, position, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "chau", "test", Demonstration: false);
                var state = new RecognitionState(
                    dossier, unit, "commune-ntm", position.ToString(CultureInfo.InvariantCulture), new(2026, 1, 1), "QĐ", new(2026, 1, 1), null, "in-force", null, null);
                await bus.Publish(new RecognitionChanged(origin, state), TestContext.Current.CancellationToken);
                await using var central = await Db.OpenAsync(house.Database("central"));
                await Until.TrueAsync(
                    async () => await central.NumberAsync($"select count(*) from mt_doc_inboxmark where id = 'appraisal.recognition-changed/recognition/{dossier}'") == 1, "central learned of it");
            }
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }

    private static object Model(string village) => new { kind = "smart-village", unit = Recognised, village, title = "Thôn thông minh" };

    /// <summary>One document changed, one gone, one too many; answers what the check must say of each.</summary>
    private static async Task<IReadOnlyList<string>> DamageAsync(Db store, string table)
    {
        var (changed, gone) = (await store.TextAsync($"select min(id::text) from {table}"), await store.TextAsync($"select max(id::text) from {table}"));
        Assert.NotEqual(changed, gone);
        var extra = Guid.CreateVersion7();
        await store.ExecuteAsync(
            $"""
            insert into {table} select (jsonb_populate_record(t, jsonb_build_object('id', '{extra}', 'data', t.data || jsonb_build_object('likeness', '{extra}')))).* from {table} t where id::text = '{gone}';
            update {table} set data = data || jsonb_build_object('damaged', 5) where id::text = '{changed}';
            delete from {table} where id::text = '{gone}';
            """);
        return [$"{changed} $.data.damaged: stored 5, folded nothing", $"{gone} $: stored none, folded a document", $"{extra} $: stored a document, folded none"];
    }
}

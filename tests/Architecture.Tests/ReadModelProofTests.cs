using System.Globalization;
using System.Text.Json;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;
using Ntm.ServiceDefaults.Proof;

namespace Ntm.Architecture.Tests;

/// <summary>
/// Each read model of each service, on a real store as its own Program wires it: a row that is changed, missing or too many is named by
/// the check, and the rebuild puts it right. The tables are those of the database, so none is forgotten. So it is with the store's own list
/// of streams, by which an append tells what comes next.
/// </summary>
public sealed class ReadModelProofTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    /// <summary>
    /// Streams of the service's own, from the samples of its events, so that each read model has a document. What it learns of others
    /// needs no line here: every sample is learned.
    /// </summary>
    private static readonly Dictionary<string, (string Key, string[] Samples)[]> Streams = new(StringComparer.Ordinal)
    {
        ["criteria"] =
        [
            ("unit/6b1f9c1e-0000-8000-8000-000000000073", ["unit-created.v1"]),
            ("set/xa-ntm-2021-2025", ["set-drafted.v1"]),
            ("period/2024-Q4", ["period-opened.v1", "period-due-neared.v1"]),
            ("report/2024-Q4/6b1f9c1e-0000-8000-8000-000000000073", ["report-opened.v1", "indicator-recorded.v1"]),
            ("calendar/vn", ["calendar-days-recorded.v1"]),
            ("evidence/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", ["evidence-stored.v1"]),
            ("difficulty/0193a1f0-0000-7000-8000-000000000d01", ["difficulty-raised.v1"]),
            ("boundaries/0e0dbe1c-1e15-8d41-9c0e-6b6a8f0b7a01", ["boundaries-recorded.v1", "unit-boundary-recorded.v1"]),
            ("shares/0e0dbe1c-1e15-8d41-9c0e-6b6a8f0b7a01/2025-07-01", ["shares-recorded.v1"]),
            ("carrying-rules/0e0dbe1c-1e15-8d41-9c0e-6b6a8f0b7a01/xa-ntm-2021-2025", ["carrying-rule-set.v1"]),
        ],
        ["appraisal"] =
        [
            ("dossier/01935f3a-7c00-7000-8000-0000000000aa", ["dossier-opened.v1"]),
            ("session/0193a1f0-0000-7000-8000-00000000aa01", ["session-appointed.v1"]),
            ("confirmation/0b6c7d1e-1111-8222-8333-444455556666/commune-ntm/satisfaction", ["condition-confirmed.v1", "condition-confirmed.v1"]),
            ("eligibility/0b6c7d1e-1111-8222-8333-444455556666/commune-ntm", ["unit-became-eligible.v1"]),
            ("recognition/01935f3a-7c00-7000-8000-0000000000bb", ["title-acknowledged.v1"]),
        ],
        ["pilots"] = [("model/0193a1f0-0000-7000-8000-00000000000a", ["model-proposed.v1"])],
        ["notifications"] = [("entry/2d7a3a60-0000-8000-8000-000000000001", ["entry-read.v1"])],
        ["central"] = [],
    };

    private const string Parked = "parked/0199c0de-0000-7000-8000-000000000001";

    private const string StreamRows = "select string_agg(concat_ws(' ', id, version, tenant_id, is_archived), chr(10) order by id) from mt_streams";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The services beside each other: a rebuild waits for two seconds, whoever writes.</summary>
    [Fact]
    public Task A_row_that_is_changed_too_many_or_missing_is_found_and_put_right() => Task.WhenAll(Topology.Services.Select(ProveAsync));

    private async Task ProveAsync(string service)
    {
        var database = await postgres.CreateAsync();
        using var program = ServiceProgram.Of(service, database);
        await program.Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await FillAsync(program, service);
        await MustFindAsync([]);

        await using var store = new NpgsqlConnection(database);
        await store.OpenAsync(Ct);
        var streams = await TextAsync(store, StreamRows);
        List<string> changed = [], missing = [];
        foreach (var table in (await TablesAsync(store)).Except(ReadModels.NoProjection.Keys, StringComparer.Ordinal))
        {
            var id = await TextAsync(store, $"select min(id::text) from {table}");
            Assert.True(id.Length > 0, $"{service}: nothing of what {nameof(Streams)} holds fills {table}: add the stream that does.");
            var extra = Guid.CreateVersion7();
            await ExecuteAsync(
                store,
                $"""
                insert into {table} select (jsonb_populate_record(t, jsonb_build_object('id', '{extra}', 'data', t.data || jsonb_build_object('likeness', '{extra}')))).* from {table} t where id::text = '{id}';
                update {table} set data = data || jsonb_build_object('damaged', 5) where id::text = '{id}';
                """);
            changed.AddRange([$"{service}: {table} {id} $.data.damaged: stored 5, folded nothing", $"{service}: {table} {extra} $: stored a document, folded none"]);
            missing.Add($"{service}: {table} {id} $: stored none, folded a document");
        }

        var documents = changed.Count;
        changed.AddRange(await DamageStreamsAsync(store, service));
        await MustFindAsync(changed);
        await MustMendAsync(documents, streams: 3);
        Assert.Equal(streams, await TextAsync(store, StreamRows));
        foreach (var line in missing) await ExecuteAsync(store, $"delete from {line.Split(' ')[1]} where id::text = '{line.Split(' ')[2]}'");
        missing.Add($"{service}: mt_streams {Parked} $: stored none, folded a stream");
        // Else its events would go with it.
        await ExecuteAsync(store, $"set session_replication_role = replica; delete from mt_streams where id = '{Parked}'; reset session_replication_role");
        await MustFindAsync(missing);
        await MustMendAsync(missing.Count - 1, streams: 1);
        Assert.Equal(streams, await TextAsync(store, StreamRows));
        await MustFindAsync([]);

        async Task MustFindAsync(IReadOnlyCollection<string> differences)
        {
            var (code, lines) = await RunAsync("check");
            Assert.Equal(differences.Order(StringComparer.Ordinal), lines[..^1].Order(StringComparer.Ordinal));
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{service}: {differences.Count} differences in "), lines[^1], StringComparison.Ordinal);
            Assert.Equal(differences.Count == 0 ? ProofStep.Right : ProofStep.Wrong, code);
        }

        async Task MustMendAsync(int rows, int streams)
        {
            var (code, lines) = await RunAsync("rebuild");
            Assert.Matches(string.Create(CultureInfo.InvariantCulture, $"^{service}: {rows} of [0-9]+ documents and {streams} of [0-9]+ streams were put right from "), Assert.Single(lines));
            Assert.Equal(ProofStep.Right, code);
        }

        Task<(int Code, string[] Lines)> RunAsync(string verb) => ReadModelProofTests.RunAsync(program, service, verb);
    }

    /// <summary>Who holds the row of a wrong stream and appends may wait for the rebuild, but the rebuild does not wait for him.</summary>
    [Fact]
    public async Task A_writer_who_holds_a_wrong_stream_goes_first()
    {
        const string service = "pilots";
        var database = await postgres.CreateAsync();
        using var program = ServiceProgram.Of(service, database);
        await program.Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await FillAsync(program, service);
        await using var store = new NpgsqlConnection(database);
        await store.OpenAsync(Ct);
        await using var writer = new NpgsqlConnection(database);
        await writer.OpenAsync(Ct);
        await ExecuteAsync(store, $"update mt_streams set version = 7 where id = '{Parked}'");
        await ExecuteAsync(writer, $"begin; select from mt_streams where id = '{Parked}' for update");

        var rebuild = RunAsync(program, service, "rebuild");
        while ((await TextAsync(store, "select 'waits' from pg_locks where not granted limit 1")).Length == 0 && !rebuild.IsCompleted) await Task.Yield();
        // A number that a failed append took, as the store fills it.
        await ExecuteAsync(writer, $"{Tombstone(8)}; commit");
        var (code, lines) = await rebuild;
        Assert.Contains(" and 1 of ", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Equal(ProofStep.Right, code);
        Assert.Equal("1", await TextAsync(store, $"select version::text from mt_streams where id = '{Parked}'"));
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(ServiceProgram program, string service, string verb)
    {
        await using var output = new StringWriter(CultureInfo.InvariantCulture);
        await using var errors = new StringWriter(CultureInfo.InvariantCulture);
        var code = await ProofStep.RunAsync(program.Services, service, verb, output, errors, Ct);
        Assert.Equal("", errors.ToString());
        return (code, output.ToString().TrimEnd('\n').Split('\n'));
    }

    /// <summary>One version too low, one stream that may not be written to any more, one without events; answers what the check must say of each.</summary>
    private static async Task<string[]> DamageStreamsAsync(NpgsqlConnection store, string service)
    {
        var learned = await TextAsync(store, $"select coalesce(min(id), '') from mt_streams where id not in ('{Parked}', 'mt_tombstone')");
        await ExecuteAsync(
            store,
            $"""
            update mt_streams set version = version - 1 where id = '{Parked}';
            update mt_streams set is_archived = true, tenant_id = 'another' where id = '{learned}';
            insert into mt_streams (id, version, tenant_id) values ('nobody/1', 2, '*DEFAULT*');
            """);
        return
        [
            $"{service}: mt_streams {Parked} version: stored 0, folded 1",
            $"{service}: mt_streams {learned} is_archived: stored true, folded false",
            $"{service}: mt_streams {learned} tenant_id: stored \"another\", folded \"*DEFAULT*\"",
            $"{service}: mt_streams nobody/1 $: stored a stream, folded none",
        ];
    }

    private static async Task FillAsync(ServiceProgram program, string service)
    {
        var events = program.Events;
        foreach (var (key, samples) in Streams[service].Append((Parked, ["message-parked.v1"])))
        {
            await using var session = program.Store.LightweightSession();
            session.Events.StartStream(key, samples.Select(name => Sample(name == "message-parked.v1" ? "architecture" : service, name, events[name])));
            await session.SaveChangesAsync(Ct);
        }

        await using (var session = program.Store.LightweightSession())
        {
            session.QueueSqlCommand("insert into mt_streams (id, tenant_id, version, is_archived) values ('mt_tombstone', '*DEFAULT*', 0, false)");
            session.QueueSqlCommand(Tombstone(5));
            await session.SaveChangesAsync(Ct);
        }

        if (!Topology.Listeners.TryGetValue(service, out var contracts)) return;
        var learning = ActivatorUtilities.CreateInstance<Learning>(program.Services);
        foreach (var contract in contracts)
        {
            var fact = (IIntegrationEvent)Sample(service, $"learned:{Topology.NameOf(contract)}.v1", contract);
            Assert.Equal(1, await learning.TogetherAsync([new(fact, null, Replay: null, Activity: null)], Ct));
            // Two dossiers of one unit and title are two streams: the older fact comes after the newer one.
            if (fact is not RecognitionChanged { Origin: var origin } recognition) continue;
            var older = recognition with { Origin = origin with { Stream = $"{origin.Stream}-before", Position = origin.Position - 1 } };
            Assert.Equal(1, await learning.TogetherAsync([new(older, null, Replay: null, Activity: null)], Ct));
        }
    }

    /// <summary>What the store writes for a number that a failed append took: into one stream, whose version it leaves as it is.</summary>
    private static string Tombstone(int version) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
        values (nextval('mt_events_sequence'), gen_random_uuid(), 'mt_tombstone', {version}, jsonb_build_object(), 'tombstone', '-infinity', '*DEFAULT*', 'JasperFx.Events.Tombstone, JasperFx.Events', false)
        """);

    private static object Sample(string service, string name, Type type) => JsonSerializer.Deserialize(
        Repository.Read($"tests/{char.ToUpperInvariant(service[0])}{service[1..]}.Tests/Events/{name.Replace(':', '.')}.json"), type, NtmJson.Stored)!;

    private static async Task<List<string>> TablesAsync(NpgsqlConnection store)
    {
        await using var command = new NpgsqlCommand("select tablename from pg_tables where schemaname = 'public' and starts_with(tablename, 'mt_doc_') order by 1", store);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        List<string> tables = [];
        while (await reader.ReadAsync(Ct)) tables.Add(reader.GetString(0));
        return tables;
    }

    private static async Task<string> TextAsync(NpgsqlConnection store, string query)
    {
        await using var command = new NpgsqlCommand(query, store);
        return await command.ExecuteScalarAsync(Ct) as string ?? "";
    }

    private static async Task ExecuteAsync(NpgsqlConnection store, string statements)
    {
        await using var command = new NpgsqlCommand(statements, store);
        await command.ExecuteNonQueryAsync(Ct);
    }
}

using System.Net;
using System.Net.Http.Json;
using JasperFx.Events;
using Marten;
using Ntm.Architecture.Tests.Examples.Inspections;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Examples;

public sealed class InspectionStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Inspections = "/api/example/inspections";
    private const string Province = "province-officer@42#binh";
    private const string Commune = "commune-officer@18133#an";
    private static readonly UnitRef HaTinh = new(Guid.CreateVersion7(), "42", "Tỉnh Hà Tĩnh");
    private static readonly UnitRef Xa = new(Guid.CreateVersion7(), "18133", "Xã Thử");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_inspection_is_held_and_answered_each_once()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        await service.LearnAsync(Recognised(position: 7, to: null));

        var body = new { unit = "18133", day = "2026-03-01", result = "failed" };
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync(Inspections, Commune, body)).StatusCode);
        var key = Guid.CreateVersion7();
        var first = await service.PostAsync(Inspections, Province, body, key);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(Ct), await (await service.PostAsync(Inspections, Province, body, key)).Content.ReadAsStringAsync(Ct));

        var answer = await service.PostAsync($"{first.Headers.Location}/answer", Commune, new { measures = "Đã sửa đường" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("\"2\"", answer.Headers.ETag?.ToString());
        Assert.Equal(HttpStatusCode.Conflict, (await service.PostAsync($"{first.Headers.Location}/answer", Commune, new { measures = "Lần nữa" })).StatusCode);

        await using var session = service.Store.QuerySession();
        var kept = Assert.Single(await session.Query<Inspection>().ToListAsync(Ct));
        Assert.True(kept is { Answered: true, Version: 2 });
    }

    [Fact]
    public async Task What_is_learned_of_titles_decides_and_an_older_fact_is_dropped()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var body = new { unit = "18133", day = "2026-03-01", result = "passed" };
        Assert.Equal(HttpStatusCode.Conflict, (await service.PostAsync(Inspections, Province, body)).StatusCode);

        Assert.True(await service.LearnAsync(Recognised(position: 9, to: new(2026, 2, 1))));
        Assert.False(await service.LearnAsync(Recognised(position: 7, to: null)));
        Assert.False(await service.LearnAsync(Recognised(position: 9, to: null)));
        Assert.Equal(HttpStatusCode.Conflict, (await service.PostAsync(Inspections, Province, body)).StatusCode);

        Assert.True(await service.LearnAsync(Recognised(position: 12, to: null)));
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync(Inspections, Province, body)).StatusCode);
    }

    [Fact]
    public async Task An_event_of_the_first_version_reads_as_one_of_the_second_everywhere()
    {
        var database = await postgres.CreateAsync();
        var id = Guid.CreateVersion7();
        var key = Inspection.Key(id);
        await using (var before = DocumentStore.For(options =>
        {
            options.Connection(database);
            options.UseSystemTextJsonForSerialization(Weasel.Core.EnumStorage.AsString, Weasel.Core.Casing.CamelCase, configure: NtmJson.ConfigureStored);
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
            options.Events.EnableBigIntEvents = true;
            options.Events.MetadataConfig.EnableAll();
            options.Events.MetadataConfig.UserNameEnabled = true;
            options.Events.MapEventType<InspectionHeldV1>("inspection-held.v1");
        }))
        {
            await using var old = before.LightweightSession();
            old.Events.StartStream(key, new InspectionHeldV1(id, Xa.Id, new(2026, 3, 1), Passed: false, "binh", TimeProvider.System.GetUtcNow()));
            await old.SaveChangesAsync(Ct);
        }

        await using var service = await StartedAsync(database);
        await using var session = service.Store.QuerySession();
        Assert.Equal("failed", Assert.IsType<InspectionHeld>((await session.Events.FetchStreamAsync(key, token: Ct)).Single().Data).Result);

        // A read model that is new, or written anew, knows the old events.
        using (var daemon = await service.Store.BuildProjectionDaemonAsync())
            await daemon.RebuildProjectionAsync<InspectionProjection>(Ct);
        Assert.Equal("failed", (await session.LoadAsync<Inspection>(key, Ct))!.Result);

        // The stream goes on; what is stored now has the new name, and the old event stays as it is.
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync($"{Inspections}/{id}/answer", Commune, new { measures = "Đã sửa đường" })).StatusCode);
        await service.LearnAsync(Recognised(position: 7, to: null));
        var held = await service.PostAsync(Inspections, Province, new { unit = "18133", day = "2026-03-02", result = "to-repeat" });
        Assert.Equal("to-repeat", (await held.Content.ReadFromJsonAsync<Inspection>(NtmJson.Http, Ct))!.Result);
        await using var connection = new Npgsql.NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var names = new Npgsql.NpgsqlCommand("select string_agg(type, ',' order by seq_id) from mt_events where stream_id like 'inspection/%'", connection);
        Assert.Equal("inspection-held.v1,inspection-answered.v1,inspection-held.v2", await names.ExecuteScalarAsync(Ct));
    }

    private static async Task<ExampleService> StartedAsync(string database)
    {
        var service = await ExampleService.StartAsync(database);
        await using var session = service.Store.LightweightSession();
        foreach (var (unit, level, parent) in ((UnitRef, string, Guid?)[])[(HaTinh, "province", null), (Xa, "commune", HaTinh.Id)])
            session.Store(new UnitRecord(UnitRecord.Key(unit.Id), new UnitState(unit.Id, level, null, [new(unit.Code, unit.Name, unit.Name, level, parent, null, null, null, "seen")], [], [])));
        await session.SaveChangesAsync(Ct);
        return service;
    }

    private static RecognitionChanged Recognised(long position, DateOnly? to) => new(
        new("appraisal", $"recognition/{Xa.Id}", position, position, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "chi", "test", Demonstration: false),
        new(Guid.Empty, Xa, "commune-ntm", "12/QĐ", new(2025, 12, 1), "QĐ", new(2025, 12, 1), to, to is null ? "in-force" : "revoked", null, null));
}

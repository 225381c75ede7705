using System.Globalization;
using System.Text.Json;
using Marten;
using Marten.Events;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>The register in a real store: what a start appends, and what is answered of it.</summary>
public sealed class RegisterStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_start_adds_nothing()
    {
        var database = await postgres.CreateAsync();
        await using (await CriteriaService.StartAsync(database)) { }
        var first = await CountAsync(database);
        Assert.True(first > Given.UnitStreams.Values.Sum(s => s.Count));
        await using (await CriteriaService.StartAsync(database)) { }
        Assert.Equal(first, await CountAsync(database));
    }

    [Fact]
    public async Task A_store_of_the_first_release_learns_the_facts_and_keeps_what_people_recorded()
    {
        var database = await postgres.CreateAsync();
        var unit = Given.Unit("18073", Given.EndOf2025).Id;
        var (key, day) = (UnitRecord.Key(unit), new DateOnly(2026, 5, 1));
        await using (var before = await CriteriaService.PrepareAsync(database))
        {
            await using var session = before.Store.LightweightSession();
            foreach (var (id, events) in Given.UnitStreams) session.Events.StartStream(UnitRecord.Key(id), events.Where(e => e is not UnitClassified));
            session.Events.Append(
                key,
                new UnitClassified([new(UnitFacts.Population, "95000", day, null, "Niên giám", "seen")], "QĐ 1", "phuong", Given.Imported),
                new UnitRenamed("18073", "Thành Sen Mới", "Phường Thành Sen Mới", day, "NQ 1", "seen", "phuong", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        await using (await CriteriaService.StartAsync(database)) { }
        var first = await CountAsync(database);
        await using var service = await CriteriaService.StartAsync(database);
        Assert.Equal(first, await CountAsync(database));

        var (status, body) = await service.GetAsync($"/api/criteria/units/18073?on={day:yyyy-MM-dd}");
        Assert.Equal(200, status);
        Assert.Equal("Phường Thành Sen Mới", body.GetProperty("unit").GetProperty("name").GetString());
        Assert.Equal("95000", FactOf(body.GetProperty("unit"), UnitFacts.Population).GetProperty("value").GetString());
        (_, body) = await service.GetAsync("/api/criteria/units/18073?on=2026-04-30");
        Assert.Equal("90983", FactOf(body.GetProperty("unit"), UnitFacts.Population).GetProperty("value").GetString());
        Assert.False(body.GetProperty("unit").GetProperty("coastal").GetBoolean());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("unit").GetProperty("mountainous").ValueKind);
    }

    [Fact]
    public async Task The_page_of_history_and_the_register_of_the_past_are_answered()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        var unit = Given.Unit("18073", Given.EndOf2025).Id;

        var june = new Criteria.Periods.PeriodOpened("2026-06", "adhoc", "xa-ntm-2021-2025", new(2026, 6, 1), null, null, null, Given.Unit("42", Given.EndOf2025).Id, "42", "commune", "phuong", Given.Imported);
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(Period.Key(june.Code), june);
            await session.SaveChangesAsync(Ct);
        }

        // Without the daemon nobody says how far the store is settled.
        await ExecuteAsync(database, "insert into mt_event_progression (name, last_seq_id) select 'HighWaterMark', max(seq_id) from mt_events");
        var then = TimeProvider.System.GetUtcNow();
        await Task.Delay(20, Ct);
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.Append(UnitRecord.Key(unit), new UnitRenamed("18073", "Thành Sen Mới", "Phường Thành Sen Mới", new(2026, 5, 1), "NQ 1", "seen", "phuong", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        await using var fresh = await CriteriaService.StartAsync(database);
        var asOf = Uri.EscapeDataString(then.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffK", CultureInfo.InvariantCulture));
        Assert.Equal("Phường Thành Sen Mới", NameIn(await fresh.GetAsync("/api/criteria/units?parent=42&on=2026-06-01&limit=1000")));
        var past = await fresh.GetAsync($"/api/criteria/units?parent=42&on=2026-06-01&limit=1000&asOf={asOf}");
        Assert.Equal("Phường Thành Sen", NameIn(past));
        Assert.True(past.Body.GetProperty("asOfPosition").GetInt64() > 0);

        foreach (var named in (string[])["/api/criteria/assessments/18073?set=xa-ntm-2021-2025&validOn=2026-06-01", "/api/criteria/reports/2026-06/18073?"])
        {
            Assert.Equal("Phường Thành Sen Mới", (await fresh.GetAsync(named)).Body.GetProperty("name").GetString());
            Assert.Equal("Phường Thành Sen", (await fresh.GetAsync($"{named}&asOf={asOf}")).Body.GetProperty("name").GetString());
        }

        var (status, page) = await fresh.GetAsync($"/api/criteria/units/by-id/{unit}/history");
        Assert.Equal(200, status);
        Assert.Equal(2, page.GetProperty("names").GetArrayLength());
        Assert.Equal(9, page.GetProperty("predecessors").GetArrayLength());
        Assert.All(page.GetProperty("predecessors").EnumerateArray(), p => Assert.Contains("NQ 1665", p.GetProperty("legalBasis").GetString(), StringComparison.Ordinal));
        Assert.True(page.GetProperty("ancestry").GetArrayLength() > 9);
        (_, page) = await fresh.GetAsync($"/api/criteria/units/18073/history?on=2026-06-01&asOf={asOf}");
        Assert.Single(page.GetProperty("names").EnumerateArray());
        Assert.Equal(past.Body.GetProperty("asOfPosition").GetInt64(), page.GetProperty("asOfPosition").GetInt64());

        // Predecessors can be followed by their own links.
        var href = page.GetProperty("predecessors")[0].GetProperty("href").GetString()!;
        Assert.Equal(200, (await fresh.GetAsync(href)).Status);
    }

    [Theory]
    [InlineData("/api/criteria/units/99999", 404)]
    [InlineData("/api/criteria/units/by-id/00000000-0000-0000-0000-000000000000", 404)]
    [InlineData("/api/criteria/units/by-id/00000000-0000-0000-0000-000000000000/history", 404)]
    [InlineData("/api/criteria/units/by-id/x", 404)]
    [InlineData("/api/criteria/units/18073/history?on=0001-01-01", 200)]
    [InlineData("/api/criteria/units/18073?on=9999-12-31", 200)]
    [InlineData("/api/criteria/units?on=0001-01-01", 200)]
    [InlineData("/api/criteria/units?level=village&parent=42", 200)]
    [InlineData("/api/criteria/units?level=thon", 400)]
    [InlineData("/api/criteria/units?parent=99999", 404)]
    [InlineData("/api/criteria/units?on=31-12-2025", 400)]
    [InlineData("/api/criteria/units?asOf=x", 400)]
    [InlineData("/api/criteria/units?asOf=9999-12-31T00:00:00Z", 400)]
    [InlineData("/api/criteria/units/%00", 400)]
    [InlineData("/api/criteria/units/%EF%BF%BE%F0%9F%92%A9", 404)]
    public async Task What_nobody_knows_is_told_as_such(string path, int expected)
    {
        await using var service = await CriteriaService.StartAsync(Shared ??= await postgres.CreateAsync());
        Assert.Equal(expected, (await service.GetAsync(path)).Status);
        if (expected == 404) Assert.Equal(expected, (await service.GetAsync(path + new string('9', 3_000))).Status);
    }

    private static string? Shared { get; set; }

    private static JsonElement FactOf(JsonElement unit, string name) => unit.GetProperty("facts").EnumerateArray().Single(f => f.GetProperty("name").GetString() == name);

    private static string? NameIn((int Status, JsonElement Body) list) =>
        list.Body.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("code").GetString() == "18073").GetProperty("name").GetString();

    private static async Task<long> CountAsync(string database) => (long)(await ExecuteAsync(database, "select count(*) from mt_events"))!;

    private static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct);
    }
}

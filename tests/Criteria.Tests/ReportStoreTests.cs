using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Tests.Periods;

namespace Ntm.Criteria.Tests;

/// <summary>Reports and difficulties over HTTP and a real store.</summary>
public sealed class ReportStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Report = "/api/criteria/reports/2024-Q4/18073";
    private const string Own = "commune-officer@18073~2024-12-31#an";
    private const string Colleague = "commune-officer@18073~2024-12-31#binh";

    [Fact]
    public async Task Where_a_figure_was_stored_without_its_version_the_events_know_it()
    {
        var database = await postgres.CreateAsync();
        await using var service = await PrepareAsync(database);
        Assert.Equal(200, (await PutAsync(Colleague, "3.1", new { value = 80, validOn = "2024-12-31" })).Status);
        Assert.Equal(200, (await PutAsync(Colleague, "8.4", new { value = true, validOn = "2024-12-31" })).Status);
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand("update mt_doc_report set data = data #- '{figures,3.1,version}'", connection);
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var (status, conflict) = await PutAsync(Own, "3.1", new { value = 70, validOn = "2024-12-31", basedOn = 1 });
        Assert.Equal((409, 2), (status, conflict.GetProperty("conflict").GetProperty("theirs").GetProperty("version").GetInt32()));
        Assert.Equal(200, (await PutAsync(Own, "3.1", new { value = 70, validOn = "2024-12-31", basedOn = 2, reason = "Theo biên bản" })).Status);

        Task<(int Status, System.Text.Json.JsonElement Body)> PutAsync(string client, string indicator, object body) =>
            service.WriteAsync(HttpMethod.Put, $"{Report}/indicators/{indicator}", client, body);
    }

    [Fact]
    public async Task Difficulties_come_in_pages_and_to_those_alone_who_may_read_them()
    {
        await using var service = await PrepareAsync(await postgres.CreateAsync());
        foreach (var unit in (string[])["18073", "18070", "18073", "18073"])
            Assert.Equal(201, (await service.WriteAsync(HttpMethod.Post, $"/api/criteria/reports/2024-Q4/{unit}/difficulties", $"commune-officer@{unit}~2024-12-31#an", new { text = "Thiếu vốn" })).Status);
        Assert.Equal(["18073", "18070", "18073", "18073"], await UnitsAsync("/api/criteria/difficulties?limit=3", "auditor@0#x"));
        Assert.Equal(["18073", "18073", "18073"], await UnitsAsync("/api/criteria/difficulties?limit=1", Own));
        Assert.Equal(["18070"], await UnitsAsync("/api/criteria/difficulties?unit=18070&period=2024-Q4&status=raised", Given.ProvinceOfficer));
        Assert.Equal(4, (await UnitsAsync("/api/criteria/difficulties?parent=436", Given.ProvinceOfficer)).Count);
        Assert.Empty(await UnitsAsync("/api/criteria/difficulties?unit=18070", Own));
        Assert.Empty(await UnitsAsync("/api/criteria/difficulties?status=answered", "auditor@0#x"));

        async Task<List<string>> UnitsAsync(string path, string client)
        {
            List<string> units = [];
            for (string? next = path; next is not null;)
            {
                var (status, body) = await service.GetAsync(next, client);
                Assert.Equal(200, status);
                units.AddRange(body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("unit").GetString()!));
                next = body.GetProperty("next").GetString();
            }

            return units;
        }
    }

    [Fact]
    public async Task A_province_reports_by_its_own_set_and_another_of_its_officers_approves()
    {
        const string set = "tinh-ntm-2021-2025";
        const string report = "/api/criteria/reports/tinh-2024/42";
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        var period = await service.WriteAsync(HttpMethod.Post, "/api/criteria/periods", Given.ProvinceOfficer, new { code = "tinh-2024", kind = "year", set, figuresAsOf = "2024-12-31", under = "42", level = "province" });
        Assert.True(period.Status == 201, period.Body.ToString());
        Assert.Equal(200, await WriteAsync(HttpMethod.Put, "indicators/5", "province-officer@42#nhap", new { value = true, validOn = "2024-12-31" }));
        Assert.Equal(403, await WriteAsync(HttpMethod.Put, "indicators/5", Own, new { value = true, validOn = "2024-12-31" }));
        Assert.Equal(200, await WriteAsync(HttpMethod.Post, "submit", "province-officer@42#nhap", new { incompleteBecause = "Chưa đủ số liệu" }));
        Assert.Equal(409, await WriteAsync(HttpMethod.Post, "verify", "province-officer@42#duyet", new { }));
        Assert.Equal(403, await WriteAsync(HttpMethod.Post, "approve", "province-officer@42#nhap", new { }));
        Assert.Equal(200, await WriteAsync(HttpMethod.Post, "approve", "province-officer@42#duyet", new { }));
        var (status, assessed) = await service.GetAsync($"/api/criteria/assessments/42?set={set}&validOn=2024-12-31");
        Assert.Equal(200, status);
        Assert.Equal("met", assessed.GetProperty("criteria").EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray()).Single(i => i.GetProperty("code").GetString() == "5").GetProperty("status").GetString());

        async Task<int> WriteAsync(HttpMethod method, string step, string client, object body) => (await service.WriteAsync(method, $"{report}/{step}", client, body)).Status;
    }

    private static async Task<CriteriaService> PrepareAsync(string database)
    {
        var service = await CriteriaService.StartAsync(database);
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        return service;
    }
}

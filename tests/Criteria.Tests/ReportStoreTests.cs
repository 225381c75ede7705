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

    private static async Task<CriteriaService> PrepareAsync(string database)
    {
        var service = await CriteriaService.StartAsync(database);
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        return service;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Ntm.Criteria.Tests.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests;

/// <summary>Acts and imports on a real PostgreSQL, by two replicas of the service.</summary>
public sealed class RegisterStoreTests(ScratchPostgres postgres, ITestOutputHelper output) : IClassFixture<ScratchPostgres>
{
    private const string Units = "/api/criteria/units";
    private const string Import = "/api/criteria/register/import";
    private const string Export = "/api/criteria/register/export";
    private const string Province = "province-officer@42#phuc";
    private const string Operator = "operator@0#van-hanh";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_of_many_gets_a_code_and_the_others_learn_why_not()
    {
        var database = await postgres.CreateAsync();
        await using var one = await StartedAsync(database);
        await using var two = new CriteriaHost(database);
        var body = """{ "code": "99001", "name": "Mới", "kind": "xa", "level": "commune", "parent": "42", "on": "2027-01-01", "legalBasis": "NQ 1" }""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => (n % 2 == 0 ? one : two).SendAsync(HttpMethod.Post, Units, Province, body)));
        Assert.Equal(201, Assert.Single(answers, a => a.Status != 422).Status);
        Assert.All(answers.Where(a => a.Status == 422), a => Assert.Equal("code-in-force-twice", a.Body.GetProperty("faults")[0].GetProperty("rule").GetString()));
        Assert.Equal(1, await NumberAsync(database, "select count(*) from mt_doc_unitrecord where data::text like '%99001%'"));

        const string merger = """{ "into": { "unit": "18073" }, "from": [{ "unit": "99001", "part": "whole" }], "on": "2028-01-01", "legalBasis": "NQ 2" }""";
        var mergers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => (n % 2 == 0 ? one : two).SendAsync(HttpMethod.Post, $"{Units}/merge", Province, merger)));
        Assert.Equal(200, Assert.Single(mergers, a => a.Status != 422).Status);
        Assert.Equal(1, await NumberAsync(database, "select count(*) from mt_events where type = 'unit-merged.v1' and data::text like '%2027-12-31%'"));
    }

    [Fact]
    public async Task What_one_replica_or_a_rebuild_writes_the_other_shows_at_once()
    {
        var database = await postgres.CreateAsync();
        await using var one = await StartedAsync(database);
        await using var two = new CriteriaHost(database);
        await two.HearAsync(Ct);
        var (unit, set) = ($"{Units}/99001?on=2027-01-01", "/api/criteria/sets/xa-ntm-2021-2025");
        Assert.Equal((404, 200), (await StatusAsync(unit), await StatusAsync(set)));

        const string body = """{ "code": "99001", "name": "Mới", "kind": "xa", "level": "commune", "parent": "42", "on": "2027-01-01", "legalBasis": "NQ 1" }""";
        Assert.Equal(201, (await one.SendAsync(HttpMethod.Post, Units, Province, body)).Status);
        await UntilAsync(unit, 200);
        await NumberAsync(database, "with gone as (delete from mt_doc_setrecord returning 1) select count(*) from gone");
        await UntilAsync(set, 404);

        async Task<int> StatusAsync(string path) => (await two.SendAsync(HttpMethod.Get, path, Province)).Status;

        // Well before the ten seconds after which it is read anew in any case.
        async Task UntilAsync(string path, int status)
        {
            var clock = Stopwatch.StartNew();
            while (await StatusAsync(path) != status) Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{path} does not answer {status}");
        }
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_shows_what_the_act_then_does()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        const string everything = "select (select count(*) from mt_events) + (select count(*) from mt_streams) + (select count(*) from mt_doc_receipt)";
        const string body = """{ "into": { "code": "99001", "name": "Mới", "kind": "xa" }, "from": [{ "unit": "18073", "part": "whole" }], "on": "2027-01-01", "legalBasis": "NQ 1" }""";
        var (before, key) = (await NumberAsync(database, everything), Guid.CreateVersion7().ToString());
        var shown = await service.SendAsync(HttpMethod.Post, $"{Units}/merge?dryRun=True", Province, body, key);
        Assert.Equal(200, shown.Status);
        Assert.Equal(before, await NumberAsync(database, everything));
        foreach (var doubtful in (string[])["1", "yes", "", "true&dryRun=false"])
            Assert.Equal(400, (await service.SendAsync(HttpMethod.Post, $"{Units}/merge?dryRun={doubtful}", Province, body)).Status);
        Assert.Equal(before, await NumberAsync(database, everything));

        var done = await service.SendAsync(HttpMethod.Post, $"{Units}/merge", Province, body, key);
        Assert.Equal((201, "\"1\"", $"{Units}/99001?on=2027-01-01"), (done.Status, done.Headers.ETag?.ToString(), done.Headers.Location?.ToString()));
        Assert.Equal(shown.Text.Replace("\"dryRun\":true", "\"dryRun\":false", StringComparison.Ordinal), done.Text);
        Assert.Equal(done.Text, (await service.SendAsync(HttpMethod.Post, $"{Units}/merge", Province, body, key)).Text);
        Assert.Equal("Xã Mới", (await service.SendAsync(HttpMethod.Get, $"{Units}/99001?on=2027-01-01", Province)).Body.GetProperty("unit").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Acts_that_wait_leave_the_reads_their_connections()
    {
        var database = await postgres.CreateAsync();
        await using (await StartedAsync(database)) { }
        await using var service = new CriteriaHost(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 10, Timeout = 5 }.ConnectionString);
        await using var elsewhere = new NpgsqlConnection(database);
        await elsewhere.OpenAsync(Ct);
        await using (var turn = await elsewhere.BeginTransactionAsync(Ct))
        {
            await using (var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('register'), 1)", elsewhere, turn)) await command.ExecuteNonQueryAsync(Ct);
            var acts = Enumerable.Range(0, 40).Select(n => service.SendAsync(
                HttpMethod.Post, $"{Units}/18073/classify", Province, $$"""{ "facts": [{ "name": "population", "value": {{n}} }], "legalBasis": "x" }""")).ToList();
            await Task.Delay(1_000, Ct);
            var clock = Stopwatch.StartNew();
            for (var n = 0; n < 10; n++) Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"{Units}/18073/history", Province)).Status);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
            await Task.Delay(1_000, Ct);
            Assert.DoesNotContain(acts, a => a.IsCompleted);
            await turn.CommitAsync(Ct);
            Assert.All(await Task.WhenAll(acts), a => Assert.True(a.Status == 200, a.Text));
        }

        Assert.Equal(40, await NumberAsync(database, "select count(*) from mt_events where type = 'unit-classified.v1' and data::text like '%phuc%'"));
    }

    [Fact]
    public async Task Only_the_operator_creates_provinces()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        const string province = """{ "code": "43", "name": "Khác", "kind": "tinh", "level": "province", "on": "2027-01-01", "legalBasis": "x" }""";
        foreach (var nobody in (string[])[Province, "commune-officer@18073#an", "ministry@0"])
            Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, Units, nobody, province)).Status);
        Assert.Equal(201, (await service.SendAsync(HttpMethod.Post, Units, Operator, province)).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, Units, Operator, """{ "code": "99001", "name": "Mới", "kind": "xa", "level": "commune", "parent": "42", "on": "2027-01-01", "legalBasis": "x" }""")).Status);
    }

    [Fact]
    public async Task An_act_answers_with_versions_and_rights()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        const string rename = """{ "name": "Tên Mới", "on": "2027-01-01", "legalBasis": "NQ 1" }""";
        Assert.Equal(412, (await service.SendAsync(HttpMethod.Post, $"{Units}/18073/rename", Province, rename, ifMatch: "\"7\"")).Status);
        foreach (var nobody in (string[])["commune-officer@18073#an", "province-officer@43#an", "operator@0#an", "auditor@0#an"])
            Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{Units}/18073/rename", nobody, rename)).Status);
        var renamed = await service.SendAsync(HttpMethod.Post, $"{Units}/18073/rename", Province, rename, ifMatch: "\"2\"");
        Assert.Equal((200, "\"3\""), (renamed.Status, renamed.Headers.ETag?.ToString()));

        const string village = """{ "name": "Một", "kind": "thon", "on": "2026-01-01" }""";
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{Units}/18100/villages", "commune-officer@18073#an", village)).Status);
        Assert.Equal("18100-01", (await service.SendAsync(HttpMethod.Post, $"{Units}/18100/villages", "commune-officer@18100#an", village)).Body.GetProperty("units")[0].GetProperty("code").GetString());
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Units}/18100-01/rename", "commune-officer@18100#an", rename)).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{Units}/18100-01/move", "commune-officer@18100#an", """{ "parent": "18073", "on": "2027-06-01", "legalBasis": "x" }""")).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Units}/18100-01/move", Province, """{ "parent": "18073", "on": "2027-06-01", "legalBasis": "x" }""")).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, $"{Units}/00000/rename", Province, rename)).Status);
        foreach (var (path, client, body) in new[]
                 {
                     ("/18100/villages", "commune-officer@18100#an", "\"name\": \"Một\", \"kind\": \"thon\""),
                     ("/18100/split", Province, "\"ends\": false, \"legalBasis\": \"x\", \"into\": [{ \"code\": \"99001\", \"name\": \"A\", \"kind\": \"xa\", \"part\": \"p\" }]"),
                 })
        {
            foreach (var (day, rule) in new[] { ("", "required"), (", \"on\": \"3500-01-01\"", "day-out-of-bounds") })
            {
                var undated = await service.SendAsync(HttpMethod.Post, $"{Units}{path}", client, $"{{ {body}{day} }}");
                Assert.True(undated.Status == 422, undated.Text);
                Assert.Equal(("on", rule), (undated.Body.GetProperty("faults")[0].GetProperty("field").GetString(), undated.Body.GetProperty("faults")[0].GetProperty("rule").GetString()));
            }
        }

        foreach (var strange in (string[])["null", "{}", "[]", """{ "on": "0001-01-01" }""", """{ "on": "9999-12-31" }""", """{ "name": "a\u0000" }""", """{ "name": "\ud800" }""", """{ "facts": [null] }""", """{ "from": [null], "into": {} }""", """{ "into": [null] }""", .. Undated])
        {
            foreach (var path in (string[])["", "/merge", "/18100/villages", "/18073/rename", "/18073/move", "/18073/classify", "/18073/split", "/18073/dissolve"])
                Assert.InRange((await service.SendAsync(HttpMethod.Post, $"{Units}{path}", Province, strange)).Status, 200, 499);
            foreach (var format in (string[])["json", "csv"])
                Assert.InRange((await service.SendAsync(HttpMethod.Post, $"{Import}?format={format}", Operator, strange)).Status, 400, 499);
        }
    }

    [Fact]
    public async Task An_export_of_any_instant_is_imported_without_effect()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        var old = await service.SendAsync(HttpMethod.Get, Export, "commune-officer@18073#an");
        var oldTable = await service.SendAsync(HttpMethod.Get, $"{Export}?format=csv", Province);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Units}/18073/classify", Province, """{ "facts": [{ "name": "coastal", "value": true, "to": "2030-12-31" }], "legalBasis": "x" }""")).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Units}/18073/rename", Province, """{ "name": "Tên Mới", "on": "2027-01-01", "legalBasis": "x" }""")).Status);
        var now = await service.SendAsync(HttpMethod.Get, Export, Province);
        Assert.Contains("Tên Mới", now.Text, StringComparison.Ordinal);
        foreach (var (file, mediaType) in new[] { (old.Text, "json"), (now.Text, "json"), (oldTable.Text, "csv") })
        {
            var again = await service.SendAsync(HttpMethod.Post, $"{Import}?format={mediaType}", Province, file, mediaType: mediaType == "csv" ? "text/csv" : "application/json");
            Assert.True(again.Status == 200, again.Text);
            Assert.Equal(0, again.Body.GetProperty("added").GetInt32());
        }

        Assert.Null((await service.SendAsync(HttpMethod.Post, Import, Province, now.Text)).Headers.ETag);
        var matched = await service.SendAsync(HttpMethod.Post, Import, Province, now.Text, ifMatch: "\"1\"");
        Assert.Equal(400, matched.Status);
        Assert.EndsWith("/if-match-not-offered", matched.Body.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal(now.Text, (await service.SendAsync(HttpMethod.Get, Export, Province)).Text);
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Get, $"{Export}?format=xml", Province)).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, Import, "ministry@0", old.Text)).Status);

        await using var other = new CriteriaHost(await postgres.CreateAsync());
        await other.ApplySchemaAsync();
        Assert.Equal(403, (await other.SendAsync(HttpMethod.Post, Import, Province, now.Text)).Status);
        Assert.Equal(200, (await other.SendAsync(HttpMethod.Post, $"{Import}?dryRun=true", Operator, now.Text)).Status);
        Assert.Equal(200, (await other.SendAsync(HttpMethod.Post, Import, Operator, now.Text)).Status);
        Assert.Equal(now.Text, (await other.SendAsync(HttpMethod.Get, Export, Province)).Text);
    }

    [Fact]
    public async Task A_whole_country_is_imported_in_one_piece_within_a_minute()
    {
        var database = await postgres.CreateAsync();
        await using var service = new CriteriaHost(database);
        await service.ApplySchemaAsync();
        var country = Country.Of(63, 160);
        var file = JsonSerializer.Serialize(new { units = country.Values }, NtmJson.Http);
        var clock = Stopwatch.StartNew();
        var first = await service.SendAsync(HttpMethod.Post, Import, Operator, file);
        Assert.True(first.Status == 200, first.Text[..Math.Min(1000, first.Text.Length)]);
        var took = clock.Elapsed;
        Assert.Equal(1, await NumberAsync(database, "select count(distinct xmin::text) from mt_events"));
        Assert.Equal(country.Count, await NumberAsync(database, "select count(*) from mt_doc_unitrecord"));
        clock.Restart();
        var second = await service.SendAsync(HttpMethod.Post, Import, Operator, file);
        Assert.Equal((0, country.Count), (second.Body.GetProperty("added").GetInt32(), second.Body.GetProperty("unchanged").GetInt32()));
        var again = clock.Elapsed;
        clock.Restart();
        var exported = await service.SendAsync(HttpMethod.Get, Export, Operator);
        var export = clock.Elapsed;
        Assert.Equal(country.Count, exported.Body.GetProperty("units").GetArrayLength());
        clock.Restart();
        var renamed = await service.SendAsync(HttpMethod.Post, $"{Units}/01001/rename", "province-officer@01#an", """{ "name": "Tên Mới", "on": "2027-01-01", "legalBasis": "x" }""");
        Assert.True(renamed.Status == 200, renamed.Text);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{country.Count} units, {file.Length / 1e6:F1} MB: {took.TotalSeconds:F1} s, again {again.TotalSeconds:F1} s, export {export.TotalSeconds:F1} s, one act {clock.Elapsed.TotalSeconds:F2} s"));
        Assert.True(took < TimeSpan.FromSeconds(60), $"{took}");
    }

    /// <summary>Bodies that are whole but for their day.</summary>
    private static IEnumerable<string> Undated =>
        from day in (string[])["", ", \"on\": \"3500-01-01\"", ", \"on\": \"1700-01-01\"", ", \"on\": null"]
        from body in (string[])[
            "\"name\": \"Một\", \"kind\": \"thon\"",
            "\"ends\": false, \"legalBasis\": \"x\", \"into\": [{ \"code\": \"99001\", \"name\": \"A\", \"kind\": \"xa\", \"part\": \"p\" }, { \"unit\": \"18073\", \"part\": \"q\" }]",
            "\"legalBasis\": \"x\", \"into\": { \"code\": \"99001\", \"name\": \"A\", \"kind\": \"xa\" }, \"from\": [{ \"unit\": \"18073\", \"part\": \"whole\" }]",
            "\"legalBasis\": \"x\", \"parent\": \"42\", \"successors\": [{ \"unit\": \"18100\", \"part\": \"whole\" }]"]
        select $"{{ {body}{day} }}";

    private static async Task<CriteriaHost> StartedAsync(string database)
    {
        var service = new CriteriaHost(database);
        await service.ApplySchemaAsync();
        await service.ImportDataAsync(Ct);
        return service;
    }

    private static async Task<long> NumberAsync(string database, string query)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(query, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture);
    }
}

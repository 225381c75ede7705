using System.Globalization;
using System.Text;
using System.Text.Json;
using Marten;
using MiniExcelLibs;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Tests.Evidence;
using Ntm.Criteria.Tests.Periods;

namespace Ntm.Criteria.Tests.Bulk;

/// <summary>Forms out and filled files in, over HTTP and a real store.</summary>
public sealed class ImportStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Own = "commune-officer@18073~2024-12-31#an";
    private const string Colleague = "commune-officer@18073~2024-12-31#binh";
    private const string Province = "province-officer@42#phuong";
    private const string Period = "/api/criteria/periods/2024-Q4";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_form_is_filled_in_tried_imported_and_imported_again_without_change()
    {
        var database = await postgres.CreateAsync();
        await using var service = await PrepareAsync(database);
        foreach (var format in (string[])["xlsx", "csv"])
        {
            var (status, form, answer) = await service.SendAsync(HttpMethod.Get, $"{Period}/template?format={format}", Own);
            Assert.Equal((200, $"2024-Q4.{format}"), (status, answer.Content.Headers.ContentDisposition?.FileNameStar));
            var rows = format == "xlsx" ? Read(form) : [.. Encoding.UTF8.GetString(form).TrimStart('\uFEFF').Split("\r\n").Where(l => l.Length > 0).Select(l => l.Split(','))];
            Assert.StartsWith("Mã đơn vị [unit]", rows[0][0], StringComparison.Ordinal);
            Assert.Contains("Giá trị [value]", rows[0]);
        }

        var (_, sent, _) = await service.SendAsync(HttpMethod.Get, $"{Period}/template", Own);
        var filled = Fill(sent, (code, type) => type switch { "yesno" => "có", "text" => "Mức độ 3", _ => 50.5 });
        var before = await EventsAsync(database);
        var tried = await ImportAsync(service, Own, filled, "?dryRun=true");
        Assert.Equal((200, true, 0, 1), (tried.Status, tried.Body.GetProperty("dryRun").GetBoolean(), tried.Body.GetProperty("faults").GetArrayLength(), tried.Body.GetProperty("reports").GetInt32()));
        Assert.Equal(before, await EventsAsync(database));

        var count = tried.Body.GetProperty("recorded").GetInt32();
        var written = await ImportAsync(service, Own, filled);
        Assert.Equal((200, count), (written.Status, written.Body.GetProperty("recorded").GetInt32()));
        Assert.Equal(before + count + 1, await EventsAsync(database));
        var again = await ImportAsync(service, Own, filled);
        Assert.Equal((200, 0, count), (again.Status, again.Body.GetProperty("recorded").GetInt32(), again.Body.GetProperty("unchanged").GetInt32()));
        Assert.Equal(before + count + 1, await EventsAsync(database));

        // The form of now, sent back as it is, changes nothing either.
        foreach (var format in (string[])["xlsx", "csv"])
        {
            var (_, now, _) = await service.SendAsync(HttpMethod.Get, $"{Period}/template?format={format}", Own);
            var same = await ImportAsync(service, Own, now);
            Assert.Equal((200, count), (same.Status, same.Body.GetProperty("unchanged").GetInt32()));
        }

        var report = (await service.GetAsync("/api/criteria/reports/2024-Q4/18073", Own)).Body;
        Assert.Equal(50.5m, report.GetProperty("indicators").EnumerateArray().First(i => i.GetProperty("value").ValueKind == JsonValueKind.Number).GetProperty("value").GetDecimal());
    }

    [Fact]
    public async Task One_bad_row_stops_all_or_is_left_out_by_choice()
    {
        var database = await postgres.CreateAsync();
        await using var service = await PrepareAsync(database);
        var file = Encoding.UTF8.GetBytes("unit;indicator;value;note\r\n18073;3.1;92,5;Bie\u0302n ba\u0309n\r\n18073;10;1.234\r\n18073;99;5\r\n18070;3.1;5\r\n");
        var before = await EventsAsync(database);
        var refused = await ImportAsync(service, Own, file);
        Assert.Equal(422, refused.Status);
        Assert.Equal(
            [(3, "value", "ambiguous-number"), (4, "indicator", "unknown-indicator"), (5, "unit", "forbidden")],
            refused.Body.GetProperty("faults").EnumerateArray().Select(f => (f.GetProperty("row").GetInt32(), f.GetProperty("column").GetString(), f.GetProperty("rule").GetString())));
        Assert.Contains("1234", refused.Body.GetProperty("faults")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("318", refused.Body.GetProperty("faults")[1].GetProperty("legalBasis").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await EventsAsync(database));

        var good = await ImportAsync(service, Own, file, "?mode=good");
        Assert.Equal((200, 1, 3), (good.Status, good.Body.GetProperty("recorded").GetInt32(), good.Body.GetProperty("faults").GetArrayLength()));
        var figure = (await service.GetAsync("/api/criteria/reports/2024-Q4/18073", Own)).Body.GetProperty("indicators").EnumerateArray().Single(i => i.GetProperty("code").GetString() == "3.1");
        Assert.Equal((92.5m, "Biên bản"), (figure.GetProperty("value").GetDecimal(), figure.GetProperty("note").GetString()));
    }

    [Fact]
    public async Task What_two_officers_entered_apart_is_decided_by_a_person()
    {
        var database = await postgres.CreateAsync();
        await using var service = await PrepareAsync(database);
        Assert.Equal(200, (await service.WriteAsync(HttpMethod.Put, "/api/criteria/reports/2024-Q4/18073/indicators/3.1", Colleague, new { value = 80, validOn = "2024-12-31" })).Status);
        const string header = "unit,indicator,value,basedOn,decision,reason\r\n";
        var before = await EventsAsync(database);
        var conflict = await ImportAsync(service, Own, Encoding.UTF8.GetBytes($"{header}18073,3.1,92.5,0,,\r\n18073,8.4,x,0,,\r\n"), "?mode=good");
        var shown = Assert.Single(conflict.Body.GetProperty("conflicts").EnumerateArray().ToList());
        Assert.Equal((92.5m, 80m, "binh"), (
            shown.GetProperty("yours").GetProperty("value").GetDecimal(), shown.GetProperty("theirs").GetProperty("value").GetDecimal(), shown.GetProperty("theirs").GetProperty("recordedBy").GetString()));
        Assert.Equal(before + 1, await EventsAsync(database));
        Assert.Equal(422, (await ImportAsync(service, Own, Encoding.UTF8.GetBytes($"{header}18073,3.1,92.5,0,,\r\n"))).Status);
        Assert.Equal(1, (await ImportAsync(service, Own, Encoding.UTF8.GetBytes($"{header}18073,3.1,92.5,0,theirs,\r\n"))).Body.GetProperty("skipped").GetInt32());
        Assert.Equal(422, (await ImportAsync(service, Own, Encoding.UTF8.GetBytes($"{header}18073,3.1,92.5,0,mine,Đếm lại\r\n"))).Status);
        var version = shown.GetProperty("theirs").GetProperty("version").GetInt64();
        Assert.Equal(1, (await ImportAsync(service, Own, Encoding.UTF8.GetBytes($"{header}18073,3.1,92.5,{version},mine,Đếm lại\r\n"))).Body.GetProperty("corrected").GetInt32());
        Assert.Equal(before + 2, await EventsAsync(database));

        // What a file added to a report that stood is kept as its events say.
        await using var session = service.Store.QuerySession();
        var kept = (await session.Query<Report>().ToListAsync(Ct)).Single(r => r.Figures.ContainsKey("3.1"));
        var folded = (await session.Events.AggregateStreamAsync<Report>(kept.Id, token: Ct))!;
        Assert.Equal((folded.Version, folded.Figures["3.1"].Version), (kept.Version, kept.Figures["3.1"].Version));
        Assert.Equal(kept.Version, kept.Figures["3.1"].Version);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_whole()
    {
        await using var service = await PrepareAsync(await postgres.CreateAsync());
        (string, byte[])[] files =
        [
            ("missing-column", "a,b\r\n1,2\r\n"u8.ToArray()), ("missing-column", []), ("malformed-body", [0x63, 0x68, 0xE0]), ("malformed-body", "unit,indicator,value\r\n\"1,2,3\r\n"u8.ToArray()),
            ("malformed-body", [0x50, 0x4B, 0x03, 0x04, 1, 2, 3]), ("duplicate-column", "unit,indicator,value,value\r\n1,2,3,4\r\n"u8.ToArray()),
            ("malformed-body", Samples.Zip([("xl/workbook.xml", "<x/>")])), ("too-many-columns", Wide()),
            ("too-many-rows", Encoding.ASCII.GetBytes("unit,indicator,value\n" + string.Concat(Enumerable.Repeat("1,2,3\n", 100_001)))),
        ];
        foreach (var (rule, file) in files)
        {
            var (status, body) = await ImportAsync(service, Own, file);
            Assert.Equal((400, rule), (status, body.GetProperty("type").GetString()!.Split('/')[^1]));
        }

        Assert.Equal(403, (await ImportAsync(service, "auditor@0#x", "unit,indicator,value\r\n"u8.ToArray())).Status);
        Assert.Equal(400, (await ImportAsync(service, Own, "unit,indicator,value\r\n"u8.ToArray(), "?mode=some")).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, "/api/criteria/periods/none/import", Own, new ByteArrayContent([1]))).Status);
    }

    [Fact]
    public async Task The_trips_to_the_database_do_not_grow_with_the_rows()
    {
        var database = await postgres.CreateAsync();
        await using var service = await PrepareAsync(database);
        string[] units = [.. Given.Tree.Below(Given.Unit("42", Given.EndOf2024).Id, "commune", Given.EndOf2024).Select(u => u.Version.Code)];
        using var trips = new Trips(database);
        await ImportAsync(service, Province, Rows(units[..3], "3.1", "50"));
        trips.Take();
        await ImportAsync(service, Province, Rows(units[..10], "10", "50,5"));
        var few = trips.Take();
        var (status, body) = await ImportAsync(service, Province, Rows(units[..200], "8.1", "x"));
        var many = trips.Take();
        Assert.Equal((200, 200), (status, body.GetProperty("recorded").GetInt32()));
        // The store sends up to 500 statements in one trip: 200 reports and their events are a few more than that.
        Assert.True(few > 0 && many <= few + 1, $"{few} trips for 10 rows, {many} for 200");

        await service.SendAsync(HttpMethod.Get, $"{Period}/template?format=csv&unit=18073", Province);
        few = trips.Take();
        await service.SendAsync(HttpMethod.Get, $"{Period}/template?format=csv", Province);
        many = trips.Take();
        Assert.True(many <= few, $"{few} trips for one unit, {many} for all");

        static byte[] Rows(IEnumerable<string> units, string indicator, string value) =>
            Encoding.UTF8.GetBytes("unit;indicator;value\r\n" + string.Concat(units.Select(u => $"{u};{indicator};{value}\r\n")));
    }

    [Fact]
    public async Task All_communes_and_indicators_come_in_one_file_within_ten_seconds()
    {
        var database = await postgres.CreateAsync();
        await using var service = await PrepareAsync(database);
        var (_, form, _) = await service.SendAsync(HttpMethod.Get, $"{Period}/template", Province);
        var filled = Fill(form, (_, type) => type switch { "yesno" => "x", "text" => "Mức độ 3", _ => 50.5 });
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var (status, body) = await ImportAsync(service, Province, filled);
        var took = clock.Elapsed;
        var rows = body.GetProperty("rows").GetInt32();
        Assert.Equal((200, rows), (status, body.GetProperty("recorded").GetInt32()));
        Assert.True(rows > 10_000, $"{rows} rows");
        Assert.True(took < TimeSpan.FromSeconds(10), $"{rows} rows took {took}");
        Assert.Equal(rows, (await ImportAsync(service, Province, filled)).Body.GetProperty("unchanged").GetInt32());
    }

    [Fact]
    public async Task Lists_are_given_away_whole_as_files()
    {
        await using var service = await PrepareAsync(await postgres.CreateAsync());
        await ImportAsync(service, Own, "unit,indicator,value\r\n18073,3.1,92.5\r\n"u8.ToArray());
        var (status, bytes, answer) = await service.SendAsync(HttpMethod.Get, "/api/criteria/units?level=commune&on=2024-12-31&format=csv&limit=5", Own);
        Assert.Equal((200, "text/csv", "units.csv"), (status, answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentDisposition?.FileNameStar));
        var lines = Encoding.UTF8.GetString(bytes).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("\uFEFFunitId,code,name,", lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length > 200, $"{lines.Length} lines");

        var rows = Read((await service.SendAsync(HttpMethod.Get, "/api/criteria/reports?format=xlsx", Province)).Bytes);
        Assert.Equal(["period", "unit"], rows[0].Take(2));
        Assert.Equal(["2024-Q4", "18073"], Assert.Single(rows.Skip(1)).Take(2));
        var json = (await service.GetAsync("/api/criteria/reports?format=json&limit=1")).Body;
        Assert.Equal("2024-Q4", Assert.Single(json.GetProperty("items").EnumerateArray().ToList()).GetProperty("period").GetString());
        Assert.Equal(400, (await service.GetAsync("/api/criteria/reports?format=pdf")).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, "/api/criteria/evidence?format=xlsx", Own)).Status);
        var history = Encoding.UTF8.GetString((await service.SendAsync(HttpMethod.Get, "/api/criteria/reports/2024-Q4/18073/history?format=csv", Own)).Bytes);
        Assert.Contains("indicator-recorded.v1", history, StringComparison.Ordinal);
        string[] lists =
        [
            "report-types", "assessments/difference?set=xa-ntm-2021-2025&under=18073&from=2024-06-30&to=2024-12-31",
            "assessments/18073/indicators/3.1/events?set=xa-ntm-2021-2025&on=2024-12-31",
        ];
        foreach (var list in lists)
        {
            var file = await service.SendAsync(HttpMethod.Get, $"/api/criteria/{list}{(list.Contains('?', StringComparison.Ordinal) ? '&' : '?')}format=csv", Own);
            Assert.Equal((list, 200, "text/csv"), (list, file.Status, file.Answer.Content.Headers.ContentType?.MediaType));
            Assert.True(Encoding.UTF8.GetString(file.Bytes).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length > 1, list);
        }

        var (notOffered, refusal) = await service.GetAsync("/api/criteria/reports/2024-Q4/18073?format=csv", Own);
        Assert.Equal((400, "format-not-offered"), (notOffered, refusal.GetProperty("type").GetString()!.Split('/')[^1]));
    }

    private static async Task<CriteriaService> PrepareAsync(string database)
    {
        var service = await CriteriaService.StartAsync(database);
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        return service;
    }

    private static async Task<(int Status, JsonElement Body)> ImportAsync(CriteriaService service, string client, byte[] file, string query = "")
    {
        var (status, bytes, _) = await service.SendAsync(HttpMethod.Post, $"{Period}/import{query}", client, new ByteArrayContent(file));
        return (status, JsonDocument.Parse(bytes).RootElement);
    }

    private static List<string?[]> Read(byte[] workbook)
    {
        using var stream = new MemoryStream(workbook);
        return [.. stream.Query(useHeaderRow: false).Cast<IDictionary<string, object?>>().Select(r => r.Values.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)).ToArray())];
    }

    /// <summary>The form with a value in each row, as an officer saves it.</summary>
    private static byte[] Fill(byte[] form, Func<string, string, object> valueOf)
    {
        using var read = new MemoryStream(form);
        var rows = read.Query(useHeaderRow: true).Cast<IDictionary<string, object?>>().ToList();
        foreach (var row in rows) row["Giá trị [value]"] = valueOf((string)row["Mã chỉ tiêu [indicator]"]!, (string)row["Kiểu giá trị [type]"]!);
        using var filled = new MemoryStream();
        filled.SaveAs(rows);
        return filled.ToArray();
    }

    private static byte[] Wide()
    {
        using var made = new MemoryStream();
        made.SaveAs(new[] { Enumerable.Range(0, 100).ToDictionary(n => $"c{n}", n => (object)n) });
        return made.ToArray();
    }

    private static async Task<long> EventsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select count(*) from mt_events");
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }
}

namespace Ntm.EndToEnd;

/// <summary>Every endpoint × role × relation against a table written by hand; an endpoint without a row fails.</summary>
[Collection(OneHouse.Name)]
public sealed class RightsTests(House house)
{
    private const string OldUnit = "18400";
    private const string Unit = "18844";
    private const string SessionUnit = "18628";
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    private sealed record Row(string Method, string Endpoint, string Scene, IReadOnlyDictionary<string, string> Answers);

    /// <summary>The things that the table's paths speak of.</summary>
    private sealed record Things(string Period, string ClosingPeriod, string District, string UnitId, string Dossier, string Model, string Entry, string Difficulty, string Evidence, string Session);

    [Fact]
    public async Task Every_endpoint_has_a_row()
    {
        HashSet<string> described = new(StringComparer.Ordinal) { "GRPC /ntm.central.v1.ChangeFeed/Pull" };
        foreach (var service in Ntm.Contracts.Topology.Services)
        {
            foreach (var path in (await api.GetAsync($"/openapi/{service}.json")).Must(200)["paths"].EnumerateObject())
                described.UnionWith(path.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}"));
        }

        Assert.Equal(described.Order(StringComparer.Ordinal), Table().Select(r => $"{r.Method} {r.Endpoint}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_role_is_answered_as_the_table_says()
    {
        var things = await PrepareAsync();
        List<string> wrong = [];
        foreach (var row in Table())
        {
            foreach (var (caller, expected) in row.Answers)
            {
                var (answer, detail) = await AnswerAsync(row, ClientOf(caller, row, things), things);
                if (answer != expected) wrong.Add($"{row.Method} {row.Endpoint} ({row.Scene}) by {caller}: {expected} was expected, {answer} came {detail}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<Things> PrepareAsync()
    {
        var period = await scene.PeriodAsync(Scene.ThreeTiers);
        var report = Scene.Report(period, OldUnit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.CommuneOf2024(OldUnit), new { value = true, validOn = Scene.ThreeTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.CommuneOf2024(OldUnit), new { incompleteBecause = "thử" })).Must(200);
        var difficulty = (await api.PostAsync($"{report}/difficulties", Who.CommuneOf2024(OldUnit), new { text = "thử" })).Must(201)["id"].GetString()!;
        var unit = (await api.GetAsync($"/api/criteria/units/{OldUnit}?on={Scene.ThreeTiers}", Who.Auditor)).Must(200)["unit"];
        var (district, unitId) = (unit.GetProperty("parent").GetString()!, unit.GetProperty("unitId").GetString()!);

        var dossier = await scene.DossierAsync(Unit);
        (await api.PostAsync($"{dossier}/submit", Who.Commune(Unit))).Must(200);
        (await api.PostAsync($"{dossier}/accept", Who.Secretary)).Must(200);
        string[] members = [.. Enumerable.Range(1, 9).Select(n => $"council-member@42#r{n}")];
        (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = members[0], members })).Must(200);

        var sat = await scene.DossierAsync(SessionUnit);
        (await api.PostAsync($"{sat}/submit", Who.Commune(SessionUnit))).Must(200);
        (await api.PostAsync($"{sat}/accept", Who.Secretary)).Must(200);
        var session = (await api.PostAsync("/api/appraisal/sessions", Who.Secretary, new
        {
            appointment = new { number = "1/QĐ-UBND", date = Scene.TwoTiers, issuer = "UBND tỉnh" },
            chair = members[0],
            secretary = members[2],
            members = members.Select(client => new { client, body = "Sở", voting = true }),
            dossiers = new[] { sat.Split('/')[^1] },
            // A secret one would keep other tests from backing up the house.
            ballot = "open",
        })).Must(201)["id"].GetString()!;

        var model = (await api.PostAsync("/api/pilots/models", Who.Commune(Unit), ModelBody())).Must(201);
        var entry = await Until.FoundAsync(
            async () => (await api.GetAsync("/api/notifications/inbox", Who.Commune(Unit))).Must(200)["items"].EnumerateArray().Select(e => e.GetProperty("id").GetString()).FirstOrDefault(),
            "the commune has an entry");
        var evidence = (await api.UploadAsync($"/api/criteria/evidence?unit={OldUnit}&on={Scene.ThreeTiers}", Who.CommuneOf2024(OldUnit), "Biên bản"u8.ToArray())).Must(201);
        return new(period, await scene.PeriodAsync(Scene.ThreeTiers), district, unitId, dossier, model["id"].GetString()!, entry, difficulty, evidence["sha256"].GetString()!, session);
    }

    private async Task<(string Answer, string Detail)> AnswerAsync(Row row, string? client, Things things)
    {
        if (row.Method == "GRPC")
        {
            var end = (await MinistryClient.PullAsync(house, client is null ? null : await api.TokenAsync(client))).End;
            return (end.TryGetProperty("code", out var code) ? code.GetString() switch { "UNAUTHENTICATED" => "401", "PERMISSION_DENIED" => "403", var other => other! } : "ok", "");
        }

        var path = row.Endpoint
            .Replace("{period}", row.Scene == "closing" ? things.ClosingPeriod : things.Period, StringComparison.Ordinal)
            .Replace("{unit}", row.Scene == "report" ? OldUnit : Unit, StringComparison.Ordinal)
            .Replace("{unitId}", things.UnitId, StringComparison.Ordinal)
            .Replace("{indicator}", "1.1", StringComparison.Ordinal)
            .Replace("{sha256}", things.Evidence, StringComparison.Ordinal)
            .Replace("{n}", "1", StringComparison.Ordinal)
            .Replace("{set}", Scene.Set, StringComparison.Ordinal)
            .Replace("{condition}", row.Scene, StringComparison.Ordinal)
            .Replace("/api/appraisal/dossiers/{id}", things.Dossier, StringComparison.Ordinal)
            .Replace("/api/appraisal/recognitions/{id}", things.Dossier.Replace("/dossiers/", "/recognitions/", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("{id}", row.Scene switch { "model" => things.Model, "entry" => things.Entry, "difficulty" => things.Difficulty, "session" => things.Session, _ => "commune-ntm" }, StringComparison.Ordinal);
        var query = row.Endpoint switch
        {
            "/api/criteria/units/{unit}" or "/api/criteria/units/{unit}/history" or "/api/criteria/lineage/{unit}" => $"?on={Scene.ThreeTiers}",
            "/api/criteria/lineage/{unit}/figures" => $"?set={Scene.Set}&on={Scene.ThreeTiers}",
            "/api/criteria/lineage/rules/{set}" => "?province=42",
            "/api/criteria/search" => "?q=ha",
            "/api/criteria/evidence" when row.Method == "POST" => $"?unit={OldUnit}&on={Scene.ThreeTiers}",
            "/api/criteria/assessments/{unit}" => $"?set={Scene.Set}&validOn={Scene.ThreeTiers}",
            "/api/criteria/assessments" => $"?set={Scene.Set}&validOn={Scene.ThreeTiers}&under={OldUnit}",
            "/api/criteria/assessments/difference" => $"?set={Scene.Set}&under={OldUnit}&from=2024-06-30&to={Scene.ThreeTiers}",
            "/api/criteria/assessments/{unit}/difference" => $"?set={Scene.Set}&from=2024-06-30&to={Scene.ThreeTiers}",
            "/api/criteria/assessments/{unit}/indicators/{indicator}/events" => $"?set={Scene.Set}&on={Scene.ThreeTiers}",
            "/api/criteria/completeness" => $"?under={OldUnit}&periods={things.Period}",
            "/api/criteria/completeness/{period}" => $"?under={OldUnit}",
            "/api/appraisal/dossiers/{id}/difference" => "?from=2026-01-01T00:00:00Z",
            "/api/appraisal/eligibility/{unit}" or "/api/appraisal/eligibility/{unit}/history" or "/api/appraisal/confirmations/{unit}/{condition}" or
                "/api/appraisal/confirmations/{unit}/{condition}/history" or "/api/appraisal/confirmations/{unit}/{condition}/documents" or
                "/api/appraisal/confirmations/{unit}/{condition}/documents/{sha256}" => "?title=commune-ntm",
            _ => "",
        };
        object? body = row.Method is not ("POST" or "PUT") ? null : row.Endpoint switch
        {
            "/api/appraisal/dossiers" or "/api/appraisal/recognitions/acknowledgements" => new { unit = Unit, title = "commune-ntm" },
            "/api/pilots/models" => ModelBody(),
            "/api/criteria/assessments/what-if" => new { set = Scene.Set, under = OldUnit, validOn = Scene.ThreeTiers },
            "/api/appraisal/dossiers/{id}/votes" => new { vote = "for" },
            _ => new { },
        };
        var json = body is null ? null : System.Text.Json.JsonSerializer.Serialize(body);
        var answer = await api.SendAsync(new(row.Method), path + query, client, json, body is null ? null : Api.NewKey());
        return (answer.Status switch { 401 => "401", 403 => "403", 404 or >= 500 => $"{answer.Status}", _ => "ok" }, answer.Text);
    }

    private static string? ClientOf(string caller, Row row, Things things)
    {
        var (unit, other, day) = row.Scene is "report" or "closing" or "difficulty" ? (OldUnit, "18073", "~2024-12-31") : (Unit, "18073", "");
        return caller switch
        {
            "anonymous" => null,
            "commune@own" => $"commune-officer@{unit}{day}#r-xa",
            "commune@other" => $"commune-officer@{other}{day}#r-xa-khac",
            "district@own" => $"district-officer@{things.District}~2024-12-31#r-huyen",
            "district@other" => $"district-officer@{(things.District == "436" ? "437" : "436")}~2024-12-31#r-huyen-khac",
            "department-SNN" => "department-officer@42:SNN#r-snn",
            "department-CAT" => "department-officer@42:CAT#r-cat",
            "province-officer" => "province-officer@42#r-tinh",
            "council@chair" => "council-member@42#r1",
            "council@member" => "council-member@42#r2",
            "council@outside" => "council-member@42#r-ngoai",
            "front" => "front-officer@42#r-mt",
            "province-chair" => "province-chair@42#r-ct",
            _ => $"{caller}@0#r-{caller}",
        };
    }

    private static object ModelBody() => new { kind = "smart-village", unit = Unit, village = "Thôn 1", title = $"Thôn thông minh {Api.NewKey()}" };

    private static List<Row> Table()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "rights.csv"));
        var columns = lines[0].Split(',');
        return
        [
            .. from line in lines.Skip(1)
               let cells = line.Split(',')
               select new Row(cells[0], cells[1], cells[2], columns.Skip(3).Zip(cells.Skip(3)).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal)),
        ];
    }
}

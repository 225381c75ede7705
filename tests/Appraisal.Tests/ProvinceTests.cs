using System.Text.Json;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>
/// A province's own title (QĐ 18/2022/QĐ-TTg, QĐ 321/QĐ-TTg): the province assesses and submits, the Front surveys, the ministry appraises,
/// the country's council votes, the Prime Minister's decision is recorded. And a town's, of which the criteria were not read.
/// </summary>
public sealed class ProvinceTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Api = "/api/appraisal";
    private const string Set = "tinh-ntm-2021-2025";
    private const string TownSet = "thi-xa-thanh-pho-ntm-2021-2025";
    private const string Officer = "province-officer@42#an";
    private const string Other = "province-officer@42#quy";
    private const string Elsewhere = "province-officer@30#xa";
    private const string Ministry = "ministry@0#bo";
    private const string Front = "front-officer@42#mt";
    private static readonly string[] Members = ["council-member@0#1", "council-member@0#2", "council-member@0#3"];
    private static readonly UnitRef Province = new(Given.Province, "42", "Tỉnh Hà Tĩnh");
    private static readonly UnitRef Town = new(DeterministicId.Of("town"), "437", "Thị xã Hồng Lĩnh");
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_province_goes_the_whole_way_from_its_eligibility_to_the_register()
    {
        await using var service = await StartAsync();
        await AssessAsync(service, "notMet");
        Assert.Equal(("notMet", "unknown", "unknown"), await ConditionsAsync(service));
        Assert.Equal("not-eligible", Rule(await SendAsync(service, "dossiers", Officer, new { unit = "42", title = "province-ntm" }, 409)));
        await AssessAsync(service, "met");
        await ConfirmAsync(service);
        Assert.Equal(("met", "met", "met"), await ConditionsAsync(service));
        await service.Keeper.JudgeAsync(Given.Book.Version("province-ntm", "qd18-2022.1"), new Dictionary<Guid, JasperFx.Events.IEvent?> { [Province.Id] = null }, Ct);
        await using (var session = service.Store.QuerySession())
        {
            var told = Assert.Single(await session.Events.FetchStreamAsync(KeptEligibility.Key(Province.Id, "province-ntm"), token: Ct));
            Assert.Empty(Assert.IsType<UnitBecameEligible>(told.Data).Finding.Superiors);
        }

        await SendAsync(service, "dossiers", Elsewhere, new { unit = "42", title = "province-ntm" }, 403);
        await SendAsync(service, "dossiers", Ministry, new { unit = "42", title = "province-ntm" }, 403);
        var opened = await SendAsync(service, "dossiers", Officer, new { unit = "42", title = "province-ntm" }, 201);
        Assert.Equal("42", opened.GetProperty("unit").GetString());
        var id = opened.GetProperty("id").GetString()!;
        var dossier = $"dossiers/{id}";
        Task<JsonElement> TakeAsync(string step, string client, object body, int status = 200) => SendAsync(service, $"{dossier}/{step}", client, body, status);

        await TakeAsync("self-assessment", Officer, new { date = "2026-01-20" });
        await TakeAsync("consultation", Officer, new { places = new[] { new { where = "Cổng thông tin tỉnh", from = "2026-01-20", to = "2026-01-30" } } });
        var day = opened.GetProperty("day").GetString();
        var surveyed = await TakeAsync("survey", Front, new { from = day, to = day, households = 100, asked = 90, answered = 80, questions = new[] { new { no = 1, satisfied = 78, notSatisfied = 2 } } });
        Assert.Equal(("phieu-7", "unknown"), (surveyed.GetProperty("survey").GetProperty("summary").GetProperty("form").GetString(), surveyed.GetProperty("survey").GetProperty("summary").GetProperty("result").GetString()));
        Assert.Equal(["submit"], await QueueAsync(service, Other));
        await TakeAsync("submit", Other, new { });

        // The province does not appraise itself, and whoever prepared the dossier does not under another role either.
        await TakeAsync("accept", "province-officer@42#ba", new { }, 403);
        Assert.Equal(["accept", "return"], await QueueAsync(service, Ministry));
        Assert.Empty(await QueueAsync(service, Other));
        Assert.Equal("self-approval", Rule(await TakeAsync("accept", "ministry@0#an", new { }, 403)));
        await TakeAsync("accept", Ministry, new { });
        await TakeAsync("central-opinions", Other, new { body = "Bộ Tài chính", findings = new[] { new { criterion = 1, result = "meets" } } }, 403);
        await TakeAsync("central-opinions", Ministry, new { body = "Bộ Tài chính", findings = new[] { new { criterion = 1, result = "must-supplement", reason = "Thiếu biểu" } } });
        var opinions = (await TakeAsync("central-opinions", Ministry, new { body = "Bộ Tài chính", findings = new[] { new { criterion = 1, result = "meets" } } })).GetProperty("opinions");
        Assert.Equal(("Bộ Tài chính", "central-opinions", 1), (opinions[0].GetProperty("opinion").GetProperty("department").GetString(), opinions[0].GetProperty("step").GetString(), opinions.GetArrayLength()));
        await TakeAsync("report", Ministry, new { date = "2026-01-31", recommendation = "propose", summary = "Đủ điều kiện" });
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Get, $"{Api}/{dossier}", Elsewhere)).Status);
        Assert.All(
            await Task.WhenAll(new[] { Officer, Ministry, "auditor@0#kt" }.Select(c => service.SendAsync(HttpMethod.Get, $"{Api}/{dossier}", c))), read => Assert.Equal(200, read.Status));

        await TakeAsync("council", "province-officer@42#ba", new { chair = Members[0], members = Members }, 403);
        // Whoever appraised, entered figures or confirmed a condition is not on the council, and nobody else's officer is.
        foreach (var recused in (string[])["council-member@0#bo", "council-member@0#an", "council-member@0#mt", "council-member@0#xn", "province-officer@42#9"])
            Assert.Equal("council-member", Rule(await TakeAsync("council", Ministry, new { chair = Members[0], members = Members.Append(recused) }, 422)));
        await TakeAsync("council", Ministry, new { chair = Members[0], members = Members });
        foreach (var member in Members) await TakeAsync("votes", member, new { vote = "for" });
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, $"{Api}/{dossier}/votes/close", Members[0], new { })).Status);
        await TakeAsync("votes/close", Members[0], new { passed = true, basis = "Biên bản số 1" });
        await TakeAsync("decision", "province-chair@42#ct", new { number = "1/QĐ-TTg", date = "2026-01-31", legalBasis = "QĐ 18/2022/QĐ-TTg" }, 403);
        await TakeAsync("decision", Ministry, new { number = "1/QĐ-TTg", date = "2026-01-31", legalBasis = "QĐ 18/2022/QĐ-TTg" });
        var published = await TakeAsync("publication", Ministry, new { date = "2026-02-01", where = "Cổng Chính phủ" });
        Assert.Equal("published", published.GetProperty("state").GetString());

        var entry = Assert.Single((await service.SendAsync(HttpMethod.Get, $"{Api}/recognitions?unit=42", "auditor@0#kt")).Body.GetProperty("items").EnumerateArray().ToArray());
        Assert.Equal(
            ("province-ntm", "in-force", "prime-minister", "Tỉnh Hà Tĩnh"),
            (entry.GetProperty("title").GetString(), entry.GetProperty("status").GetString(), entry.GetProperty("issuer").GetString(), entry.GetProperty("unitName").GetString()));
        Assert.Equal("title-in-force", Rule(await SendAsync(service, "dossiers", Officer, new { unit = "42", title = "province-ntm" }, 409)));
        var correction = new { number = "2/QĐ-TTg", date = "2026-02-02", legalBasis = "QĐ 18", reason = "Ghi sai căn cứ", corrected = new { legalBasis = "QĐ 18/2022/QĐ-TTg, Điều 3" } };
        await SendAsync(service, $"recognitions/{id}/corrections", "province-chair@42#ct", correction, 403);
        await SendAsync(service, $"recognitions/{id}/corrections", Ministry, correction, 200);
    }

    [Fact]
    public async Task Each_condition_of_a_province_is_confirmed_by_one_body_which_reads_what_it_confirmed()
    {
        await using var service = await StartAsync();
        var confirmed = new { met = true, basis = "BC 1", validOn = "2026-01-15" };
        async Task<int> PutAsync(string condition, string client) => (await service.SendAsync(HttpMethod.Put, $"{Api}/confirmations/42/{condition}?title=province-ntm", client, confirmed)).Status;
        foreach (var client in (string[])["department-officer@42:SNN#sn", Officer, Front, "auditor@0#kt"]) Assert.Equal(403, await PutAsync("arrears", client));
        Assert.Equal(200, await PutAsync("arrears", Ministry));
        foreach (var client in (string[])[Ministry, Officer, "front-officer@30#xa"]) Assert.Equal(403, await PutAsync("satisfaction", client));
        Assert.Equal(200, await PutAsync("satisfaction", Front));
        Assert.Equal(404, await PutAsync("security", Ministry));
        var history = await service.SendAsync(HttpMethod.Get, $"{Api}/confirmations/42/arrears/history?title=province-ntm", Ministry);
        Assert.Equal((200, 1), (history.Status, history.Body.GetProperty("items").GetArrayLength()));
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Get, $"{Api}/confirmations/42/satisfaction/history?title=province-ntm", Ministry)).Status);
    }

    [Fact]
    public async Task Titles_are_for_units_of_their_tier_and_kind_and_a_province_s_is_acknowledged_by_the_ministry_alone()
    {
        await using var service = await StartAsync();
        foreach (var (unit, title) in ((string, string)[])[("436", "province-ntm"), ("42", "town-ntm"), ("42", "district-ntm"), ("436", "town-ntm")])
            Assert.Equal("unit-tier", Rule((await service.SendAsync(HttpMethod.Get, $"{Api}/eligibility/{unit}?title={title}&on=2025-06-30", Officer)).Body));
        Assert.Equal("procedure-unknown", Rule((await service.SendAsync(HttpMethod.Get, $"{Api}/eligibility/42?title=province-ntm-pilot", Officer)).Body));
        var acknowledged = new { unit = "42", title = "province-ntm", number = "1/QĐ", date = "2026-01-15", legalBasis = "x" };
        await SendAsync(service, "recognitions/acknowledgements", "province-chair@42#ct", acknowledged, 403);
        // Before the procedure's first day as well.
        await SendAsync(service, "recognitions/acknowledgements", "province-chair@42#ct", acknowledged with { date = "2021-01-15" }, 403);
        Assert.Equal("nothing-to-acknowledge", Rule(await SendAsync(service, "recognitions/acknowledgements", Ministry, acknowledged with { date = "2021-01-15" }, 409)));
        Assert.Equal("nothing-to-acknowledge", Rule(await SendAsync(service, "recognitions/acknowledgements", Ministry, acknowledged, 409)));
    }

    [Fact]
    public async Task A_town_s_criteria_stay_unknown_and_the_answer_says_why()
    {
        await using var service = await StartAsync();
        var answer = (await service.SendAsync(HttpMethod.Get, $"{Api}/eligibility/437?title=town-ntm&on=2025-06-30", "district-officer@437#tx")).Body;
        Assert.False(answer.GetProperty("eligible").GetBoolean());
        var criteria = answer.GetProperty("conditions").EnumerateArray().Single(c => c.GetProperty("id").GetString() == "criteria");
        Assert.Equal("unknown", criteria.GetProperty("status").GetString());
        Assert.Contains("chưa đọc được", criteria.GetProperty("requirement").GetString(), StringComparison.Ordinal);
        Assert.False(answer.GetProperty("basedOn").GetProperty("setComplete").GetBoolean());

        var shown = (await service.SendAsync(HttpMethod.Get, $"{Api}/procedures/town-ntm", Officer)).Body;
        Assert.Equal((TownSet, "2025-06-30"), (shown.GetProperty("set").GetString(), shown.GetProperty("validTo").GetString()));
        var listed = (await service.SendAsync(HttpMethod.Get, $"{Api}/procedures", Officer)).Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("procedure").GetString());
        Assert.Equal(["commune-advanced", "commune-model", "commune-ntm", "district-advanced", "district-ntm", "province-ntm", "town-ntm"], listed);
        foreach (var id in (string[])["town-ntm", "province-ntm"])
            Assert.StartsWith("stateDiagram-v2\n", (await service.TextAsync(HttpMethod.Get, $"{Api}/procedures/{id}/diagram", Officer)).Text, StringComparison.Ordinal);
    }

    private static string? Rule(JsonElement problem) => problem.GetProperty("type").GetString()?.Split('/')[^1];

    private static async Task<JsonElement> SendAsync(AppraisalService service, string path, string client, object body, int status)
    {
        var answer = await service.SendAsync(HttpMethod.Post, $"{Api}/{path}", client, body);
        Assert.True(status == answer.Status, $"{path} by {client}: {answer.Status} {answer.Body}");
        return answer.Body;
    }

    private static async Task<string[]> QueueAsync(AppraisalService service, string client) =>
        [.. (await service.SendAsync(HttpMethod.Get, $"{Api}/queue", client)).Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("step").GetString()!)];

    private static async Task<(string?, string?, string?)> ConditionsAsync(AppraisalService service)
    {
        var conditions = (await service.SendAsync(HttpMethod.Get, $"{Api}/eligibility/42?title=province-ntm", Officer)).Body.GetProperty("conditions");
        string? Status(string id) => conditions.EnumerateArray().Single(c => c.GetProperty("id").GetString() == id).GetProperty("status").GetString();
        return (Status("criteria"), Status("arrears"), Status("satisfaction"));
    }

    private static async Task ConfirmAsync(AppraisalService service)
    {
        foreach (var (condition, client) in ((string, string)[])[("arrears", "ministry@0#xn"), ("satisfaction", Front)])
        {
            var body = new { met = true, value = condition == "satisfaction" ? 97m : (decimal?)null, basis = "BC 1", validOn = "2026-01-15" };
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Put, $"{Api}/confirmations/42/{condition}?title=province-ntm", client, body)).Status);
        }
    }

    private Task AssessAsync(AppraisalService service, string second) => service.LearnAsync(
        new AssessmentChanged(
            Given.Origin with { Stream = "report/tinh", Position = ++position, Version = position },
            new(Province, Set, 2, 0, 0, 0, 0, 1, [new("1", 1, "met", null, "= 100", null, "seen", null), new("2", 2, second, null, "= 100", null, "seen", null)], [new("2025", 3, ["an", "po"], ["an"])])),
        Ct);

    private async Task<AppraisalService> StartAsync()
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position, Version = position };
        foreach (var (unit, level, kind, parent) in ((UnitRef, string, string, Guid?)[])
            [(Province, "province", "tinh", null), (new(DeterministicId.Of("30"), "30", "Tỉnh khác"), "province", "tinh", null), (Town, "district", "thi_xa", Province.Id), (new(DeterministicId.Of("436"), "436", "Huyện Thạch Hà"), "district", "huyen", Province.Id)])
            await service.LearnAsync(new UnitChanged(Next($"unit/{unit.Code}"), new(unit.Id, level, null, [new(unit.Code, unit.Name, unit.Name, kind, parent, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new SetPublished(Next($"set/{Set}"), new(Set, "Tỉnh", "Province", "province", "2021-2025", true, null, null, [new("1", 1, "Huyện", "Districts", "seen"), new("2", 2, "Thị xã", "Towns", "seen")])), Ct);
        await service.LearnAsync(new SetPublished(Next($"set/{TownSet}"), new(TownSet, "Thị xã", "Towns", "district", "2021-2025", false, null, null, [])), Ct);
        return service;
    }
}

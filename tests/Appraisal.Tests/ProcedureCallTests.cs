using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Architecture.Tests;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>Procedures as they are read, and the move of a dossier to a later version, over HTTP.</summary>
public sealed class ProcedureCallTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Procedures = "/api/appraisal/procedures";
    private const string Reader = "commune-officer@18073#an";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_procedure_is_shown_in_both_languages_with_all_that_was_not_seen()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        var (vi, en) = (await ReadAsync(service, $"{Procedures}/commune-ntm", "vi"), await ReadAsync(service, $"{Procedures}/commune-ntm", "en"));
        Assert.Equal(("commune-ntm", "qd18-2022.1", JsonValueKind.Null), (vi.GetProperty("procedure").GetString(), vi.GetProperty("version").GetString(), vi.GetProperty("overlay").ValueKind));
        Assert.Contains(vi.GetProperty("unseen").EnumerateArray(), u => u.GetProperty("value").GetString() == "chưa quy định");
        Assert.Contains(en.GetProperty("unseen").EnumerateArray(), u => u.GetProperty("value").GetString() == "not set");
        Assert.All(vi.GetProperty("unseen").EnumerateArray(), u => Assert.NotEqual("seen", u.GetProperty("mark").GetString()));
        Assert.Equal("qd18-2022.1", (await ReadAsync(service, $"{Procedures}/commune-ntm?version=qd18-2022.1", "vi")).GetProperty("version").GetString());
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"{Procedures}/commune-x", Reader)).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"{Procedures}/commune-ntm?version=x", Reader)).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"{Procedures}/commune-x/diagram", Reader)).Status);
        Assert.Contains(
            (await ReadAsync(service, Procedures, "en")).GetProperty("items").EnumerateArray(), i => (i.GetProperty("procedure").GetString(), i.GetProperty("name").GetString()) == ("commune-ntm", "New-rural commune"));
    }

    [Fact]
    public async Task A_provinces_own_values_and_steps_stand_in_its_answer_and_diagram_only()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), Given.BookWith(("overlays/98/x.json", ProcedureTests.Overlay())));
        await LearnProvinceAsync(service, "98");
        await LearnProvinceAsync(service, "42");
        var own = await ReadAsync(service, $"{Procedures}/commune-ntm?province=98", "vi");
        Assert.Equal(("qd18-2022.1+invented", "98"), (own.GetProperty("version").GetString(), own.GetProperty("overlay").GetProperty("province").GetString()));
        Assert.Equal(7, DaysOf(own));
        Assert.Null(DaysOf(await ReadAsync(service, $"{Procedures}/commune-ntm?province=42", "vi")));
        Assert.Null(DaysOf(await ReadAsync(service, $"{Procedures}/commune-ntm?province=98&on=2023-12-31", "vi")));

        Assert.Contains("trên giấy: Đi thăm", await DiagramAsync(service, "?province=98", "vi"), StringComparison.Ordinal);
        Assert.Contains("on paper: Visit", await DiagramAsync(service, "?province=98", "en"), StringComparison.Ordinal);
        Assert.Contains("on paper: Visit", await DiagramAsync(service, "?version=qd18-2022.1%2Binvented", "en"), StringComparison.Ordinal);
        var national = await DiagramAsync(service, "", "vi");
        Assert.StartsWith("stateDiagram-v2\n", national, StringComparison.Ordinal);
        Assert.DoesNotContain("Đi thăm", national, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_day_without_a_version_there_is_none_and_a_province_that_is_not_known_is_named()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await LearnProvinceAsync(service, "42");
        foreach (var part in new[] { "", "/diagram" })
        {
            var (status, body) = await service.SendAsync(HttpMethod.Get, $"{Procedures}/commune-ntm{part}?on=2015-01-01", Reader);
            Assert.Equal((404, true), (status, body.GetProperty("detail").GetString()!.Contains("01/01/2015", StringComparison.Ordinal)));
            (status, body) = await service.SendAsync(HttpMethod.Get, $"{Procedures}/commune-ntm{part}?province=99", Reader);
            Assert.Equal((422, true), (status, body.GetProperty("errors").TryGetProperty("province", out _)));
            Assert.Equal(200, (await service.TextAsync(HttpMethod.Get, $"{Procedures}/commune-ntm{part}?province=42", Reader)).Status);
        }

        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, $"{Procedures}/district-ntm?on=2025-07-01", Reader)).Status);
        Assert.Equal("qd18-2022.1", (await ReadAsync(service, $"{Procedures}/district-ntm?on=2025-06-30", "vi")).GetProperty("version").GetString());
        // Without a day the last one is read, in force or not.
        Assert.Equal("2025-06-30", (await ReadAsync(service, $"{Procedures}/district-ntm", "vi")).GetProperty("validTo").GetString());
    }

    [Fact]
    public async Task A_dossier_is_moved_by_its_province_where_the_later_version_says_so()
    {
        var (now, next, kept) = (Given.ProcedureFile("commune-ntm.json"), Given.ProcedureFile("commune-ntm.json"), Given.ProcedureFile("commune-ntm.json"));
        now["valid_to"] = "2024-12-31";
        Version(next, "next.1", "2025-01-01", null, Transition.Transfer);
        var overlay = ProcedureTests.Overlay();
        overlay["version"] = "next.1";
        var book = Given.BookWith(("commune-ntm.json", now), ("commune-ntm-next1.json", next), ("overlays/98/invented.json", overlay));
        Version(kept, "next.1", "2025-01-01", null, Transition.Keep);
        var keeping = Given.BookWith(("commune-ntm.json", now), ("commune-ntm-next1.json", kept));
        var database = await postgres.CreateAsync();
        await using var service = await AppraisalService.StartAsync(database, book);
        await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = "unit/province" }, new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = "unit/commune" }, new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        var dossier = Given.Opened();
        await using (var session = service.Store.LightweightSession())
        {
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0];
            session.Events.StartStream(dossier.Id, opened, new DossierSubmitted("submitted", "an", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        var path = $"/api/appraisal/dossiers/{dossier.Number}";
        var body = new { to = "next.1", legalBasis = "Điều khoản chuyển tiếp" };
        const string province = "province-officer@42#quy";
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/transfer", Reader, body)).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/transfer", "province-officer@43#x", body)).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, $"/api/appraisal/dossiers/{Guid.CreateVersion7()}/transfer", province, body)).Status);
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, $"{path}/transfer", province, body with { to = "x" })).Status);
        // What another province set over the version is no version of this dossier.
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, $"{path}/transfer", province, body with { to = "next.1+invented" })).Status);
        await using (var strict = await AppraisalService.StartAsync(database, keeping))
        {
            var (status, refused) = await strict.SendAsync(HttpMethod.Post, $"{path}/transfer", province, body);
            Assert.Equal((409, true), (status, refused.GetProperty("type").GetString()!.EndsWith("transfer-not-allowed", StringComparison.Ordinal)));
        }

        var moved = await service.SendAsync(HttpMethod.Post, $"{path}/transfer", province, body);
        Assert.Equal((200, "next.1", "submitted"), (moved.Status, moved.Body.GetProperty("procedure").GetProperty("version").GetString(), moved.Body.GetProperty("state").GetString()));
        Assert.Equal(["accept", "return", "withdraw", "refuse"], moved.Body.GetProperty("nextSteps").EnumerateArray().Select(s => s.GetProperty("step").GetString()));
        var history = (await service.SendAsync(HttpMethod.Get, $"{path}/history", province)).Body;
        Assert.Equal("dossier-transferred.v1", history.GetProperty("items")[2].GetProperty("event").GetString());
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{path}/accept", province, new { })).Status);
    }

    private static Task LearnProvinceAsync(AppraisalService service, string code) => service.LearnAsync(
        new UnitChanged(Given.Origin with { Stream = $"unit/{code}" }, new(DeterministicId.Of(code), "province", null, [new(code, code, code, "tinh", null, null, null, null, "seen")], [], [])), Ct);

    private static void Version(JsonNode file, string version, string from, string? to, string rule)
    {
        (file["version"], file["valid_from"], file["valid_to"]) = (version, from, to);
        file["transition"] = new JsonObject { ["rule"] = rule, ["mark"] = "internal" };
    }

    private static int? DaysOf(JsonElement procedure) =>
        procedure.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("id").GetString() == "accept").GetProperty("deadline").GetProperty("value") is { ValueKind: JsonValueKind.Number } days
            ? days.GetInt32()
            : null;

    private static async Task<JsonElement> ReadAsync(AppraisalService service, string path, string language)
    {
        var (status, text) = await service.TextAsync(HttpMethod.Get, path, Reader, language: language);
        Assert.Equal(200, status);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<string> DiagramAsync(AppraisalService service, string query, string language)
    {
        var (status, text) = await service.TextAsync(HttpMethod.Get, $"{Procedures}/commune-ntm/diagram{query}", Reader, language: language);
        Assert.Equal(200, status);
        return text;
    }
}

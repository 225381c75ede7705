using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>A district's dossier is appraised by the country's bodies: they read it, find it in their queue and answer its flags.</summary>
public sealed class CountryTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Ministry = "ministry@0#bo";
    private static readonly Guid District = DeterministicId.Of("district");
    private static readonly Procedure Procedure = Given.Book.Version("district-ntm", "qd18-2022.1");
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_ministry_and_the_central_council_read_find_and_answer_what_is_theirs()
    {
        await using var service = await StartAsync(Given.Book);
        var (id, path) = await OpenedAsync(service);
        const string answer = "flags/1/answer";
        Assert.Equal(["council", answer], await QueueAsync(service, Ministry));
        Assert.Equal("200 200 200", await ReadsAsync(service, path, Ministry));
        Assert.Equal("403 403 403", await ReadsAsync(service, path, "council-member@0#1"));
        Assert.Equal("403 403 403", await ReadsAsync(service, path, "province-officer@46#xa"));
        Assert.Empty(await QueueAsync(service, "province-officer@42#quy"));
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/{answer}", "province-officer@42#quy", new { answer = "immaterial", reason = "x" })).Status);

        await AppendAsync(service, id, new CouncilNamed("1", [new("1", "council-member@0#1"), new("2", "council-member@0#2")], "voting", "bo", Given.Now));
        Assert.Equal("200 200 200", await ReadsAsync(service, path, "council-member@0#1"));
        Assert.Equal(["votes", answer], await QueueAsync(service, "council-member@0#1"));
        Assert.Empty(await QueueAsync(service, Ministry));
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/{answer}", Ministry, new { answer = "immaterial", reason = "x" })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{path}/{answer}", "council-member@0#1", new { answer = "immaterial", reason = "Không ảnh hưởng" })).Status);
        Assert.Equal(["votes"], await QueueAsync(service, "council-member@0#1"));
    }

    [Fact]
    public async Task A_council_that_cannot_vote_is_dissolved_with_a_reason_and_another_one_named()
    {
        await using var service = await StartAsync(Given.Book);
        var (id, path) = await OpenedAsync(service);
        await AppendAsync(service, id, new CouncilNamed("1", [new("1", "council-member@0#1"), new("2", "council-member@0#2")], "voting", "bo", Given.Now));
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/dissolve", "province-officer@42#quy", new { reason = "x" })).Status);
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, $"{path}/dissolve", Ministry, new { reason = " " })).Status);
        var (status, view) = await service.SendAsync(HttpMethod.Post, $"{path}/dissolve", Ministry, new { reason = "Không đủ người họp" });
        Assert.Equal((200, "accepted"), (status, view.GetProperty("state").GetString()));
        Assert.Equal("Không đủ người họp", view.GetProperty("steps").EnumerateArray().Last().GetProperty("facts").GetProperty("reason").GetString());
        var named = await service.SendAsync(HttpMethod.Post, $"{path}/council", Ministry, new { chair = "council-member@0#3", members = new[] { "council-member@0#3" } });
        Assert.Equal((200, "voting"), (named.Status, named.Body.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Another_provinces_file_is_no_version_to_move_to()
    {
        var (old, next) = (Given.ProcedureFile("district-ntm.json"), Given.ProcedureFile("district-ntm.json"));
        old["valid_to"] = "2025-12-31";
        next["valid_to"] = null;
        (next["version"], next["valid_from"]) = ("next.1", "2026-01-01");
        next["transition"] = new JsonObject { ["rule"] = "transfer", ["mark"] = "internal" };
        var overlay = JsonNode.Parse("""
            {"overlay":"hue","procedure":"district-ntm","version":"next.1","province":"46","valid_from":"2026-01-01","valid_to":null,
             "values":[{"at":"steps.report.required.value","value":true,"decision":{"number":"1/QĐ-UBND","date":"2026-01-01","note":null,"mark":"seen"}}],"added":[]}
            """)!;
        await using var service = await StartAsync(Given.BookWith(("district-ntm.json", old), ("next.json", next), ("overlays/46/hue.json", overlay)));
        var (_, path) = await OpenedAsync(service);
        Task<(int Status, JsonElement Body)> MoveAsync(string to) => service.SendAsync(HttpMethod.Post, $"{path}/transfer", "province-officer@42#quy", new { to, legalBasis = "Điều khoản chuyển tiếp" });
        Assert.Equal(422, (await MoveAsync("next.1+hue")).Status);
        Assert.Equal(200, (await MoveAsync("next.1")).Status);
    }

    private static async Task<string> ReadsAsync(AppraisalService service, string path, string client)
    {
        List<int> statuses = [];
        foreach (var part in new[] { "", "/history", "/documents" }) statuses.Add((await service.SendAsync(HttpMethod.Get, path + part, client)).Status);
        return string.Join(' ', statuses);
    }

    private static async Task<string[]> QueueAsync(AppraisalService service, string client)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue", client);
        Assert.Equal(200, status);
        return [.. body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("step").GetString()!)];
    }

    private static async Task AppendAsync(AppraisalService service, Guid id, object e)
    {
        await using var session = service.Store.LightweightSession();
        (await session.Events.FetchForWriting<Dossier>(Dossier.Key(id), Ct)).AppendOne(e);
        await session.SaveChangesAsync(Ct);
    }

    private static async Task<(Guid Id, string Path)> OpenedAsync(AppraisalService service)
    {
        var id = Guid.CreateVersion7();
        Target target = new(UnitTree.Empty, new(District, "436", "Huyện Thạch Hà"), Given.Province, Given.Today, Procedure);
        var facts = Given.Eligible() with { Confirmations = [.. Procedure.Conditions.Where(c => c.ConfirmedBy is not null).Select(c => Given.Confirmed(c.Id, value: 96.5m))] };
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(
            Dossier.Key(id), (DossierOpened)OpenDossier.Decide(null, target, facts, id, "an", Given.Now).Events[0], new DossierSubmitted("submitted", "an", Given.Now),
            new DossierAccepted("accepted", "po", Given.Now), new BasisChanged([new(BasisChanges.Figure, "1.2", new("met", null), new("notMet", null))], 5, Given.Now));
        await session.SaveChangesAsync(Ct);
        return (id, $"/api/appraisal/dossiers/{id}");
    }

    private async Task<AppraisalService> StartAsync(ProcedureBook book)
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), book);
        foreach (var (id, code, level, parent) in new (Guid, string, string, Guid?)[] { (Given.Province, "42", "province", null), (DeterministicId.Of("hue"), "46", "province", null), (District, "436", "district", Given.Province) })
            await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = $"unit/{code}", Position = ++position, Version = position }, new(id, level, null, [new(code, code, code, level, parent, null, null, null, "seen")], [], [])), Ct);
        return service;
    }
}

using System.Text.Json.Nodes;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>What is told of a unit that ended, of one whose province set values of its own, and of what was known before.</summary>
public sealed class EndedUnitTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_unit_that_ended_is_told_once_that_it_is_no_longer_eligible_and_why()
    {
        await using var service = await StartAsync(Given.Book);
        await JudgeAsync(service);
        Assert.Equal(["unit-became-eligible.v1"], (await RecordedAsync(service)).Select(e => e.EventTypeName));

        var last = TimeProvider.System.Today().AddDays(-1);
        await LearnAsync(service, last);
        await Task.WhenAll(JudgeAsync(service), JudgeAsync(service));
        await JudgeAsync(service);
        var ceased = Assert.IsType<UnitCeasedToBeEligible>((await RecordedAsync(service))[^1].Data);
        Assert.Equal((2, last.AddDays(1), last, "42"), ((await RecordedAsync(service)).Count, ceased.Finding.Ended, ceased.Finding.Day, Assert.Single(ceased.Finding.Superiors).Code));
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Get, "/api/appraisal/eligibility/18073?title=commune-ntm", "province-officer@42#quy")).Status);
    }

    [Fact]
    public async Task Whoever_was_eligible_is_told_once_that_the_title_s_procedure_has_ended_and_its_last_day_is_still_told()
    {
        var database = await postgres.CreateAsync();
        await using (var service = await StartAsync(Given.Book, database)) await JudgeAsync(service);

        var last = TimeProvider.System.Today().AddDays(-1);
        var file = Given.ProcedureFile("commune-ntm.json");
        file["valid_to"] = $"{last:yyyy-MM-dd}";
        await using var later = await AppraisalService.StartAsync(database, Given.BookWith(("commune-ntm.json", file)));
        await Task.WhenAll(JudgeAsync(later), JudgeAsync(later));
        await JudgeAsync(later);
        var recorded = await RecordedAsync(later);
        var ceased = Assert.IsType<UnitCeasedToBeEligible>(recorded[^1].Data);
        Assert.Equal((2, last.AddDays(1), null, last, "met"), (recorded.Count, ceased.Finding.ProcedureEnded, ceased.Finding.Ended, ceased.Finding.Day, ceased.Finding.Conditions[0].Status));

        const string path = "/api/appraisal/eligibility/18073";
        var (status, answer) = await later.SendAsync(HttpMethod.Get, $"{path}?title=commune-ntm&on={last:yyyy-MM-dd}", "province-officer@42#quy");
        Assert.Equal((200, true), (status, answer.GetProperty("eligible").GetBoolean()));
        var history = await later.SendAsync(HttpMethod.Get, $"{path}/history?title=commune-ntm&on={last:yyyy-MM-dd}", "province-officer@42#quy");
        Assert.Equal([true, false], history.Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("eligible").GetBoolean()));
    }

    [Fact]
    public async Task No_decision_is_of_a_day_after_the_unit_or_before_the_procedure()
    {
        await using var service = await StartAsync(Given.Book);
        var last = TimeProvider.System.Today().AddDays(-1);
        await LearnAsync(service, last);
        var passed = Given.Passed();
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(
                passed.Id, (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), passed.Number, "an", Given.Now).Events[0], new DossierSubmitted("submitted", "an", Given.Now),
                new DossierAccepted("accepted", "po", Given.Now), new CouncilNamed("1", passed.Council!.Members, "voting", "po", Given.Now), new VoteClosed(passed.Tally!, "passed", "1", Given.Now));
            session.Events.StartStream(TitleHold.Key(Given.Unit.Id, "commune-ntm"), new TitleClaimed(Given.Unit.Id, "commune-ntm", passed.Number, "an", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        foreach (var date in (DateOnly[])[last.AddDays(1), Given.Procedure.ValidFrom.AddDays(-1)])
        {
            var refused = await SignAsync(date);
            Assert.Equal((422, "date"), (refused.Status, Assert.Single(refused.Body.GetProperty("errors").EnumerateObject()).Name));
        }

        Assert.Equal(200, (await SignAsync(last)).Status);

        Task<(int Status, System.Text.Json.JsonElement Body)> SignAsync(DateOnly date) =>
            service.SendAsync(HttpMethod.Post, $"/api/appraisal/dossiers/{passed.Number}/decision", "province-chair@42#ct", new { number = "1/QĐ-UBND", date, legalBasis = "QĐ 18/2022/QĐ-TTg" });
    }

    [Fact]
    public async Task What_is_told_goes_by_the_provinces_own_value_as_the_answer_does()
    {
        var overlay = JsonNode.Parse("""
            {"overlay":"stricter","procedure":"commune-ntm","version":"qd18-2022.1","province":"42","valid_from":"2024-01-01","valid_to":null,
             "values":[{"at":"conditions.satisfaction.minimum","value":99,"decision":{"number":"1/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}],"added":[]}
            """)!;
        await using var service = await StartAsync(Given.BookWith(("overlays/42/x.json", overlay)));
        await JudgeAsync(service);
        var (status, answer) = await service.SendAsync(HttpMethod.Get, "/api/appraisal/eligibility/18073?title=commune-ntm", "province-officer@42#quy");
        Assert.Equal((200, false), (status, answer.GetProperty("eligible").GetBoolean()));
        Assert.Empty(await RecordedAsync(service));
    }

    [Fact]
    public async Task As_of_an_instant_it_is_judged_by_what_was_known_then()
    {
        await using var service = await StartAsync(Given.Book);
        var then = TimeProvider.System.GetUtcNow();
        await service.LearnAsync(new AssessmentChanged(Next($"assessment/{Given.Unit.Id}/{Given.SetId}"), Given.Assessed(("1.1", "notMet")).Assessment), Ct);
        await using (var session = service.Store.LightweightSession())
        {
            (await session.Events.FetchForWriting<Confirmation>(Confirmation.Key(Given.Unit.Id, "commune-ntm", "arrears"), Ct))
                .AppendOne(new ConditionConfirmed(Given.Unit.Id, "commune-ntm", "arrears", false, null, "BC 2", new(2026, 1, 31), "x", Given.Now));
            await session.SaveChangesAsync(Ct);
            // No daemon runs here: what it would have reached is written by hand.
            session.QueueSqlCommand("insert into mt_event_progression (name, last_seq_id) values ('HighWaterMark', (select max(seq_id) from mt_events))");
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal("met met met met", await StatusesAsync(back: true));
        Assert.Equal("notMet notMet met met", await StatusesAsync(back: false));

        async Task<string> StatusesAsync(bool back)
        {
            var at = !back ? "" : $"&asOf={Uri.EscapeDataString($"{then:yyyy-MM-dd'T'HH:mm:ss.fffffff}Z")}";
            var (status, answer) = await service.SendAsync(HttpMethod.Get, $"/api/appraisal/eligibility/18073?title=commune-ntm{at}", "province-officer@42#quy");
            Assert.Equal(200, status);
            return string.Join(' ', answer.GetProperty("conditions").EnumerateArray().Select(c => c.GetProperty("status").GetString()));
        }
    }

    private static async Task JudgeAsync(AppraisalService service)
    {
        foreach (var procedure in service.Keeper.Procedures) await service.Keeper.JudgeAllAsync(procedure, null, Ct);
    }

    private static async Task<IReadOnlyList<JasperFx.Events.IEvent>> RecordedAsync(AppraisalService service)
    {
        await using var session = service.Store.QuerySession();
        return await session.Events.FetchStreamAsync(KeptEligibility.Key(Given.Unit.Id, "commune-ntm"), token: Ct);
    }

    /// <summary>All conditions met, 96.5 percent satisfied.</summary>
    private async Task<AppraisalService> StartAsync(ProcedureBook book, string? database = null)
    {
        var service = await AppraisalService.StartAsync(database ?? await postgres.CreateAsync(), book);
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await LearnAsync(service, null);
        await service.LearnAsync(new SetPublished(Next($"set/{Given.SetId}"), Given.Set("1.1")), Ct);
        await service.LearnAsync(new AssessmentChanged(Next($"assessment/{Given.Unit.Id}/{Given.SetId}"), Given.Assessed(("1.1", "met")).Assessment), Ct);
        await using var session = service.Store.LightweightSession();
        foreach (var condition in new[] { "arrears", "satisfaction", "security" })
            session.Events.StartStream(Confirmation.Key(Given.Unit.Id, "commune-ntm", condition), new ConditionConfirmed(Given.Unit.Id, "commune-ntm", condition, true, 96.5m, "BC 1", new(2025, 12, 31), "x", Given.Now));
        await session.SaveChangesAsync(Ct);
        return service;
    }

    private async Task LearnAsync(AppraisalService service, DateOnly? to)
    {
        await service.LearnAsync(new UnitChanged(Next("unit/commune"), new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, to, null, "seen")], [], [])), Ct);
        ((UnitRegister)service.Services.GetService(typeof(UnitRegister))!).Invalidate();
    }

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position, Version = position };
}

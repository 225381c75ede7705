using System.Text.Json.Nodes;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
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
    private async Task<AppraisalService> StartAsync(ProcedureBook book)
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), book);
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

using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>The work queue tells the days that the dossier tells, whatever the calendar, and the flags that wait for an answer.</summary>
public sealed class QueueTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Province = "province-officer@42#quy";
    private const string Commune = "commune-officer@18073#an";
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Last_days_are_those_of_the_dossier_and_move_with_the_calendar()
    {
        await using var service = await StartAsync();
        // Submitted at the end of August: five working days run over National Day.
        var ids = await StartedAsync(service, "submitted", new(2025, 8, 29), new(2025, 8, 28), new(2026, 1, 5));
        Assert.All(await ItemsAsync(service), i => Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (i.GetProperty("due").ValueKind, i.GetProperty("calendarVersion").ValueKind)));

        await LearnAsync(service, Given.Calendar.Calendar);
        var items = await ItemsAsync(service);
        Assert.Equal(["2025-09-08", "2025-09-09", "2026-01-12"], Accepts(items).Select(i => i.GetProperty("due").GetString()));
        Assert.All(Accepts(items), i => Assert.Equal(3, i.GetProperty("calendarVersion").GetInt64()));
        await SameAsDossierAsync(service, ids, items);

        await LearnAsync(service, Given.Calendar.Calendar with { Version = 4, Days = [.. Given.Calendar.Calendar.Days, new(new(2025, 9, 3), false, "holiday", "Quốc khánh", null, "seen")] });
        var moved = await ItemsAsync(service);
        Assert.Equal(["2025-09-09", "2025-09-10", "2026-01-12"], Accepts(moved).Select(i => i.GetProperty("due").GetString()));
        await SameAsDossierAsync(service, ids, moved);
        await using var query = service.Store.QuerySession();
        Assert.All(await query.Query<OpenSteps>().ToListAsync(Ct), o => Assert.True(o.ByCalendar));
    }

    [Fact]
    public async Task Days_by_the_calendar_and_fixed_days_stand_in_one_order_through_all_pages()
    {
        await using var service = await StartAsync();
        await LearnAsync(service, Given.Calendar.Calendar);
        // To be accepted: by the calendar; a council to be named: by weeks of five days.
        await StartedAsync(service, "submitted", new(2026, 3, 2), new(2026, 3, 5), new(2026, 3, 9));
        await StartedAsync(service, "accepted", new DateOnly(2026, 3, 10), new DateOnly(2026, 3, 13));
        List<string> seen = [];
        for (var path = "/api/appraisal/queue?limit=2"; path is not null;)
        {
            var (status, body) = await service.SendAsync(HttpMethod.Get, path, Province);
            Assert.Equal(200, status);
            seen.AddRange(body.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("step").GetString()} {i.GetProperty("due").GetString() ?? "-"}"));
            path = body.GetProperty("next").GetString();
        }

        Assert.Equal(["accept 2026-03-09", "return -", "accept 2026-03-12", "return -", "council 2026-03-13", "accept 2026-03-16", "return -", "council 2026-03-18"], seen);
        // The same, whole and in the same order, as a file.
        var (answered, csv) = await service.TextAsync(HttpMethod.Get, "/api/appraisal/queue?limit=2&format=csv", Province);
        string[][] lines = [.. csv.Trim('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(','))];
        var (step, due) = (Array.IndexOf(lines[0], "step"), Array.IndexOf(lines[0], "due"));
        Assert.Equal(200, answered);
        Assert.Equal(seen, lines[1..].Select(l => $"{l[step]} {(l[due].Length == 0 ? "-" : l[due])}"));
        Assert.Equal(2, Accepted((await service.TextAsync(HttpMethod.Get, "/api/appraisal/queue?format=csv&dueBefore=2026-03-16", Province)).Text));
        Assert.Equal(Exports.XlsxType, (await service.DownloadAsync("/api/appraisal/queue?format=xlsx", Province)).MediaType);
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue?format=pdf", Province)).Status);

        Assert.Equal(["2026-03-09", "2026-03-12", "2026-03-16"], Accepts(await ItemsAsync(service)).Select(i => i.GetProperty("due").GetString()));
        Assert.Equal(["2026-03-09", "2026-03-12"], Accepts(await ItemsAsync(service, "?dueBefore=2026-03-16")).Select(i => i.GetProperty("due").GetString()));
        Assert.Equal(["accept", "accept", "council"], StepsOf(await ItemsAsync(service, "?dueBefore=2026-03-14")));
        Assert.Empty(await ItemsAsync(service, "?dueBefore=2026-03-14", Commune));
        Assert.Equal(3, Accepts(await ItemsAsync(service, "?overdue=true")).Count());
        Assert.Empty(await ItemsAsync(service, "?title=commune-model"));
        Assert.Equal(3, Accepts(await ItemsAsync(service, "?title=commune-ntm&role=province-officer&unit=18073")).Count());
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue?dueBefore=1/3/2026", Province)).Status);

        static int Accepted(string file) => file.Split("\r\n").Count(l => l.Contains(",accept,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flag_waits_for_the_province_before_there_is_a_council_and_then_for_its_members_until_it_is_answered()
    {
        await using var service = await StartAsync();
        var dossier = Given.Accepted();
        var flag = new BasisChanged([new("figure", "1.2", new("met", null), new("notMet", null))], 5, Given.Now);
        await using (var session = service.Store.LightweightSession())
        {
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0];
            session.Events.StartStream(dossier.Id, opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now), flag);
            await session.SaveChangesAsync(Ct);
        }

        const string answer = "flags/1/answer";
        Assert.Contains(answer, StepsOf(await ItemsAsync(service)));
        await using (var session = service.Store.LightweightSession())
        {
            var stream = await session.Events.FetchForWriting<Dossier>(dossier.Id, Ct);
            // "an" entered the figures: he sits on no council, but were he named, nothing would wait for him.
            stream.AppendOne(new CouncilNamed("1", [new("1", "council-member@42#1"), new("2", "council-member@42#2"), new("an", "council-member@42#an")], "voting", "po", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        Assert.DoesNotContain(answer, StepsOf(await ItemsAsync(service)));
        Assert.Contains(answer, StepsOf(await ItemsAsync(service, client: "council-member@42#1")));
        Assert.DoesNotContain(answer, StepsOf(await ItemsAsync(service, client: "council-member@42#an")));
        var item = (await ItemsAsync(service, client: "council-member@42#2")).Single(i => i.GetProperty("step").GetString() == answer);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, item.GetProperty("href").GetString()!, "council-member@42#2", new { answer = "immaterial", reason = "Không ảnh hưởng" })).Status);
        Assert.DoesNotContain(answer, StepsOf(await ItemsAsync(service, client: "council-member@42#1")));
        await using var query = service.Store.QuerySession();
        var stored = await query.Query<OpenSteps>().SingleAsync(Ct);
        Assert.Equal((null, "", "immaterial"), Assert.Single(stored.Dossier.Flags) is var f ? (f.Now, f.Answer!.Reason, f.Answer.Answer) : default);
    }

    [Fact]
    public void Whoever_is_asked_from_a_later_day_is_asked_then_and_nobody_before_it()
    {
        var file = Given.ProcedureFile("commune-ntm.json");
        foreach (var step in file["steps"]!.AsArray().Where(s => (string?)s!["id"] == "completeness")) step!["required"] = new JsonObject { ["value"] = true, ["mark"] = "internal" };
        var district = DeterministicId.Of("district");
        var open = OpenSteps.Of(Given.Submitted() with { District = district }, Given.BookWith(("commune-ntm.json", file)), new(2025, 6, 20));
        string[] On(DateOnly day) => [.. OpenSteps.On(open.Steps, open.Later, day).Select(s => $"{s.Step} {string.Join('+', s.Roles)}")];
        Assert.Equal(["completeness district-officer"], On(new(2025, 6, 30)).Where(s => s.StartsWith("completeness", StringComparison.Ordinal)));
        Assert.DoesNotContain("accept province-officer", On(new(2025, 6, 30)));
        Assert.DoesNotContain(On(new(2025, 7, 1)), s => s.StartsWith("completeness", StringComparison.Ordinal));
        Assert.Contains("accept province-officer", On(new(2025, 7, 1)));
        Assert.Contains($"district-officer@{district}", open.Keys);
        Assert.Contains($"province-officer@{Given.Province}", open.Keys);
    }

    [Fact]
    public async Task Work_stands_in_the_order_of_the_callers_own_last_days()
    {
        var file = Given.ProcedureFile("commune-ntm.json");
        foreach (var step in file["steps"]!.AsArray())
        {
            if ((string?)step!["id"] is not ("opinions" or "field-visit")) continue;
            step["required"] = new JsonObject { ["value"] = true, ["mark"] = "internal" };
            step["deadline"] = new JsonObject { ["value"] = (string?)step["id"] == "opinions" ? 5 : 20, ["kind"] = "calendar_days", ["mark"] = "internal" };
            if ((string?)step["id"] == "field-visit") foreach (var term in step["actors"]!.AsArray()) term!["roles"] = new JsonArray("province-officer");
        }

        await using var service = await StartAsync(Given.BookWith(("commune-ntm.json", file)));
        // The second dossier is the department's first work and the province's last.
        var spoken = (await StartedAsync(service, "accepted", new DateOnly(2026, 3, 2)))[0];
        var silent = (await StartedAsync(service, "accepted", new DateOnly(2026, 3, 4)))[0];
        await using (var session = service.Store.LightweightSession())
        {
            (await session.Events.FetchForWriting<Dossier>(Dossier.Key(spoken), Ct)).AppendOne(new OpinionGiven(new("SNN", [], []), "lan", new(new DateOnly(2026, 3, 3), new(9, 0), VietnamTime.Offset)));
            await session.SaveChangesAsync(Ct);
        }

        var first = await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue?limit=1", Province);
        Assert.Equal((spoken, "2026-03-23"), Assert.Single(first.Body.GetProperty("items").EnumerateArray()) is var i ? (i.GetProperty("dossier").GetGuid(), i.GetProperty("due").GetString()) : default);
        var second = await service.SendAsync(HttpMethod.Get, first.Body.GetProperty("next").GetString()!, Province);
        Assert.Equal((silent, "2026-03-24"), Assert.Single(second.Body.GetProperty("items").EnumerateArray()) is var j ? (j.GetProperty("dossier").GetGuid(), j.GetProperty("due").GetString()) : default);
        Assert.Equal([spoken], (await ItemsAsync(service, "?dueBefore=2026-03-24")).Select(x => x.GetProperty("dossier").GetGuid()));
        Assert.Equal([("opinions", silent)], (await ItemsAsync(service, client: "department-officer@42:SNN#lan")).Select(x => (x.GetProperty("step").GetString()!, x.GetProperty("dossier").GetGuid())));
    }

    [Fact]
    public async Task A_failed_survey_stops_the_way_in_the_queue_too_whatever_comes_after_it_and_rebuilt()
    {
        // The Front of the province sums up surveys of districts on any day.
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), DeterministicId.Of("surveyed"), "an", Given.Now).Events[0] with { Title = "district-ntm", Procedure = "district-ntm" };
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(
                Dossier.Key(opened.Dossier), opened, new DossierSubmitted("submitted", "an", Given.Now),
                new SurveySummarised(new("phieu-4", Given.Today, Given.Today, 10, 10, 10, [], [], SurveyResult.Failed, [], null, null, []), "fn", Given.Now),
                new DocumentAttached("other", new('a', 64), 7, "application/pdf", "a.pdf", "an", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal(["return"], StepsOf(await ItemsAsync(service)));
        using (var daemon = await service.Store.BuildProjectionDaemonAsync())
            await daemon.RebuildProjectionAsync<OpenStepsProjection>(Ct);
        Assert.Equal(["return"], StepsOf(await ItemsAsync(service)));
        await using (var session = service.Store.LightweightSession())
        {
            (await session.Events.FetchForWriting<Dossier>(Dossier.Key(opened.Dossier), Ct)).AppendOne(
                new SurveySummarised(new("phieu-4", Given.Today, Given.Today, 10, 10, 10, [], [], SurveyResult.Passed, [], null, null, []), "fn", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal(["accept", "return"], StepsOf(await ItemsAsync(service)));
    }

    private static IEnumerable<JsonElement> Accepts(IEnumerable<JsonElement> items) => items.Where(i => i.GetProperty("step").GetString() == "accept");

    private static IEnumerable<string?> StepsOf(IEnumerable<JsonElement> items) => items.Select(i => i.GetProperty("step").GetString());

    private static async Task<JsonElement[]> ItemsAsync(AppraisalService service, string query = "", string client = Province)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, $"/api/appraisal/queue{query}", client);
        Assert.Equal(200, status);
        return [.. body.GetProperty("items").EnumerateArray()];
    }

    private static async Task SameAsDossierAsync(AppraisalService service, IEnumerable<Guid> ids, JsonElement[] items)
    {
        foreach (var id in ids)
        {
            var steps = (await service.SendAsync(HttpMethod.Get, $"/api/appraisal/dossiers/{id}", Province)).Body.GetProperty("nextSteps").EnumerateArray()
                .Where(s => !s.TryGetProperty("required", out var required) || required.ValueKind != JsonValueKind.False)
                .Select(s => (s.GetProperty("step").GetString(), s.GetProperty("due").GetString(), s.TryGetProperty("calendarVersion", out var v) ? v.GetInt64() : (long?)null));
            Assert.Equal(steps, items.Where(i => i.GetProperty("dossier").GetGuid() == id)
                .Select(i => (i.GetProperty("step").GetString(), i.GetProperty("due").GetString(), i.GetProperty("calendarVersion") is { ValueKind: JsonValueKind.Number } v ? v.GetInt64() : (long?)null)));
        }
    }

    private static async Task<IReadOnlyList<Guid>> StartedAsync(AppraisalService service, string state, params DateOnly[] days)
    {
        List<Guid> ids = [];
        await using var session = service.Store.LightweightSession();
        foreach (var day in days)
        {
            var (id, at) = (Guid.CreateVersion7(), new DateTimeOffset(day, new(9, 0), VietnamTime.Offset));
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), id, "an", at).Events[0];
            session.Events.StartStream(Dossier.Key(id), (object[])[
                opened, new DossierSubmitted("submitted", "an", at),
                .. state == "accepted" ? [new DossierAccepted("accepted", "po", at)] : Array.Empty<object>()]);
            ids.Add(id);
        }

        await session.SaveChangesAsync(Ct);
        return ids;
    }

    /// <summary>Invented days: five working days to accept, three days of Monday to Friday to name the council.</summary>
    private static ProcedureBook Days()
    {
        var file = Given.ProcedureFile("commune-ntm.json");
        foreach (var step in file["steps"]!.AsArray())
        {
            if ((string?)step!["id"] == "accept") step["deadline"] = new JsonObject { ["value"] = 5, ["kind"] = "working_days", ["from"] = "submit", ["on_return"] = "restart", ["mark"] = "internal" };
            if ((string?)step["id"] == "council") step["deadline"] = new JsonObject { ["value"] = 3, ["kind"] = "excl_weekend", ["mark"] = "internal" };
        }

        return Given.BookWith(("commune-ntm.json", file));
    }

    private async Task<AppraisalService> StartAsync(ProcedureBook? book = null)
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), book ?? Days());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Next("unit/commune"), new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        return service;
    }

    private Task LearnAsync(AppraisalService service, CalendarState calendar) => service.LearnAsync(new CalendarChanged(Next("calendar/vn"), calendar), Ct);

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position, Version = position };
}

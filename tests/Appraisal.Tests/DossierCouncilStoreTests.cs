using System.Text.Json;
using Marten;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>A council that is named for one dossier, over HTTP on a real store: persons 1 to 5, 1 in the chair.</summary>
public sealed class DossierCouncilStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Officer = "province-officer@42#quy";
    private const string Commune = "commune-officer@18073#bn";
    private const string Reason = "Người thân ở xã";
    private static readonly Guid Id = DeterministicId.Of("dossier");
    private static readonly string Path = $"/api/appraisal/dossiers/{Id}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_is_recused_the_outcome_is_explained_and_the_minutes_are_read_by_the_council_and_not_by_the_unit()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database);
        Assert.Equal((404, 403), ((await service.TextAsync(HttpMethod.Get, $"{Path}/minutes", Officer)).Status, (await service.TextAsync(HttpMethod.Get, $"{Path}/minutes", Commune)).Status));
        Assert.Equal(JsonValueKind.Null, (await service.SendAsync(HttpMethod.Get, Path, Officer)).Body.GetProperty("explained").ValueKind);
        Assert.Equal(409, (await service.SendAsync(HttpMethod.Post, $"{Path}/recusals", Member("4"), new { reason = Reason })).Status);
        Assert.Equal(200, (await NameAsync(service)).Status);

        Assert.Equal((403, 403, 422), (
            (await service.SendAsync(HttpMethod.Post, $"{Path}/recusals", Member("8"), new { reason = Reason })).Status,
            (await service.SendAsync(HttpMethod.Post, $"{Path}/recusals", Officer, new { reason = Reason })).Status,
            (await service.SendAsync(HttpMethod.Post, $"{Path}/recusals", Member("4"), new { reason = " " })).Status));
        var recused = await service.SendAsync(HttpMethod.Post, $"{Path}/recusals", Member("4"), new { reason = Reason });
        Assert.Equal((200, 5, 4), (recused.Status, Int(recused.Body.GetProperty("explained"), "members"), Int(recused.Body.GetProperty("explained"), "entitled")));
        Assert.Equal("recused", Rule(await service.SendAsync(HttpMethod.Post, $"{Path}/votes", Member("4"), new { vote = "for" })));
        foreach (var person in (string[])["1", "2", "3", "5"])
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/votes", Member(person), new { vote = person == "3" ? "against" : "for" })).Status);
        await Settled.MarkAsync(database);
        var before = await Settled.LastAsync(database);

        var closed = await service.SendAsync(HttpMethod.Post, $"{Path}/votes/close", Member("1"), new { });
        var (vote, explained) = (closed.Body.GetProperty("vote"), closed.Body.GetProperty("explained"));
        Assert.Equal((200, "refused", 3, 1), (closed.Status, closed.Body.GetProperty("state").GetString(), Int(vote, "for"), Int(vote, "against")));
        Assert.Equal(("4/5", "3/4", 4, 1, false), (
            explained.GetProperty("quorum").GetProperty("fraction").GetString(), explained.GetProperty("pass").GetProperty("fraction").GetString(),
            Int(explained.GetProperty("pass"), "needed"), Int(explained.GetProperty("pass"), "missing"), explained.GetProperty("passed").GetBoolean()));

        foreach (var (client, status) in ((string, int)[])
            [(Officer, 200), ("province-chair@42#ct", 200), ("auditor@0#kiem", 200), (Member("4"), 200), (Member("8"), 403), (Commune, 403), ("department-officer@42:SNN#binh", 403), ("province-officer@30#khac", 403)])
        {
            Assert.Equal((client, status), (client, (await service.TextAsync(HttpMethod.Get, $"{Path}/minutes", client)).Status));
        }

        var minutes = (await service.TextAsync(HttpMethod.Get, $"{Path}/minutes", Member("2"), language: "en")).Text;
        Assert.Contains($"- 4: Xã Thạch Hạ. Reason: {Reason}", minutes, StringComparison.Ordinal);
        Assert.Contains("- Share for: 3/4 of those present; 90/100 is demanded, at least 4: 1 wanting (recalled)", minutes, StringComparison.Ordinal);
        Assert.Contains("Chưa kiểm phiếu", (await service.TextAsync(HttpMethod.Get, $"{Path}/minutes?asOf={before}", Officer)).Text, StringComparison.Ordinal);
        Assert.Equal("3/4", (await service.SendAsync(HttpMethod.Get, Path, Commune)).Body.GetProperty("explained").GetProperty("pass").GetProperty("fraction").GetString());

        // The unit reads that he is recused, and nowhere why.
        foreach (var path in (string[])[Path, $"{Path}/history", $"{Path}/history?format=csv", $"{Path}/difference?from={before}"])
        {
            var (status, text) = await service.TextAsync(HttpMethod.Get, path, Commune);
            Assert.Equal(200, status);
            Assert.DoesNotContain(Reason, text, StringComparison.Ordinal);
        }

        Assert.Contains("council-member-recused.v1", (await service.TextAsync(HttpMethod.Get, $"{Path}/history", Commune)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Minutes_stay_as_they_were_whatever_comes_to_a_dossier_after_its_council_or_session_was_dissolved()
    {
        await using var service = await StartAsync(await postgres.CreateAsync());
        Assert.Equal(200, (await NameAsync(service)).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/votes", Member("2"), new { vote = "for" })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/dissolve", Officer, new { reason = "Không đủ người họp" })).Status);
        var alone = await service.TextAsync(HttpMethod.Get, $"{Path}/minutes", Officer);
        Assert.Contains("Lý do: Không đủ người họp", alone.Text, StringComparison.Ordinal);
        await CorrectAsync(service, "1.1");
        Assert.Equal(alone, await service.TextAsync(HttpMethod.Get, $"{Path}/minutes", Officer));

        var session = await AppointAsync(service);
        var beside = await service.SendAsync(HttpMethod.Get, $"{Path}/minutes", Officer);
        Assert.Equal((409, "votes-in-session"), (beside.Status, Rule(beside)));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = (string[])["1", "2", "3"] })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/votes", Member("3"), new { votes = new[] { new { dossier = Id, vote = "for" } } })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/dissolution", Officer, new { reason = "Hội đồng không đủ thành viên" })).Status);
        var dissolved = await service.TextAsync(HttpMethod.Get, $"{session}/minutes", Officer);
        foreach (var line in (string[])["Lý do: Hội đồng không đủ thành viên", "có mặt 3, đã bỏ phiếu 1", "- Đính chính số 1 (chỉ tiêu 1.1): chưa trả lời"]) Assert.Contains(line, dissolved.Text, StringComparison.Ordinal);
        await CorrectAsync(service, "1.2");
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/flags/1/answer", Officer, new { answer = "immaterial", reason = "Không đổi" })).Status);
        Assert.Equal(200, (await NameAsync(service)).Status);
        Assert.Equal(dissolved, await service.TextAsync(HttpMethod.Get, $"{session}/minutes", Officer));
    }

    [Fact]
    public async Task An_announcement_says_from_where_to_where_and_until_when_also_where_a_session_asks()
    {
        var file = Given.ProcedureFile("commune-ntm.json");
        var votes = file["steps"]!.AsArray().Single(s => (string?)s!["id"] == StepIds.Votes)!;
        votes["deadline"] = JsonSerializer.SerializeToNode(new { value = 5, kind = "calendar_days", mark = "internal" });
        var book = Given.BookWith(("commune-ntm.json", file));
        await using var service = await StartAsync(await postgres.CreateAsync(), book);
        await LearnCalendarAsync(service, Given.Calendar.Calendar);
        var session = await AppointAsync(service);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/dissolution", Officer, new { reason = "Hội đồng không đủ thành viên" })).Status);
        Assert.Equal(200, (await NameAsync(service)).Status);
        foreach (var person in (string[])["1", "2", "3", "4", "5"]) Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/votes", Member(person), new { vote = "for" })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/votes/close", Member("1"), new { })).Status);

        var map = service.Map().AnnounceDossiers(book);
        await using var query = service.Store.QuerySession();
        List<DossierMoved> told = [];
        var events = await query.Events.FetchStreamAsync(Dossier.Key(Id), token: Ct);
        foreach (var e in events) told.AddRange((await map.MapAsync(e, query, Ct)).OfType<DossierMoved>());
        Assert.Equal(
            [
                ("open", null, "opened"), ("submit", "opened", "submitted"), ("accept", "submitted", "accepted"), ("council", "accepted", "voting"), ("dissolve", "voting", "accepted"), ("council", "accepted", "voting"),
                ("votes", "voting", "voting"), ("votes", "voting", "voting"), ("votes", "voting", "voting"), ("votes", "voting", "voting"), ("votes", "voting", "voting"), ("votes/close", "voting", "passed"),
            ],
            told.Select(m => (m.Dossier.Step, m.Dossier.From, m.Dossier.State)));
        var (inSession, alone) = (told[3].Dossier, told[5].Dossier);
        Assert.Empty(inSession.NextSteps);
        Assert.NotNull(inSession.Due);
        Assert.Equal((alone.NextSteps.Single(s => s.Step == "votes").Due, 3L), (alone.Due, alone.CalendarVersion!.Value));
        Assert.Equal((null, null), (told[^1].Dossier.Due, told[^1].Dossier.CalendarVersion));
    }

    [Fact]
    public async Task A_calendar_that_changes_later_moves_no_day_that_was_announced()
    {
        var file = Given.ProcedureFile("commune-ntm.json");
        foreach (var step in file["steps"]!.AsArray().Where(s => (string?)s!["id"] is StepIds.Council or StepIds.Votes))
            step!["deadline"] = JsonSerializer.SerializeToNode(new { value = 5, kind = "working_days", mark = "internal" });
        var book = Given.BookWith(("commune-ntm.json", file));
        await using var service = await StartAsync(await postgres.CreateAsync(), book, new Standstill(Given.Now));
        await LearnCalendarAsync(service, Given.Calendar.Calendar);
        Assert.Equal(200, (await NameAsync(service)).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/votes", Member("2"), new { vote = "for" })).Status);
        var told = await ToldAsync();
        // Until a calendar was learned no day in working days could be told, and none is told now.
        Assert.Equal([(null, null), (null, null), (null, null), (new(2026, 12, 1), 3), (new(2026, 12, 1), 3)], told.Select(d => (d.Due, d.CalendarVersion)));

        var off = Given.Calendar.Calendar.Days[0] with { Date = Given.Today.AddDays(1) };
        await LearnCalendarAsync(service, Given.Calendar.Calendar with { Version = 4, Days = [.. Given.Calendar.Calendar.Days, off] });
        Assert.Equal(JsonSerializer.Serialize(told), JsonSerializer.Serialize(await ToldAsync()));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/votes", Member("3"), new { vote = "for" })).Status);
        Assert.Equal((new(2026, 12, 2), 4), (await ToldAsync())[^1] is var last ? (last.Due, last.CalendarVersion) : default);

        async Task<List<DossierState>> ToldAsync()
        {
            var map = service.Map().AnnounceDossiers(book);
            await using var query = service.Store.QuerySession();
            List<DossierState> moved = [];
            foreach (var e in await query.Events.FetchStreamAsync(Dossier.Key(Id), token: Ct)) moved.AddRange((await map.MapAsync(e, query, Ct)).OfType<DossierMoved>().Select(m => m.Dossier));
            return moved;
        }
    }

    [Fact]
    public async Task A_chair_who_was_away_closes_once_he_is_on_the_list()
    {
        await using var service = await StartAsync(await postgres.CreateAsync());
        var session = await AppointAsync(service);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = (string[])["2", "3", "4", "5"] })).Status);
        foreach (var person in (string[])["2", "3", "4", "5"])
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/votes", Member(person), new { votes = new[] { new { dossier = Id, vote = "for" } } })).Status);
        var away = await service.SendAsync(HttpMethod.Post, $"{session}/close", Member("1"), new { });
        Assert.Equal((409, "chair-absent"), (away.Status, Rule(away)));
        foreach (var person in (string[])["1", "2"])
        {
            var queue = (await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue", Member(person))).Body.GetProperty("items");
            Assert.Equal(["attendance"], queue.EnumerateArray().Select(i => i.GetProperty("step").GetString()));
        }

        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("1"), new { present = (string[])["1", "2", "3", "4", "5"] })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/votes", Member("1"), new { votes = new[] { new { dossier = Id, vote = "for" } } })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/close", Member("1"), new { })).Status);
    }

    private static async Task<AppraisalService> StartAsync(string database, ProcedureBook? book = null, TimeProvider? clock = null)
    {
        var service = await AppraisalService.StartAsync(database, book, clock: clock);
        await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = "unit/p", Position = 101 }, new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = "unit/c", Position = 102 }, new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), Id, "an", Given.Now).Events[0];
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(Dossier.Key(Id), opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now));
        session.Events.StartStream(TitleHoldKey, new Recognitions.TitleClaimed(Given.Unit.Id, "commune-ntm", Id, "an", Given.Now));
        await session.SaveChangesAsync(Ct);
        return service;
    }

    private static string TitleHoldKey => Recognitions.TitleHold.Key(Given.Unit.Id, "commune-ntm");

    private static Task<(int Status, JsonElement Body)> NameAsync(AppraisalService service) => service.SendAsync(
        HttpMethod.Post, $"{Path}/council", Officer, new { chair = Member("1"), members = ((string[])["1", "2", "3", "4", "5"]).Select(Member) });

    private static async Task<string> AppointAsync(AppraisalService service)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Post, "/api/appraisal/sessions", Officer, new
        {
            appointment = new { number = "12/QĐ-UBND", date = "2026-01-20", issuer = "Ủy ban nhân dân tỉnh Hà Tĩnh" },
            chair = Member("1"),
            secretary = Member("2"),
            members = ((string[])["1", "2", "3", "4", "5"]).Select(p => new { client = Member(p), body = $"Cơ quan {p}", voting = true }),
            dossiers = new[] { Id },
            ballot = "open",
        });
        Assert.True(status == 201, body.ToString());
        return $"/api/appraisal/sessions/{body.GetProperty("id").GetString()}";
    }

    private static async Task CorrectAsync(AppraisalService service, string indicator)
    {
        await using var session = service.Store.LightweightSession();
        var stream = await session.Events.FetchForWriting<Dossier>(Dossier.Key(Id), Ct);
        stream.AppendOne(new BasisChanged([new(BasisChanges.Figure, indicator, new("met", null), new("notMet", null))], 5, Given.Now));
        await session.SaveChangesAsync(Ct);
    }

    private static Task LearnCalendarAsync(AppraisalService service, CalendarState calendar) =>
        service.LearnAsync(new CalendarChanged(Given.Origin with { Stream = "calendar/vn", Version = calendar.Version, Position = 1000 + calendar.Version }, calendar), Ct);

    private static string Member(string person) => $"council-member@42#{person}";

    private static int Int(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private static string Rule((int Status, JsonElement Body) answer) => answer.Body.GetProperty("type").GetString()!.Split('/')[^1];
}

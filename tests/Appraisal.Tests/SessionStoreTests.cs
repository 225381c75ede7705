using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Marten;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>Sessions over HTTP on a real store. Persons 1 to 5 and 9; 1 in the chair, 2 the secretary, 9 invited.</summary>
public sealed partial class SessionStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Officer = "province-officer@42#quy";
    private const string Sessions = "/api/appraisal/sessions";
    private static readonly string[] Everybody = ["1", "2", "3", "4", "5"];
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_is_appointed_attended_voted_and_closed_and_each_dossier_hears_its_fraction()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database, dossiers: 3);
        var ready = Ids(0, 1);
        var refused = await service.SendAsync(HttpMethod.Post, Sessions, Officer, Appointment("open", Ids(0, 1, 2)));
        Assert.Equal((409, Ids(2)[0]), (refused.Status, refused.Body.GetProperty("dossiers")[0].GetProperty("dossier").GetGuid()));
        Assert.Equal(0L, await NumberAsync(database, "select count(*) from mt_events where type in ('council-named.v1', 'session-appointed.v1')"));
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, Sessions, Member("1"), Appointment("open", ready))).Status);

        var session = await AppointAsync(service, "open", ready);
        Assert.Equal(["attendance", "attendance"], await StepsAsync(service, "2"));
        Assert.Empty(await StepsAsync(service, "3"));
        Assert.Equal(409, (await VoteAsync(service, session, "3", "for", ready)).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("3"), new { present = Everybody })).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{session}/recusals", Member("3"), new { member = "4", reason = "x" })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/recusals", Member("4"), new { member = "4", dossier = ready[0], reason = "Người thân ở xã" })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = (string[])["1", "2", "3", "4", "9"] })).Status);

        Assert.Equal(["votes", "votes"], await StepsAsync(service, "3"));
        Assert.Equal(["votes"], await StepsAsync(service, "4"));
        Assert.Empty(await StepsAsync(service, "5"));
        Assert.Empty(await StepsAsync(service, "9"));
        Assert.Equal("votes-in-session", Rule(await service.SendAsync(HttpMethod.Post, $"/api/appraisal/dossiers/{ready[0]}/votes", Member("3"), new { vote = "for" })));
        Assert.Equal("votes-in-session", Rule(await service.SendAsync(HttpMethod.Post, $"/api/appraisal/dossiers/{ready[0]}/votes/close", Member("1"), new { })));
        Assert.Equal((409, 403, 409, 403), (
            (await VoteAsync(service, session, "5", "for", ready)).Status, (await VoteAsync(service, session, "9", "for", ready)).Status,
            (await VoteAsync(service, session, "4", "for", ready)).Status, (await VoteAsync(service, session, "8", "for", ready)).Status));
        Assert.Equal("already-present", Rule(await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = (string[])["1", "2", "4", "5", "9"] })));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = (string[])["1", "2", "3", "4", "5", "9"] })).Status);
        Assert.Equal(["votes", "votes"], await StepsAsync(service, "5"));
        Assert.Equal(200, (await VoteAsync(service, session, "5", "for", ready)).Status);
        foreach (var person in (string[])["1", "2", "3"]) Assert.Equal(200, (await VoteAsync(service, session, person, person == "3" ? "against" : "for", ready)).Status);
        Assert.Equal("already-voted", Rule(await VoteAsync(service, session, "3", "for", ready)));
        Assert.Empty(await StepsAsync(service, "3"));
        Assert.Equal(200, (await VoteAsync(service, session, "4", "for", [ready[1]])).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{session}/close", Member("2"), new { })).Status);
        await Settled.MarkAsync(database);
        var before = await Settled.LastAsync(database);

        var closed = await service.SendAsync(HttpMethod.Post, $"{session}/close", Member("1"), new { });
        Assert.Equal(200, closed.Status);
        var vote = closed.Body.GetProperty("dossiers")[0].GetProperty("vote");
        Assert.Equal(5, Int(vote, "members"));
        Assert.Equal((4, 4, 4, 3, 1, false), (Int(vote, "entitled"), Int(vote, "present"), Int(vote, "cast"), Int(vote, "for"), Int(vote, "against"), vote.GetProperty("passed").GetBoolean()));
        Assert.Equal(("3/4", "90/100", 4, 1), (vote.GetProperty("pass").GetProperty("fraction").GetString(), vote.GetProperty("pass").GetProperty("share").GetString(), Int(vote.GetProperty("pass"), "needed"), Int(vote.GetProperty("pass"), "missing")));
        Assert.Equal(("4/5", 4, 0), (vote.GetProperty("quorum").GetProperty("fraction").GetString(), Int(vote.GetProperty("quorum"), "needed"), Int(vote.GetProperty("quorum"), "missing")));
        Assert.Equal(closed.Body.ToString(), (await service.SendAsync(HttpMethod.Get, session, "auditor@0#kiem")).Body.ToString());
        Assert.Equal("refused", (await service.SendAsync(HttpMethod.Get, $"/api/appraisal/dossiers/{ready[1]}", Officer)).Body.GetProperty("state").GetString());
        await using var query = service.Store.QuerySession();
        Assert.Null((await query.Events.AggregateStreamAsync<TitleHold>(TitleHold.Key(UnitOf(0), "commune-ntm"), token: Ct))?.Open);
        Assert.Equal("session-closed", Rule(await service.SendAsync(HttpMethod.Post, $"{session}/close", Member("1"), new { })));

        var then = (await service.SendAsync(HttpMethod.Get, $"{session}?asOf={before}", Officer)).Body;
        Assert.Equal(("voting", JsonValueKind.Null, JsonValueKind.Number), (then.GetProperty("state").GetString(), then.GetProperty("dossiers")[0].GetProperty("vote").GetProperty("passed").ValueKind, then.GetProperty("asOfPosition").ValueKind));
        Assert.Contains("Chưa kiểm phiếu", (await service.TextAsync(HttpMethod.Get, $"{session}/minutes?asOf={before}", Officer)).Text, StringComparison.Ordinal);
        var (status, minutes) = await service.TextAsync(HttpMethod.Get, $"{session}/minutes", Member("9"), language: "en");
        Assert.Equal(200, status);
        Assert.Contains("- Share for: 3/4 of those present; 90/100 is demanded, at least 4: 1 wanting (recalled)", minutes, StringComparison.Ordinal);
        Assert.Contains("Người thân ở xã", minutes, StringComparison.Ordinal);
        Assert.DoesNotContain("Người thân", (await service.TextAsync(HttpMethod.Get, $"/api/appraisal/dossiers/{ready[0]}/history", Officer)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Officer, 200)]
    [InlineData("province-chair@42#ct", 200)]
    [InlineData("council-member@42#3", 200)]
    [InlineData("council-member@42#9", 200)]
    [InlineData("council-member@42#8", 403)]
    [InlineData("front-officer@42#3", 403)]
    [InlineData("commune-officer@18000#an", 403)]
    [InlineData("department-officer@42:SNN#binh", 403)]
    [InlineData("ministry@0#bo", 403)]
    public async Task A_session_is_read_by_the_province_its_members_and_the_auditor(string client, int expected)
    {
        await using var service = await StartAsync(await postgres.CreateAsync(), dossiers: 1);
        var session = await AppointAsync(service, "open", Ids(0));
        Assert.Equal((expected, expected), ((await service.SendAsync(HttpMethod.Get, session, client)).Status, (await service.TextAsync(HttpMethod.Get, $"{session}/minutes", client)).Status));
    }

    [Fact]
    public async Task Who_is_there_has_voted_and_is_too_few_so_the_list_of_those_present_is_asked_for()
    {
        await using var service = await StartAsync(await postgres.CreateAsync(), dossiers: 1);
        var session = await AppointAsync(service, "open", Ids(0));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = (string[])["1", "2", "3"] })).Status);
        foreach (var person in (string[])["1", "2", "3"]) Assert.Equal(200, (await VoteAsync(service, session, person, "for", Ids(0))).Status);
        Assert.Equal(["attendance"], await StepsAsync(service, "2"));
        Assert.Equal(["attendance"], await StepsAsync(service, "1"));
        Assert.Empty(await StepsAsync(service, "3"));
    }

    [Fact]
    public async Task A_session_that_was_called_before_sessions_were_listed_goes_on()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database, dossiers: 1);
        var session = await AppointAsync(service, "open", Ids(0));
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync(Ct);
            await using var command = new NpgsqlCommand("delete from mt_doc_listedsession", connection);
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
        }

        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/dissolution", Officer, new { reason = "Không đủ người" })).Status);
    }

    [Fact]
    public async Task Sessions_are_listed_the_newest_first_to_whoever_reads_them_and_given_away_as_a_file()
    {
        await using var service = await StartAsync(await postgres.CreateAsync(), dossiers: 2);
        var (old, young) = (await AppointAsync(service, "open", Ids(0)), await AppointAsync(service, "secret", Ids(1)));
        foreach (var client in (string[])
            [Officer, "province-chair@42#ct", Member("3"), Member("9"), Member("8"), "front-officer@42#3", "commune-officer@18000#an", "department-officer@42:SNN#binh", "ministry@0#bo", "auditor@0#kiem", "province-officer@30#xa"])
        {
            var may = (await service.SendAsync(HttpMethod.Get, old, client)).Status == 200;
            Assert.Equal(may ? [young, old] : [], await ListedAsync(service, client));
        }

        var page = await service.SendAsync(HttpMethod.Get, $"{Sessions}?limit=1", Officer);
        Assert.Equal([young], Hrefs(page.Body));
        var last = await service.SendAsync(HttpMethod.Get, page.Body.GetProperty("next").GetString()!, Officer);
        Assert.Equal([old], Hrefs(last.Body));
        Assert.Equal(JsonValueKind.Null, last.Body.GetProperty("next").ValueKind);

        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{old}/attendance", Member("2"), new { present = Everybody })).Status);
        foreach (var person in Everybody) Assert.Equal(200, (await VoteAsync(service, old, person, "for", Ids(0))).Status);
        foreach (var query in (string[])["?state=voting", "?unit=18000", $"?dossier={Ids(0)[0]}", $"?unit=18000&state=voting&dossier={Ids(0)[0]}"]) Assert.Equal([old], await ListedAsync(service, Officer, query));
        foreach (var query in (string[])["?state=appointed", "?unit=18001", $"?dossier={Ids(1)[0]}"]) Assert.Equal([young], await ListedAsync(service, Officer, query));
        foreach (var query in (string[])["?state=closed", $"?unit=18000&dossier={Ids(1)[0]}", $"?dossier={Guid.CreateVersion7()}"]) Assert.Empty(await ListedAsync(service, Officer, query));
        Assert.Equal((404, 400, 400, 400), (
            (await service.SendAsync(HttpMethod.Get, $"{Sessions}?unit=99999", Officer)).Status, (await service.SendAsync(HttpMethod.Get, $"{Sessions}?state=done", Officer)).Status,
            (await service.SendAsync(HttpMethod.Get, $"{Sessions}?dossier=x", Officer)).Status, (await service.SendAsync(HttpMethod.Get, $"{Sessions}?format=pdf", Officer)).Status));

        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{old}/close", Member("1"), new { })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{young}/dissolution", Officer, new { reason = "Hội đồng không đủ thành viên" })).Status);
        var items = (await service.SendAsync(HttpMethod.Get, Sessions, Officer)).Body.GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal([("dissolved", null), ("closed", 1)], items.Select(i => (i.GetProperty("state").GetString()!, i.GetProperty("passed") is { ValueKind: JsonValueKind.Number } passed ? passed.GetInt32() : (int?)null)));
        Assert.Equal((5, 1, "18000", "12/QĐ-UBND"), (Int(items[1], "members"), Int(items[1], "dossiers"), items[1].GetProperty("units")[0].GetString(), items[1].GetProperty("appointment").GetProperty("number").GetString()));
        var (status, csv) = await service.TextAsync(HttpMethod.Get, $"{Sessions}?format=csv", Officer);
        Assert.Equal((200, 3), (status, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.DoesNotContain("không đủ", csv, StringComparison.Ordinal);
        Assert.Equal(Exports.XlsxType, (await service.DownloadAsync($"{Sessions}?format=xlsx", Officer)).MediaType);
    }

    [Fact]
    public async Task What_is_recorded_beside_a_dossiers_way_changes_nothing_in_a_session()
    {
        await using var service = await StartAsync(await postgres.CreateAsync(), dossiers: 2);
        var session = await AppointAsync(service, "open", Ids(0, 1));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
        Assert.Equal(200, (await VoteAsync(service, session, "3", "for", Ids(0, 1))).Status);
        var (before, minutes) = ((await service.TextAsync(HttpMethod.Get, session, Officer)).Text, (await service.TextAsync(HttpMethod.Get, $"{session}/minutes", Officer)).Text);
        await using (var store = service.Store.LightweightSession())
        {
            var stream = await store.Events.FetchForWriting<Dossier>(Dossier.Key(Ids(0)[0]), Ct);
            stream.AppendMany(
                new DocumentAttached("other", new('a', 64), 1, "text/plain", "a.txt", "an", Given.Now), new PaperRecorded("register", new(Given.Today, null, null, []), "an", Given.Now),
                new NoticePosted("consultation", new([], []), "an", Given.Now), new RemarkReceived("consultation", 1, null, "Rõ", Given.Today, "an", Given.Now), new RemarkAnswered("consultation", 1, "Đã rõ", "an", Given.Now),
                new MeetingHeld(new(Given.Today, 10, 1, 9, 0, false, "90/100", []), "an", Given.Now), new CompletenessChecked(new(Given.Today, false, ["Ảnh"], []), "an", Given.Now),
                new DossierVerified(new(Given.Today, [], []), "an", Given.Now), new OpinionGiven(new("SNN", [], []), "binh", Given.Now), new FieldVisited(new(Given.Today, [], "Đã xem", []), "an", Given.Now),
                new AppraisalReported(new(Given.Today, "not-propose", "Chưa đủ", []), "an", Given.Now));
            await store.SaveChangesAsync(Ct);
        }

        Assert.Equal((before, minutes), ((await service.TextAsync(HttpMethod.Get, session, Officer)).Text, (await service.TextAsync(HttpMethod.Get, $"{session}/minutes", Officer)).Text));
    }

    /// <summary>
    /// Between the first vote and the count everything that the service keeps, answers, logs and traces is searched for a choice: as a
    /// word, as its bytes, and as the hash of any body that could have been sent.
    /// </summary>
    [Fact]
    public async Task A_secret_choice_is_nowhere_and_after_the_count_nothing_can_read_it()
    {
        var database = await postgres.CreateAsync();
        using var log = new Captured();
        using var traces = new Traced();
        await using var service = await StartAsync(database, dossiers: 4, log);
        var (secret, open) = (await AppointAsync(service, "secret", Ids(0, 1)), await AppointAsync(service, "open", Ids(2)));
        foreach (var session in (string[])[secret, open])
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);

        log.Lines.Clear();
        traces.Lines.Clear();
        string[] choices = ["against", "abstain", "against", "for", "against"];
        StringBuilder answers = new();
        foreach (var (person, vote) in Everybody.Zip(choices))
        {
            var (status, text) = await service.TextAsync(HttpMethod.Post, $"{secret}/votes", Member(person), Votes(vote, Ids(0, 1)));
            Assert.Equal(200, status);
            answers.AppendLine(text);
        }

        Assert.Equal(409, (await VoteAsync(service, secret, "3", "abstain", Ids(0, 1))).Status);
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, $"{secret}/votes", Member("3"), new { votes = new[] { new { dossier = Ids(0)[0], vote = "against", remark = "không" } } })).Status);
        await Settled.MarkAsync(database);
        var then = await Settled.LastAsync(database);
        foreach (var path in (string[])
        [
            Sessions, $"{Sessions}?format=csv", secret, $"{secret}?asOf={then}", $"{secret}/minutes", $"{secret}/minutes?asOf={then}", "/api/appraisal/queue",
            .. Ids(0, 1).Select(d => $"/api/appraisal/dossiers/{d}").SelectMany(d => (string[])
                [d, $"{d}?asOf={then}", $"{d}/history", $"{d}/history?asOf={then}", $"{d}/history?format=csv", $"{d}/difference?from={then}"]),
        ])
        {
            var (status, text) = await service.TextAsync(HttpMethod.Get, path, Member("1"));
            Assert.True(status == 200, $"{path}: {status} {text}");
            answers.AppendLine(text);
        }

        answers.AppendLine(await ToldAsync(service));
        var dump = await DumpAsync(database);
        string[] hashes = [.. ((string[])["for", "against", "abstain"]).Select(vote => RequestHash(Votes(vote, Ids(0, 1))))];
        Assert.DoesNotMatch(Choice(), dump);
        Assert.DoesNotMatch(Choice(), answers.ToString());
        Assert.DoesNotContain("\"sealed\"", answers.ToString(), StringComparison.Ordinal);
        // Other tests make their schemas meanwhile, whose statements speak of one row "against" another.
        foreach (var told in (string[])[string.Join('\n', log.Lines), string.Join('\n', traces.Lines.Where(l => !l.Contains("create or replace", StringComparison.OrdinalIgnoreCase)))])
        {
            Assert.NotEmpty(told);
            Assert.DoesNotMatch(Word(), told);
        }

        foreach (var trace in hashes.Concat(((string[])["against", "abstain"]).SelectMany(w => (string[])[Convert.ToHexStringLower(Encoding.UTF8.GetBytes(w)), Convert.ToBase64String(Encoding.UTF8.GetBytes(w))[..8]])))
            Assert.DoesNotContain(trace, dump, StringComparison.Ordinal);

        // The search finds what is there: an open vote and the hash of its body.
        Assert.Equal(200, (await VoteAsync(service, open, "1", "against", Ids(2))).Status);
        var control = await DumpAsync(database);
        Assert.Matches(Choice(), control);
        Assert.Contains(RequestHash(Votes("against", Ids(2))), control, StringComparison.Ordinal);

        await using var query = service.Store.QuerySession();
        var key = (await query.Query<SessionKey>().ToListAsync(Ct)).Single();
        Assert.Contains(Convert.ToBase64String(key.Key), control, StringComparison.Ordinal);
        var closed = await service.SendAsync(HttpMethod.Post, $"{secret}/close", Member("1"), new { });
        Assert.Equal(200, closed.Status);
        Assert.All(closed.Body.GetProperty("dossiers").EnumerateArray(), d => Assert.Equal((1, 3, 1), (Int(d.GetProperty("vote"), "for"), Int(d.GetProperty("vote"), "against"), Int(d.GetProperty("vote"), "abstain"))));

        var after = await DumpAsync(database);
        Assert.Equal(0L, await NumberAsync(database, "select count(*) from mt_doc_sessionkey"));
        Assert.DoesNotContain(Convert.ToBase64String(key.Key), after, StringComparison.Ordinal);
        var kept = (await query.Events.FetchStreamAsync(Dossier.Key(Ids(0)[0]), token: Ct)).Select(e => e.Data).OfType<SecretVoteCast>().ToList();
        Assert.Equal(Everybody, kept.Select(v => v.By));
        Assert.All(kept, v => Assert.ThrowsAny<CryptographicException>(() => SealedBallot.Open(SessionKey.New(key.Id), Ids(0)[0], v.By, v.Sealed)));
        Assert.DoesNotContain("- Không đồng ý:", (await service.TextAsync(HttpMethod.Get, $"{secret}/minutes", Officer)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_secret_vote_gets_the_first_answer_and_cannot_be_probed_by_another_choice()
    {
        await using var service = await StartAsync(await postgres.CreateAsync(), dossiers: 2);
        var session = await AppointAsync(service, "secret", Ids(0, 1));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
        var key = Guid.CreateVersion7();
        var first = await service.TextAsync(HttpMethod.Post, $"{session}/votes", Member("3"), Votes("for", Ids(0)), key);
        Assert.Equal(200, first.Status);
        Assert.Equal(first, await service.TextAsync(HttpMethod.Post, $"{session}/votes", Member("3"), Votes("for", Ids(0)), key));
        Assert.Equal(first, await service.TextAsync(HttpMethod.Post, $"{session}/votes", Member("3"), Votes("against", Ids(0)), key));
        Assert.Equal("idempotency-key-reused", Rule(await service.SendAsync(HttpMethod.Post, $"{session}/votes", Member("3"), Votes("for", Ids(1)), key)));
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, $"{Sessions}/{Guid.CreateVersion7()}/votes", Member("3"), Votes("for", Ids(1)))).Status);
    }

    [Fact]
    public async Task Of_two_votes_of_one_person_at_once_one_is_stored_and_members_at_once_all_are()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database, dossiers: 3);
        await using var replica = await AppraisalService.StartAsync(database);
        var session = await AppointAsync(service, "secret", Ids(0, 1));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
        var answers = await Task.WhenAll(Everybody.SelectMany(p => (AppraisalService[])[service, replica, service], (p, at) => VoteAsync(at, session, p, "for", Ids(0, 1))));
        Assert.Equal((5, 10), (answers.Count(a => a.Status == 200), answers.Count(a => a.Status == 409)));
        Assert.Equal(10L, await NumberAsync(database, "select count(*) from mt_events where type = 'secret-vote-cast.v1'"));
        Assert.Equal(10L, await NumberAsync(database, "select count(distinct (stream_id, data ->> 'by')) from mt_events where type = 'secret-vote-cast.v1'"));
    }

    /// <summary>A close destroys the key under whoever votes or closes at that moment: he is judged anew, and hears that it is closed.</summary>
    [Fact]
    public async Task Of_closes_and_votes_at_once_one_close_counts_and_nobody_meets_a_fault()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database, dossiers: 2);
        await using var replica = await AppraisalService.StartAsync(database);
        var session = await AppointAsync(service, "secret", Ids(0, 1));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
        foreach (var person in (string[])["1", "2", "3", "4"]) Assert.Equal(200, (await VoteAsync(service, session, person, "for", Ids(0, 1))).Status);
        var closes = Enumerable.Range(0, 6).Select(n => (n % 2 == 0 ? service : replica).SendAsync(HttpMethod.Post, $"{session}/close", Member("1"), new { })).ToList();
        var votes = Enumerable.Range(0, 4).Select(n => VoteAsync(n % 2 == 0 ? service : replica, session, "5", "for", Ids(0, 1))).ToList();
        var (closed, voted) = (await Task.WhenAll(closes), await Task.WhenAll(votes));
        Assert.Equal((1, 5), (closed.Count(a => a.Status == 200), closed.Count(a => a.Status == 409)));
        Assert.All(voted, a => Assert.Contains(a.Status, (int[])[200, 409]));
        Assert.Equal(0L, await NumberAsync(database, "select count(*) from mt_doc_sessionkey"));
        Assert.Equal(1L, await NumberAsync(database, "select count(*) from mt_events where type = 'session-closed.v1'"));
    }

    [Fact]
    public async Task A_council_of_the_country_votes_on_dossiers_of_several_provinces_and_is_none_of_theirs()
    {
        await using var service = await StartAsync(await postgres.CreateAsync(), dossiers: 0);
        foreach (var n in (int[])[0, 1])
        {
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), Ids(n)[0], "an", Given.Now).Events[0] with
            {
                Unit = new(UnitOf(n), $"43{n}", $"Huyện {n}"),
                Province = n == 0 ? Given.Province : DeterministicId.Of("other-province"),
                Title = "district-ntm",
                Procedure = "district-ntm",
                ProcedureVersion = "qd18-2022.1",
            };
            await using var session = service.Store.LightweightSession();
            session.Events.StartStream(Dossier.Key(opened.Dossier), [opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now)]);
            await session.SaveChangesAsync(Ct);
        }

        const string ministry = "ministry@0#bo";
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, Sessions, Officer, Appointment("open", Ids(0, 1)))).Status);
        var (status, body) = await service.SendAsync(HttpMethod.Post, Sessions, ministry, Appointment("open", Ids(0, 1)));
        Assert.True(status == 201, body.ToString());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("province").ValueKind);
        var path = $"{Sessions}/{body.GetProperty("id").GetString()}";
        Assert.Equal((200, 403, 403, 200), (
            (await service.SendAsync(HttpMethod.Get, path, ministry)).Status, (await service.SendAsync(HttpMethod.Get, path, Officer)).Status,
            (await service.SendAsync(HttpMethod.Get, path, "province-chair@42#ct")).Status, (await service.SendAsync(HttpMethod.Get, path, Member("3"))).Status));
        Assert.Equal([path], await ListedAsync(service, ministry));
        Assert.Equal([path], await ListedAsync(service, Member("3")));
        Assert.Empty(await ListedAsync(service, Officer));
        Assert.DoesNotContain("- Tỉnh:", (await service.TextAsync(HttpMethod.Get, $"{path}/minutes", ministry)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_dissolved_by_whoever_appoints_and_its_key_is_gone_and_another_may_be_called()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database, dossiers: 2);
        var session = await AppointAsync(service, "secret", Ids(0, 1));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
        Assert.Equal(200, (await VoteAsync(service, session, "3", "against", Ids(0))).Status);
        Assert.Equal((403, 422), (
            (await service.SendAsync(HttpMethod.Post, $"{session}/dissolution", Member("1"), new { reason = "x" })).Status,
            (await service.SendAsync(HttpMethod.Post, $"{session}/dissolution", Officer, new { reason = " " })).Status));
        var dissolved = await service.SendAsync(HttpMethod.Post, $"{session}/dissolution", Officer, new { reason = "Hội đồng không đủ thành viên" });
        Assert.Equal((200, "dissolved", "accepted"), (dissolved.Status, dissolved.Body.GetProperty("state").GetString(), dissolved.Body.GetProperty("dossiers")[0].GetProperty("state").GetString()));
        Assert.Equal(0L, await NumberAsync(database, "select count(*) from mt_doc_sessionkey"));
        Assert.Equal("session-dissolved", Rule(await VoteAsync(service, session, "4", "for", Ids(0))));
        Assert.Empty(await StepsAsync(service, "4"));
        var again = await AppointAsync(service, "open", Ids(0, 1));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{again}/attendance", Member("2"), new { present = Everybody })).Status);
        Assert.Equal(200, (await VoteAsync(service, again, "3", "for", Ids(0, 1))).Status);
        var old = (await service.SendAsync(HttpMethod.Get, session, Officer)).Body.GetProperty("dossiers")[0];
        Assert.Equal(("3", 0), (old.GetProperty("voted")[0].GetString(), Int(old.GetProperty("vote"), "cast")));
    }

    [Fact]
    public async Task A_service_that_fell_between_vote_and_count_counts_all_the_same()
    {
        var database = await postgres.CreateAsync();
        string session;
        await using (var service = await StartAsync(database, dossiers: 1))
        {
            session = await AppointAsync(service, "secret", Ids(0));
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{session}/attendance", Member("2"), new { present = Everybody })).Status);
            foreach (var person in Everybody) Assert.Equal(200, (await VoteAsync(service, session, person, "for", Ids(0))).Status);
        }

        await using var again = await AppraisalService.StartAsync(database);
        var closed = await again.SendAsync(HttpMethod.Post, $"{session}/close", Member("1"), new { });
        Assert.Equal((200, "passed"), (closed.Status, closed.Body.GetProperty("dossiers")[0].GetProperty("state").GetString()));
    }

    /// <summary>Communes 18000 …, each with an accepted dossier; the last one is only submitted where there are more than two.</summary>
    private async Task<AppraisalService> StartAsync(string database, int dossiers, ILoggerProvider? log = null)
    {
        var service = await AppraisalService.StartAsync(database, log: log);
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        for (var n = 0; n < dossiers; n++)
        {
            await service.LearnAsync(new UnitChanged(Next($"unit/{n}"), new(UnitOf(n), "commune", null, [new($"1800{n}", $"Xã {n}", $"Xã {n}", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), Ids(n)[0], "an", Given.Now).Events[0] with { Unit = new(UnitOf(n), $"1800{n}", $"Xã {n}") };
            object[] after = dossiers > 2 && n == dossiers - 1 ? [] : [new DossierAccepted("accepted", "po", Given.Now)];
            await using var session = service.Store.LightweightSession();
            session.Events.StartStream(Dossier.Key(opened.Dossier), [opened, new DossierSubmitted("submitted", "an", Given.Now), .. after]);
            session.Events.StartStream(TitleHold.Key(UnitOf(n), "commune-ntm"), new TitleClaimed(UnitOf(n), "commune-ntm", opened.Dossier, "an", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        return service;
    }

    private static async Task<string> AppointAsync(AppraisalService service, string ballot, Guid[] dossiers)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Post, Sessions, Officer, Appointment(ballot, dossiers));
        Assert.True(status == 201, body.ToString());
        return $"{Sessions}/{body.GetProperty("id").GetString()}";
    }

    private static object Appointment(string ballot, Guid[] dossiers) => new
    {
        appointment = new { number = "12/QĐ-UBND", date = "2026-01-20", issuer = "Ủy ban nhân dân tỉnh Hà Tĩnh" },
        chair = Member("1"),
        secretary = Member("2"),
        members = Everybody.Append("9").Select(p => new { client = Member(p), body = $"Cơ quan {p}", voting = p != "9" }),
        dossiers,
        ballot,
    };

    private static object Votes(string vote, Guid[] dossiers) => new { votes = dossiers.Select(dossier => new { dossier, vote }) };

    private static Task<(int Status, JsonElement Body)> VoteAsync(AppraisalService service, string session, string person, string vote, Guid[] dossiers) =>
        service.SendAsync(HttpMethod.Post, $"{session}/votes", Member(person), Votes(vote, dossiers));

    private static async Task<string[]> StepsAsync(AppraisalService service, string person)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue", Member(person));
        Assert.Equal(200, status);
        return [.. body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("step").GetString()!)];
    }

    private static async Task<string[]> ListedAsync(AppraisalService service, string client, string query = "")
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, $"{Sessions}{query}", client);
        Assert.True(status == 200, body.ToString());
        return Hrefs(body);
    }

    private static string[] Hrefs(JsonElement list) => [.. list.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("href").GetString()!)];

    private static string Member(string person) => $"council-member@42#{person}";

    private static Guid[] Ids(params int[] numbers) => [.. numbers.Select(n => DeterministicId.Of($"dossier-{n}"))];

    private static Guid UnitOf(int n) => DeterministicId.Of($"unit-{n}");

    private static int Int(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private static string Rule((int Status, JsonElement Body) answer) => answer.Body.GetProperty("type").GetString()!.Split('/')[^1];

    /// <summary>As the receipts of all other commands tell a request.</summary>
    private static string RequestHash(object body) => Convert.ToHexStringLower(SHA256.HashData(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body))));

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position };

    /// <summary>Every row of every table, as text; what is binary in hexadecimal.</summary>
    private static async Task<string> DumpAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        List<string> tables = [];
        await using (var command = new NpgsqlCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')", connection))
        await using (var reader = await command.ExecuteReaderAsync(Ct))
            while (await reader.ReadAsync(Ct)) tables.Add(reader.GetString(0));
        Assert.Contains("public.mt_events", tables);
        StringBuilder dump = new();
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand($"select coalesce(string_agg(t::text, E'\\n'), '') from {table} t", connection);
            dump.AppendLine(((string)(await command.ExecuteScalarAsync(Ct))!).Replace("\"\"", "\"", StringComparison.Ordinal));
        }

        return dump.ToString();
    }

    private static async Task<long> NumberAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    /// <summary>All that is announced of what is stored, as it goes to the inbox and to whoever else listens.</summary>
    private static async Task<string> ToldAsync(AppraisalService service)
    {
        var map = service.Map().AnnounceDossiers(Given.Book).AnnounceSessions();
        await using var query = service.Store.QuerySession();
        StringBuilder told = new();
        foreach (var e in await query.Events.QueryAllRawEvents().OrderBy(e => e.Sequence).ToListAsync(Ct))
            foreach (var message in await map.MapAsync(e, query, Ct)) told.AppendLine(JsonSerializer.Serialize(message, message.GetType(), NtmJson.Http));
        Assert.Contains("asked", told.ToString(), StringComparison.Ordinal);
        return told.ToString();
    }

    /// <summary>A choice as a value of JSON; the counts have these words as names.</summary>
    [GeneratedRegex("\"(?:for|against|abstain)\"(?!\\s*:)", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Choice();

    /// <summary>The store's own SQL has a comment with one of these words in it.</summary>
    [GeneratedRegex("(?<!FetchForWriting )against|abstain", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex Word();

    private sealed class Captured : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception} {(state is IEnumerable<KeyValuePair<string, object?>> named ? string.Join(' ', named.Select(n => $"{n.Key}={n.Value}")) : "")}");

        public void Dispose() => Lines.Clear();
    }

    private sealed class Traced : IDisposable
    {
        private readonly ActivityListener listener;

        public Traced()
        {
            listener = new()
            {
                ShouldListenTo = _ => true,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = a => Lines.Enqueue(
                    $"{a.DisplayName} {string.Join(' ', a.TagObjects.Concat(a.Baggage.Select(b => KeyValuePair.Create(b.Key, (object?)b.Value))).Concat(a.Events.SelectMany(e => e.Tags)).Select(t => $"{t.Key}={t.Value}"))}"),
            };
            ActivitySource.AddActivityListener(listener);
        }

        public ConcurrentQueue<string> Lines { get; } = [];

        public void Dispose() => listener.Dispose();
    }
}

using System.Text.Json;
using Marten;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>Eligibility and the work queue on a real store.</summary>
public sealed class EligibilityStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Path = "/api/appraisal/eligibility/18073";
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_unit_becomes_eligible_once_whatever_is_judged_again_and_by_however_many_at_once()
    {
        await using var service = await StartAsync();
        await LearnAsync(service, ("1.1", "met"), ("1.2", "notMet"));
        await ConfirmAllAsync(service);
        await JudgeAsync(service, times: 1);
        Assert.Empty(await RecordedAsync(service));

        await LearnAsync(service, ("1.1", "met"), ("1.2", "met"));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => JudgeAsync(service, times: 3)));
        Assert.Equal(["unit-became-eligible.v1"], await RecordedAsync(service));
        var answer = await ReadAsync(service);
        Assert.True(answer.GetProperty("eligible").GetBoolean());
        Assert.Equal(System.Text.Json.JsonValueKind.String, answer.GetProperty("since").ValueKind);

        await LearnAsync(service, ("1.1", "met"), ("1.2", "notMet"));
        await JudgeAsync(service, times: 3);
        Assert.Equal(["unit-became-eligible.v1", "unit-ceased-to-be-eligible.v1"], await RecordedAsync(service));
        var history = await service.SendAsync(HttpMethod.Get, $"{Path}/history?title=commune-ntm", "commune-officer@18073#an");
        Assert.Equal([true, false], history.Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("eligible").GetBoolean()));
    }

    [Fact]
    public async Task Where_another_was_first_with_one_unit_of_a_page_the_others_are_recorded_all_the_same()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartAsync(database);
        UnitRef[] units = [Given.Unit, .. Enumerable.Range(1, 4).Select(n => new UnitRef(DeterministicId.Of($"unit/{n}"), $"1808{n}", $"Xã {n}"))];
        foreach (var unit in units) await MeetAsync(service, unit);
        await using var query = service.Store.QuerySession();
        var cause = (await query.Events.QueryAllRawEvents().OrderByDescending(e => e.Sequence).Take(1).ToListAsync(Ct))[0];

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var first = await connection.BeginTransactionAsync(Ct);
        await using (var other = service.Store.LightweightSession(SessionOptions.ForTransaction(first)))
        {
            (await other.Events.FetchForWriting<KeptEligibility>(Key(units[2]), Ct)).AppendOne(KeptEligibility.Change(null, Given.Target() with { Unit = units[2] }, Given.Eligible(), Given.Now)!);
            await other.SaveChangesAsync(Ct);
        }

        var judging = service.Keeper.JudgeAllAsync(Given.Procedure, cause, Ct);
        await using var watching = NpgsqlDataSource.Create(database);
        await using var waits = watching.CreateCommand("select exists (select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database())");
        while (!(bool)(await waits.ExecuteScalarAsync(Ct))!) Assert.False(judging.IsCompleted);
        await first.CommitAsync(Ct);
        await judging;
        await service.Keeper.JudgeAllAsync(Given.Procedure, cause, Ct);

        foreach (var unit in units)
        {
            var e = Assert.Single(await query.Events.FetchStreamAsync(Key(unit), token: Ct));
            Assert.IsType<UnitBecameEligible>(e.Data);
            if (unit != units[2]) Assert.Equal((cause.Id.ToString(), cause.UserName), (e.CausationId, e.UserName));
        }

        static string Key(UnitRef unit) => KeptEligibility.Key(unit.Id, "commune-ntm");
    }

    [Fact]
    public async Task At_every_position_a_unit_is_known_as_its_facts_up_to_it_tell()
    {
        await using var service = await StartAsync();
        for (var n = 0; n < 4; n++)
        {
            await LearnAsync(service, ("1.1", n % 2 == 0 ? "met" : "notMet"));
            await ConfirmAllAsync(service);
        }

        await using var query = service.Store.QuerySession();
        var events = await query.Events.QueryAllRawEvents().OrderBy(e => e.Sequence).ToListAsync(Ct);
        var past = service.Services.GetRequiredService<AsOf>();
        for (var at = 0L; at <= events[^1].Sequence; at++)
        {
            var (assessment, confirmations) = await EligibilityFacts.OfUnitAsync(past, at, Given.Target(), Ct);
            var then = events.Where(e => e.Sequence <= at).Select(e => e.Data).ToList();
            Assert.Equal(then.OfType<AssessmentChanged>().LastOrDefault()?.Origin.Position, assessment?.Position);
            Assert.Equal(then.OfType<AssessmentChanged>().LastOrDefault()?.Assessment.Indicators[0], assessment?.Assessment.Indicators[0]);
            Confirmation?[] folded = [.. new[] { "arrears", "satisfaction", "security" }.Select(c => then.OfType<ConditionConfirmed>().Where(e => e.Condition == c)
                .Aggregate((Confirmation?)null, (kept, e) => kept?.Apply(e) ?? Confirmation.Create(e)))];
            Assert.Equivalent(folded.OfType<Confirmation>(), confirmations, strict: true);
        }
    }

    [Fact]
    public async Task A_read_records_nothing()
    {
        await using var service = await StartAsync();
        await LearnAsync(service, ("1.1", "met"), ("1.2", "met"));
        await ConfirmAllAsync(service);
        Assert.True((await ReadAsync(service)).GetProperty("eligible").GetBoolean());
        Assert.Empty(await RecordedAsync(service));
    }

    [Fact]
    public async Task Each_condition_names_who_said_so_and_by_which_document_and_keeps_its_history()
    {
        await using var service = await StartAsync();
        await LearnAsync(service, ("1.1", "met"), ("1.2", "met"));
        await ConfirmAllAsync(service);
        var sha = new string('A', 64);
        var again = await service.SendAsync(
            HttpMethod.Put, "/api/appraisal/confirmations/18073/arrears?title=commune-ntm", "department-officer@42:SNN#binh",
            new { met = false, basis = "BC 13", validOn = "2026-01-31", evidence = new[] { new { sha256 = sha, size = 7, mediaType = "application/pdf" } } });
        Assert.Equal(200, again.Status);
        var source = Source(await ReadAsync(service), "arrears");
        Assert.Equal(("binh", "BC 13", "2026-01-31", 2L), (
            source.GetProperty("persons")[0].GetString(), source.GetProperty("basis").GetString(), source.GetProperty("validOn").GetString(), source.GetProperty("version").GetInt64()));
        Assert.Equal(sha.ToLowerInvariant(), source.GetProperty("evidence")[0].GetProperty("sha256").GetString());
        Assert.Equal("2024-Q4", Source(await ReadAsync(service), "criteria").GetProperty("reports")[0].GetProperty("period").GetString());

        var history = await service.SendAsync(HttpMethod.Get, "/api/appraisal/confirmations/18073/arrears/history?title=commune-ntm", "province-officer@42#quy");
        Assert.Equal([true, false], history.Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("met").GetBoolean()));
        var bad = await service.SendAsync(
            HttpMethod.Put, "/api/appraisal/confirmations/18073/arrears?title=commune-ntm", "department-officer@42:SNN#binh",
            new { met = true, basis = "BC", validOn = "2026-01-31", evidence = new[] { new { sha256 = "x" } } });
        Assert.Equal(422, bad.Status);
        Assert.True(bad.Body.GetProperty("errors").TryGetProperty("evidence[0].sha256", out _));
    }

    [Fact]
    public async Task A_document_behind_a_confirmation_is_brought_in_by_who_confirms_and_is_held()
    {
        const string arrears = "/api/appraisal/confirmations/18073/arrears";
        const string snn = "department-officer@42:SNN#binh";
        await using var service = await StartAsync();
        byte[] pdf = [.. "%PDF-1.7\nxác nhận"u8];
        var sha = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(pdf));
        Task<(int Status, JsonElement Body)> ConfirmAsync(params object[] evidence) =>
            service.SendAsync(HttpMethod.Put, $"{arrears}?title=commune-ntm", snn, new { met = true, basis = "BC 13", validOn = "2026-01-31", evidence });

        // Named before it is there: kept as it was said, and not held.
        var named = await ConfirmAsync(new { sha256 = sha, size = 9, mediaType = "application/pdf" });
        Assert.Equal((200, false), (named.Status, named.Body.GetProperty("evidence")[0].GetProperty("held").GetBoolean()));

        Assert.Equal((403, 403, 404), (
            (await service.UploadAsync($"{arrears}/documents?title=commune-ntm", "department-officer@42:CAT#nam", pdf)).Status,
            (await service.UploadAsync($"{arrears}/documents?title=commune-ntm", "commune-officer@18073#an", pdf)).Status,
            (await service.UploadAsync($"/api/appraisal/confirmations/18073/criteria/documents?title=commune-ntm", snn, pdf)).Status));
        Assert.Equal(422, (await service.UploadAsync($"{arrears}/documents?title=commune-ntm", snn, [0, 1, 2, 3])).Status);
        foreach (var _ in (int[])[1, 2])
        {
            var brought = await service.UploadAsync($"{arrears}/documents?title=commune-ntm&name=xac-nhan", snn, pdf);
            Assert.Equal((201, sha, "application/pdf", pdf.Length, "xac-nhan.pdf"), (
                brought.Status, brought.Body.GetProperty("sha256").GetString(), brought.Body.GetProperty("mediaType").GetString(), brought.Body.GetProperty("size").GetInt32(), brought.Body.GetProperty("name").GetString()));
        }

        // It is what it is, whatever is said of it.
        var wrong = await ConfirmAsync(new { sha256 = sha, size = 9, mediaType = "image/png" });
        Assert.Equal((422, true, true), (wrong.Status, wrong.Body.GetProperty("errors").TryGetProperty("evidence[0].size", out _), wrong.Body.GetProperty("errors").TryGetProperty("evidence[0].mediaType", out _)));
        var held = await ConfirmAsync(new { sha256 = sha.ToUpperInvariant() }, new { sha256 = new string('b', 64) });
        Assert.Equal(200, held.Status);
        Assert.Equal([(true, pdf.Length), (false, 0)], held.Body.GetProperty("evidence").EnumerateArray().Select(e => (e.GetProperty("held").GetBoolean(), e.GetProperty("size").ValueKind == JsonValueKind.Null ? 0 : e.GetProperty("size").GetInt32())));
        var history = await service.SendAsync(HttpMethod.Get, $"{arrears}/history?title=commune-ntm", "province-officer@42#quy");
        Assert.Equal([false, true], history.Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("evidence")[0].GetProperty("held").GetBoolean()));
        await LearnAsync(service, ("1.1", "met"), ("1.2", "met"));
        Assert.True(Source(await ReadAsync(service), "arrears").GetProperty("evidence")[0].GetProperty("held").GetBoolean());

        var read = await service.DownloadAsync($"{arrears}/documents/{sha}?title=commune-ntm", "province-officer@42#quy");
        Assert.Equal((200, "application/pdf"), (read.Status, read.MediaType));
        Assert.Equal(pdf, read.Content);
        Assert.Equal((403, 404, 404), (
            (await service.DownloadAsync($"{arrears}/documents/{sha}?title=commune-ntm", "commune-officer@18999#an")).Status,
            (await service.DownloadAsync($"{arrears}/documents/{new string('b', 64)}?title=commune-ntm", "province-officer@42#quy")).Status,
            (await service.DownloadAsync($"/api/appraisal/confirmations/18073/satisfaction/documents/{sha}?title=commune-ntm", "province-officer@42#quy")).Status));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 7, "application/pdf", "evidence[0].sha256")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 7, "application/pdf", "evidence[0].sha256")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, "application/pdf", "evidence[0].size")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 7, "application/x-anything", "evidence[0].mediaType")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 7, "image/jpg", null)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", null, null, null)]
    public void Evidence_that_nothing_could_be_is_refused_by_its_field(string sha256, int? size, string? mediaType, string? field) => Assert.Equal(
        field is null ? null : [field],
        ConfirmCondition.Decide(Given.Unit.Id, "commune-ntm", "arrears", new(true, null, "BC 1", Given.Today, [new(sha256, size, mediaType)]), "x", Given.Now).Refusal?.Errors?.Keys);

    [Fact]
    public async Task The_queue_shows_each_caller_what_waits_for_him_and_nothing_that_is_done()
    {
        await using var service = await StartAsync();
        var dossier = Given.Opened();
        await using (var session = service.Store.LightweightSession())
        {
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0];
            session.Events.StartStream(dossier.Id, opened, new DossierSubmitted("submitted", "an", Given.Now));
            session.Events.StartStream(Dossier.Key(DeterministicId.Of("second")), opened with { Dossier = DeterministicId.Of("second") });
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal(["accept", "return"], await StepsAsync(service, "province-officer@42#quy"));
        Assert.Equal(["submit"], await StepsAsync(service, "commune-officer@18073#an"));
        Assert.Empty(await StepsAsync(service, "commune-officer@18100#khac"));
        Assert.Empty(await StepsAsync(service, "province-officer@42#quy", "?role=province-chair"));
        Assert.Empty(await StepsAsync(service, "province-officer@42#quy", "?overdue=true"));
        Assert.Equal(["accept", "return"], await StepsAsync(service, "province-officer@42#quy", "?unit=18073&limit=1"));
    }

    [Fact]
    public async Task A_member_of_the_council_sees_the_ballot_until_he_has_voted_and_the_read_model_holds_no_choice()
    {
        await using var service = await StartAsync();
        var voting = Given.Voting(3);
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), voting.Number, "an", Given.Now).Events[0];
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(
                voting.Id, opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now),
                new CouncilNamed("1", voting.Council!.Members, "voting", "po", Given.Now), new VoteCast("against", "không", "voting", "2", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal(["votes"], await StepsAsync(service, "council-member@42#1"));
        Assert.Empty(await StepsAsync(service, "council-member@42#2"));
        Assert.Empty(await StepsAsync(service, "council-member@42#9"));
        await using var query = service.Store.QuerySession();
        var stored = await query.Query<OpenSteps>().SingleAsync(Ct);
        Assert.Equal(("2", "", null), Assert.Single(stored.Dossier.Ballots) is var b ? (b.Person, b.Vote, b.Remark) : default);
    }

    [Fact]
    public async Task A_page_of_the_queue_names_the_next()
    {
        await using var service = await StartAsync();
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), DeterministicId.Of("d"), "an", Given.Now).Events[0];
        await using (var session = service.Store.LightweightSession())
        {
            foreach (var id in Enumerable.Range(0, 5).Select(n => DeterministicId.Of($"d{n}")))
                session.Events.StartStream(Dossier.Key(id), opened with { Dossier = id });
            await session.SaveChangesAsync(Ct);
        }

        HashSet<string> seen = [];
        for (var path = "/api/appraisal/queue?limit=2"; path is not null;)
        {
            var (status, body) = await service.SendAsync(HttpMethod.Get, path, "commune-officer@18073#an");
            Assert.Equal(200, status);
            foreach (var item in body.GetProperty("items").EnumerateArray()) Assert.True(seen.Add(item.GetProperty("dossier").GetString()!));
            path = body.GetProperty("next").GetString();
        }

        Assert.Equal(5, seen.Count);
    }

    private async Task<AppraisalService> StartAsync(string? database = null)
    {
        var service = await AppraisalService.StartAsync(database ?? await postgres.CreateAsync());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Next("unit/commune"), new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new SetPublished(Next($"set/{Given.SetId}"), Given.Set("1.1", "1.2")), Ct);
        return service;
    }

    /// <summary>All that a unit is asked for; the last of it came by an event of the store.</summary>
    private async Task MeetAsync(AppraisalService service, UnitRef unit)
    {
        await service.LearnAsync(new UnitChanged(Next($"unit/{unit.Id}"), new(unit.Id, "commune", null, [new(unit.Code, unit.Name, unit.Name, "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new AssessmentChanged(Next($"assessment/{unit.Id}/{Given.SetId}"), Given.Assessed(("1.1", "met"), ("1.2", "met")).Assessment with { Unit = unit }), Ct);
        await using var session = service.Store.LightweightSession();
        foreach (var condition in new[] { "arrears", "satisfaction", "security" })
            session.Events.StartStream(Confirmation.Key(unit.Id, "commune-ntm", condition), new ConditionConfirmed(unit.Id, "commune-ntm", condition, true, 96.5m, "BC 1", new(2025, 12, 31), "x", Given.Now));
        session.LastModifiedBy = "x";
        await session.SaveChangesAsync(Ct);
    }

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position };

    private Task LearnAsync(AppraisalService service, params (string Code, string Status)[] indicators) =>
        service.LearnAsync(new AssessmentChanged(Next($"assessment/{Given.Unit.Id}/{Given.SetId}"), Given.Assessed(indicators).Assessment), Ct);

    private static async Task ConfirmAllAsync(AppraisalService service)
    {
        foreach (var (condition, client) in new[] { ("arrears", "department-officer@42:SNN#binh"), ("satisfaction", "front-officer@42#mai"), ("security", "department-officer@42:CAT#nam") })
        {
            var (status, _) = await service.SendAsync(
                HttpMethod.Put, $"/api/appraisal/confirmations/18073/{condition}?title=commune-ntm", client, new { met = true, value = 96.5m, basis = "BC 12", validOn = "2025-12-31" });
            Assert.Equal(200, status);
        }
    }

    private static async Task JudgeAsync(AppraisalService service, int times)
    {
        for (var n = 0; n < times; n++)
            foreach (var procedure in service.Keeper.Procedures) await service.Keeper.JudgeAllAsync(procedure, null, Ct);
    }

    private static async Task<string[]> RecordedAsync(AppraisalService service)
    {
        await using var session = service.Store.QuerySession();
        return [.. (await session.Events.FetchStreamAsync(KeptEligibility.Key(Given.Unit.Id, "commune-ntm"), token: Ct)).Select(e => e.EventTypeName)];
    }

    private static async Task<System.Text.Json.JsonElement> ReadAsync(AppraisalService service)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, $"{Path}?title=commune-ntm", "commune-officer@18073#an");
        Assert.Equal(200, status);
        return body;
    }

    private static System.Text.Json.JsonElement Source(System.Text.Json.JsonElement answer, string condition) =>
        answer.GetProperty("conditions").EnumerateArray().Single(c => c.GetProperty("id").GetString() == condition).GetProperty("source");

    private static async Task<string[]> StepsAsync(AppraisalService service, string client, string query = "")
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, $"/api/appraisal/queue{query}", client);
        Assert.Equal(200, status);
        return [.. body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("step").GetString()!)];
    }
}

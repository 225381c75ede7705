using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Marten;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>Numbers, corrections and acknowledgements, as decided and on a real store.</summary>
public sealed class CorrectionTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Register = "/api/appraisal/recognitions";
    private const string Chair = "province-chair@42#ct";
    private static readonly Recognition Entry = RegisterTests.Entry(Given.Unit, "commune-ntm", new(2026, 10, 1), "12/QĐ-UBND");
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void What_is_corrected_stands_with_both_decisions_and_the_rest_stays()
    {
        var e = Assert.IsType<RecognitionCorrected>(Assert.Single(Decide(new(Number: "21/QĐ-UBND", Date: new(2026, 10, 2), UnitName: "Xã Thạch Hạ (mới)")).Events));
        var after = Entry.After(e).State;
        Assert.Equal(("21/QĐ-UBND", new DateOnly(2026, 10, 2), "QĐ 18", "Xã Thạch Hạ (mới)"), (after.DecisionNumber, after.DecisionDate, after.LegalBasis, after.Unit.Name));
        Assert.Equal((Entry.UnitId, Entry.State.Unit.Code, Entry.Title, "in-force", new DateOnly(2026, 10, 2)), (after.Unit.Id, after.Unit.Code, after.Title, after.Status, after.From));
        var correction = Assert.Single(after.Corrections!);
        Assert.Equal(("99/QĐ-UBND", "12/QĐ-UBND", new DateOnly(2026, 10, 1)), (correction.Number, correction.Was.Number, correction.Was.Date));
    }

    [Theory]
    [InlineData("number", null, "2026-11-01", "QĐ", "sai", "21")]
    [InlineData("date", "99", "2026-09-30", "QĐ", "sai", "21")]
    [InlineData("date", "99", "2026-11-25", "QĐ", "sai", "21")]
    [InlineData("legalBasis", "99", "2026-11-01", " ", "sai", "21")]
    [InlineData("reason", "99", "2026-11-01", "QĐ", null, "21")]
    [InlineData("corrected", "99", "2026-11-01", "QĐ", "sai", null)]
    [InlineData("corrected", "99", "2026-11-01", "QĐ", "sai", "12/QĐ-UBND")]
    [InlineData("number", "21", "2026-11-01", "QĐ", "sai", "2 1")]
    [InlineData("number", "12/qđ-ubnd", "2026-11-01", "QĐ", "sai", "21")]
    public void What_is_no_correction_is_refused_by_its_field(string field, string? number, string date, string? basis, string? reason, string? corrected)
    {
        var body = new CorrectRecognition.Body(number, DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture), basis, reason, new(Number: corrected));
        Assert.Equal([field], CorrectRecognition.Decide(Entry, Issuers.ProvinceChair, body, "ct", Given.Now).Refusal?.Errors?.Keys ?? []);
    }

    [Fact]
    public void A_number_that_was_kept_before_dashes_were_left_out_of_account_is_found_under_its_old_key()
    {
        var issuer = DeterministicId.Of("42");
        Assert.Equal($"decision/{issuer}/2025/12/QĐ–UBND", DecisionNumber.OlderKey(issuer, 2025, "12 / QĐ–ubnd"));
        Assert.Null(DecisionNumber.OlderKey(issuer, 2025, "12/QĐ-UBND"));
    }

    [Theory]
    [InlineData("12/QĐ-UBND", true)]
    [InlineData(" 12 / qđ - ubnd ", true)]
    [InlineData("12/QĐ\u2010UBND", true)]
    [InlineData("12/QĐ\u2011UBND", true)]
    [InlineData("12/QĐ\u2013UBND", true)]
    [InlineData("12/QĐ\u2014UBND", true)]
    [InlineData("12/QĐ\u2212UBND", true)]
    [InlineData("12/QĐ\uFF0DUBND", true)]
    [InlineData("\uFF11\uFF12\uFF0FQĐ-UBND", true)]
    [InlineData("12\u2044QĐ-UBND", true)]
    [InlineData("12\u00A0/QĐ-UBND", true)]
    [InlineData("12\u200B/QĐ-UBND", true)]
    [InlineData("\uFEFF12/QĐ\u200D-UB\u2060ND", true)]
    [InlineData("12/QĐ-UBND\uFE0F", true)]
    [InlineData("1\u034F2/Q\u0110-UBND", true)]
    [InlineData("120/QĐ-UBND", false)]
    [InlineData("12/QD-UBND", false)]
    [InlineData("12/QĐ_UBND", false)]
    [InlineData("12.QĐ-UBND", false)]
    public void A_number_is_the_same_however_it_is_written_and_another_one_is_another(string number, bool same) =>
        Assert.Equal(same, DecisionNumber.Normal(number) == DecisionNumber.Normal("12/QĐ-UBND"));

    /// <summary>Whatever is strewn over a number, in whatever order: the same one, and normal once it is.</summary>
    [Property(MaxTest = 200)]
    public Property What_nobody_reads_makes_no_other_number() => Prop.ForAll(
        Gen.Elements("\u200B", "\u200D", "\u2060", "\uFEFF", "\u00AD", "\u202E", "\u00A0", " ", "\u3000", "\uFE0F").ArrayOf(13).ToArbitrary(),
        strewn =>
        {
            var written = string.Concat("0012/QĐ-UBND".Select((c, i) => strewn[i] + c)) + strewn[12];
            return DecisionNumber.Normal(written) == "0012/QĐ-UBND" && DecisionNumber.Normal(DecisionNumber.Normal(written)) == DecisionNumber.Normal(written);
        });

    [Theory]
    [InlineData("12\u200B/QĐ-UBND")]
    [InlineData("12/QĐ-UBND\u202E")]
    [InlineData("12/QĐ\u00AD-UBND")]
    [InlineData("12/QĐ-UBND\uFE0F")]
    public void A_number_with_something_invisible_in_it_is_not_taken(string number)
    {
        Assert.Equal(["number"], SignDecision.Decide(Given.Passed(), Given.Step(StepIds.Decision), new(number, Given.Today, "QĐ 18"), "chair", Given.Now).Refusal?.Errors?.Keys);
        Assert.Equal(["number"], CorrectRecognition.Decide(Entry, Issuers.ProvinceChair, new(number.Replace("12", "99", StringComparison.Ordinal), new(2026, 11, 1), "QĐ", "sai", new(Number: "21")), "ct", Given.Now).Refusal?.Errors?.Keys);
        Assert.Equal(["corrected.number"], CorrectRecognition.Decide(Entry, Issuers.ProvinceChair, new("99/ĐC", new(2026, 11, 1), "QĐ", "sai", new(Number: $"2{number}")), "ct", Given.Now).Refusal?.Errors?.Keys);
        Assert.Contains(
            "appointment.number", AppointSession.Check(new(new(number, Given.Today, "UBND tỉnh"), null, null, null, null, "open"), Given.Today)!.Errors!.Keys);
    }

    [Fact]
    public void A_later_correction_is_not_before_an_earlier_one_and_a_day_not_after_the_announcement()
    {
        var entry = Entry.After((RecognitionCorrected)Decide(new(Number: "21/QĐ-UBND")).Events[0]).After(new RecognitionPublished(new(2026, 10, 20), "Cổng tỉnh", "po", Given.Now));
        Assert.Equal(["date", "corrected.date"], CorrectRecognition.Decide(
            entry, Issuers.ProvinceChair, new("100/QĐ-UBND", new(2026, 10, 31), "QĐ", "sai", new(Date: new(2026, 10, 25))), "ct", Given.Now).Refusal?.Errors?.Keys ?? []);
    }

    /// <summary>Two provinces that are one since July 2025: each counted for itself before, and both together after.</summary>
    [Fact]
    public async Task Numbers_are_counted_by_the_province_that_answers_on_the_day_of_the_decision()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        var (one, other, merged, day) = (DeterministicId.Of("one"), DeterministicId.Of("other"), DeterministicId.Of("merged"), new DateOnly(2025, 7, 1));
        var tree = new UnitTree(
        [
            new(one, "province", null, [new("02", "A", "Tỉnh A", "tinh", null, null, day.AddDays(-1), null, "seen")], [], [new(merged, day, "whole")]),
            new(other, "province", null, [new("08", "B", "Tỉnh B", "tinh", null, null, day.AddDays(-1), null, "seen")], [], [new(merged, day, "whole")]),
            new(merged, "province", null, [new("98", "C", "Tỉnh C", "tinh", null, day, null, null, "seen")], [new(one, day, "whole"), new(other, day, "whole")], []),
        ]);
        Assert.Equal((one, merged, merged, merged), (tree.AnswererOf(one, day.AddDays(-1)), tree.AnswererOf(one, day), tree.AnswererOf(other, day), tree.AnswererOf(merged, day)));

        Assert.Null(await TakeAsync(one, day.AddDays(-1)));
        Assert.Null(await TakeAsync(other, day.AddDays(-1)));
        Assert.Null(await TakeAsync(one, day));
        Assert.Equal("decision-number-taken", await TakeAsync(other, day));
        Assert.Equal("decision-number-taken", await TakeAsync(merged, day.AddDays(30)));

        async Task<string?> TakeAsync(Guid province, DateOnly on)
        {
            await using var session = service.Store.LightweightSession();
            var refusal = await new DecisionNumbers(session, Given.Book, tree, Issuers.ProvinceChair, province, "ct", Given.Now).TakeAsync(on, "7/QĐ-UBND", Guid.CreateVersion7(), Ct);
            await session.SaveChangesAsync(Ct);
            return refusal?.Rule;
        }
    }

    [Theory]
    [InlineData("12/QĐ-UBND", "12 / qđ-ubnd", true)]
    [InlineData("12/QĐ-Thành", "12/QĐ-Tha\u0300nh", true)]
    [InlineData("12/QĐ-UBND", "12/QD-UBND", false)]
    public void Blanks_case_and_marks_written_otherwise_make_no_other_number(string one, string other, bool same) =>
        Assert.Equal(same, DecisionNumber.Key(Given.Province, 2026, one) == DecisionNumber.Key(Given.Province, 2026, other));

    [Fact]
    public async Task A_number_is_given_once_by_an_issuer_the_prime_ministers_over_all_provinces()
    {
        await using var service = await StartAsync();
        var (other, day) = (DeterministicId.Of("other province"), new DateOnly(2026, 10, 1));
        Assert.Null(await TakeAsync(service, Issuers.ProvinceChair, Given.Province, day, "1/QĐ"));
        Assert.Null(await TakeAsync(service, Issuers.ProvinceChair, other, day, "1/QĐ"));
        Assert.Null(await TakeAsync(service, Issuers.PrimeMinister, Given.Province, day, "1/QĐ"));
        Assert.Null(await TakeAsync(service, Issuers.ProvinceChair, Given.Province, day.AddYears(-1), "1/QĐ"));
        Assert.Equal("decision-number-taken", await TakeAsync(service, Issuers.ProvinceChair, Given.Province, day, "1 / qđ"));
        Assert.Equal("decision-number-taken", await TakeAsync(service, Issuers.PrimeMinister, other, day, "1/QĐ"));
    }

    [Fact]
    public async Task A_number_of_the_prime_minister_from_before_issuers_were_told_is_still_taken()
    {
        await using var service = await StartAsync();
        await using (var session = service.Store.LightweightSession())
        {
            var dossier = DeterministicId.Of("old");
            session.Events.StartStream(Recognition.Key(dossier), new RecognitionGranted(dossier, Given.Unit, "district-ntm", "7/QĐ-TTg", new(2024, 5, 1), "QĐ 18", "tt", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        Assert.Equal("decision-number-taken", await TakeAsync(service, Issuers.PrimeMinister, DeterministicId.Of("any"), new(2024, 9, 1), "7/qđ-ttg"));
        Assert.Null(await TakeAsync(service, Issuers.PrimeMinister, DeterministicId.Of("any"), new(2025, 9, 1), "7/QĐ-TTg"));
    }

    [Fact]
    public async Task The_register_shows_what_was_corrected_and_as_of_before_what_had_stood()
    {
        await using var service = await StartAsync();
        var id = await RecogniseAsync(service, Given.Unit, new(2026, 10, 1), "12/QĐ-UBND");
        var between = TimeProvider.System.GetUtcNow();
        var path = $"{Register}/{id}/corrections";
        var body = new { number = "99/QĐ-UBND", date = "2026-11-01", legalBasis = "QĐ 18", reason = "Ghi sai số", corrected = new { number = "21/QĐ-UBND" } };
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, path, "province-officer@42#quy", body)).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, $"{Register}/{Guid.CreateVersion7()}/corrections", Chair, body)).Status);
        var refused = await service.SendAsync(HttpMethod.Post, path, Chair, body with { number = "98/QĐ-UBND" } is var b ? new { b.number, b.date, b.legalBasis, b.reason, corrected = new { title = "commune-model", number = "21" } } : null);
        Assert.Equal((422, true), (refused.Status, refused.Body.GetProperty("errors").TryGetProperty("corrected", out _)));
        var corrected = await service.SendAsync(HttpMethod.Post, path, Chair, body);
        Assert.Equal((200, "21/QĐ-UBND"), (corrected.Status, corrected.Body.GetProperty("decision").GetProperty("number").GetString()));

        var item = (await ListAsync(service, "?unit=18073")).Single();
        Assert.Equal(("21/QĐ-UBND", "99/QĐ-UBND", "12/QĐ-UBND", "in-force", "province-chair"), (
            item.GetProperty("decision").GetProperty("number").GetString(), item.GetProperty("corrections")[0].GetProperty("number").GetString(),
            item.GetProperty("corrections")[0].GetProperty("was").GetProperty("number").GetString(), item.GetProperty("status").GetString(), item.GetProperty("issuer").GetString()));
        // No daemon runs here: what it would have reached is written by hand.
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("insert into mt_event_progression (name, last_seq_id) values ('HighWaterMark', (select max(seq_id) from mt_events))");
            await session.SaveChangesAsync(Ct);
        }

        var old = (await ListAsync(service, $"?asOf={Uri.EscapeDataString($"{between:yyyy-MM-dd'T'HH:mm:ss.fffffff}Z")}")).Single();
        Assert.Equal(("12/QĐ-UBND", false), (old.GetProperty("decision").GetProperty("number").GetString(), old.TryGetProperty("corrections", out _)));

        // The wrong number is free for the decision that does carry it; those of both decisions are not.
        Assert.Null(await TakeAsync(service, Issuers.ProvinceChair, Given.Province, new(2026, 10, 5), "12/QĐ-UBND"));
        Assert.Equal("decision-number-taken", await TakeAsync(service, Issuers.ProvinceChair, Given.Province, new(2026, 10, 5), "21/QĐ-UBND"));
        Assert.Equal("decision-number-taken", await TakeAsync(service, Issuers.ProvinceChair, Given.Province, new(2026, 10, 5), "99/QĐ-UBND"));
    }

    [Theory]
    [InlineData(2025)]
    [InlineData(null)]
    public async Task The_register_tells_the_year_that_the_decision_names_and_none_where_it_names_none(int? year)
    {
        await using var service = await StartAsync();
        var id = Guid.CreateVersion7();
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), id, "an", Given.Now).Events[0];
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(Dossier.Key(id), opened, new VoteClosed(new(3, 3, 3, 0, 0, true, "70/100", "90/100"), "passed", "1", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        var signed = await service.SendAsync(HttpMethod.Post, $"/api/appraisal/dossiers/{id}/decision", Chair, new { number = "7/QĐ-UBND", date = "2026-01-10", legalBasis = "QĐ 18", year });
        Assert.True(signed.Status == 200, signed.Body.ToString());
        var told = (await ListAsync(service, "?unit=18073")).Single().GetProperty("year");
        Assert.Equal(year, told.ValueKind == System.Text.Json.JsonValueKind.Null ? null : told.GetInt32());
        var map = new IntegrationMap("appraisal").AnnounceRecognitions();
        await using var query = service.Store.QuerySession();
        var granted = (await query.Events.FetchStreamAsync(Recognition.Key(id), token: Ct)).Single();
        Assert.Equal(year, Assert.IsType<RecognitionChanged>(Assert.Single(await map.MapAsync(granted, query, Ct))).Recognition.Year);
    }

    /// <summary>Whoever decides on such a title, it is not the chair of the province.</summary>
    [Theory]
    [InlineData("42", "province-ntm")]
    [InlineData("436", "town-ntm")]
    [InlineData("436", "district-advanced")]
    public async Task A_title_on_which_the_prime_minister_decides_is_not_acknowledged_by_the_chair_of_the_province(string unit, string title)
    {
        await using var service = await StartAsync();
        await service.LearnAsync(
            new UnitChanged(
                Given.Origin with { Stream = "unit/436", Position = ++position }, new(DeterministicId.Of("436"), "district", null, [new("436", "436", "Huyện", "huyen", Given.Province, null, null, null, "seen")], [], [])),
            Ct);
        var body = new { unit, title, number = "5/QĐ", date = "2025-06-01", legalBasis = "QĐ 18" };
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{Register}/acknowledgements", Chair, body)).Status);
    }

    [Fact]
    public void A_predecessors_year_is_the_one_that_its_decision_names()
    {
        var named = Recognition.Of(new RecognitionGranted(DeterministicId.Of("named"), Given.Unit, "commune-ntm", "1/QĐ", new(2020, 1, 5), "QĐ 18", "ct", Given.Now, Issuers.ProvinceChair, 2019), demonstration: false);
        Assert.Equal((2019, 2026), (Standing.YearOf(named), Standing.YearOf(Entry)));
    }

    [Fact]
    public async Task A_merged_units_predecessors_wait_are_acknowledged_once_and_are_succeeded_from_that_day()
    {
        await using var service = await StartAsync();
        UnitRef east = new(DeterministicId.Of("east"), "18101", "Xã Đông"), west = new(DeterministicId.Of("west"), "18102", "Xã Tây"), made = new(DeterministicId.Of("made"), "18101", "Xã Đông Tây");
        DateOnly on = new(2025, 7, 1);
        foreach (var part in new[] { east, west }) await LearnAsync(service, part, null, on.AddDays(-1), [], [new(made.Id, on, "whole")]);
        await LearnAsync(service, made, on, null, [new(east.Id, on, "whole"), new(west.Id, on, "whole")], []);
        await RecogniseAsync(service, east, new(2018, 10, 1), "1/QĐ-UBND");
        await RecogniseAsync(service, west, new(2019, 10, 1), "2/QĐ-UBND");

        Assert.Equal(["in-force"], Statuses(await ListAsync(service, "?unit=18101&on=2025-06-30")));
        var waiting = await ListAsync(service, "?unit=18101&on=2026-01-01");
        Assert.Equal(["inherited-pending", "inherited-pending"], Statuses(waiting));
        Assert.Equal([("18101", 2018), ("18102", 2019)], waiting.Select(i => (i.GetProperty("unit").GetString()!, i.GetProperty("pending").GetProperty("year").GetInt32())).Order());
        Assert.All(waiting, i => Assert.Equal("unknown", i.GetProperty("pending").GetProperty("proposal").GetProperty("mark").GetString()));
        Assert.Equal(["inherited-pending", "inherited-pending"], Statuses(await ListAsync(service, "?on=2026-01-01")));

        var body = new { unit = "18101", title = "commune-ntm", number = "3368/QĐ-UBND", date = "2026-03-01", legalBasis = "QĐ của tỉnh" };
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{Register}/acknowledgements", "province-officer@42#quy", body)).Status);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => service.SendAsync(HttpMethod.Post, $"{Register}/acknowledgements", Chair, new { body.unit, body.title, number = $"{3368 + n}/QĐ-UBND", body.date, body.legalBasis })));
        Assert.Equal([201, 409, 409, 409], results.Select(r => r.Status).Order());

        var after = await ListAsync(service, "?unit=18101&on=2026-03-01");
        Assert.Equal(["in-force", "succeeded", "succeeded"], Statuses(after));
        Assert.Equal(["inherited-pending", "inherited-pending"], Statuses(await ListAsync(service, "?unit=18101&on=2026-02-28")));
        Assert.Equal("2026-02-28", after.First(i => i.GetProperty("status").GetString() == "succeeded").GetProperty("to").GetString());
        Assert.Equal(["in-force", "succeeded", "succeeded"], Statuses(await ListAsync(service, "?on=2026-03-01")));
        var own = after.Single(i => i.GetProperty("status").GetString() == "in-force");
        Assert.Equal((2, System.Text.Json.JsonValueKind.Null), (own.GetProperty("predecessors").GetArrayLength(), own.GetProperty("year").ValueKind));

        // The day of the acknowledgement was written wrongly: the predecessors' last day goes with it.
        var corrected = await service.SendAsync(
            HttpMethod.Post, $"{Register}/{own.GetProperty("dossier").GetString()}/corrections", Chair,
            new { number = "4000/QĐ-UBND", date = "2026-05-01", legalBasis = "QĐ của tỉnh", reason = "Ghi sai ngày", corrected = new { date = "2026-04-01" } });
        Assert.Equal(200, corrected.Status);
        Assert.Equal(["inherited-pending", "inherited-pending"], Statuses(await ListAsync(service, "?unit=18101&on=2026-03-31")));
        Assert.Equal(["in-force", "succeeded", "succeeded"], Statuses(await ListAsync(service, "?unit=18101&on=2026-04-01")));
    }

    private static Decision Decide(CorrectRecognition.Wording corrected) =>
        CorrectRecognition.Decide(Entry, Issuers.ProvinceChair, new("99/QĐ-UBND", new(2026, 11, 1), "QĐ 18", "Ghi sai", corrected), "ct", Given.Now);

    private static string[] Statuses(IEnumerable<System.Text.Json.JsonElement> items) => [.. items.Select(i => i.GetProperty("status").GetString()!).Order(StringComparer.Ordinal)];

    private static async Task<System.Text.Json.JsonElement[]> ListAsync(AppraisalService service, string query)
    {
        var (status, body) = await service.SendAsync(HttpMethod.Get, $"{Register}{query}", "auditor@0#kt");
        Assert.Equal(200, status);
        return [.. body.GetProperty("items").EnumerateArray()];
    }

    private static async Task<string?> TakeAsync(AppraisalService service, string issuer, Guid province, DateOnly day, string number)
    {
        await using var session = service.Store.LightweightSession();
        var refusal = await new DecisionNumbers(session, Given.Book, UnitTree.Empty, issuer, province, "ct", Given.Now).TakeAsync(day, number, Guid.CreateVersion7(), Ct);
        await session.SaveChangesAsync(Ct);
        return refusal?.Rule;
    }

    private static async Task<Guid> RecogniseAsync(AppraisalService service, UnitRef unit, DateOnly day, string number)
    {
        var id = Guid.CreateVersion7();
        await using var session = service.Store.LightweightSession();
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target() with { Unit = unit }, Given.Eligible(), id, "an", Given.Now).Events[0];
        session.Events.StartStream(Dossier.Key(id), opened);
        session.Events.StartStream(Recognition.Key(id), new RecognitionGranted(id, unit, "commune-ntm", number, day, "QĐ 18", "ct", Given.Now, Issuers.ProvinceChair));
        await new DecisionNumbers(session, Given.Book, UnitTree.Empty, Issuers.ProvinceChair, Given.Province, "ct", Given.Now).TakeAsync(day, number, id, Ct);
        await session.SaveChangesAsync(Ct);
        return id;
    }

    private async Task<AppraisalService> StartAsync()
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await LearnAsync(service, Given.Unit, null, null, [], []);
        return service;
    }

    private Task LearnAsync(AppraisalService service, UnitRef unit, DateOnly? from, DateOnly? to, IReadOnlyList<UnitLink> before, IReadOnlyList<UnitLink> after) => service.LearnAsync(
        new UnitChanged(Next($"unit/{unit.Id}"), new(unit.Id, "commune", null, [new(unit.Code, unit.Name, unit.Name, "xa", Given.Province, from, to, null, "seen")], before, after)), Ct);

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position };
}

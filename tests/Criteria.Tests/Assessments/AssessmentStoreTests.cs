using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Marten.Services.Json.Transformations.SystemTextJson;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Assessments;

/// <summary>What is asked of many reports, in a real store, against a fold of its events made afresh.</summary>
public sealed class AssessmentStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Set = "xa-ntm-2021-2025";
    private const string Overview = $"/api/criteria/assessments?set={Set}&under=42&validOn=2024-12-31";
    private static readonly IReadOnlyList<PeriodOpened> Quarters = Bench.Histories.Quarters(Given.Tree, Set, Given.EndOf2024, 3);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_histories_are_answered_as_a_fresh_fold_of_the_store_says_now_and_at_any_instant()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        Random random = new(7);
        var instants = new List<DateTimeOffset>();
        // Asked between the writes, so that what is kept is brought up to date piece by piece.
        foreach (var opened in Quarters)
        {
            foreach (var units in Made.Communes.Take(12).Chunk(4))
            {
                await SeedAsync(service, opened, units, random);
                await SameAsFoldAsync(service, Overview, null);
                instants.Add(TimeProvider.System.GetUtcNow());
                await Task.Delay(2, Ct);
            }
        }

        await SettleAsync(database);
        foreach (var instant in instants.Append(Given.Imported)) await SameAsFoldAsync(service, Overview, instant);
        // Another process, which has read nothing yet, says the same.
        await using var other = await CriteriaService.StartAsync(database);
        await SameAsFoldAsync(other, Overview, instants[3]);
        var (now, then) = (await service.GetAsync(Overview), await other.GetAsync(Overview));
        Assert.Equal(now.Body.GetRawText(), then.Body.GetRawText());
        await SameAsSingleAsync(service);
    }

    [Fact]
    public async Task What_a_writer_was_answered_is_in_every_later_answer_also_of_another_process()
    {
        var database = await postgres.CreateAsync();
        await using var one = await CriteriaService.StartAsync(database);
        await using var other = await CriteriaService.StartAsync(database);
        await SeedAsync(one, Quarters[^1], Made.Communes.Take(8), new(3));
        // Eight officers at once, while the overview is asked for all the time.
        await Parallel.ForEachAsync(Made.Communes.Take(8), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (code, ct) =>
        {
            var key = Report.Key(Quarters[^1].Code, Given.Unit(code, Given.EndOf2024).Id);
            for (var n = 0; n < 10; n++)
            {
                await other.GetAsync(Overview);
                await using (var session = one.Store.LightweightSession())
                {
                    var stream = await session.Events.FetchForWriting<Report>(key, ct);
                    if (stream.Aggregate is null) return;
                    stream.AppendOne(new IndicatorRecorded("3.1", ReportedValue.Of((decimal)n), Given.EndOf2024, null, [], "an", Given.Imported));
                    await session.SaveChangesAsync(ct);
                }

                var (_, body) = await other.GetAsync($"/api/criteria/assessments/{code}?set={Set}&validOn=2024-12-31");
                var value = body.GetProperty("criteria").EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray()).Single(i => i.GetProperty("code").GetString() == "3.1").GetProperty("value");
                Assert.Equal(n, value.GetDecimal());
            }
        });
        await SameAsFoldAsync(other, Overview, null);
    }

    [Fact]
    public async Task Events_of_an_older_name_are_read_through_their_upcaster_and_unknown_ones_never_passed_over()
    {
        var database = await postgres.CreateAsync();
        await using var before = await CriteriaService.StartAsync(database);
        await SeedAsync(before, Quarters[^1], Made.Communes.Take(6), new(3));
        await SettleAsync(database);
        var instant = Instant(TimeProvider.System.GetUtcNow());
        await using var after = await CriteriaService.StartAsync(database, options =>
        {
            options.Events.Upcast<IndicatorRecorded>("indicator-recorded.v1", JsonTransformations.Upcast(old => old.Deserialize<IndicatorRecorded>(NtmJson.Stored)!));
            options.Events.MapEventType<IndicatorRecorded>("indicator-recorded.v2");
            options.Events.Upcast<UnitCreated>("unit-created.v1", JsonTransformations.Upcast(old => old.Deserialize<UnitCreated>(NtmJson.Stored)!));
            options.Events.MapEventType<UnitCreated>("unit-created.v2");
        });
        foreach (var path in (string[])[Overview, $"{Overview}&asOf={instant}", $"/api/criteria/completeness?under=42&to=2024-12-31&asOf={instant}"])
            Assert.Equal((await before.GetAsync(path)).Body.GetRawText(), (await after.GetAsync(path)).Body.GetRawText());

        // What a report shows and what counts of it are the same figures.
        var unit = Given.Unit(Made.Communes[0], Given.EndOf2024);
        var (_, report) = await after.GetAsync($"/api/criteria/reports/2024-Q4/{unit.Code}");
        var (_, assessed) = await after.GetAsync($"/api/criteria/assessments/{unit.Code}?set={Set}&validOn=2024-12-31");
        Assert.Equal(
            report.GetProperty("indicators").EnumerateArray().Select(i => $"{i.GetProperty("code")} {i.GetProperty("value")}"),
            assessed.GetProperty("criteria").EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray()).Select(i => $"{i.GetProperty("code")} {i.GetProperty("value")}"));

        // Both names in one stream.
        await using (var session = after.Store.LightweightSession())
        {
            session.Events.Append(Report.Key("2024-Q4", unit.Id), new IndicatorRecorded("3.1", ReportedValue.Of(11.5m), Given.EndOf2024, null, [], "an", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        await SameAsFoldAsync(after, Overview, null);
        await ExecuteAsync(database, "update mt_events set type = 'never-heard.v1', mt_dotnet_type = 'Never.Heard, Nobody' where stream_id like 'report/%' and version = 2");
        using Trails cold = new(after.Store, after.Database);
        await Assert.ThrowsAnyAsync<MartenException>(() => cold.OfUnitsAsync([unit.Id], Ct));
    }

    [Fact]
    public async Task A_database_that_was_set_back_and_written_on_is_folded_anew()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await SeedAsync(service, Quarters[^1], Made.Communes.Take(4), new(3));
        await SameAsFoldAsync(service, Overview, null);
        string[] keys = [.. Made.Communes.Take(4).Select(code => Report.Key("2024-Q4", Given.Unit(code, Given.EndOf2024).Id))];
        // One more event each than before the loss, one as many, and none.
        foreach (var (further, n) in ((int[])[6, 5, 0]).Select((f, n) => (f, n)))
        {
            await ExecuteAsync(database, $"update mt_events set seq_id = seq_id + 100000 where stream_id = '{keys[n]}' and version > (select version - 5 from mt_streams where id = '{keys[n]}')");
            await ExecuteAsync(database, $"delete from mt_events where seq_id > 100000; update mt_streams set version = version - 5 where id = '{keys[n]}'; update mt_doc_report set mt_version = mt_version - 5 where id = '{keys[n]}'");
            for (var e = 0; e < further; e++)
            {
                await using var session = service.Store.LightweightSession();
                session.Events.Append(keys[n], new IndicatorRecorded("3.1", ReportedValue.Of((decimal)e), Given.EndOf2024, null, [], "an", Given.Imported));
                await session.SaveChangesAsync(Ct);
            }

            await SameAsFoldAsync(service, Overview, null);
        }
    }

    [Fact]
    public async Task Many_states_of_the_register_are_each_as_a_fresh_fold_says()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        var unit = Given.Unit(Given.Commune, Given.EndOf2024).Id;
        for (var n = 0; n < 12; n++)
        {
            await using var session = service.Store.LightweightSession();
            session.Events.Append(UnitRecord.Key(unit), new UnitClassified([new("communeGroup", $"{1 + (n % 3)}", Given.EndOf2024, null, "QĐ", "seen")], "QĐ", "phuong", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        await using var reading = service.Store.QuerySession();
        var sequences = (await reading.Events.FetchStreamAsync(UnitRecord.Key(unit), token: Ct)).Select(e => e.Sequence).ToList();
        using PastUnits kept = new(service.Store, service.Database);
        foreach (var position in sequences.Concat(sequences.AsEnumerable().Reverse()).Append(sequences[3]))
        {
            using PastUnits fresh = new(service.Store, service.Database);
            var (one, other) = (await kept.AtAsync(position, Ct), await fresh.AtAsync(position, Ct));
            Assert.Equal(JsonSerializer.Serialize(other.Find(unit)), JsonSerializer.Serialize(one.Find(unit)));
            Assert.Equal(other.Count, one.Count);
        }
    }

    [Fact]
    public async Task What_no_longer_fits_makes_room_and_is_read_again()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        foreach (var opened in Quarters) await SeedAsync(service, opened, Made.Communes.Take(6), new(3));
        using Trails all = new(service.Store, service.Database), few = new(service.Store, service.Database, most: 200);
        var by = new Yardstick(Given.SetOf(Set), "Bắc Trung Bộ");
        for (var round = 0; round < 3; round++)
        {
            foreach (var unit in Made.Communes.Take(6).Select(code => Given.Unit(code, Given.EndOf2024).Id))
            {
                var (kept, again) = (await all.OfUnitsAsync([unit], Ct), await few.OfUnitsAsync([unit], Ct));
                Assert.Equal(Score.Of(Assessment.Of(by, kept, Given.EndOf2024, ReportTrail.Now)), Score.Of(Assessment.Of(by, again, Given.EndOf2024, ReportTrail.Now)));
                Assert.InRange(few.Weight, again.Sum(r => (long)r.Weight), Math.Max(200, again.Sum(r => (long)r.Weight)));
            }
        }

        Assert.True(all.Weight > 600);
    }

    [Fact]
    public async Task Statements_of_a_question_do_not_grow_with_what_is_stored()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        // What it asks by the clock is no part of a question.
        await service.Services.GetServices<IHostedService>().OfType<DeadlineWatch>().Single().StopAsync(Ct);
        await SeedAsync(service, Quarters[^1], Made.Communes.Take(2), new(1));
        await SettleAsync(database);
        string[] questions =
        [
            Overview, $"{Overview}&asOf=", $"/api/criteria/assessments/{Made.Communes[0]}?set={Set}&validOn=2024-12-31&asOf=", "/api/criteria/completeness?under=42&to=2024-12-31",
            "/api/criteria/completeness?under=42&to=2024-12-31&asOf=", $"/api/criteria/assessments/{Made.Communes[0]}/difference?set={Set}&from=2024-06-30&to=2024-12-31&on=2024-12-31",
            $"/api/criteria/assessments/{Made.Communes[0]}/indicators/3.1/events?set={Set}&on=2024-12-31",
        ];
        var few = await CountAsync();
        foreach (var opened in Quarters.SkipLast(1)) await SeedAsync(service, opened, Made.Communes.Take(40), new(2));
        await SettleAsync(database);
        var many = await CountAsync();
        Assert.All(few.Zip(many, questions), x => Assert.True(x.Second <= x.First, $"{x.Third}: {x.First} statements, then {x.Second}"));
        Assert.All(many, n => Assert.InRange(n, 1, 12));

        async Task<List<int>> CountAsync()
        {
            List<int> counts = [];
            foreach (var question in questions)
            {
                var asked = question.EndsWith("asOf=", StringComparison.Ordinal) ? question + Instant(TimeProvider.System.GetUtcNow()) : question;
                using var statements = new Statements(database);
                Assert.Equal(200, (await service.GetAsync(asked)).Status);
                counts.Add(statements.Count);
            }

            return counts;
        }
    }

    [Fact]
    public async Task The_matrix_and_the_list_say_who_has_reported_now_and_then()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await SeedAsync(service, Quarters[^1], Made.Communes.Take(20), new(3));
        await SettleAsync(database);
        var instant = Instant(TimeProvider.System.GetUtcNow());
        await SeedAsync(service, Quarters[^2], Made.Communes.Take(5), new(4));

        var (status, matrix) = await service.GetAsync("/api/criteria/completeness?under=42");
        Assert.Equal(200, status);
        Assert.Equal(["2024-Q3", "2024-Q4"], matrix.GetProperty("totals").EnumerateArray().Select(t => t.GetProperty("period").GetString()));
        Assert.Equal(Made.Communes.Count, matrix.GetProperty("items").GetArrayLength());
        await using var session = service.Store.QuerySession();
        var reports = await session.Query<Report>().ToListAsync(Ct);
        foreach (var row in matrix.GetProperty("items").EnumerateArray())
        {
            foreach (var cell in row.GetProperty("cells").EnumerateArray())
            {
                var report = reports.FirstOrDefault(r => r.Period == cell.GetProperty("period").GetString() && r.UnitId == row.GetProperty("unitId").GetGuid());
                Assert.Equal((ReportView.NameOf(report?.Status ?? ReportStatus.Open), report?.Figures.Count ?? 0, 57), (cell.GetProperty("status").GetString(), cell.GetProperty("recorded").GetInt32(), cell.GetProperty("of").GetInt32()));
            }
        }

        var (_, past) = await service.GetAsync($"/api/criteria/completeness?under=42&asOf={instant}");
        Assert.Equal(["2024-Q4"], past.GetProperty("totals").EnumerateArray().Select(t => t.GetProperty("period").GetString()));
        foreach (var wanted in (string[])["approved", "open", "late", "missing"])
        {
            var (_, list) = await service.GetAsync($"/api/criteria/completeness/2024-Q4?under=42&status={wanted}");
            Assert.Equal(list.GetProperty("totals").GetProperty(wanted).GetInt32(), list.GetProperty("items").GetArrayLength());
            Assert.True(list.GetProperty("items").GetArrayLength() > 0);
        }

        Assert.Equal(404, (await service.GetAsync($"/api/criteria/completeness/2024-Q3?under=42&asOf={instant}")).Status);
        Assert.Equal(404, (await service.GetAsync("/api/criteria/completeness?under=42&periods=2024-Q4,none")).Status);
        Assert.Equal(400, (await service.GetAsync("/api/criteria/completeness/2024-Q4?status=x")).Status);
        Assert.Equal(400, (await service.GetAsync("/api/criteria/completeness")).Status);
    }

    [Fact]
    public async Task A_difference_names_what_changed_and_the_events_behind_it()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await SeedAsync(service, Quarters[^2], Made.Communes.Take(1), new(5));
        var (unit, key) = (Given.Unit(Made.Communes[0], Given.EndOf2024), Report.Key("2024-Q4", Given.Unit(Made.Communes[0], Given.EndOf2024).Id));
        await SettleAsync(database);
        var before = Instant(TimeProvider.System.GetUtcNow());
        await Task.Delay(5, Ct);
        await using (var session = service.Store.LightweightSession())
        {
            session.LastModifiedBy = "an";
            session.Events.StartStream(Period.Key("2024-Q4"), Quarters[^1]);
            session.Events.StartStream(
                key, new ReportOpened("2024-Q4", unit.Id, Set, Given.EndOf2024, "an", Given.Imported, 1),
                new IndicatorRecorded("3.1", ReportedValue.Of(12.5m), Given.EndOf2024, null, [], "an", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        await SettleAsync(database);
        var path = $"/api/criteria/assessments/{unit.Code}/difference?set={Set}&on=2024-12-31";
        var (status, body) = await service.GetAsync($"{path}&from={before}&to=2024-12-31");
        Assert.Equal(200, status);
        var item = Assert.Single(body.GetProperty("items").EnumerateArray());
        Assert.Equal(("3.1", 12.5m), (item.GetProperty("code").GetString(), item.GetProperty("to").GetProperty("value").GetDecimal()));
        var behind = item.GetProperty("to").GetProperty("behind");
        Assert.Equal(("indicator-recorded.v1", "an", "2024-Q4", 2), (behind.GetProperty("event").GetString(), behind.GetProperty("by").GetString(), behind.GetProperty("period").GetString(), behind.GetProperty("version").GetInt32()));
        Assert.Equal(56, body.GetProperty("unchanged").GetInt32());
        // By the day before, the figure is not valid yet, whenever it was recorded.
        Assert.Empty((await service.GetAsync($"{path}&from={before}&to=2024-12-31&toValidOn=2024-12-30&fromValidOn=2024-12-30")).Body.GetProperty("items").EnumerateArray());

        var (_, events) = await service.GetAsync($"/api/criteria/assessments/{unit.Code}/indicators/3.1/events?set={Set}&on=2024-12-31");
        var last = events.GetProperty("items").EnumerateArray().Last();
        Assert.Equal(("recorded", "an", "2024-Q4"), (last.GetProperty("event").GetString(), last.GetProperty("by").GetString(), last.GetProperty("period").GetString()));
        Assert.Equal(404, (await service.GetAsync($"/api/criteria/assessments/{unit.Code}/indicators/99/events?set={Set}&on=2024-12-31")).Status);
        Assert.Equal(400, (await service.GetAsync($"{path}&to=2024-12-31")).Status);
        Assert.Equal(400, (await service.GetAsync($"{path}&from=yesterday12")).Status);
    }

    [Theory]
    [InlineData("commune-officer@18073~2024-12-31#an", "18073", 200)]
    [InlineData("commune-officer@18073~2024-12-31#an", "42", 403)]
    [InlineData("district-officer@436~2024-12-31#dung", "436", 200)]
    [InlineData("district-officer@437~2024-12-31#dung", "436", 403)]
    [InlineData("province-officer@42#phuong", "42", 200)]
    [InlineData("province-officer@42#phuong", null, 200)]
    [InlineData("auditor@0#kiem", null, 400)]
    [InlineData("auditor@0#kiem", "42", 200)]
    [InlineData("ministry@0#bo", "42", 403)]
    [InlineData("auditor@0#kiem", "99999", 404)]
    public async Task An_overview_is_read_by_those_above(string client, string? under, int expected)
    {
        await using var service = await CriteriaService.StartAsync(Shared ??= await postgres.CreateAsync());
        var query = $"set={Set}&validOn=2024-12-31{(under is null ? "" : $"&under={under}")}";
        Assert.Equal(expected, (await service.GetAsync($"/api/criteria/assessments?{query}", client)).Status);
    }

    [Theory]
    [InlineData("assessments?set=SET&under=42&level=district", 400, "level")]
    [InlineData("assessments?set=SET&under=42&asOf=9999-12-31T23:59:59Z", 400, "asOf")]
    [InlineData("assessments/18073?set=SET&asOf=9999-12-31T23:59:59Z", 400, "asOf")]
    [InlineData("assessments/18073/difference?set=SET&from=9999-12-31T23:59:59Z", 400, "from")]
    [InlineData("assessments/18073/difference?set=SET&from=2024-01-01&to=9999-12-31T23:59:59Z", 400, "to")]
    [InlineData("assessments/18073/difference?set=SET&from=2024-01-01&to=yesterday12", 400, "to")]
    [InlineData("assessments/difference?set=SET&under=42&from=2024-01-01&to=9999-12-31T23:59:59Z", 400, "to")]
    [InlineData("assessments/difference?set=none&under=42&from=2024-01-01", 404, null)]
    [InlineData("completeness?under=42&periods=", 400, "periods")]
    [InlineData("completeness?under=42&periods=,", 400, "periods")]
    [InlineData("completeness?under=42&from=2024-12-31&to=2024-01-01", 400, "from")]
    [InlineData("completeness?under=42&set=none", 404, null)]
    public async Task What_cannot_be_asked_is_told_with_its_field(string question, int expected, string? field)
    {
        await using var service = await CriteriaService.StartAsync(Shared ??= await postgres.CreateAsync());
        var (status, body) = await service.GetAsync($"/api/criteria/{question.Replace("SET", Set, StringComparison.Ordinal)}");
        Assert.Equal(expected, status);
        if (field is not null) Assert.True(body.GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("ministry@0#bo", 403)]
    [InlineData("commune-officer@18073~2024-12-31#an", 403)]
    [InlineData("district-officer@437~2024-12-31#dung", 403)]
    [InlineData("province-officer@42#phuong", 200)]
    public async Task A_what_if_is_scored_by_those_who_read_the_overview(string client, int expected)
    {
        await using var service = await CriteriaService.StartAsync(Shared ??= await postgres.CreateAsync());
        Assert.Equal(expected, (await service.WriteAsync(HttpMethod.Post, WhatIfs, client, new { set = Set, under = "436", validOn = "2024-12-31" })).Status);
        Assert.Equal(expected, (await service.GetAsync($"/api/criteria/assessments?set={Set}&under=436&validOn=2024-12-31", client)).Status);
    }

    [Fact]
    public async Task A_what_if_refuses_levels_that_do_not_agree_and_periods_that_are_none_or_not_yet_there()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await SettleAsync(database);
        var before = Instant(TimeProvider.System.GetUtcNow());
        await SeedAsync(service, Quarters[^1], [], new(1));
        await RefusedAsync(WhatIfs, new { set = Set, under = "42", level = "district" }, "level");
        await RefusedAsync(WhatIfs, new { set = Set, under = "42", against = Given.Published.First(p => p.Set.Tier == "district").Set.Id }, "against");
        await RefusedAsync(WhatIfs, new { set = Set, under = "42", periods = new[] { "2024-Q4", "2024-Q4" } }, "periods[1]");
        await RefusedAsync(WhatIfs, new { set = Set, under = "42", periods = new[] { "none" } }, "periods[0]");
        await RefusedAsync(WhatIfs, new { set = Set, under = "42", periods = Array.Empty<string>() }, "periods");
        await RefusedAsync(WhatIfs, new { set = Set, under = "42", changes = Enumerable.Range(0, 501).Select(_ => new { indicator = "3.1", threshold = 1 }) }, "changes");
        await RefusedAsync($"{WhatIfs}?asOf={before}", new { set = Set, under = "42", periods = new[] { "2024-Q4" } }, "periods[0]");
        var (status, body) = await service.WriteAsync(HttpMethod.Post, WhatIfs, "auditor@0#kiem", new { set = Set, under = "42", periods = new[] { "2024-Q4" } });
        Assert.Equal(200, status);
        Assert.Equal(Given.Unit("42", Given.EndOf2024).Id, body.GetProperty("scores")[0].GetProperty("underId").GetGuid());

        async Task RefusedAsync(string path, object what, string field)
        {
            var (refused, problem) = await service.WriteAsync(HttpMethod.Post, path, "auditor@0#kiem", what);
            Assert.Equal(422, refused);
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
        }
    }

    [Fact]
    public async Task Differences_of_all_units_are_those_of_each()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await SeedAsync(service, Quarters[^2], Made.Communes.Take(6), new(5));
        await SettleAsync(database);
        var before = Instant(TimeProvider.System.GetUtcNow());
        await Task.Delay(5, Ct);
        await SeedAsync(service, Quarters[^1], Made.Communes.Take(4), new(6));
        var sides = $"set={Set}&from={before}&fromValidOn=2024-12-31&to=2024-12-31";
        var (status, body) = await service.GetAsync($"/api/criteria/assessments/difference?under=42&{sides}");
        Assert.Equal(200, status);
        Assert.Equal(Made.Communes.Count, body.GetProperty("items").GetArrayLength());
        foreach (var item in body.GetProperty("items").EnumerateArray().Where(i => Made.Communes.Take(7).Contains(i.GetProperty("unit").GetString())))
        {
            var (_, one) = await service.GetAsync($"/api/criteria/assessments/{item.GetProperty("unit").GetString()}/difference?{sides}&on=2024-12-31");
            Assert.Equal(one.GetProperty("items").GetArrayLength(), item.GetProperty("changed").GetInt32());
            Assert.Equal((ScoreOf(one.GetProperty("from").GetProperty("score")), ScoreOf(one.GetProperty("to").GetProperty("score"))), (ScoreOf(item.GetProperty("from")), ScoreOf(item.GetProperty("to"))));
        }

        var totals = body.GetProperty("totals");
        Assert.True(totals.GetProperty("changed").GetInt32() > 0);
        Assert.Equal(body.GetProperty("items").EnumerateArray().Sum(i => i.GetProperty("gained").GetInt32()), totals.GetProperty("gained").GetInt32());
        Assert.Equal(403, (await service.GetAsync($"/api/criteria/assessments/difference?under=42&{sides}", "ministry@0#bo")).Status);
    }

    [Fact]
    public async Task Wards_are_left_out_where_they_are_not_asked_for_and_by_a_period_of_rural_units()
    {
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        await using (var session = service.Store.LightweightSession())
        {
            var rural = Quarters[^1] with { Code = "nong-thon", Rural = new(["phuong"], "QĐ") };
            session.Events.StartStream(Period.Key("nong-thon"), rural);
            session.Events.StartStream(Period.Key("moi-xa"), Quarters[^1] with { Code = "moi-xa" });
            await session.SaveChangesAsync(Ct);
        }

        var all = Given.Tree.Below(Given.Unit("42", Given.EndOf2024).Id, "commune", Given.EndOf2024).ToList();
        var rurals = all.Count(u => u.Version.Kind != "phuong");
        Assert.InRange(rurals, 1, all.Count - 1);
        Assert.Equal([all.Count, rurals], [await ItemsAsync(Overview), await ItemsAsync($"{Overview}&rural=true")]);
        var sides = $"/api/criteria/assessments/difference?set={Set}&under=42&from=2024-06-30&to=2024-12-31";
        Assert.True(await ItemsAsync($"{sides}&rural=true") < await ItemsAsync(sides));
        foreach (var (rural, counts) in new (bool?, int[])[] { (null, [rurals, all.Count]), (true, [rurals, rurals]), (false, [all.Count, all.Count]) })
        {
            var (status, tried) = await service.WriteAsync(HttpMethod.Post, WhatIfs, "province-officer@42#binh", new { set = Set, under = "42", periods = new[] { "nong-thon", "moi-xa" }, rural });
            Assert.Equal(200, status);
            Assert.Equal(counts, tried.GetProperty("scores").EnumerateArray().Select(s => s.GetProperty("units").GetArrayLength()));
        }

        async Task<int> ItemsAsync(string path) => (await service.GetAsync(path)).Body.GetProperty("items").GetArrayLength();
    }

    [Fact]
    public async Task Completeness_shows_the_asked_unit_alone_and_empty_columns_of_days_on_which_it_may_not_be_read()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.StartAsync(database);
        await SeedAsync(service, Quarters[^1], Made.Communes.Take(6), new(3));
        await using (var session = service.Store.LightweightSession())
        {
            // Another district's period, one of two tiers, and a closed one.
            session.Events.StartStream(Period.Key("khac"), Quarters[^1] with { Code = "khac", Under = Given.Unit("437", Given.EndOf2024).Id, UnderCode = "437" });
            session.Events.StartStream(Period.Key("2025-Q4"), Quarters[^1] with { Code = "2025-Q4", FiguresAsOf = Given.EndOf2025, DueUnits = new(2025, 12, 14) });
            session.Events.StartStream(
                Period.Key("dong"), Quarters[^1] with { Code = "dong", DueUnits = new(2024, 12, 14) }, new Criteria.Periods.PeriodClosed("phuong", new(2024, 12, 20, 9, 0, 0, VietnamTime.Offset)));
            await session.SaveChangesAsync(Ct);
        }

        Assert.DoesNotContain("khac", await PeriodsAsync("436"));
        Assert.Contains("khac", await PeriodsAsync("42"));
        var closed = (await service.GetAsync("/api/criteria/completeness/dong?under=42&status=missing")).Body.GetProperty("items");
        Assert.All(closed.EnumerateArray(), i => Assert.Equal(6, i.GetProperty("daysLate").GetInt32()));

        // An officer of the old commune reads its periods; a period of a later day, when the code is another's, has no rows.
        var (status, own) = await service.GetAsync($"/api/criteria/completeness?under={Given.Commune}&periods=2024-Q4,2025-Q4", $"commune-officer@{Given.Commune}~2024-12-31#an");
        Assert.Equal(200, status);
        Assert.Equal([1, 0], own.GetProperty("totals").EnumerateArray().Select(t => t.GetProperty("asked").GetInt32()));
        Assert.Equal(403, (await service.GetAsync("/api/criteria/completeness?under=42&periods=2024-Q4", $"commune-officer@{Given.Commune}~2024-12-31#an")).Status);

        async Task<IEnumerable<string?>> PeriodsAsync(string under) =>
            (await service.GetAsync($"/api/criteria/completeness?under={under}&to=2024-12-31")).Body.GetProperty("totals").EnumerateArray().Select(t => t.GetProperty("period").GetString());
    }

    private const string WhatIfs = "/api/criteria/assessments/what-if";

    private static string? Shared { get; set; }

    /// <summary>Opens the period where it is not, and lets the units live through it.</summary>
    private static async Task SeedAsync(CriteriaService service, PeriodOpened opened, IEnumerable<string> units, Random random)
    {
        var period = Period.Fold(null, Period.Key(opened.Code), opened)!;
        await using var session = service.Store.LightweightSession();
        if (await session.LoadAsync<Period>(period.Id, Ct) is null) session.Events.StartStream(period.Id, opened);
        foreach (var code in units)
        {
            var events = Bench.Histories.Of(Given.Tree, period, Given.Recorded(Given.SetOf(Set)).Latest, code, random).SelectMany(s => s.Events).ToList();
            if (events.Count > 0) session.Events.StartStream(Report.Key(period.Code, Given.Unit(code, period.FiguresAsOf).Id), events);
        }

        await session.SaveChangesAsync(Ct);
    }

    /// <summary>Each commune of the answer as all events of the store, folded afresh, say.</summary>
    private static async Task SameAsFoldAsync(CriteriaService service, string path, DateTimeOffset? instant)
    {
        var (status, body) = await service.GetAsync(instant is { } at ? $"{path}&asOf={Instant(at)}" : path);
        // Before the import there was no set.
        if (status == 404 && instant == Given.Imported) return;
        Assert.Equal(200, status);
        var last = instant is null ? long.MaxValue : body.GetProperty("asOfPosition").GetInt64();
        await using var session = service.Store.QuerySession();
        var events = (await session.Events.QueryAllRawEvents().Where(e => e.Sequence <= last).OrderBy(e => e.Sequence).ToListAsync(Ct)).Where(e => e.StreamKey!.StartsWith("report/", StringComparison.Ordinal))
            .ToLookup(e => e.StreamKey![^36..], StringComparer.Ordinal);
        var items = body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Made.Communes.Count, items.Count);
        foreach (var item in items)
        {
            var fresh = Score.Of(Assessment.Of(Given.SetOf(Set), "Bắc Trung Bộ", events[item.GetProperty("unitId").GetString()!], Given.EndOf2024, approvedOnly: false));
            Assert.Equal(fresh, ScoreOf(item));
        }

        Assert.Equal(items.Sum(i => i.GetProperty("met").GetInt32()), body.GetProperty("totals").GetProperty("met").GetInt32());
    }

    /// <summary>The overview's counts are those of each commune asked for by itself.</summary>
    private static async Task SameAsSingleAsync(CriteriaService service)
    {
        foreach (var item in (await service.GetAsync(Overview)).Body.GetProperty("items").EnumerateArray().Take(12))
        {
            var (_, single) = await service.GetAsync($"/api/criteria/assessments/{item.GetProperty("unit").GetString()}?set={Set}&validOn=2024-12-31");
            Assert.Equal(ScoreOf(single), ScoreOf(item));
        }
    }

    private static Score ScoreOf(JsonElement e) => new(
        e.GetProperty("met").GetInt32(), e.GetProperty("notMet").GetInt32(), e.GetProperty("notReported").GetInt32(), e.GetProperty("undetermined").GetInt32(), e.GetProperty("criteriaMet").GetInt32(),
        e.GetProperty("criteriaTotal").GetInt32());

    /// <summary>Without the daemon nobody says how far the store is settled.</summary>
    private static async Task SettleAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(
            "insert into mt_event_progression (name, last_seq_id) select 'HighWaterMark', max(seq_id) from mt_events on conflict (name) do update set last_seq_id = excluded.last_seq_id", connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static string Instant(DateTimeOffset instant) => Uri.EscapeDataString(instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffK", CultureInfo.InvariantCulture));

    /// <summary>Counts the statements that are sent to one database.</summary>
    private sealed class Statements : IDisposable
    {
        private readonly ActivityListener listener;
        private int count;

        public Statements(string database)
        {
            var name = new NpgsqlConnectionStringBuilder(database).Database;
            listener = new()
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (activity.TagObjects.Any(t => t.Key is "db.name" or "db.namespace" && Equals(t.Value, name))) Interlocked.Increment(ref count);
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        public int Count => Volatile.Read(ref count);

        public void Dispose() => listener.Dispose();
    }
}

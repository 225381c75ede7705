using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Consequences;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Bench;

/// <summary>The reports of all communes over many quarters, with returns and corrections, and what is asked of them.</summary>
internal static class Reports
{
    private const string Set = Stage.Set;
    private const string Auditor = "auditor@0#bench";
    private const int Streams = 40;
    private static readonly DateOnly Last = new(2024, 12, 31);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    /// <param name="Figures">Values recorded, corrections counted.</param>
    public sealed record Seeded(int Communes, int Reports, int Figures, int Events, TimeSpan Took, TimeSpan Announced);

    /// <summary>Makes the histories and appends them as the service would, each at its own instant; waits until all is announced.</summary>
    public static async Task<Seeded> SeedAsync(House house, int quarters, CancellationToken ct)
    {
        var calendar = new Calendar();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:criteria"] = house.DatabaseOf("criteria");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(calendar).AddSingleton(new Demonstration(false));
        builder.AddNtmStore("criteria", options => options.AddUnits().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddDifficulties().AddConsequences());
        // Never started: nothing but the store is used.
        using var made = builder.Build();
        var store = made.Services.GetRequiredService<IDocumentStore>();
        var tree = await made.Services.GetRequiredService<UnitRegister>().GetAsync(ct);
        await using var reading = store.LightweightSession();
        var set = (await SetCatalogue.ReadAsync(reading, Set, ct))!;
        var (random, clock, seeded) = (new Random(42), Stopwatch.StartNew(), new Seeded(0, 0, 0, 0, default, default));
        foreach (var opened in Histories.Quarters(tree, Set, Last, quarters))
        {
            var period = Period.Fold(null, Period.Key(opened.Code), opened)!;
            await SaveAsync(opened.At, session =>
            {
                session.Events.StartStream(period.Id, opened);
                return Task.CompletedTask;
            });
            var communes = tree.Below(period.UnderId, "commune", period.FiguresAsOf).ToList();
            List<(string Key, Recorded Stage)> stages = [];
            foreach (var (unit, version) in communes)
                stages.AddRange(Histories.Of(tree, period, set.On(period.FiguresAsOf), version.Code, random).Select(stage => (Report.Key(period.Code, unit.Id), stage)));
            foreach (var chunk in stages.OrderBy(s => s.Stage.At).Chunk(Streams))
            {
                await SaveAsync(chunk[^1].Stage.At, async session =>
                {
                    var batch = session.CreateBatchQuery();
                    var begun = chunk.GroupBy(s => s.Key, StringComparer.Ordinal).Select(s => (Stream: batch.Events.FetchForWriting<Report>(s.Key), Events: s.SelectMany(x => x.Stage.Events))).ToList();
                    await batch.Execute(ct);
                    foreach (var (stream, events) in begun) (await stream).AppendMany(events);
                });
            }

            seeded = new(
                Math.Max(seeded.Communes, communes.Count), seeded.Reports + stages.Select(s => s.Key).Distinct(StringComparer.Ordinal).Count(),
                seeded.Figures + stages.Sum(s => s.Stage.Events.Count(e => IndicatorRecorded.Of(e) is not null)), seeded.Events + stages.Sum(s => s.Stage.Events.Count) + 1, default, default);
        }

        await Sql.ExecuteAsync(house.Database("criteria"), "vacuum analyze", ct);
        var took = clock.Elapsed;
        while (await WaitingAsync(house, ct) > 0)
        {
            if (clock.Elapsed > took + Patience) throw new InvalidOperationException("The histories were not announced in time.");
            await Task.Delay(500, ct);
        }

        var announced = clock.Elapsed - took;
        await SettledAsync(house, ct);
        return seeded with { Took = took, Announced = announced };

        async Task SaveAsync(DateTimeOffset at, Func<IDocumentSession, Task> append)
        {
            calendar.Now = at;
            await using var session = store.LightweightSession();
            session.LastModifiedBy = Country.By;
            session.SetHeader(EventHeaders.Client, Country.By);
            await append(session);
            await session.SaveChangesAsync(ct);
        }
    }

    /// <summary>How long one call took in milliseconds.</summary>
    public static async Task<double> OnceAsync(Api api, Uri target, string path, CancellationToken ct)
    {
        var times = await TimesAsync(api, target, 1, 0, _ => (HttpMethod.Get, path, ""), ct);
        return times[0];
    }

    /// <summary>Calls one after another, after a warm-up of a fifth.</summary>
    public static async Task<Latencies> AskAsync(Api api, Uri target, int count, Func<Random, string> path, CancellationToken ct)
    {
        var random = new Random(7);
        return Latencies.Of(await TimesAsync(api, target, count, count / 5, _ => (HttpMethod.Get, path(random), ""), ct));
    }

    /// <summary>The same by many clients at once.</summary>
    public static async Task<Series> ByManyAsync(Api api, Uri target, int clients, TimeSpan duration, Func<Random, string> path, CancellationToken ct)
    {
        var token = (await api.TokenAsync(Auditor)).ToString();
        Random[] random = [.. Enumerable.Range(0, clients).Select(n => new Random(n))];
        return await HttpLoad.OnWiresAsync(target, clients, duration, (client, _) => Wire.Request(HttpMethod.Get, target, path(random[client]), token), ct);
    }

    /// <summary>All communes against other figures on the days of the last quarters.</summary>
    public static async Task<Latencies> WhatIfAsync(Api api, Uri target, int quarters, int count, CancellationToken ct)
    {
        string[] periods = [.. Enumerable.Range(0, quarters).Select(n => Histories.CodeOf(Last.AddDays(1).AddMonths(-3 * n).AddDays(-1)))];
        var body = JsonSerializer.Serialize(new { set = Set, under = "42", periods, changes = new object[] { new { indicator = "8.1", threshold = true }, new { indicator = "3.1", threshold = 95 } } });
        return Latencies.Of(await TimesAsync(api, target, count, 1, _ => (HttpMethod.Post, "/api/criteria/assessments/what-if", body), ct));
    }

    public static string Overview(Random random) => Path($"/api/criteria/assessments?set={Set}&under=42&validOn={Last:yyyy-MM-dd}");

    public static Func<Random, string> OverviewOfThePast(int quarters) => random => Path($"/api/criteria/assessments?set={Set}&under=42&asOf={InstantOf(random, quarters)}");

    public static string Matrix(Random random) => Path($"/api/criteria/completeness?under=42&to={Last:yyyy-MM-dd}");

    public static Func<Random, string> OneOf(IReadOnlyList<string> units, int quarters) => random => Path($"/api/criteria/assessments/{units[random.Next(units.Count)]}?set={Set}&asOf={InstantOf(random, quarters)}");

    public static async Task<IReadOnlyList<string>> UnitsAsync(Api api, CancellationToken ct)
    {
        var page = await api.GetAsync(Path($"/api/criteria/units?level=commune&parent=42&on={Last:yyyy-MM-dd}&limit=1000"), Auditor, ct);
        return [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("code").GetString()!)];
    }

    private static async Task<double[]> TimesAsync(Api api, Uri target, int count, int warmUp, Func<int, (HttpMethod Method, string Path, string Body)> call, CancellationToken ct)
    {
        using var wire = new Wire(target);
        var token = (await api.TokenAsync(Auditor)).ToString();
        List<double> times = [];
        for (var n = 0; n < count + warmUp; n++)
        {
            var (method, path, body) = call(n);
            var request = Wire.Request(method, target, path, token, body.Length == 0 ? "" : $"Idempotency-Key: {Guid.CreateVersion7()}\r\n", body);
            var started = Stopwatch.GetTimestamp();
            var failure = (await wire.SendAsync(request, ct)).Failure;
            if (failure.Length > 0) throw new InvalidOperationException($"{method} {path}: {failure}");
            if (n >= warmUp) times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return [.. times];
    }

    /// <summary>Any minute from the end of the first quarter to that of the last.</summary>
    private static string InstantOf(Random random, int quarters) => Uri.EscapeDataString(
        new DateTimeOffset(Last.AddMonths(-3 * (quarters - 1)).ToDateTime(default), VietnamTime.Offset).AddMinutes(random.Next(60 * 24 * 91 * (quarters - 1)))
            .ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture));

    private static string Path(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);

    private static Task<long> WaitingAsync(House house, CancellationToken ct) => Sql.NumberAsync(
        house.Database("criteria"), "select (select max(seq_id) from mt_events) - (select min(last_seq_id) from mt_event_progression where name like 'outbox%')", ct);

    /// <summary>Until those who learn have learned.</summary>
    private static async Task SettledAsync(House house, CancellationToken ct)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience;)
        {
            var before = Processes.Read(house.ProcessId);
            await Task.Delay(TimeSpan.FromSeconds(3), ct);
            var after = Processes.Read(house.ProcessId);
            if (after.Sum(a => a.Key == "client" ? 0 : a.Value.CpuSeconds - (before.GetValueOrDefault(a.Key)?.CpuSeconds ?? 0)) < 0.6) return;
        }
    }

    /// <summary>The instant at which something is recorded.</summary>
    private sealed class Calendar : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();
    }
}

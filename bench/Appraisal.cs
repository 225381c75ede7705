using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Appraisal;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Appraisal.Recognitions;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Bench;

/// <summary>Dossiers, queues and eligibility of a province, in the house's own store.</summary>
internal sealed class Appraisal : IDisposable
{
    private const string Service = "appraisal";
    private const string Title = "commune-ntm";
    private const int Page = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);
    private readonly House house;
    private readonly Api api;
    private readonly IHost host;
    private readonly Procedure procedure;
    private readonly IReadOnlyList<UnitRef> units;
    private readonly Guid province;
    private (IReadOnlyList<Guid> Ids, DateTimeOffset At) made;

    private Appraisal(House house, Api api, IHost host, Procedure procedure, IReadOnlyList<UnitRef> units, Guid province) =>
        (this.house, this.api, this.host, this.procedure, this.units, this.province) = (house, api, host, procedure, units, province);

    public static async Task<Appraisal> PrepareAsync(House house, Api api, CancellationToken ct)
    {
        var book = ProcedureBook.Load(Path.Combine(House.Repository, "data", "procedures"));
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration[$"ConnectionStrings:{Service}"] = house.DatabaseOf(Service);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(new Demonstration(true)).AddSingleton<HouseMetrics>().AddSingleton<Learning>().AddMetrics();
        builder.AddNtmStore(Service, options => options.AddStoredEvents().AddProcedures().AddConfirmations().AddEligibility().AddRecognitions().AddDocuments().AddCouncil().AddQueue(book).KeepFactsOf(Service));
        // Never started: nothing but the store is used.
        var kept = builder.Build();
        var page = await api.GetAsync("/api/criteria/units?level=commune&parent=42&limit=1000", Stage.ProvinceOfficer, ct);
        UnitRef[] communes = [.. page.GetProperty("items").EnumerateArray().Select(u => new UnitRef(u.GetProperty("unitId").GetGuid(), u.GetProperty("code").GetString()!, u.GetProperty("name").GetString()!))];
        var provinces = await api.GetAsync("/api/criteria/units?level=province&limit=10", Stage.ProvinceOfficer, ct);
        var above = provinces.GetProperty("items").EnumerateArray().First(u => u.GetProperty("code").GetString() == "42").GetProperty("unitId").GetGuid();
        return new(house, api, kept, book.Version(Title, "qd18-2022.1"), communes, above);
    }

    /// <summary>
    /// So many dossiers that wait for the province (two steps each), and so many of which each has 300 events, all marked as made up. The
    /// house starts anew with them: nothing but reading is to be done after it.
    /// </summary>
    public async Task FillAsync(int openSteps, int dossiers, int events, CancellationToken ct)
    {
        await AppendAsync(openSteps / 2, _ => [new DossierSubmitted("submitted", "bench", Now)], ct);
        var ids = await AppendAsync(dossiers, _ => [.. Enumerable.Range(1, events - 1).Select(n => n % 2 == 1
            ? (object)new DossierSubmitted("submitted", "bench", Now)
            : new DossierReturned("bench", [], "returned", "bench", Now))], ct);
        made = (ids, Now);
        var store = host.Services.GetRequiredService<IDocumentStore>();
        foreach (var some in Enumerable.Range(0, dossiers).Chunk(Page))
        {
            await using var session = Session(store);
            foreach (var n in some)
            {
                var dossier = Guid.CreateVersion7();
                session.Events.StartStream(
                    Recognition.Key(dossier), new RecognitionGranted(dossier, units[n % units.Count], Title, $"{n}/BENCH", new DateOnly(2022, 1, 1).AddDays(n), "bench", "bench", Now));
            }

            await session.SaveChangesAsync(ct);
        }

        // What is so old was announced long ago; else the reads would be measured beside days of work of the outbox.
        await Sql.ExecuteAsync(house.Database(Service), "update mt_event_progression set last_seq_id = (select max(seq_id) from mt_events)", ct);
        await house.StopAsync();
        await house.StartAsync(dashboard: false, ct);
        await Sql.ExecuteAsync(house.Database(Service), "vacuum analyze", ct);
    }

    public Task<Latencies> QueueAsync(int count, TimeSpan warmUp, CancellationToken ct) => ReadAsync(Stage.ProvinceOfficer, count, warmUp, _ => "/api/appraisal/queue?limit=100", ct);

    /// <summary>Dossiers at instants that nobody asked for before, after their last event: the most there is to read.</summary>
    public Task<Latencies> AsOfAsync(int count, TimeSpan warmUp, CancellationToken ct)
    {
        var (random, span) = (new Random(7), Now - made.At);
        return ReadAsync("auditor@0#bench", count, warmUp, _ => string.Create(
            CultureInfo.InvariantCulture,
            $"/api/appraisal/dossiers/{made.Ids[random.Next(made.Ids.Count)]}?asOf={(made.At + (span * random.NextDouble())).ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}"), ct);
    }

    public Task<Latencies> RegisterAsync(int count, TimeSpan warmUp, CancellationToken ct)
    {
        var random = new Random(7);
        return ReadAsync("auditor@0#bench", count, warmUp, _ => string.Create(CultureInfo.InvariantCulture, $"/api/appraisal/recognitions?on={new DateOnly(2022, 1, 1).AddDays(random.Next(1_000)):yyyy-MM-dd}"), ct);
    }

    /// <summary>Sessions of so many dossiers and members, openly and in secret by turns; from the chair's close to its whole explanation.</summary>
    public async Task<Latencies> CloseAsync(int dossiers, int members, int sessions, CancellationToken ct)
    {
        string[] clients = [.. Enumerable.Range(1, members).Select(n => $"council-member@42#bench-{n}")];
        List<double> times = [];
        for (var n = 0; n < sessions; n++)
        {
            var ids = await AppendAsync(dossiers, _ => [new DossierSubmitted("submitted", "bench", Now), new DossierAccepted("accepted", "bench", Now)], ct);
            var appointed = await api.MustAsync(
                HttpMethod.Post, "/api/appraisal/sessions", Stage.ProvinceOfficer,
                new
                {
                    appointment = new { number = $"{n}/BENCH", date = Stage.TwoTiers, issuer = "bench" },
                    chair = clients[0],
                    secretary = clients[1],
                    members = clients.Select(client => new { client, body = "bench", voting = true }),
                    dossiers = ids,
                    ballot = n % 2 == 0 ? "secret" : "open",
                },
                ct);
            var session = $"/api/appraisal/sessions/{appointed.GetProperty("id").GetString()}";
            await api.MustAsync(HttpMethod.Post, $"{session}/attendance", clients[1], new { present = clients }, ct);
            foreach (var (client, at) in clients.Select((c, at) => (c, at)))
            {
                // Every third dossier is lost: its title is free again.
                var votes = ids.Select((dossier, d) => new { dossier, vote = d % 3 == 0 && at % 4 == 0 ? "against" : "for" });
                await api.MustAsync(HttpMethod.Post, $"{session}/votes", client, new { votes }, ct);
            }

            var started = Stopwatch.GetTimestamp();
            var closed = await api.MustAsync(HttpMethod.Post, $"{session}/close", clients[0], new { }, ct);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            var lost = closed.GetProperty("dossiers").EnumerateArray().Count(d => d.GetProperty("state").GetString() == "refused");
            if (lost != (dossiers + 2) / 3) throw new InvalidOperationException($"{lost} dossiers were lost.");
        }

        return Latencies.Of([.. times]);
    }

    /// <summary>
    /// Confirmations at a steady rate, each the last value of a unit or the one that ends it: until the finding is kept where
    /// <c>GET /eligibility</c> reads it, and until the notifications have learned of it.
    /// </summary>
    /// <param name="warmUp">So many of the values come first, to a house that has just started, and are told of by themselves.</param>
    public async Task<EligibilityTimes> VisibleAsync(int perSecond, int warmUp, int count, CancellationToken ct)
    {
        await MeetAllButSecurityAsync(ct);
        var sent = new ConcurrentDictionary<string, (int N, long At)>(StringComparer.Ordinal);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var visible = WatchAsync(Service, "eligibility/", warmUp + count, done);
        var told = WatchAsync("notifications", "appraisal.unit-", warmUp + count, done);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        List<Task> running = [];
        var before = Processes.Read(house.ProcessId);
        for (var n = 0; n < warmUp + count; n++)
        {
            if (n == warmUp) before = Processes.Read(house.ProcessId);
            await timer.WaitForNextTickAsync(ct);
            running.Add(ConfirmAsync(n));
        }

        await Task.WhenAll(running);
        var cpu = Processes.Cpu(before, Processes.Read(house.ProcessId), 1e6 / count, "µs each");
        done.CancelAfter(Patience);
        return new(TimesOf(await visible), TimesOf(await told), cpu);

        EligibilityTimes.Series TimesOf(IReadOnlyDictionary<string, long> seen)
        {
            var times = (from s in seen
                         where sent.ContainsKey(s.Key)
                         select (sent[s.Key].N, Took: Stopwatch.GetElapsedTime(sent[s.Key].At, s.Value).TotalMilliseconds)).ToLookup(t => t.N >= warmUp, t => t.Took);
            return new(Latencies.Of([.. times[true]]), count - times[true].Count(), Latencies.Of([.. times[false]]));
        }

        async Task ConfirmAsync(int n)
        {
            var (unit, round) = (units[n % units.Count], n / units.Count);
            var met = round % 2 == 0;
            await api.MustAsync(
                HttpMethod.Put, $"/api/appraisal/confirmations/{unit.Code}/security?title={Title}", "department-officer@42:CAT#bench",
                new { met, basis = "bench", validOn = Stage.TwoTiers }, ct);
            var (kept, answered) = ($"eligibility/{unit.Id}/{Title}", (n, Stopwatch.GetTimestamp()));
            sent[$"{kept}:{round + 1}"] = answered;
            sent[$"appraisal.{(met ? "unit-eligible" : "unit-no-longer-eligible")}/{kept}:{(round / 2) + 1}"] = answered;
        }
    }

    public void Dispose() => host.Dispose();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static IDocumentSession Session(IDocumentStore store)
    {
        var session = store.LightweightSession();
        session.LastModifiedBy = "bench";
        session.SetHeader(EventHeaders.Client, "bench");
        session.SetHeader(EventHeaders.Demonstration, true);
        return session;
    }

    private async Task<List<Guid>> AppendAsync(int count, Func<int, object[]> more, CancellationToken ct)
    {
        var store = host.Services.GetRequiredService<IDocumentStore>();
        List<Guid> ids = [];
        var basis = new DossierBasis(procedure.Set, 1, [], 0, [], [], []);
        foreach (var some in Enumerable.Range(0, count).Chunk(Page))
        {
            await using var session = Session(store);
            foreach (var n in some)
            {
                var (id, unit) = (Guid.CreateVersion7(), units[n % units.Count]);
                var opened = new DossierOpened(id, unit, province, new(2025, 12, 31), Title, procedure.Id, procedure.Version, basis, "opened", "bench", Now);
                session.Events.StartStream(Dossier.Key(id), [opened, .. more(n)]);
                ids.Add(id);
            }

            await session.SaveChangesAsync(ct);
        }

        return ids;
    }

    private async Task<Latencies> ReadAsync(string client, int count, TimeSpan warmUp, Func<int, string> path, CancellationToken ct)
    {
        var target = house.AddressOf(Service);
        using var wire = new Wire(target);
        var token = (await api.TokenAsync(client)).ToString();
        List<double> times = [];
        var clock = Stopwatch.StartNew();
        for (var n = 0; times.Count < count; n++)
        {
            var request = Wire.Request(HttpMethod.Get, target, path(n), token);
            var started = Stopwatch.GetTimestamp();
            if ((await wire.SendAsync(request, ct)).Failure is { Length: > 0 } failure) throw new InvalidOperationException(failure);
            if (clock.Elapsed >= warmUp) times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Latencies.Of([.. times]);
    }

    private async Task MeetAllButSecurityAsync(CancellationToken ct)
    {
        var (store, learning) = (host.Services.GetRequiredService<IDocumentStore>(), host.Services.GetRequiredService<Learning>());
        IReadOnlyList<KnownSet> known;
        await using (var query = store.QuerySession()) known = await query.Query<KnownSet>().Where(k => k.Set.Id == procedure.Set).ToListAsync(ct);
        var set = EligibilityFacts.VersionFor(known, null, VietnamTime.DayOf(Now))!;
        foreach (var unit in units)
        {
            var origin = new Origin("criteria", $"assessment/{unit.Id}/{set.Id}", 1, long.MaxValue / 2, Guid.CreateVersion7(), Now, "bench", "bench", true);
            var met = new AssessmentChanged(origin, new(
                unit, set.Id, set.Indicators.Count, 0, 0, 0, 19, 19,
                [.. set.Indicators.Select(i => new AssessedIndicator(i.Code, i.Criterion, "met", null, null, null, i.Mark, null, i.TextMark))],
                [new("bench", 1, ["bench-figures"], ["bench-figures"])], set.Version));
            await learning.TogetherAsync([new(met, null, Replay: null, Activity: null)], ct);
            foreach (var (condition, client) in new[] { ("arrears", "department-officer@42:SNN#bench"), ("satisfaction", "front-officer@42#bench") })
            {
                await api.MustAsync(
                    HttpMethod.Put, $"/api/appraisal/confirmations/{unit.Code}/{condition}?title={Title}", client, new { met = true, value = 96, basis = "bench", validOn = Stage.TwoTiers }, ct);
            }
        }
    }

    /// <summary>When the service's store had each finding first, by stream and version.</summary>
    private async Task<IReadOnlyDictionary<string, long>> WatchAsync(string service, string prefix, int wanted, CancellationTokenSource done)
    {
        await using var connection = new NpgsqlConnection(house.Database(service));
        await connection.OpenAsync(CancellationToken.None);
        // Positions become visible in another order than they were taken: look back a little.
        await using var command = new NpgsqlCommand(
            "select stream_id || ':' || version from mt_events where seq_id > (select max(seq_id) - 100 from mt_events) and stream_id like @prefix || '%'", connection);
        command.Parameters.AddWithValue("prefix", prefix);
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        while (seen.Count < wanted && !done.IsCancellationRequested)
        {
            await using (var reader = await command.ExecuteReaderAsync(CancellationToken.None))
            {
                var now = Stopwatch.GetTimestamp();
                while (await reader.ReadAsync(CancellationToken.None)) seen.TryAdd(reader.GetString(0), now);
            }

            await Task.Delay(Glance, CancellationToken.None);
        }

        return seen;
    }
}

/// <summary>From the answer to a unit's last value.</summary>
/// <param name="Visible">Until the finding was kept.</param>
/// <param name="Told">Until another service had learned of it.</param>
/// <param name="Cpu">What each process used meanwhile, for each value.</param>
internal sealed record EligibilityTimes(EligibilityTimes.Series Visible, EligibilityTimes.Series Told, string Cpu)
{
    /// <param name="Lost">How many were not seen.</param>
    /// <param name="Cold">While the house warmed up.</param>
    internal sealed record Series(Latencies Times, int Lost, Latencies Cold);
}

using System.Diagnostics;
using System.Globalization;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Consequences;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Bench;

/// <summary>The tree of a province on any day, with one province in the register and with the whole country.</summary>
internal static class Units
{
    private const string Auditor = "auditor@0#bench";
    private static readonly DateOnly FirstDay = new(2019, 6, 1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Trees of random days, one after another, after a warm-up of a fifth.</summary>
    public static async Task<Latencies> TreesAsync(Api api, Uri target, IReadOnlyList<string> provinces, int count, CancellationToken ct)
    {
        using var wire = new Wire(target);
        var (random, token) = (new Random(7), (await api.TokenAsync(Auditor)).ToString());
        List<double> times = [];
        for (var n = 0; n < count * 6 / 5; n++)
        {
            var (province, day) = (provinces[random.Next(provinces.Count)], FirstDay.AddDays(random.Next(2_700)));
            var path = string.Create(CultureInfo.InvariantCulture, $"/api/criteria/units?parent={province}&on={day:yyyy-MM-dd}&limit=1000");
            var request = Wire.Request(HttpMethod.Get, target, path, token);
            var started = Stopwatch.GetTimestamp();
            var failure = (await wire.SendAsync(request, ct)).Failure;
            // A province that went over into another has no tree after that.
            if (failure.Length > 0 && !failure.Contains("404", StringComparison.Ordinal)) throw new InvalidOperationException(failure);
            if (failure.Length == 0 && n >= count / 5) times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Latencies.Of([.. times]);
    }

    /// <summary>Loads the country into the house's own store as the data files are; says how many units and events, and how long it took.</summary>
    public static async Task<(int Units, int Events, TimeSpan Took)> LoadCountryAsync(House house, CancellationToken ct)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:criteria"] = house.DatabaseOf("criteria");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(new Demonstration(false));
        builder.AddNtmStore("criteria", options => options.AddUnits().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddDifficulties().AddEvidence().AddConsequences());
        // Never started: nothing but the store is used.
        using var made = builder.Build();
        var streams = Country.Make();
        var clock = Stopwatch.StartNew();
        // What the start does with the data files: the register's turn, its law, one transaction.
        await using var session = made.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        session.LastModifiedBy = Country.By;
        session.SetHeader(EventHeaders.Client, Country.By);
        session.SetHeader(EventHeaders.Demonstration, true);
        await StoredRegister.TakeTurnAsync(session, ct);
        var stored = await StoredRegister.LoadAsync(session, ct);
        var after = new Dictionary<Guid, UnitState>(stored.Units);
        foreach (var (id, events) in streams) after[id] = events.Aggregate((UnitState?)null, UnitHistory.Fold)!;
        var (faults, _) = RegisterLaw.Judge(after, [.. streams.Select(u => u.Id)], new HashSet<string>(StringComparer.Ordinal), ct);
        foreach (var rule in faults.CountBy(f => f.Rule)) Console.Error.WriteLine($"the country breaks {rule.Key} {rule.Value} times");
        foreach (var (id, events) in streams) stored.Append(session, id, [.. events]);
        await session.SaveChangesAsync(ct);
        var added = streams.Sum(u => u.Events.Count);
        return (streams.Count, added, clock.Elapsed);
    }

    /// <summary>How long until each consumer has learned all units, or null where patience ended.</summary>
    public static async Task<TimeSpan?> LearnedAsync(House house, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        const string count = "select count(*) from mt_doc_unitrecord";
        var wanted = await Sql.NumberAsync(house.Database("criteria"), count, ct);
        foreach (var consumer in (string[])["appraisal", "pilots", "notifications", "central"])
        {
            while (await Sql.NumberAsync(house.Database(consumer), count, ct) < wanted)
            {
                if (clock.Elapsed > Patience) return null;
                await Task.Delay(500, ct);
            }
        }

        return clock.Elapsed;
    }

    /// <summary>Codes of provinces on the first and on the last of the days.</summary>
    public static async Task<IReadOnlyList<string>> ProvincesAsync(Api api, CancellationToken ct)
    {
        List<string> codes = [];
        foreach (var day in (DateOnly[])[FirstDay, FirstDay.AddDays(2_700)])
        {
            var page = await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/criteria/units?level=province&on={day:yyyy-MM-dd}&limit=1000"), Auditor, ct);
            codes.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("code").GetString()!));
        }

        return codes.Count > 90 ? codes : throw new InvalidOperationException($"The service knows {codes.Count} provinces only.");
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Ntm.Bench;

/// <summary>The parts of one report, in the order asked for.</summary>
internal sealed class Run(House house, Api api, Options options, Table table, CancellationToken ct)
{
    // For a minute and more after a start the compiler works on what the start ran.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(120);
    private const int Slices = 4;
    private Stage? stage;
    private string since = "a load";

    public async Task AllAsync()
    {
        foreach (var part in options.Parts)
        {
            Console.Error.WriteLine(part);
            await (part switch
            {
                "put" => PutAsync(),
                "get" => GetAsync(),
                "search" => SearchAsync(),
                "visible" => VisibleAsync(),
                "drain" => DrainAsync(),
                "store" => StoreAsync(),
                "growth" => GrowthAsync(),
                "rebuild" => RebuildAsync(),
                "reports" => ReportsAsync(),
                "units" => UnitsAsync(),
                "catalogue" => CatalogueAsync(),
                "import" => ImportAsync(),
                "eligibility" => EligibilityAsync(),
                "appraisal" => AppraisalAsync(),
                "start" => StartAsync(),
                _ => RestAsync(),
            });
        }
    }

    private async Task<Stage> StageAsync() => stage ??= await Stage.PrepareAsync(api, 200, ct);

    private async Task PutAsync()
    {
        var prepared = await StageAsync();
        await using var ceiling = await PgBench.PrepareAsync(house, "criteria", prepared.Reports.Count, ct);
        foreach (var (name, target, goal) in new[] { ("through the gateway", house.Gateway, 0.40), ("at the service", house.AddressOf("criteria"), (double?)null) })
        {
            Task<Series> PutAsync(TimeSpan duration) => HttpLoad.PutAsync(api, prepared, target, options.Clients, duration, ct);
            await PutAsync(options.WarmUp);
            var (series, cpu, most) = await BesideAsync(ceiling, goal is null ? options.Third : options.Duration, PutAsync);
            table.Add(Row.Share($"record an indicator {name}", goal, series.PerSecond, "/s", most, "pgbench", $"{series.Note}; {cpu}"));
        }
    }

    private async Task GetAsync()
    {
        var prepared = await StageAsync();
        var service = house.AddressOf("criteria");
        var (process, yarp) = BareYarp.Start(service);
        try
        {
            Uri[] targets = [service, yarp, house.Gateway];
            foreach (var target in targets) await GetAsync(target, options.WarmUp / 2);
            var measures = targets.ToDictionary(t => t, _ => new Measure());
            var yarps = TimeSpan.Zero;
            for (var slice = 0; slice < Slices; slice++)
            {
                foreach (var target in targets)
                {
                    process.Refresh();
                    var own = process.TotalProcessorTime;
                    await measures[target].TakeAsync(house, () => GetAsync(target, options.Third / Slices));
                    process.Refresh();
                    if (target == yarp) yarps += process.TotalProcessorTime - own;
                }
            }

            var (most, bare, gateway) = (measures[service].Series, measures[yarp].Series, measures[house.Gateway].Series);
            var theYarp = string.Create(CultureInfo.InvariantCulture, $"{bare.Note}; {measures[yarp].PerAct}, bare YARP {yarps.TotalMicroseconds / bare.Answered:0.#} µs");
            table.Add(Row.Share("a small GET through the gateway", 0.60, gateway.PerSecond, "/s", most.PerSecond, "the service itself", $"{gateway.Note}; {measures[house.Gateway].PerAct}"));
            table.Add(Row.Share("a small GET through a bare YARP", null, bare.PerSecond, "/s", most.PerSecond, "the service itself", theYarp));
            table.Add(Row.Of("a small GET at the service", most.PerSecond, "/s", $"{most.Note}; {measures[service].PerAct}"));
        }
        finally
        {
            process.Kill();
            process.Dispose();
        }

        Task<Series> GetAsync(Uri target, TimeSpan duration) => HttpLoad.GetAsync(api, prepared, target, options.Clients, duration, ct);
    }

    /// <summary>
    /// A series and its ceiling, in slices by turns: the machine's pace changes within minutes by more than what is to be told, and so
    /// it changes for both.
    /// </summary>
    private async Task<(Series Series, string PerAct, double Ceiling)> BesideAsync(PgBench ceiling, TimeSpan duration, Func<TimeSpan, Task<Series>> act)
    {
        var measure = new Measure();
        double most = 0;
        for (var slice = 0; slice < Slices; slice++)
        {
            // Each is first as often as the other: what comes second has the first one's garbage to clear.
            if (slice % 2 == 0) await TakeAsync();
            most += await ceiling.RunAsync(options.Clients, duration / Slices, ct) / Slices;
            if (slice % 2 == 1) await TakeAsync();
        }

        Task TakeAsync() => measure.TakeAsync(house, () => act(duration / Slices));
        return (measure.Series, measure.PerAct, most);
    }

    private async Task SearchAsync()
    {
        var service = house.AddressOf("criteria");
        await Search.AtServiceAsync(api, service, options.Clients, options.WarmUp / 2, ct);
        var measure = new Measure();
        await measure.TakeAsync(house, () => Search.AtServiceAsync(api, service, options.Clients, options.Third, ct));
        var series = measure.Series;
        table.Add(Row.AtMost(
            $"search at the service, {options.Clients} clients, p95", 30, series.Milliseconds.P95, "ms",
            string.Create(CultureInfo.InvariantCulture, $"{series.PerSecond:0}/s, {series.Note}; {measure.PerAct}")));
        var (times, made, versions) = Search.InProcess();
        table.Add(Row.AtMost(
            $"search in process over {versions:N0} versions of units, p95", 30, times.P95, "ms",
            string.Create(CultureInfo.InvariantCulture, $"p50 {times.P50} ms, p99 {times.P99} ms; the index is made in {made.TotalMilliseconds:0} ms")));
    }

    private async Task VisibleAsync()
    {
        var result = await Approvals.RunAsync(house, api, await StageAsync(), options.PerSecond, (int)(options.WarmUp.TotalSeconds * options.PerSecond), options.Approvals, ct);
        table.Add(Row.AtMost(
            $"commit → visible in another service, {options.PerSecond}/s, p95", 150, result.SinceAnswered.P95, "ms",
            $"p50 {result.SinceAnswered.P50} ms, p99 {result.SinceAnswered.P99} ms; {result.Approved} approvals, {result.Lost} not seen; {result.Cpu}"));
    }

    private async Task DrainAsync()
    {
        var (waiting, arrived, took, cpu) = await Drain.RunAsync(house, api, await StageAsync(), options.Waiting, ct);
        table.Add(Row.AtLeast($"{waiting:N0} waiting events drained", 2_000, arrived / took.TotalSeconds, "/s", $"{arrived:N0} arrived in {took.TotalSeconds:0.0} s; {cpu}"));
    }

    private async Task StoreAsync()
    {
        await using var store = await InProcess.PrepareAsync(house, ct);
        await store.FillAsync(options.Few, ct);
        var (series, most) = await StoreSeriesAsync(store);
        table.Add(Row.Share("the same straight into Marten, in process", 0.60, series.PerSecond, "/s", most, "pgbench", series.Note));
    }

    /// <summary>Each size beside its own ceiling, so that what the machine does meanwhile falls out.</summary>
    private async Task GrowthAsync()
    {
        await using var store = await InProcess.PrepareAsync(house, ct);
        List<double> costs = [];
        foreach (var size in new[] { options.Few, options.Many })
        {
            await store.FillAsync(size, ct);
            var (series, most) = await StoreSeriesAsync(store);
            costs.Add(most / series.PerSecond);
            table.Add(Row.Share($"the command with {size:N0} events stored", null, series.PerSecond, "/s", most, "pgbench", series.Note));
        }

        table.Add(Row.AtMost($"cost with {options.Many:N0} events in terms of that with {options.Few:N0}", 1.2, costs[1] / costs[0], "×", "each cost in terms of its own ceiling"));
    }

    private async Task<(Series Series, double Ceiling)> StoreSeriesAsync(InProcess store)
    {
        await store.RunAsync(options.Clients, options.WarmUp);
        await using var ceiling = await PgBench.PrepareAsync(house, InProcess.Database, 200, ct);
        var (series, _, most) = await BesideAsync(ceiling, options.Third, duration => store.RunAsync(options.Clients, duration));
        return (series, most);
    }

    private async Task RebuildAsync()
    {
        const string goal = "≥ 10000 events/s";
        var events = await Sql.NumberAsync(house.Database("criteria"), "select count(*) from mt_events", ct);
        var (clock, rebuild) = (Stopwatch.StartNew(), await ProofAsync("rebuild"));
        if (rebuild.Code == 0) table.Add(Row.AtLeast("ntm rebuild criteria", 10_000, events / clock.Elapsed.TotalSeconds, "events/s", $"{events:N0} events in {clock.Elapsed.TotalSeconds:0.0} s; {rebuild.Output}"));
        else table.Add(Row.Missing("ntm rebuild criteria", goal, "not there: " + rebuild.Output.Split(". ")[0]));
    }

    /// <summary>Checks or rebuilds the read models of the reports' service, as an operator does.</summary>
    private async Task<(int Code, string Output)> ProofAsync(string verb)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(House.Repository, "src/Cli/bin/Release/net10.0/Ntm.Cli.dll"), verb, "criteria"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NTM_DATA"] = house.Folder },
        })!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, string.Join(' ', await output).ReplaceLineEndings(" ").Trim());
    }

    private async Task ReportsAsync()
    {
        var seeded = await Reports.SeedAsync(house, options.Quarters, ct);
        table.Add(Row.Of(
            $"reports of {seeded.Communes} communes over {options.Quarters} quarters", seeded.Events, "events",
            $"{seeded.Reports:N0} reports, {seeded.Figures:N0} figures; made in {seeded.Took.TotalSeconds:0} s, announced {seeded.Announced.TotalSeconds:0} s after"));
        var (service, units) = (house.AddressOf("criteria"), await Reports.UnitsAsync(api, ct));
        var figures = seeded.Figures / (await Reports.OnceAsync(api, service, Reports.Overview(Random.Shared), ct) / 1000);
        table.Add(Row.Of("the first overview after a start, which reads all reports", figures, "figures/s", $"{seeded.Figures / figures:0.0} s"));
        var calls = Math.Max(50, (int)(options.Third.TotalSeconds * 20));
        foreach (var (name, target) in new[] { ("at the service", service), ("through the gateway", house.Gateway) })
        {
            await AskAsync($"assessment of a commune as of any past instant {name}", 50, Reports.OneOf(units, options.Quarters));
            await AskAsync($"overview of {units.Count} communes {name}", 60, Reports.Overview);
            await AskAsync($"overview of {units.Count} communes as of any past instant {name}", 60, Reports.OverviewOfThePast(options.Quarters));
            await AskAsync($"completeness, {units.Count} communes × {options.Quarters} quarters {name}", 100, Reports.Matrix);
            var score = await Reports.WhatIfAsync(api, target, Math.Min(12, options.Quarters), 10, ct);
            table.Add(Row.AtMost($"what-if over {units.Count} communes × {Math.Min(12, options.Quarters)} quarters {name}, the slowest of ten", 5_000, score.P99, "ms", $"p50 {score.P50} ms"));

            async Task AskAsync(string what, double goal, Func<Random, string> path)
            {
                var times = await Reports.AskAsync(api, target, calls, path, ct);
                table.Add(Row.AtMost($"{what}, p95", goal, times.P95, "ms", $"p50 {times.P50} ms, p99 {times.P99} ms"));
            }
        }

        var many = await Reports.ByManyAsync(api, service, options.Clients, options.Third / 2, Reports.Overview, ct);
        table.Add(Row.Of($"overview at the service, {options.Clients} clients", many.PerSecond, "/s", many.Note));
        await RebuildAsync();
        var (clock, check) = (Stopwatch.StartNew(), await ProofAsync("check"));
        table.Add(check.Code == 0 ? Row.AtMost("differences between the read models and a fresh fold after it", 0, 0, "", $"ntm check in {clock.Elapsed.TotalSeconds:0.0} s")
            : Row.Missing("differences between the read models and a fresh fold after it", "≤ 0", check.Output));
    }

    private async Task UnitsAsync()
    {
        var service = house.AddressOf("criteria");
        var trees = (int)(options.Third.TotalSeconds * 50);
        await TreesAsync("one province in the register", ["42"]);
        var (units, events, took) = await Units.LoadCountryAsync(house, ct);
        table.Add(Row.AtMost("the register of a country loaded", 60, took.TotalSeconds, "s", $"{units:N0} units, {events:N0} events, three generations"));
        var learned = await Units.LearnedAsync(house, ct);
        table.Add(learned is { } after ? Row.Of("… learned by every consumer after", after.TotalSeconds, "s") : Row.Missing("… learned by every consumer", "", "not within ten minutes"));
        await TreesAsync($"{units:N0} units in the register", await Units.ProvincesAsync(api, ct));

        async Task TreesAsync(string size, IReadOnlyList<string> provinces)
        {
            foreach (var (name, target) in new[] { ("at the service", service), ("through the gateway", house.Gateway) })
            {
                var times = await Units.TreesAsync(api, target, provinces, trees, ct);
                table.Add(Row.AtMost($"the tree of a province on any day {name}, {size}, p95", 20, times.P95, "ms", $"p50 {times.P50} ms, p99 {times.P99} ms"));
            }
        }
    }

    private async Task CatalogueAsync()
    {
        var series = await Catalogue.DifferenceAsync(api, house.AddressOf("criteria"), options.Clients, options.WarmUp / 2, options.Third, ct);
        table.Add(Row.AtMost($"difference of two set versions, {options.Clients} clients, p95", 50, series.Milliseconds.P95, "ms", $"{series.Note}; {series.PerSecond:0} /s"));
    }

    private async Task ImportAsync()
    {
        var (rows, first, again) = await Import.WholeAsync(house, api, await StageAsync(), ct);
        table.Add(Row.AtMost($"import of a full file through the gateway, {rows} rows", 10, first.TotalSeconds, "s", "one transaction, all rules on"));
        table.Add(Row.AtMost("the same file again, nothing changes", 10, again.TotalSeconds, "s"));
    }

    private async Task EligibilityAsync()
    {
        using var appraisal = await Appraisal.PrepareAsync(house, api, ct);
        var found = await appraisal.VisibleAsync(options.PerSecond, (int)(options.WarmUp.TotalSeconds * options.PerSecond), options.Approvals, ct);
        Add("visible", found.Visible);
        Add("told in another service", found.Told);

        void Add(string what, EligibilityTimes.Series series) => table.Add(Row.AtMost(
            $"last value → {what}, {options.PerSecond}/s, p99", 1_000, series.Times.P99, "ms",
            $"p50 {series.Times.P50} ms, p95 {series.Times.P95} ms; {options.Approvals} values, {series.Lost} not seen; just started p95 {series.Cold.P95} ms, p99 {series.Cold.P99} ms; {found.Cpu}"));
    }

    private async Task AppraisalAsync()
    {
        const int openSteps = 5_000;
        const int units = 60;
        const int members = 39;
        var (dossiers, events, reads) = options.Third < TimeSpan.FromSeconds(10) ? (100, 300, 100) : (1_000, 300, 1_000);
        using var appraisal = await Appraisal.PrepareAsync(house, api, ct);
        Add($"a session of {units} dossiers and {members} members closed and explained, p95", 2_000, await appraisal.CloseAsync(units, members, sessions: 4, ct));
        await appraisal.FillAsync(openSteps, dossiers, events, ct);
        Add($"the queue of a province with {openSteps:N0} open steps, p95", 40, await appraisal.QueueAsync(reads, options.WarmUp / 2, ct));
        Add($"a dossier as of an instant, {dossiers:N0} dossiers of {events} events, p95", 50, await appraisal.AsOfAsync(reads, options.WarmUp / 2, ct));
        Add($"the register on any day, {dossiers:N0} recognitions, p95", 30, await appraisal.RegisterAsync(reads, options.WarmUp / 2, ct));

        void Add(string what, double goal, Latencies times) => table.Add(Row.AtMost(what, goal, times.P95, "ms", $"p50 {times.P50} ms, p99 {times.P99} ms"));
    }

    private async Task StartAsync()
    {
        await house.StopAsync();
        var took = await house.StartAsync(dashboard: true, ct);
        since = "a start";
        table.Add(Row.AtMost("start to ready on old data", 30, took.TotalSeconds, "s"));
    }

    private async Task RestAsync()
    {
        await Task.Delay(Settling, ct);
        var (before, clock) = (Processes.Read(house.ProcessId), Stopwatch.StartNew());
        await Task.Delay(options.Third, ct);
        var (after, during) = (Processes.Read(house.ProcessId), clock.Elapsed);
        Add("our own processes", Processes.IsOurs, 1.2 * 1024, 5);
        foreach (var name in after.Keys.Where(k => !Processes.IsOurs(k) && k != "client").Order(StringComparer.Ordinal)) Add(name, k => k == name, null, null);

        void Add(string name, Func<string, bool> which, double? memory, double? share)
        {
            var mebibytes = after.Where(a => which(a.Key)).Sum(a => a.Value.Mebibytes);
            var cpu = 100 * after.Where(a => which(a.Key)).Sum(a => a.Value.CpuSeconds - (before.GetValueOrDefault(a.Key)?.CpuSeconds ?? 0)) / during.TotalSeconds;
            var each = string.Join(", ", after.Where(a => which(a.Key)).OrderByDescending(a => a.Value.Mebibytes).Select(a => $"{a.Key} {a.Value.Mebibytes:0}"));
            table.Add(memory is { } most ? Row.AtMost($"at rest after {since}: {name}, memory", most, mebibytes, "MiB", each) : Row.Of($"at rest after {since}: {name}, memory", mebibytes, "MiB"));
            table.Add(share is { } of ? Row.AtMost($"at rest after {since}: {name}, CPU", of, cpu, "% of a core", Processes.Cpu(before, after, 100 / during.TotalSeconds, "%")) : Row.Of($"at rest after {since}: {name}, CPU", cpu, "% of a core"));
        }
    }

    /// <summary>The slices of a series, and what the house's processes used for them.</summary>
    private sealed class Measure
    {
        private readonly List<Series> slices = [];
        private readonly List<(IReadOnlyDictionary<string, Use> Before, IReadOnlyDictionary<string, Use> After)> uses = [];

        public Series Series => Series.Of(slices);

        public string PerAct => Processes.Cpu(uses, 1e6 / Math.Max(1, slices.Sum(s => s.Answered)), "µs each");

        public async Task TakeAsync(House house, Func<Task<Series>> act)
        {
            var before = Processes.Read(house.ProcessId);
            slices.Add(await act());
            uses.Add((before, Processes.Read(house.ProcessId)));
        }
    }
}

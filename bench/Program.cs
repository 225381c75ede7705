using Ntm.Bench;

if (BenchOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

using var gateway = new Api(options.Gateway, options.Gateway, options.ClientSecret, options.Clients);
using var service = new Api(options.Criteria, options.Gateway, options.ClientSecret, options.Clients);
var results = new Results();
var stage = await Stage.PrepareAsync(gateway, options.Reports, stop.Token);
if (!options.LatencyOnly)
{
    await using var ceiling = await PgBench.PrepareAsync(options, stage, stop.Token);
    var postmaster = await ceiling.PostmasterAsync(stop.Token);
    foreach (var (name, api) in new[] { ("gateway", gateway), ("service", service) })
    {
        Console.Error.WriteLine($"{name}: {options.WarmUp.TotalSeconds} s warm-up, {options.Duration.TotalSeconds} s measured");
        await Load.RunAsync(api, stage, options.Clients, options.WarmUp, stop.Token);
        var cpu = CpuMeter.Start(postmaster);
        var run = await Load.RunAsync(api, stage, options.Clients, options.Duration, stop.Token);
        results.Add(name, run, cpu.Used());
        cpu = CpuMeter.Start(postmaster);
        results.AddCeiling(name, await ceiling.RunAsync(stop.Token), cpu.Used());
    }
}

results.Approvals = await Approvals.RunAsync(gateway, stage, options.ApprovalsPerSecond, options.Approvals, stop.Token);
Console.WriteLine(results.ToMarkdown());
await File.WriteAllTextAsync(options.JsonFile, results.ToJson(), stop.Token);
return results.Failures == 0 ? 0 : 1;

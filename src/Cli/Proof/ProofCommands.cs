using System.CommandLine;
using System.Diagnostics;
using Ntm.Cli.Running;
using Ntm.Contracts;

namespace Ntm.Cli.Proof;

/// <summary>
/// <c>ntm check</c> and <c>ntm rebuild</c>: each service's own program compares its read models with a fresh fold of its events, or
/// writes them anew, as the owner of its schema and beside the running service.
/// </summary>
public static class ProofCommands
{
    private const int NotProvable = 2;

    public static Command Check() => Create(
        "check", "Compares every read model with a fresh fold of its events. Exit code 0: no difference, 1: differences, 2: could not be checked.");

    public static Command Rebuild() => Create(
        "rebuild", "Writes the read models anew from the events, each service's in one step. Exit code 0: done, 2: not done.");

    private static Command Create(string verb, string description)
    {
        var data = RunningSystem.DataOption();
        var services = new Argument<string[]>("service") { Description = "which services; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        services.AcceptOnlyFromAmong([.. Topology.Services]);
        var command = new Command(verb, description) { data, services };
        command.SetAction((parsed, ct) => RunAsync(verb, RunningSystem.FolderOrDefault(parsed.GetValue(data)), parsed.GetValue(services) ?? [], ct));
        return command;
    }

    private static async Task<int> RunAsync(string verb, string folder, string[] services, CancellationToken ct)
    {
        if (RunningSystem.Find(folder) is not { } system)
        {
            await Console.Error.WriteLineAsync($"{verb}: nothing runs on {folder}.");
            return NotProvable;
        }

        var worst = 0;
        foreach (var service in services is [] ? Topology.Services : services)
        {
            try
            {
                worst = Math.Max(worst, await RunAsync(verb, system, service, ct));
            }
            catch (Exception reason) when (reason is not OperationCanceledException)
            {
                await Console.Error.WriteLineAsync($"{service}: could not {verb}: {reason.Message}");
                worst = NotProvable;
            }
        }

        return worst;
    }

    private static async Task<int> RunAsync(string verb, RunningSystem system, string service, CancellationToken ct)
    {
        var info = new ProcessStartInfo("dotnet", [ProgramOf(service), verb]) { UseShellExecute = false };
        info.Environment[$"ConnectionStrings__{service}"] = system.Database(service);
        // The program is built with its bus and never connects to it, as in its schema step.
        info.Environment["ConnectionStrings__broker"] = "amqp://localhost/ntm";
        info.Environment["Logging__LogLevel__Default"] = "Warning";
        using var program = Process.Start(info) ?? throw new InvalidOperationException($"The program of {service} did not start.");
        try
        {
            await program.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            program.Kill();
            throw;
        }

        // What is neither of the verbs' own answers is a program that broke off.
        return program.ExitCode is 0 or 1 ? program.ExitCode : NotProvable;
    }

    /// <summary>The services are built beside this program: <c>src/Cli/bin/…</c> and <c>src/Services.Criteria/bin/…</c>.</summary>
    private static string ProgramOf(string service)
    {
        var name = char.ToUpperInvariant(service[0]) + service[1..];
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var (framework, configuration) = (Path.GetFileName(here), Path.GetFileName(Path.GetDirectoryName(here)!));
        var sources = Path.GetFullPath(Path.Combine(here, "../../../.."));
        return Path.Combine(sources, $"Services.{name}", "bin", configuration, framework, $"Ntm.{name}.dll");
    }
}

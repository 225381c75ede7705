using System.Diagnostics;
using Ntm.Contracts;

namespace Ntm.EndToEnd;

/// <summary>What <c>ntm check</c> and <c>ntm rebuild</c> say of a house.</summary>
internal static class Proof
{
    /// <summary>Every read model of every service is the fold of its events; what is not is in the failure.</summary>
    public static async Task MustHoldAsync(House house)
    {
        var (code, output) = await RunAsync(house, "check");
        Assert.True(code == 0, output);
        foreach (var service in Topology.Services) Assert.Contains($"{service}: 0 differences in ", output, StringComparison.Ordinal);
    }

    /// <summary>Runs the command on the house; answers its exit code and all that it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(House house, string verb, params IEnumerable<string> services)
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        var program = Path.Combine(House.Repository, "src/Cli/bin", configuration, "net10.0/Ntm.Cli.dll");
        var info = new ProcessStartInfo("dotnet", [program, verb, "--data", house.Folder, .. services])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info) ?? throw new InvalidOperationException("ntm did not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}

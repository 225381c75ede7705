using System.Diagnostics;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>A program of the checkout, run to its end; of .NET the one of the tests' own configuration.</summary>
internal static class Programs
{
    public static string AppHost { get; } = Built("AppHost");

    public static string Cli { get; } = Built("Cli");

    public static async Task<(int Code, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var info = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    private static string Built(string project)
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        return Repository.PathOf($"src/{project}/bin/{configuration}/net10.0/Ntm.{project}.dll");
    }
}

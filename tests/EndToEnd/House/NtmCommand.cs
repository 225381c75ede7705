using System.Diagnostics;
using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>What a command said, and how it ended.</summary>
internal sealed record Said(int Code, string Output, string Errors)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Output);

    public Said Must(int code)
    {
        Assert.True(Code == code, $"exit code {code} was expected, {Code} came:\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>The command line as <c>./ntm</c> starts it.</summary>
internal static class NtmCommand
{
    /// <summary>The program that the tests built.</summary>
    public static string Program { get; } = Path.Combine(
        House.Repository, "src/Cli/bin", AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0/Ntm.Cli.dll");

    public static Task<Said> RunAsync(params IReadOnlyList<string> args) => RunAsync(input: "", args);

    /// <summary>With lines that a person types.</summary>
    public static Task<Said> RunAsync(string input, IReadOnlyList<string> args) => RunAsync(input, args, []);

    public static async Task<Said> RunAsync(string input, IReadOnlyList<string> args, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var info = new ProcessStartInfo("dotnet", [Program, .. args])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }
}

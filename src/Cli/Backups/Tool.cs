using System.Diagnostics;

namespace Ntm.Cli.Backups;

/// <summary>A program of the system or of PostgreSQL, run to its end.</summary>
internal sealed record Tool(string Program, IReadOnlyList<string> Args)
{
    /// <summary>The unprivileged user to become when this process has root's rights.</summary>
    public string? User { get; init; }

    /// <summary>What it needs of the environment; nothing else of ours reaches it.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string Input { get; init; } = "";

    /// <summary>Its output; when it fails, <paramref name="what"/> with the reason that it gave.</summary>
    public async Task<string> RunAsync(string what, CancellationToken ct)
    {
        using var process = Process.Start(StartInfo()) ?? throw new CommandFailure($"{what}: {Program} could not be started.");
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
            await WriteAsync(process, ct);
            await process.WaitForExitAsync(ct);
            return process.ExitCode == 0 ? await output : throw new CommandFailure(ReasonIn(await errors) is { } reason ? $"{what}: {reason}" : $"{what}.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private async Task WriteAsync(Process process, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(Input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all; its exit code and its errors tell why.
        }
    }

    private static string? ReasonIn(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal) || line.Contains("FATAL:", StringComparison.Ordinal))
            ?? lines.LastOrDefault();
    }

    private ProcessStartInfo StartInfo()
    {
        string[] become = User is not null && Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", User, "--regid", User, "--init-groups", "--"] : [];
        string[] line = [.. become, Program, .. Args];
        var info = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["LANG"] = "C.UTF-8";
        foreach (var (name, value) in Variables) info.Environment[name] = value;
        return info;
    }
}

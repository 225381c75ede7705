namespace Ntm.AppHost.Local;

/// <summary>A short helper program, run to its end.</summary>
internal static class Tool
{
    public static async Task<int> RunAsync(ProcessSpec spec, string? input = null, ResourceLog? log = null, CancellationToken cancellationToken = default)
    {
        using var process = await Launcher.StartAsync(spec.ToStartInfo());
        if (input is not null)
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await Task.WhenAll(DrainAsync(process.StandardOutput, log), DrainAsync(process.StandardError, log));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    private static async Task DrainAsync(StreamReader output, ResourceLog? log)
    {
        while (await output.ReadLineAsync() is { } line)
            log?.Note(line);
    }
}

using System.Diagnostics;
using System.Text;

namespace Ntm.AppHost.Local;

/// <summary>A process to start: nothing of the run's own environment reaches it but what is written here.</summary>
internal sealed record ProcessSpec(string Command, IReadOnlyList<string> Args, string WorkingDirectory)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = Minimal;

    /// <summary>The unprivileged user to become when the run has root's rights.</summary>
    public string? User { get; init; }

    /// <summary>The polite way to ask it to stop.</summary>
    public int StopSignal { get; init; } = Native.Terminate;

    /// <summary>What it gets when the run itself is killed: programs end at once, servers close their files first.</summary>
    public string DeathSignal { get; init; } = "KILL";

    public static IReadOnlyDictionary<string, string> Minimal { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LANG"] = "C.UTF-8",
    };

    /// <summary>In a session of its own, so that Ctrl-C in the terminal reaches only the run, which then stops all in order.</summary>
    /// <param name="gated">It waits for <see cref="OpenGateAsync"/>; if the run dies before, it ends without having begun.</param>
    public ProcessStartInfo ToStartInfo(bool gated = false)
    {
        var info = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (gated)
            foreach (var arg in new[] { "sh", "-c", "read -r go && exec \"$@\"", "gate" })
                info.ArgumentList.Add(arg);
        info.ArgumentList.Add("setpriv");
        if (User is not null && System.Environment.IsPrivilegedProcess)
            foreach (var arg in new[] { "--reuid", User, "--regid", User, "--init-groups" })
                info.ArgumentList.Add(arg);
        foreach (var arg in new[] { "--pdeathsig", DeathSignal, "--", Command })
            info.ArgumentList.Add(arg);
        foreach (var arg in Args)
            info.ArgumentList.Add(arg);
        info.Environment.Clear();
        foreach (var (name, value) in Environment)
            info.Environment[name] = value;
        return info;
    }

    public static async Task OpenGateAsync(Process process)
    {
        try
        {
            await process.StandardInput.WriteLineAsync("go");
            process.StandardInput.Close();
        }
        catch (IOException) when (process.HasExited)
        {
            // Killed before it began: its end is seen like any other.
            return;
        }
    }
}

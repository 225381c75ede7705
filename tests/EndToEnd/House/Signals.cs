using System.Globalization;
using System.Runtime.InteropServices;

namespace Ntm.EndToEnd;

/// <summary>A running process as the system shows it.</summary>
internal sealed record Running(int Id, string CommandLine, string Environment);

/// <summary>Signals and the list of processes.</summary>
internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    public static void Send(int processId, int signal)
    {
        if (SendSignal(processId, signal) != 0) throw new InvalidOperationException($"Signal {signal} to {processId} failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public static IEnumerable<Running> Processes() =>
        from folder in Directory.GetDirectories("/proc")
        let name = Path.GetFileName(folder)
        where name.All(char.IsAsciiDigit)
        let process = Read(int.Parse(name, CultureInfo.InvariantCulture), folder)
        where process is not null
        select process;

    /// <summary>Null for one that ended meanwhile, or of somebody else.</summary>
    private static Running? Read(int id, string folder)
    {
        try
        {
            return new(id, File.ReadAllText($"{folder}/cmdline").Replace('\0', ' '), File.ReadAllText($"{folder}/environ"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}

/// <summary>A process that stands still until this is disposed of.</summary>
internal sealed class Held : IDisposable
{
    private readonly int process;

    private Held(int process) => this.process = process;

    public static Held Back(int process)
    {
        Signals.Send(process, Signals.Stop);
        return new(process);
    }

    public void Dispose()
    {
        if (Directory.Exists($"/proc/{process}")) Signals.Send(process, Signals.Continue);
    }
}

using System.Runtime.InteropServices;

namespace Ntm.AppHost.Local;

/// <summary>The two things of the operating system that .NET does not offer.</summary>
internal static class Native
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>A negative id is a process group: whoever a process of ours has left behind.</summary>
    public static void Signal(int processId, int signal) => _ = SendSignal(processId, signal);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}

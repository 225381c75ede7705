using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ntm.AppHost.Local;

/// <summary>
/// Starts every process from one thread that lives as long as the run: the system tells children of their parent's
/// death when the thread that started them ends, and a thread of the pool may end at any time.
/// </summary>
internal static class Launcher
{
    private static readonly BlockingCollection<Action> Work = [];

    static Launcher() => new Thread(Serve) { IsBackground = true, Name = "launcher" }.Start();

    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                var process = new Process { StartInfo = info, EnableRaisingEvents = true };
                process.Start();
                started.SetResult(process);
            }
            catch (Exception reason) when (reason is System.ComponentModel.Win32Exception or IOException)
            {
                started.SetException(reason);
            }
        });
        return started.Task;
    }

    private static void Serve()
    {
        foreach (var action in Work.GetConsumingEnumerable())
            action();
    }
}

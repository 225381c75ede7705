using System.Diagnostics;

namespace Ntm.AppHost.Local;

/// <summary>A running process of ours, its output going to its log.</summary>
internal sealed class ChildProcess
{
    private readonly Process _process;
    private readonly int _stopSignal;
    private readonly Task _output;

    private ChildProcess(Process process, ResourceLog log, int stopSignal)
    {
        Identity = new(process.Id, ProcessTable.StartTimeOf(process.Id) ?? 0);
        _process = process;
        _stopSignal = stopSignal;
        _output = Task.WhenAll(log.TakeAsync(process.StandardOutput, isError: false), log.TakeAsync(process.StandardError, isError: true));
        Exited = WaitAsync(process);
    }

    public int Id => _process.Id;

    public ProcessIdentity Identity { get; }

    /// <summary>The exit code, as soon as the process itself has ended, whoever still holds its output.</summary>
    public Task<int> Exited { get; }

    /// <summary>Nobody runs unrecorded: the process begins its work when its record is on the disk, and ends if that never comes.</summary>
    public static async Task<ChildProcess> StartAsync(ProcessSpec spec, string name, ResourceLog log, ProcessRecord record)
    {
        var info = spec.ToStartInfo(gated: true);
        info.Environment[ProcessRecord.RunVariable] = record.Run;
        var process = await Launcher.StartAsync(info);
        try
        {
            record.Add(name, process.Id, spec.StopSignal);
        }
        catch
        {
            // It cannot be recorded, for instance because the disk is full: it must not stay at its gate for ever.
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }

        var child = new ChildProcess(process, log, spec.StopSignal);
        await ProcessSpec.OpenGateAsync(process);
        _ = child.Exited.ContinueWith(_ => record.Remove(child.Id), TaskScheduler.Default);
        return child;
    }

    /// <summary>Asks, waits for the time given, then kills; in the end nobody of its group is alive.</summary>
    public async Task StopAsync(TimeSpan patience, CancellationToken hurry)
    {
        Native.Signal(Id, _stopSignal);
        await Task.WhenAny(Exited, Task.Delay(patience, hurry));
        KillGroup();
        await Exited;
    }

    public void KillGroup() => Native.Signal(-Id, Native.Kill);

    /// <summary>The last lines may still be under way when the process has ended.</summary>
    public Task LastWordsAsync() => Task.WhenAny(_output, Task.Delay(TimeSpan.FromMilliseconds(500)));

    private static async Task<int> WaitAsync(Process process)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult();
        if (process.HasExited)
            exited.TrySetResult();
        await exited.Task;
        return process.ExitCode;
    }
}

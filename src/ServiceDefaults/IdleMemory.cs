using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Ntm.ServiceDefaults;

/// <summary>
/// Gives back to the machine what a load left behind: a process that has nothing to do has no reason to collect by itself, and six of
/// them would keep for good what the busiest minute took.
/// </summary>
internal sealed class IdleMemory(TimeProvider clock) : BackgroundService
{
    private const double Idle = 0.05; // of a core
    private const long WorthIt = 12 << 20;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        var (used, collectedAt) = (Environment.CpuUsage.TotalTime, 0L);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = Environment.CpuUsage.TotalTime;
            var isIdle = (now - used) / Pace < Idle;
            used = now;
            if (!isIdle || GC.GetTotalAllocatedBytes() - collectedAt < WorthIt) continue;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Trim();
            collectedAt = GC.GetTotalAllocatedBytes();
        }
    }

    /// <summary>What the compiler and the libraries below .NET took and gave back stays with the process until somebody asks for it.</summary>
    private static void Trim()
    {
        if (NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "malloc_trim", out var trim))
            Marshal.GetDelegateForFunctionPointer<MallocTrim>(trim)(0);
    }

    /// <summary>Of glibc; other C libraries have no such thing.</summary>
    private delegate int MallocTrim(nuint pad);
}

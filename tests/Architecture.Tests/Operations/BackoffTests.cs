using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>How long a child that ended is left dead: never so long that it is not back within 15 s.</summary>
public sealed class BackoffTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(6);

    [Fact]
    public void What_came_up_is_started_again_at_once_however_often_it_is_killed()
    {
        var backoff = new Backoff();
        for (var kill = 0; kill < 20; kill++) Assert.Equal(Backoff.Shortest, backoff.AfterLifeOf(Start, wasHealthy: true));
    }

    [Fact]
    public void What_does_not_come_up_waits_longer_each_time_and_not_for_ever()
    {
        var backoff = new Backoff();
        Assert.Equal([0.5, 1, 2, 4, 8, 8, 8], Enumerable.Range(0, 7).Select(_ => backoff.AfterLifeOf(Start, wasHealthy: false).TotalSeconds));
        Assert.Equal(7, backoff.Failures);
        Assert.True(Backoff.Longest + Start < TimeSpan.FromSeconds(15));
        Assert.Equal(Backoff.Shortest, backoff.AfterLifeOf(Start, wasHealthy: true));
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.AfterLifeOf(Start, wasHealthy: false));
    }

    [Fact]
    public void What_ends_at_once_was_never_up_even_if_somebody_answered_at_its_port()
    {
        var backoff = new Backoff();
        backoff.AfterLifeOf(TimeSpan.FromSeconds(0.2), wasHealthy: true);
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.AfterLifeOf(TimeSpan.FromSeconds(0.2), wasHealthy: true));
    }

    [Fact]
    public Task A_child_that_is_killed_whenever_it_is_up_is_back_at_once() => WatchAsync(new() { Silent = true }, async child =>
    {
        child.Start();
        for (var kills = 0; kills < 4; kills++)
        {
            await UntilAsync(child, status => status.Restarts == kills && status.Health is [{ Status: HealthStatus.Healthy }] && TimeProvider.System.GetUtcNow() - status.StartedAt > TimeSpan.FromSeconds(1.1));
            Native.Signal(child.Status.ProcessId!.Value, Native.Kill);
            await UntilAsync(child, status => status.Restarts == kills + 1);
            await UntilAsync(child, status => status is { State: States.Running });
            Assert.Contains("starts again in 0.5 s", await File.ReadAllTextAsync(child.Log.FilePath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.DoesNotContain("starts again in 1 s", await File.ReadAllTextAsync(child.Log.FilePath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    });

    [Fact]
    public async Task A_terminal_on_a_full_disk_costs_lines_and_no_child()
    {
        await using var full = new StreamWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) { AutoFlush = true };
        Assert.Throws<IOException>(() => full.WriteLine("a line"));
        var narrator = new Narrator(full, full);
        await WatchAsync(narrator, async child =>
        {
            child.Log.Follower = narrator.Tell;
            child.Start();
            for (var kills = 0; kills < 2; kills++)
            {
                await UntilAsync(child, status => status.Restarts == kills && status.Health is [{ Status: HealthStatus.Healthy }] && child.Log.LastLine == $"{status.ProcessId} works");
                Native.Signal(child.Status.ProcessId!.Value, Native.Kill);
                await UntilAsync(child, status => status.Restarts == kills + 1);
            }

            await UntilAsync(child, status => child.Log.LastLine == $"{status.ProcessId} works");
        });
        narrator.Complain("This too is lost, and the run ends as it would.");
    }

    private static async Task WatchAsync(Narrator narrator, Func<Supervisor, Task> look)
    {
        var folder = Directory.CreateTempSubdirectory("ntm-hub-backoff-").FullName;
        try
        {
            using var data = DataFolder.Open(new DistributedApplicationBuilder([$"--NTM_DATA={folder}"]));
            var record = await ProcessRecord.TakeOverAsync(data, narrator);
            using var child = new Supervisor(new(new ExecutableResource("child", "sh", "/"), 0), new Worker(), new(data, "child", new Masking()), narrator, record);
            await look(child);
            await child.StopAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        }
        finally
        {
            await RemoveAsync(folder);
        }
    }

    /// <summary>The last note of a process that was just stopped may still be on its way to the folder.</summary>
    private static async Task RemoveAsync(string folder)
    {
        for (var tries = 1; Directory.Exists(folder); tries++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (tries < 50)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task UntilAsync(Supervisor child, Func<Status, bool> condition)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); !condition(child.Status); await Task.Delay(20, TestContext.Current.CancellationToken))
            Assert.True(clock.GetElapsedTime(start) < TimeSpan.FromSeconds(20), child.Status.ToString());
    }

    private sealed class Worker : IRecipe
    {
        public Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken) =>
            Task.FromResult(new ProcessSpec("sh", ["-c", "echo $$ works; exec sleep 600"], "/"));

        public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => Task.FromResult(true);
    }
}

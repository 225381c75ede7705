using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>Processes of the run: whom it starts, whom it ends, and whom it leaves alone.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-processes-").FullName;
    private readonly List<Process> started = [];

    public void Dispose()
    {
        foreach (var process in started)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Only_the_servers_own_program_that_began_after_it_is_ended_in_its_folder()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
        var files = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var program = Path.Combine(folder, "server");
        File.Copy("/bin/sleep", program);
        var (before, server) = (Sleep(program, files), Process.GetCurrentProcess());
        // The clock that start times are told by ticks a hundred times a second.
        await Task.Delay(50, TestContext.Current.CancellationToken);
        var (backend, shell, other) = (Sleep(program, files), Sleep("/bin/sleep", files), Sleep(program, elsewhere));
        var ended = new ProcessIdentity(server.Id, ProcessTable.StartTimeOf(backend.Id)!.Value);

        PostgresRecipe.EndBackends(program, files, ended);

        await backend.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(128 + Native.Kill, backend.ExitCode);
        Assert.DoesNotContain([before, shell, other], process => process.HasExited);
    }

    [Fact]
    public async Task A_process_that_cannot_be_recorded_does_not_stay_at_its_gate()
    {
        var builder = new DistributedApplicationBuilder([$"--NTM_DATA={folder}"]);
        using var data = DataFolder.Open(builder);
        var record = await ProcessRecord.TakeOverAsync(data, new Narrator { Silent = true });
        using var log = new ResourceLog(data, "test", new Masking());
        // As a full disk does, this takes the record its place.
        Directory.Delete(folder, recursive: true);

        var mark = Guid.CreateVersion7().ToString();
        await Assert.ThrowsAnyAsync<IOException>(() => ChildProcess.StartAsync(new("sleep", [mark], "/"), "test", log, record));
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); Running(mark); await Task.Delay(20, TestContext.Current.CancellationToken))
            Assert.True(clock.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "It still waits at its gate.");
        Directory.CreateDirectory(folder);
    }

    [Fact]
    public async Task Output_is_taken_though_its_file_cannot_be_begun_anew()
    {
        using var data = DataFolder.Open(new DistributedApplicationBuilder([$"--NTM_DATA={folder}"]));
        using var log = new ResourceLog(data, "test", new Masking());
        // In the way of the file that the full one would become.
        Directory.CreateDirectory(Path.Combine(log.FilePath + ".1", "in the way"));
        var line = new string('x', 1_000_000);
        using var output = new StreamReader(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line + "\n", 22)) + "last\n")));
        await log.TakeAsync(output, isError: false);
        Assert.Equal("last", log.LastLine);
        Assert.EndsWith("last", File.ReadLines(log.FilePath).Last(), StringComparison.Ordinal);

        Directory.Delete(log.FilePath + ".1", recursive: true);
        log.Note("now");
        log.Note("anew");
        Assert.EndsWith("anew", Assert.Single(File.ReadLines(log.FilePath)), StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_have_time_for_the_calls_under_way()
    {
        var postgres = new PostgresServerResource("postgres", null, new("password", () => "x", true));
        Assert.True(LocalRun.PatienceWith(new ProjectResource("criteria")) > LocalRun.PatienceWith(postgres));
        Assert.Equal(TimeSpan.FromSeconds(20), LocalRun.PatienceWith(new ProjectResource("criteria")));
    }

    private static bool Running(string mark) => Directory.GetDirectories("/proc").Where(p => Path.GetFileName(p).All(char.IsAsciiDigit)).Any(p =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(p, "cmdline")).Contains(mark, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // ended meanwhile
        }
    });

    private Process Sleep(string program, string at)
    {
        var process = Process.Start(new ProcessStartInfo(program, ["600"]) { WorkingDirectory = at })!;
        started.Add(process);
        return process;
    }
}

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
    public async Task Without_a_server_its_own_program_is_ended_in_its_folder_and_nobody_else()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
        var files = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var program = Path.Combine(folder, "server");
        File.Copy("/bin/sleep", program);
        var (first, second, shell, other) = (Sleep(program, files), Sleep(program, files), Sleep("/bin/sleep", files), Sleep(program, elsewhere));

        // Named by the folder, it is the server, be it one for a single user; a process elsewhere that has got its id is none.
        foreach (var sign in (string[])["", "-"])
        {
            await File.WriteAllTextAsync(Path.Combine(files, "postmaster.pid"), $"{sign}{first.Id}\n{files}\n", TestContext.Current.CancellationToken);
            Assert.Empty(PostgresRecipe.EndBackends(program, files));
        }

        await File.WriteAllTextAsync(Path.Combine(files, "postmaster.pid"), $"{other.Id}\n{files}\n", TestContext.Current.CancellationToken);
        var ended = PostgresRecipe.EndBackends(program, files);

        Assert.Equal(new[] { first.Id, second.Id }.Order(), ended.Select(process => process.Id).Order());
        Assert.True(await ProcessTable.AreGoneAsync(ended));
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(128 + Native.Kill, first.ExitCode);
        Assert.DoesNotContain([shell, other], process => process.HasExited);
        Assert.Empty(PostgresRecipe.EndBackends(program, files));
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

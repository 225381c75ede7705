using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;
using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>The run and its database server were killed in the same moment, while a session was busy.</summary>
public sealed class OrphanTests : IDisposable
{
    // The server's own user must be able to enter it, which a temporary folder of .NET forbids.
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"ntm-hub-orphans-{Path.GetRandomFileName()}");
    private readonly List<Process> servers = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var server in servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_next_server_starts_although_a_busy_session_of_the_former_one_holds_its_memory()
    {
        using var data = DataFolder.Open(new DistributedApplicationBuilder([$"--NTM_DATA={folder}"]));
        using var log = new ResourceLog(data, "postgres", new Masking());
        var resource = new PostgresServerResource("postgres", null, new("postgres-password", () => "secret", true));
        resource.Annotations.Add(new EndpointAnnotation("tcp", "tcp", null, null, null) { TargetHost = "127.0.0.1", AllocatedPort = FreePort() });
        var recipe = new PostgresRecipe(resource, data);
        var server = await StartAsync();
        var settings = new NpgsqlConnectionStringBuilder((await resource.ConnectionStringExpression.GetValueAsync(Ct))!) { Pooling = false, CommandTimeout = 0 };
        await using var session = new NpgsqlConnection(settings.ConnectionString);
        await session.OpenAsync(Ct);
        var backend = new ProcessIdentity(session.ProcessID, ProcessTable.StartTimeOf(session.ProcessID)!.Value);
        await using var endless = new NpgsqlCommand("do $$ begin loop end loop; end $$", session);
        var work = endless.ExecuteNonQueryAsync(Ct);
        await using (var other = new NpgsqlConnection(settings.ConnectionString))
        {
            await other.OpenAsync(Ct);
            await using var state = new NpgsqlCommand($"select state from pg_stat_activity where pid = {session.ProcessID} and query like 'do %'", other);
            await UntilAsync(async () => await state.ExecuteScalarAsync(Ct) is "active");
        }

        Native.Signal(server.Id, Native.Kill);
        await server.WaitForExitAsync(Ct);
        Assert.True(ProcessTable.Lives(backend));

        await StartAsync();
        Assert.False(ProcessTable.Lives(backend));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => work);
        await using var again = new NpgsqlConnection(settings.ConnectionString);
        await again.OpenAsync(Ct);

        async Task<Process> StartAsync()
        {
            var started = await Launcher.StartAsync((await recipe.PrepareAsync(log, Ct)).ToStartInfo());
            servers.Add(started);
            _ = log.TakeAsync(started.StandardOutput, isError: false);
            _ = log.TakeAsync(started.StandardError, isError: true);
            await UntilAsync(() => started.HasExited ? throw new InvalidOperationException(log.LastLine) : recipe.IsHealthyAsync(Ct));
            return started;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); !await condition(); await Task.Delay(50, Ct))
            Assert.True(clock.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Ntm.Architecture.Tests;

/// <summary>A PostgreSQL server of its own on a free port, gone after the tests. It refuses to run as root, so root drops its rights.</summary>
public sealed class ScratchPostgres : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"ntm-hub-scratch-{Path.GetRandomFileName()}");
    private readonly int port = FreePort();

    private static string Programs { get; } = Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Last(d => File.Exists(Path.Combine(d, "initdb")));

    public async ValueTask InitializeAsync()
    {
        await RunAsync("initdb", "-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync");
        await RunAsync("pg_ctl", "-D", folder, "-w", "-l", Path.Combine(folder, "server.log"), "-o", string.Create(CultureInfo.InvariantCulture, $"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"), "start");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "-D", folder, "-m", "immediate", "stop");
        await RunAsync("rm", "-r", folder);
    }

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = "postgres", Database = "postgres", Pooling = false };
        var name = $"scratch_{Guid.CreateVersion7():N}";
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        settings.Database = name;
        return settings.ConnectionString;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(Programs, program) is var installed && File.Exists(installed) ? installed : program;
        string[] command = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", path, .. arguments] : [path, .. arguments];
        // The server outlives pg_ctl and would hold a pipe open: what is told goes to a file.
        var log = Path.GetTempFileName();
        var info = new ProcessStartInfo("bash", ["-c", "out=$1; shift; exec \"$@\" > \"$out\" 2>&1 < /dev/null", "-", log, .. command]) { WorkingDirectory = "/" };
        using var process = Process.Start(info)!;
        await process.WaitForExitAsync();
        var told = await File.ReadAllTextAsync(log);
        File.Delete(log);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} failed: {told}");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>PostgreSQL on loopback, durable: fsync and synchronous_commit stay on whatever the defaults are.</summary>
internal sealed class PostgresRecipe(PostgresServerResource resource, DataFolder data) : IRecipe
{
    private const string Installed = "/usr/lib/postgresql";

    // A half-finished folder is thrown away: only a whole one gets the final name.
    private const string InitScript = """
        set -e
        umask 077
        cd "$1"
        rm -rf data.new
        cat > password
        trap 'rm -f password' EXIT
        "$2" -D data.new -U "$3" --auth=scram-sha-256 --pwfile=password --encoding=UTF8 --locale=C.UTF-8 --data-checksums
        mv data.new data
        """;

    private readonly ServerFolder _folder = new(data, resource.Name, "postgres");

    public async Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken)
    {
        await _folder.CreateAsync();
        var files = Path.Combine(_folder.Root, "data");
        var binaries = Binaries(files);
        if (!File.Exists(Path.Combine(files, "PG_VERSION")))
            await InitializeAsync(binaries, log, cancellationToken);

        // A socket's path has at most 107 bytes; without a socket everything still works over loopback.
        var sockets = _folder.Root.Length < 80 ? _folder.Root : "";
        string[] settings =
        [
            "listen_addresses=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"port={resource.PrimaryEndpoint.Port}"),
            $"unix_socket_directories={sockets}",
            "fsync=on", "synchronous_commit=on", "full_page_writes=on",
            "shared_buffers=256MB", "random_page_cost=1.1", "max_connections=400", "max_wal_size=2GB",
            "password_encryption=scram-sha-256", "default_toast_compression=lz4", "wal_compression=lz4", "logging_collector=off",
        ];
        return new(Path.Combine(binaries, "postgres"), ["-D", files, .. settings.SelectMany(setting => new[] { "-c", setting })], _folder.Root)
        {
            User = _folder.User,
            StopSignal = Native.Interrupt, // a fast shutdown: sessions are ended, nothing is lost
            DeathSignal = "INT",
        };
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        var port = resource.PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture);
        var probe = new ProcessSpec(Path.Combine(Binaries(Path.Combine(_folder.Root, "data")), "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", port], "/");
        return await Tool.RunAsync(probe, cancellationToken: cancellationToken) == 0;
    }

    /// <summary>A killed server leaves backends in sessions of their own; one that is busy holds the shared memory and so the next start.</summary>
    public Task CleanUpAsync(ProcessIdentity ended)
    {
        var files = Path.Combine(_folder.Root, "data");
        if (File.Exists(Path.Combine(files, "PG_VERSION")))
            EndBackends(Path.Combine(Binaries(files), "postgres"), files, ended);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Ends what runs the server's own program in its data folder and began after it: a person's shell there, or a tool, is none of them.
    /// Backends hide their environment, so the run's mark cannot be asked for.
    /// </summary>
    internal static void EndBackends(string program, string files, ProcessIdentity server)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var id)
                && TargetOf(process, "cwd") == files && TargetOf(process, "exe") == program && ProcessTable.StartTimeOf(id) >= server.StartTime)
                Native.Signal(id, Native.Kill);
    }

    /// <summary>Null for a process that has gone or is somebody else's.</summary>
    private static string? TargetOf(string process, string link)
    {
        try
        {
            // A program that was replaced by an upgrade meanwhile is shown as deleted.
            return File.ResolveLinkTarget(Path.Combine(process, link), returnFinalTarget: false)?.FullName.Replace(" (deleted)", "", StringComparison.Ordinal);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task InitializeAsync(string binaries, ResourceLog log, CancellationToken cancellationToken)
    {
        var user = await resource.UserName.GetValueAsync(cancellationToken);
        var password = await resource.PasswordParameter.GetValueAsync(cancellationToken);
        var spec = new ProcessSpec("sh", ["-c", InitScript, "init", _folder.Root, Path.Combine(binaries, "initdb"), user!], _folder.Root)
        {
            User = _folder.User,
        };
        if (await Tool.RunAsync(spec, password, log, cancellationToken) != 0)
            throw new StartFailure($"PostgreSQL could not make its data folder {_folder.Root}: the reason is at the end of {log.FilePath}.");
    }

    /// <summary>Data of one major version are read by the programs of that version only.</summary>
    private static string Binaries(string files)
    {
        var versionFile = Path.Combine(files, "PG_VERSION");
        var wanted = File.Exists(versionFile) ? File.ReadAllText(versionFile).Trim() : null;
        var newest = Directory.Exists(Installed)
            ? Directory.GetDirectories(Installed)
                .Where(folder => File.Exists(Path.Combine(folder, "bin/initdb")) && (wanted is null || Path.GetFileName(folder) == wanted))
                .MaxBy(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
            : null;
        return newest is not null
            ? Path.Combine(newest, "bin")
            : throw new StartFailure($"PostgreSQL {wanted} is not installed: ./run installs it, or install the package postgresql{(wanted is null ? "" : $"-{wanted}")}.");
    }
}

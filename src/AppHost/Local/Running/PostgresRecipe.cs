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
        // The run and the server may have been killed together: nobody has cleaned up then.
        var backends = EndBackends(Path.Combine(binaries, "postgres"), files);
        if (!await ProcessTable.AreGoneAsync(backends))
            throw new StartFailure($"Processes of an earlier PostgreSQL do not end ({ProcessTable.Left(backends)}): see what holds them, for example a disk that does not answer, then start again.");

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
    public Task CleanUpAsync()
    {
        var files = Path.Combine(_folder.Root, "data");
        if (File.Exists(Path.Combine(files, "PG_VERSION")))
            EndBackends(Path.Combine(Binaries(files), "postgres"), files);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Ends what runs the server's own program in its data folder while no server is there: a person's shell there, or a tool, is none
    /// of them. Backends hide their environment, so the run's mark cannot be asked for. The caller holds the lock of the run's folder.
    /// </summary>
    /// <returns>Those that were ended, and may still be ending.</returns>
    internal static IReadOnlyCollection<ProcessIdentity> EndBackends(string program, string files)
    {
        // Also one that somebody started by hand: it says itself, to the next one, that it is there.
        if (Runs(ServerOf(files)))
            return [];
        List<ProcessIdentity> backends = [.. ProcessTable.All().Where(process => Runs(process.Id))];
        foreach (var backend in backends)
            Native.Signal(backend.Id, Native.Kill);
        return backends;

        bool Runs(int? id) => id is not null && TargetOf(id.Value, "cwd") == files && TargetOf(id.Value, "exe") == program;
    }

    /// <summary>Whom the folder names as its server, living or dead; one for a single user is told by a minus.</summary>
    private static int? ServerOf(string files)
    {
        var file = Path.Combine(files, "postmaster.pid");
        return File.Exists(file) && int.TryParse(File.ReadLines(file).FirstOrDefault()?.TrimStart('-'), CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    /// <summary>Null for a process that has gone or is somebody else's.</summary>
    private static string? TargetOf(int process, string link)
    {
        try
        {
            // A program that was replaced by an upgrade meanwhile is shown as deleted.
            return File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{link}"), returnFinalTarget: false)?.FullName.Replace(" (deleted)", "", StringComparison.Ordinal);
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

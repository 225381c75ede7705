using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using Npgsql;
using Ntm.Cli.Running;
using Ntm.Contracts;

namespace Ntm.Cli.Backups;

/// <summary>
/// <c>ntm backup</c>: the cluster as of one point in time, the broker's definitions, secrets and keys, while everything runs and
/// writes go on. The folder gets its name when it is whole.
/// </summary>
public static class BackupCommand
{
    internal const string Postgres = "postgres";
    private const string Appraisal = "appraisal";
    internal const string BrokerDefinitions = "broker-definitions.json";

    /// <summary>What is copied as it is.</summary>
    internal static readonly IReadOnlyList<string> Kept = ["secrets", "keys", "kind"];

    public static Command Create()
    {
        var data = RunningSystem.DataOption();
        var to = new Option<string?>("--to") { Description = "The folder to make (<data folder>-backups/<instant>)" };
        var withKeys = new Option<bool>("--with-ballot-keys") { Description = "Also while secret ballots are open: whoever has the backup can then read them; destroy it after their count" };
        var command = new Command("backup", "Backs up the running system into a new folder; it holds secrets, so keep it safe.") { data, to, withKeys };
        command.SetAction((parsed, ct) => CommandFailure.GuardAsync("backup", () => RunAsync(parsed.GetValue(data), parsed.GetValue(to), parsed.GetValue(withKeys), ct)));
        return command;
    }

    private static async Task RunAsync(string? data, string? to, bool withKeys, CancellationToken ct)
    {
        var clock = TimeProvider.System;
        var started = clock.GetUtcNow();
        var folder = RunningSystem.FolderOrDefault(data);
        var system = RunningSystem.Find(folder)
            ?? throw new CommandFailure($"nothing runs on {folder}: a backup is taken of a running system, so start it with ./run first.");
        if (!system.Endpoints.GetProperty("resources").TryGetProperty(Postgres, out _))
            throw new CommandFailure("the database is not run by this system: back it up with its own tools, and after putting it back run ntm restored.");

        if (!withKeys) await BallotKeys.DemandNoneAsync(system.Database(Appraisal, Postgres), since: null, ct);

        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(to ?? Path.Combine($"{folder}-backups", started.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture))));
        var unfinished = target + ".unfinished";
        if (Path.Exists(target)) throw new CommandFailure($"{target} is there already: choose another folder.");
        if (Path.Exists(unfinished)) throw new CommandFailure($"{unfinished} is there: another backup is being taken, or one broke off and its folder can be removed.");
        if (Path.GetDirectoryName(target) is { } parent && !Directory.Exists(parent)) Directory.CreateDirectory(parent, Folders.OwnerOnly);

        Directory.CreateDirectory(unfinished, Folders.OwnerOnly);
        try
        {
            var manifest = await TakeAsync(system, unfinished, started, withKeys, clock, ct);
            await Folders.SyncAsync(unfinished, ct);
            Directory.Move(unfinished, target);
            await Folders.SyncAsync(target, CancellationToken.None);
            Tell(target, manifest, clock.GetUtcNow() - started);
        }
        catch (Exception reason)
        {
            Folders.Delete(unfinished);
            if (reason is IOException) throw new CommandFailure($"no backup was taken: {reason.Message}");
            throw;
        }
    }

    private static async Task<BackupManifest> TakeAsync(RunningSystem system, string into, DateTimeOffset started, bool withKeys, TimeProvider clock, CancellationToken ct)
    {
        var version = await VersionAsync(system, ct);
        var tools = new PostgresTools(BackupManifest.MajorOf(version));
        var cluster = Path.Combine(into, Postgres);

        var before = await PositionsAsync(system, ct);
        await tools.BackUpAsync(system.AddressOf(Postgres, "tcp"), system.Secret("postgres-password"), cluster, ct);
        var ended = clock.GetUtcNow();
        var after = await PositionsAsync(system, ct);
        // What was appointed meanwhile is in the copy or its log, counted already or not.
        if (!withKeys) await BallotKeys.DemandNoneAsync(system.Database(Appraisal, Postgres), before[Appraisal], ct);

        await tools.VerifyAsync(cluster, ct);
        if (await BrokerAsync(system, ct) is { } definitions)
            await Folders.WriteAsync(Path.Combine(into, BrokerDefinitions), definitions, ct);
        else
            Console.WriteLine("The broker does not answer: users and policies that operators made there are not in this backup.");
        foreach (var name in Kept) Folders.Copy(Path.Combine(system.Folder, name), Path.Combine(into, name));

        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat,
            Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            (await File.ReadAllTextAsync(Path.Combine(into, "kind"), ct)).Trim(),
            version, started, ended,
            Topology.Services.ToDictionary(name => name, name => new Positions(before[name], after[name]), StringComparer.Ordinal),
            await BackupManifest.HashesAsync(into, ct));
        await manifest.WriteAsync(into, ct);
        return manifest;
    }

    private static async Task<string> VersionAsync(RunningSystem system, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(system.Database(Postgres, Postgres));
        await using var command = source.CreateCommand("show server_version");
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task<Dictionary<string, long>> PositionsAsync(RunningSystem system, CancellationToken ct)
    {
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var database in Topology.Services)
        {
            await using var source = NpgsqlDataSource.Create(system.Database(database, Postgres));
            await using var command = source.CreateCommand("select coalesce(max(seq_id), 0) from mt_events");
            positions[database] = Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
        }

        return positions;
    }

    /// <summary>Null when the broker is away: it is no reason to be without a backup of the facts.</summary>
    private static async Task<byte[]?> BrokerAsync(RunningSystem system, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = system.AddressOf("rabbitmq", "management"), Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{system.BrokerUser}:{system.Secret("rabbitmq-password")}")));
        try
        {
            return await http.GetByteArrayAsync(new Uri("/api/definitions", UriKind.Relative), ct);
        }
        catch (Exception reason) when (reason is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Tell(string target, BackupManifest manifest, TimeSpan took)
    {
        var bytes = Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target}: {bytes / 1048576.0:0.0} MiB in {took.TotalSeconds:0.0} s, PostgreSQL {manifest.Postgres}, everything that was answered before {manifest.Started:O}."));
        foreach (var (name, positions) in manifest.Databases)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}: ends at event {positions.AtLeast}{(positions.AtMost > positions.AtLeast ? $" to {positions.AtMost}" : "")}"));
        Console.WriteLine("It holds the system's secrets: keep it as safe as the data folder, and on another machine.");
    }
}

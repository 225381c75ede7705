using System.CommandLine;
using System.Globalization;
using Ntm.Cli.Running;

namespace Ntm.Cli.Backups;

/// <summary>
/// <c>ntm restore</c>: verifies a backup, makes the data anew beside the present ones, and changes them over at the end. What was
/// there is kept aside.
/// </summary>
public static class RestoreCommand
{
    /// <summary>While this file is there, some of the data are the former and some the restored ones: nothing starts.</summary>
    private const string Marker = "restoring";

    // The broker's data go aside with nothing in their place: it is declared anew, and filled by the rewound subscriptions.
    private static readonly IReadOnlyList<string> Replaced = [BackupCommand.Postgres, "rabbitmq", "broker-accounts.json", BackupCommand.BrokerDefinitions, .. BackupCommand.Kept];

    // What was on its way in the broker is announced again from the first event; consumers drop what they know. The other subscriptions record
    // only what is not recorded yet. The high-water mark is no subscription: it says what stands in the store. Positions that were given out
    // after the backup will name other facts, so the feed gets another epoch, made at the next pull.
    internal static readonly IReadOnlyList<string> Statements =
    [
        "do $$ begin if to_regclass('mt_event_progression') is not null then delete from mt_event_progression where name not like 'HighWaterMark%'; end if; end $$",
        "do $$ begin if to_regclass('mt_doc_feedsecret') is not null then delete from mt_doc_feedsecret; end if; end $$",
        "select coalesce(max(seq_id), 0) as position from mt_events",
    ];

    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The backup's folder", Required = true };
        var data = new Option<string?>("--data") { Description = "The data folder to restore into (NTM_DATA, else .data)" };
        var yes = new Option<bool>("--yes") { Description = "Replace existing data without asking" };
        var command = new Command("restore", "Puts a backup in place of the data of a stopped system.") { from, data, yes };
        command.SetAction((parsed, ct) => CommandFailure.GuardAsync(
            "restore", () => RunAsync(parsed.GetValue(from)!, RunningSystem.FolderOrDefault(parsed.GetValue(data)), parsed.GetValue(yes), ct)));
        return command;
    }

    private static async Task RunAsync(string from, string folder, bool yes, CancellationToken ct)
    {
        var clock = TimeProvider.System;
        var started = clock.GetUtcNow();
        var backup = Path.GetFullPath(from);
        var manifest = await BackupManifest.ReadAsync(backup, ct);
        await manifest.VerifyAsync(backup, ct);
        var tools = new PostgresTools(BackupManifest.MajorOf(manifest.Postgres));
        await tools.VerifyAsync(Path.Combine(backup, BackupCommand.Postgres), ct);
        Console.WriteLine($"{backup} is whole: {manifest.Kind} data of {manifest.Started:O}, PostgreSQL {manifest.Postgres}.");

        Directory.CreateDirectory(folder, Folders.OthersMayPass | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await using var held = await StoppedFolder.TakeAsync(folder, ct);
        Permit(folder, manifest, yes);
        var stage = Path.Combine(folder, "restore.unfinished");
        Folders.Delete(stage);
        try
        {
            await StageAsync(backup, stage, manifest, tools, ct);
        }
        catch (Exception reason)
        {
            Folders.Delete(stage);
            if (reason is IOException) throw new CommandFailure($"{stage} could not be written ({reason.Message}); nothing was changed.");
            throw;
        }

        // From here on it takes no time, and goes on whatever happens.
        var aside = await ChangeOverAsync(folder, stage, clock.GetUtcNow());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder} is restored ({(clock.GetUtcNow() - started).TotalSeconds:0.0} s)."));
        if (aside is not null) Console.WriteLine($"The former data are in {aside}: remove them when nobody needs them any more.");
        Console.WriteLine("Start the system with ./run: every service announces its facts again, and central systems take a full snapshot.");
    }

    private static void Permit(string folder, BackupManifest manifest, bool yes)
    {
        if (File.Exists(Path.Combine(folder, "kind")) && File.ReadAllText(Path.Combine(folder, "kind")).Trim() is var kind && kind != manifest.Kind)
            throw new CommandFailure($"{folder} holds {kind} data and the backup {manifest.Kind} data: restore into another folder with --data.");
        if (yes || !Replaced.Any(name => Path.Exists(Path.Combine(folder, name)))) return;
        Console.Write($"{folder} holds data. Replace them by the backup of {manifest.Started:O}? They are kept aside. [y/N] ");
        if (Console.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            throw new CommandFailure("nothing was changed; --yes answers the question beforehand.");
    }

    /// <summary>The data as they will be, down to the last statement: what fails here has touched nothing.</summary>
    private static async Task StageAsync(string backup, string stage, BackupManifest manifest, PostgresTools tools, CancellationToken ct)
    {
        Directory.CreateDirectory(stage, Folders.OthersMayPass);
        foreach (var name in BackupCommand.Kept.Append(BackupCommand.BrokerDefinitions)) Folders.Copy(Path.Combine(backup, name), Path.Combine(stage, name));
        var server = Path.Combine(stage, BackupCommand.Postgres);
        var cluster = Path.Combine(server, "data");
        Directory.CreateDirectory(server, Folders.OwnerOnly);
        Folders.Copy(Path.Combine(backup, BackupCommand.Postgres), cluster);
        if (Environment.IsPrivilegedProcess)
        {
            await new Tool("chown", ["-R", $"{PostgresTools.User}:{PostgresTools.User}", server]).RunAsync($"{server} could not be given to the user {PostgresTools.User}", ct);
            await new Tool("test", ["-x", cluster]) { User = PostgresTools.User }.RunAsync(
                $"the user {PostgresTools.User} that PostgreSQL runs as cannot enter {stage}; restore into a folder that it may enter, for example /var/lib/ntm-hub", ct);
        }

        foreach (var (database, positions) in manifest.Databases)
        {
            var position = await tools.RunAloneAsync(cluster, database, Statements, ct);
            if (position < positions.AtLeast || position > positions.AtMost)
                throw new CommandFailure($"{database} was restored up to {position}, and the backup says from {positions.AtLeast} to {positions.AtMost}: take another backup.");
            Console.WriteLine($"  {database}: events up to {position}");
        }

        await Folders.SyncAsync(stage, ct);
    }

    /// <summary>Renames only. A run that is killed here leaves the marker: the next start refuses, the next restore begins anew.</summary>
    private static async Task<string?> ChangeOverAsync(string folder, string stage, DateTimeOffset now)
    {
        var aside = Path.Combine(folder, $"replaced-{now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}");
        var marker = Path.Combine(folder, Marker);
        if (!File.Exists(marker)) await Folders.WriteAsync(marker, [], CancellationToken.None);
        foreach (var name in Replaced)
        {
            var present = Path.Combine(folder, name);
            if (Path.Exists(present))
            {
                Directory.CreateDirectory(aside, Folders.OwnerOnly);
                Folders.Move(present, Path.Combine(aside, name));
            }

            Folders.Move(Path.Combine(stage, name), present);
        }

        Folders.Delete(stage);
        await Folders.SyncAsync(folder, CancellationToken.None);
        File.Delete(marker);
        return Directory.Exists(aside) ? aside : null;
    }
}

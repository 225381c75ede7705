using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ntm.Contracts;

namespace Ntm.EndToEnd;

/// <summary>What <c>ntm backup</c> and <c>ntm restore</c> accept, refuse and leave behind.</summary>
[Collection(OneOperatedHouse.Name)]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class BackupTests(OperatedHouse house) : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // The servers' users must be able to enter it.
    private readonly string place = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"ntm-hub-backups-{Path.GetRandomFileName()}")).FullName;

    private string Backup => Path.Combine(place, "backup");

    private string Other => Path.Combine(place, "other");

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(place, recursive: true);
        await Proof.MustHoldAfterTestAsync(house);
    }

    [Fact]
    public async Task A_backup_is_for_its_owner_alone_and_says_what_is_in_it()
    {
        var said = (await NtmCommand.RunAsync("backup", "--data", house.Folder, "--to", Backup)).Must(0);
        Assert.Contains(Backup, said.Output, StringComparison.Ordinal);
        Assert.All(Directory.EnumerateDirectories(Backup, "*", SearchOption.AllDirectories).Append(Backup), folder => Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder)));
        string[] files = [.. Directory.EnumerateFiles(Backup, "*", SearchOption.AllDirectories)];
        Assert.All(files, file => Assert.Equal(OwnerOnly & ~UnixFileMode.UserExecute, File.GetUnixFileMode(file)));

        var manifest = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(Backup, "manifest.json"), TestContext.Current.CancellationToken));
        Assert.Equal("real", manifest.GetProperty("kind").GetString());
        Assert.Equal(files.Length - 1, manifest.GetProperty("files").EnumerateObject().Count());
        foreach (var service in Topology.Services)
        {
            await using var store = await Db.OpenAsync(house.Database(service));
            var positions = manifest.GetProperty("databases").GetProperty(service);
            Assert.InRange(positions.GetProperty("atMost").GetInt64(), positions.GetProperty("atLeast").GetInt64(), await store.NumberAsync("select max(seq_id) from mt_events"));
        }

        var definitions = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(Backup, "broker-definitions.json"), TestContext.Current.CancellationToken));
        Assert.Contains(definitions.GetProperty("users").EnumerateArray(), user => user.GetProperty("name").GetString() == "criteria");
        Assert.Equal(await File.ReadAllTextAsync(house.SecretFile("local-client-secret"), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Path.Combine(Backup, "secrets/local-client-secret"), TestContext.Current.CancellationToken));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Backup, "keys")));
    }

    [Fact]
    public async Task A_backup_takes_no_folder_that_is_there_and_leaves_nothing_when_it_fails()
    {
        Directory.CreateDirectory(Backup);
        var there = (await NtmCommand.RunAsync("backup", "--data", house.Folder, "--to", Backup + "/")).Must(1);
        Assert.Contains("is there already", there.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Backup));

        var stopped = (await NtmCommand.RunAsync("backup", "--data", Other, "--to", Path.Combine(place, "none"))).Must(1);
        Assert.Contains("nothing runs on", stopped.Errors, StringComparison.Ordinal);

        // The copy of a system that is gone: its address answers, its password is another's.
        Directory.CreateDirectory(Path.Combine(Other, "secrets"));
        File.Copy(Path.Combine(house.Folder, "endpoints.json"), Path.Combine(Other, "endpoints.json"));
        await File.WriteAllTextAsync(Path.Combine(Other, "secrets/postgres-password"), "another", TestContext.Current.CancellationToken);
        var refused = (await NtmCommand.RunAsync("backup", "--data", Other, "--to", Path.Combine(place, "none"))).Must(1);
        Assert.StartsWith("backup: ", refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.Trim().Split('\n'));
        Assert.Equal([Backup, Other], Directory.EnumerateFileSystemEntries(place).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_and_a_whole_one_asks_before_it_replaces_data()
    {
        (await NtmCommand.RunAsync("backup", "--data", house.Folder, "--to", Backup)).Must(0);
        string[] restore = ["restore", "--from", Backup, "--data", Other];

        // One byte, somewhere in a table; a file too few; a file too many; half a manifest.
        var table = Directory.EnumerateFiles(Path.Combine(Backup, "postgres/base"), "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 8192).Order(StringComparer.Ordinal).First();
        await RefusesAsync(restore, table, bytes => bytes[4711] ^= 1, Path.GetRelativePath(Backup, table));
        var secret = Path.Combine(Backup, "secrets/postgres-password");
        File.Move(secret, Path.Combine(place, "lost"));
        await RefusesAsync(restore, "secrets/postgres-password");
        File.Move(Path.Combine(place, "lost"), Path.Combine(Backup, "secrets/strange"));
        await RefusesAsync(restore, "secrets/postgres-password");
        File.Copy(Path.Combine(Backup, "secrets/strange"), secret);
        await RefusesAsync(restore, "secrets/strange");
        File.Delete(Path.Combine(Backup, "secrets/strange"));
        var manifest = Path.Combine(Backup, "manifest.json");
        await RefusesAsync(restore, manifest, bytes => bytes.AsSpan(bytes.Length / 2).Fill((byte)' '), "manifest.json");
        Assert.False(Path.Exists(Other));

        var running = (await NtmCommand.RunAsync("restore", "--from", Backup, "--data", house.Folder, "--yes")).Must(1);
        Assert.Contains("the system runs on", running.Errors, StringComparison.Ordinal);

        (await NtmCommand.RunAsync(restore)).Must(0);
        var first = Names(Other);
        var asked = (await NtmCommand.RunAsync("n\n", restore)).Must(1);
        Assert.Contains("[y/N]", asked.Output, StringComparison.Ordinal);
        (await NtmCommand.RunAsync(restore)).Must(1);
        Assert.Equal(first, Names(Other));
        // What a killed run has left still serves the data that are about to go aside.
        using var left = Process.Start("sleep", "600")!;
        var record = new { Boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", TestContext.Current.CancellationToken)).Trim(), Run = "run", Processes = new[] { EntryOf(left) } };
        await File.WriteAllTextAsync(Path.Combine(Other, "processes.json"), JsonSerializer.Serialize(record), TestContext.Current.CancellationToken);
        var refused = (await NtmCommand.RunAsync([.. restore, "--yes"])).Must(1);
        Assert.Contains($"(left-over {left.Id}): start ./run once", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Other, "replaced-*"));
        left.Kill();
        await left.WaitForExitAsync(TestContext.Current.CancellationToken);
        (await NtmCommand.RunAsync("y\n", restore)).Must(0);
        File.Delete(Path.Combine(Other, "processes.json"));
        var aside = Assert.Single(Directory.GetDirectories(Other, "replaced-*"));
        Assert.True(File.Exists(Path.Combine(aside, "postgres/data/PG_VERSION")));
        Assert.Equal(first, Names(Other).Where(name => Path.Combine(Other, name) != aside));

        await File.WriteAllTextAsync(Path.Combine(Other, "kind"), "demonstration", TestContext.Current.CancellationToken);
        var kinds = (await NtmCommand.RunAsync([.. restore, "--yes"])).Must(1);
        Assert.Contains("demonstration data", kinds.Errors, StringComparison.Ordinal);
    }

    private static object EntryOf(Process process)
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        var startTime = long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        return new { Name = "left-over", process.Id, StartTime = startTime, StopSignal = Signals.Terminate };
    }

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    private static async Task RefusesAsync(string[] restore, string file, Action<byte[]> damage, string named)
    {
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var damaged = (byte[])whole.Clone();
        damage(damaged);
        await File.WriteAllBytesAsync(file, damaged, TestContext.Current.CancellationToken);
        await RefusesAsync(restore, named);
        await File.WriteAllBytesAsync(file, whole, TestContext.Current.CancellationToken);
    }

    private static async Task RefusesAsync(string[] restore, string named)
    {
        var refused = (await NtmCommand.RunAsync([.. restore, "--yes"])).Must(1);
        Assert.Contains(named, refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.Trim().Split('\n'));
    }
}

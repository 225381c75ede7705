using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ntm.Cli.Backups;

/// <summary>The last event of one database when the backup began and when it had ended: the data of the backup end between.</summary>
internal sealed record Positions(long AtLeast, long AtMost);

/// <summary>What a backup holds, and how one sees that it still is what was written. It is written last.</summary>
/// <param name="Format">Form of the folder; a newer one than this program knows is refused.</param>
/// <param name="Product">Version of the product that took it.</param>
/// <param name="Kind">Real data, or a demonstration's.</param>
/// <param name="Postgres">Version of the server; its major version restores it.</param>
/// <param name="Started">Every write that was answered before this instant is in it.</param>
/// <param name="Ended">No write that began after this instant is in it.</param>
/// <param name="Databases">All of one point in time.</param>
/// <param name="Files">SHA-256 of every file but this one.</param>
internal sealed record BackupManifest(
    int Format, string Product, string Kind, string Postgres, DateTimeOffset Started, DateTimeOffset Ended,
    IReadOnlyDictionary<string, Positions> Databases, IReadOnlyDictionary<string, string> Files)
{
    public const int CurrentFormat = 1;

    private const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, RespectRequiredConstructorParameters = true };

    public static string MajorOf(string postgres) => postgres.Split('.', ' ')[0];

    public Task WriteAsync(string backup, CancellationToken ct) =>
        Folders.WriteAsync(Path.Combine(backup, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json), ct);

    public static async Task<BackupManifest> ReadAsync(string backup, CancellationToken ct)
    {
        var file = Path.Combine(backup, FileName);
        if (!File.Exists(file)) throw new CommandFailure($"{backup} is no whole backup: it has no {FileName} that this user can read.");
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllBytesAsync(file, ct), Json);
            return manifest is { Format: > 0 and <= CurrentFormat }
                ? manifest
                : throw new CommandFailure($"{backup} has the format {manifest?.Format}, this program knows up to {CurrentFormat}: restore it with the version that took it or a newer one.");
        }
        catch (JsonException reason)
        {
            throw new CommandFailure($"{file} is damaged ({reason.Message}): take another backup.");
        }
    }

    /// <summary>Fails on the first file that is missing, damaged or not the backup's own.</summary>
    public async Task VerifyAsync(string backup, CancellationToken ct)
    {
        var found = NamesIn(backup).ToHashSet(StringComparer.Ordinal);
        if (Files.Keys.FirstOrDefault(name => !found.Contains(name)) is { } missing)
            throw new CommandFailure($"{backup} is damaged, the file {missing} is missing: take another backup.");
        if (found.FirstOrDefault(name => !Files.ContainsKey(name)) is { } strange)
            throw new CommandFailure($"{backup} holds the file {strange}, which is not in its manifest: take another backup, or remove the file.");
        foreach (var (name, hash) in Files)
        {
            if (await HashAsync(backup, name, ct) != hash)
                throw new CommandFailure($"{backup} is damaged, the file {name} is not the one that was written: take another backup.");
        }
    }

    public static async Task<IReadOnlyDictionary<string, string>> HashesAsync(string backup, CancellationToken ct)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in NamesIn(backup)) hashes[name] = await HashAsync(backup, name, ct);
        return hashes;
    }

    private static IEnumerable<string> NamesIn(string backup) => Directory.EnumerateFiles(backup, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(backup, file)).Where(name => name != FileName);

    private static async Task<string> HashAsync(string backup, string name, CancellationToken ct)
    {
        await using var stream = File.OpenRead(Path.Combine(backup, name));
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct));
    }
}

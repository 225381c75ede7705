namespace Ntm.Cli.Backups;

/// <summary>Folders and files that hold secrets: 700 and 600.</summary>
internal static class Folders
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The servers' users pass through to their own folders and read nothing on the way.</summary>
    public const UnixFileMode OthersMayPass = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A whole folder, or a file; what is not there is not copied.</summary>
    public static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            File.Copy(from, to);
            File.SetUnixFileMode(to, OwnerReads);
            return;
        }

        if (!Directory.Exists(from)) return;
        Directory.CreateDirectory(to, OwnerOnly);
        foreach (var entry in Directory.EnumerateFileSystemEntries(from)) Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
    }

    public static async Task WriteAsync(string file, byte[] content, CancellationToken ct)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerReads };
        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(content, ct);
        stream.Flush(flushToDisk: true);
    }

    public static void Delete(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    public static void Move(string from, string to)
    {
        if (File.Exists(from)) File.Move(from, to);
        else if (Directory.Exists(from)) Directory.Move(from, to);
    }

    /// <summary>Everything in the folder is on the disk, also its names.</summary>
    public static Task SyncAsync(string folder, CancellationToken ct) =>
        new Tool("sync", ["--file-system", folder]).RunAsync($"{folder} could not be written out to the disk", ct);
}

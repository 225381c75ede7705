using Aspire.Hosting;

namespace Ntm.AppHost.Local;

/// <summary>Everything that a run keeps: data, secrets, ports, logs. One run at a time has it.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OthersMayPass = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream heldLock)
    {
        Root = path;
        _lock = heldLock;
    }

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>Tells other programs that all is ready, and where. It exists only while the system runs.</summary>
    public string EndpointsFile => Path.Combine(Root, "endpoints.json");

    public static string Of(IDistributedApplicationBuilder builder) =>
        Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "../..", builder.Configuration["NTM_DATA"] ?? ".data"));

    public static DataFolder Open(IDistributedApplicationBuilder builder)
    {
        var path = Of(builder);
        try
        {
            Directory.CreateDirectory(path, OthersMayPass);
            Directory.CreateDirectory(Path.Combine(path, "logs"), OwnerOnly);
            Directory.CreateDirectory(Path.Combine(path, "secrets"), OwnerOnly);
            var folder = new DataFolder(path, Lock(Path.Combine(path, "lock")));
            File.Delete(folder.EndpointsFile);
            folder.RefuseHalfRestored();
            folder.KeepKind(builder.Configuration["Ntm:Demonstration"] == "true" ? "demonstration" : "real");
            return folder;
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartFailure($"The data folder {path} belongs to another user: run as that user, or set NTM_DATA to a folder of your own.");
        }
        catch (IOException reason)
        {
            throw new StartFailure($"The data folder {path} cannot be made ({reason.Message}): set NTM_DATA to a folder on a disk with free space.");
        }
    }

    /// <summary>Made-up data and real ones never share a folder.</summary>
    private void KeepKind(string kind)
    {
        var file = Path.Combine(Root, "kind");
        if (!File.Exists(file)) PrivateFile.Write(file, kind);
        if (File.ReadAllText(file).Trim() is var kept && kept != kind)
        {
            Dispose();
            throw new StartFailure($"The data folder {Root} holds {kept} data and this is a start for {kind} data: set NTM_DATA to another folder.");
        }
    }

    /// <summary>A restore that was killed while it changed the data over has left some of the former and some of the restored ones.</summary>
    private void RefuseHalfRestored()
    {
        if (!File.Exists(Path.Combine(Root, "restoring"))) return;
        Dispose();
        throw new StartFailure($"A restore of {Root} broke off: run ntm restore again (the former data are in its folder replaced-…).");
    }

    public void Dispose()
    {
        File.Delete(EndpointsFile);
        _lock.Dispose();
    }

    private static FileStream Lock(string file)
    {
        try
        {
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StartFailure($"The data folder {Path.GetDirectoryName(file)} is in use by another run: stop that one, or set NTM_DATA to another folder.");
        }
    }
}

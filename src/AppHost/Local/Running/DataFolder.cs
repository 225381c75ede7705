using System.Globalization;
using Aspire.Hosting;

namespace Ntm.AppHost.Local;

/// <summary>Everything that a run keeps: data, secrets, ports, logs. One run at a time has it.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OthersMayPass = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // What a run makes here, and so what a reset takes away; a file of somebody else stays whatever it is called.
    private static readonly string[] Ours =
        ["postgres", "rabbitmq", "broker-definitions.json", BrokerAccounts, BrokerAccounts + ".new", "keys", "secrets", "logs", "dashboard", "ports.json", HalfRestored, "restore.unfinished"];

    private const string BrokerAccounts = "broker-accounts.json";

    private const string HalfRestored = "restoring";

    private const int TryAgain = 11; // EAGAIN: the file is locked

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream heldLock, bool isToBeReset)
    {
        Root = path;
        _lock = heldLock;
        IsToBeReset = isToBeReset;
    }

    public string Root { get; }

    /// <summary>Whether this start begins with nothing (<c>--reset</c>).</summary>
    public bool IsToBeReset { get; }

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The house's users on its broker, as the provisioning step keeps them.</summary>
    public string BrokerAccountsFile => Path.Combine(Root, BrokerAccounts);

    /// <summary>Tells other programs that all is ready, and where. It exists only while the system runs.</summary>
    public string EndpointsFile => Path.Combine(Root, "endpoints.json");

    public static string Of(IDistributedApplicationBuilder builder) =>
        Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "../..", builder.Configuration["NTM_DATA"] ?? ".data"));

    public static DataFolder Open(IDistributedApplicationBuilder builder)
    {
        var path = Of(builder);
        var reset = builder.Configuration["reset"] is not null;
        if (reset && Directory.Exists(path) && !File.Exists(KindOf(path)) && !File.Exists(Path.Combine(path, HalfRestored)) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new StartFailure($"The folder {path} does not carry the mark of a data folder (the file kind): nothing was deleted.");
        try
        {
            Directory.CreateDirectory(path, OthersMayPass);
            var folder = new DataFolder(path, Lock(path), reset);
            folder.CreateOwn();
            File.Delete(folder.EndpointsFile);
            if (!reset) folder.RefuseHalfRestored();
            folder.KeepKind(builder.Configuration["Ntm:Demonstration"] == "true" ? "demonstration" : "real");
            return folder;
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartFailure($"The data folder {path} belongs to another user: run as that user, or set NTM_DATA to a folder of your own.");
        }
        catch (IOException reason)
        {
            throw StartFailure.OfFolder(path, reason);
        }
    }

    /// <summary>Deletes the databases, the broker's data, keys, secrets and logs. Whoever used them must be gone.</summary>
    public void Reset(Narrator narrator)
    {
        // What a restore has kept aside are former data, with their secrets.
        foreach (var path in Ours.Select(name => Path.Combine(Root, name)).Concat(Directory.GetDirectories(Root, "replaced-*").Where(IsAside)))
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }

        CreateOwn();
        narrator.Say($"All data of {Root} are deleted: this start begins with nothing.");
    }

    /// <summary><c>replaced-</c> and the instant of the restore.</summary>
    private static bool IsAside(string folder) => DateTimeOffset.TryParseExact(
        Path.GetFileName(folder)["replaced-".Length..], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static string KindOf(string path) => Path.Combine(path, "kind");

    private void CreateOwn()
    {
        Directory.CreateDirectory(Logs, OwnerOnly);
        Directory.CreateDirectory(Path.Combine(Root, "secrets"), OwnerOnly);
    }

    /// <summary>Made-up data and real ones never share a folder.</summary>
    private void KeepKind(string kind)
    {
        var file = KindOf(Root);
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
        if (!File.Exists(Path.Combine(Root, HalfRestored))) return;
        Dispose();
        throw new StartFailure($"A restore of {Root} broke off: run ntm restore again (the former data are in its folder replaced-…).");
    }

    public void Dispose()
    {
        File.Delete(EndpointsFile);
        _lock.Dispose();
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException reason) when (reason.HResult == TryAgain)
        {
            throw new StartFailure($"The data folder {folder} is in use by another run: stop that one, or set NTM_DATA to another folder.");
        }
    }
}

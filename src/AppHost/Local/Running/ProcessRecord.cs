using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ntm.AppHost.Local;

/// <summary>
/// Who runs for this data folder (<c>processes.json</c>), by process id and start time, written before each may begin its work: what
/// a killed run has left behind is ended by the next one, and nobody else is.
/// </summary>
internal sealed class ProcessRecord
{
    private readonly string _file;
    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private readonly Dictionary<int, Entry> _entries = [];
    private readonly Lock _gate = new();

    private ProcessRecord(string file) => _file = file;

    /// <summary>The variable that marks every process of a run, its children's children included.</summary>
    public const string RunVariable = "NTM_RUN";

    public string Run => _run;

    /// <summary>Ends what an earlier run has left behind, then keeps the record of this one. The caller holds the folder's lock.</summary>
    public static async Task<ProcessRecord> TakeOverAsync(DataFolder data, Narrator narrator)
    {
        var file = Path.Combine(data.Root, "processes.json");
        if (Read(file, narrator) is { } earlier && earlier.Boot == ProcessTable.Boot)
            await EndAsync(earlier, narrator);
        var record = new ProcessRecord(file);
        record.Write();
        return record;
    }

    public void Add(string name, int id, int stopSignal)
    {
        if (ProcessTable.StartTimeOf(id) is not { } started)
            return; // it has ended already
        lock (_gate)
        {
            _entries[id] = new(name, id, started, stopSignal);
            try
            {
                Write();
            }
            catch
            {
                _entries.Remove(id);
                throw;
            }
        }
    }

    public void Remove(int id)
    {
        lock (_gate)
        {
            if (_entries.Remove(id))
                Write();
        }
    }

    private static Content? Read(string file, Narrator narrator)
    {
        if (!File.Exists(file))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Content>(File.ReadAllText(file)) is { Processes: not null } content ? content : throw new JsonException("It is empty.");
        }
        catch (JsonException reason)
        {
            narrator.Say($"The record {file} cannot be read ({reason.Message}): processes of an earlier run, if any, are not ended.");
            return null;
        }
    }

    private static async Task EndAsync(Content earlier, Narrator narrator)
    {
        List<Entry> entries = [.. earlier.Processes.Where(entry => entry is { Id: > 1 })];
        var orphans = Families();
        foreach (var entry in entries.Where(entry => orphans.Contains(entry.Identity)))
        {
            narrator.Say(entry.Name, string.Create(CultureInfo.InvariantCulture, $"is left over from an earlier run (process {entry.Id}): it is ended"));
            Native.Signal(entry.Id, entry.StopSignal);
        }

        await ProcessTable.AreGoneAsync(orphans);
        orphans.UnionWith(Families()); // whom they have started since
        foreach (var orphan in orphans.Where(ProcessTable.Lives))
            Native.Signal(orphan.Id, Native.Kill);
        if (!await ProcessTable.AreGoneAsync(orphans))
            throw new StartFailure($"Processes of an earlier run do not end ({ProcessTable.Left(orphans)}): see what holds them, for example a disk that does not answer, then start again.");

        HashSet<ProcessIdentity> Families() => [.. entries.SelectMany(entry => ProcessTable.FamilyOf(entry.Identity, earlier.Run))];
    }

    private void Write() => PrivateFile.Write(_file, JsonSerializer.Serialize(new Content(ProcessTable.Boot, _run, [.. _entries.Values])));

    /// <param name="Boot">The boot of the machine in which ids and start times mean something.</param>
    private sealed record Content(string Boot, string Run, IReadOnlyList<Entry> Processes);

    private sealed record Entry(string Name, int Id, long StartTime, int StopSignal)
    {
        [JsonIgnore]
        public ProcessIdentity Identity => new(Id, StartTime);
    }
}

using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>A process and no other: ids are used again, an id with its start time is not.</summary>
internal sealed record ProcessIdentity(int Id, long StartTime);

/// <summary>The processes of the machine as <c>/proc</c> shows them.</summary>
internal static class ProcessTable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    public static string Boot { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Clock ticks since the boot; null when nobody has the id, or only a dead one that nobody has fetched.</summary>
    public static long? StartTimeOf(int id) => Read(id)?.Identity.StartTime;

    public static bool Lives(ProcessIdentity process) => StartTimeOf(process.Id) == process.StartTime;

    public static IEnumerable<ProcessIdentity> All() => Rows().Select(row => row.Identity);

    /// <summary>Waits for the end of processes that were told to end; false when some do not.</summary>
    public static async Task<bool> AreGoneAsync(IReadOnlyCollection<ProcessIdentity> processes)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        while (processes.Any(Lives))
        {
            if (clock.GetElapsedTime(start) > Patience)
                return false;
            await Task.Delay(Glance);
        }

        return true;
    }

    /// <summary>The ids of those that still live, for a sentence.</summary>
    public static string Left(IEnumerable<ProcessIdentity> processes) =>
        string.Join(", ", processes.Where(Lives).Select(process => process.Id.ToString(CultureInfo.InvariantCulture)));

    /// <summary>
    /// The process and its descendants. When it is gone itself, those of its session that carry the run's mark: until the last of
    /// them is gone, its id is not given to another one.
    /// </summary>
    public static IReadOnlyCollection<ProcessIdentity> FamilyOf(ProcessIdentity process, string run)
    {
        List<Row> all = [.. Rows()];
        var family = new HashSet<ProcessIdentity>();
        if (all.Any(row => row.Identity == process))
            Descend(process);
        else
            foreach (var row in all.Where(row => row.Session == process.Id && IsMarked(row.Identity.Id, run)))
                Descend(row.Identity);
        return family;

        void Descend(ProcessIdentity at)
        {
            if (!family.Add(at))
                return;
            foreach (var child in all.Where(row => row.Parent == at.Id || row.Session == at.Id))
                Descend(child.Identity);
        }
    }

    private static IEnumerable<Row> Rows() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
        .OfType<Row>();

    private static Row? Read(int id)
    {
        try
        {
            // The name stands in brackets and may hold anything; after it: state, parent, group, session, …, start time (the 22nd of all).
            var text = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X")
                return null;
            return new(new(id, long.Parse(fields[19], CultureInfo.InvariantCulture)), int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsMarked(int id, string run)
    {
        try
        {
            return File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/environ").Split('\0').Contains($"{ProcessRecord.RunVariable}={run}", StringComparer.Ordinal);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return false; // ended meanwhile, or of another user: none of ours
        }
    }

    private sealed record Row(ProcessIdentity Identity, int Parent, int Session);
}

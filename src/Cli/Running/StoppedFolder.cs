using System.Globalization;
using System.Text.Json;
using Ntm.Cli.Backups;

namespace Ntm.Cli.Running;

/// <summary>The data folder of a stopped system, for a command that changes what it has left: no start comes between.</summary>
internal static class StoppedFolder
{
    private const int TryAgain = 11; // EAGAIN: the file is locked
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    /// <summary>The folder's lock, which a run holds as well.</summary>
    /// <exception cref="CommandFailure">A run holds it, or a run that was killed has left processes that still serve these data.</exception>
    public static async Task<FileStream> TakeAsync(string folder, CancellationToken ct)
    {
        var held = Lock(folder);
        try
        {
            await DemandNoLeftoversAsync(folder, ct);
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException reason) when (reason.HResult == TryAgain)
        {
            throw new CommandFailure($"the system runs on {folder}: stop it first, or name another folder with --data.");
        }
    }

    /// <summary>
    /// The servers of a run that was killed are told to close and need a moment for it. Who does not end would go on writing what it
    /// answers into data that are put aside.
    /// </summary>
    private static async Task DemandNoLeftoversAsync(string folder, CancellationToken ct)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); LeftoversOf(folder) is { Count: > 0 } left; await Task.Delay(Glance, clock, ct))
        {
            if (clock.GetElapsedTime(start) > Patience)
                throw new CommandFailure($"a run that was killed has left processes on {folder} ({string.Join(", ", left)}): start ./run once, which ends them, and stop it again.");
        }
    }

    /// <summary>By <c>processes.json</c>, which a run writes before each process begins its work.</summary>
    private static List<string> LeftoversOf(string folder)
    {
        var file = Path.Combine(folder, "processes.json");
        if (!File.Exists(file)) return [];
        try
        {
            var record = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file));
            // Ids and start times of another boot mean nothing.
            if (record.GetProperty("Boot").GetString() != File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()) return [];
            return
            [
                .. record.GetProperty("Processes").EnumerateArray()
                    .Where(entry => Lives(entry.GetProperty("Id").GetInt32(), entry.GetProperty("StartTime").GetInt64()))
                    .Select(entry => $"{entry.GetProperty("Name")} {entry.GetProperty("Id")}"),
            ];
        }
        catch (Exception reason) when (reason is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CommandFailure($"{file} cannot be read, so nobody knows what a run that was killed has left: see that no process uses {folder}, and remove the file.");
        }
    }

    /// <summary>An id is given again, an id with its start time (clock ticks since the boot) is not; one that waits for its parent has ended.</summary>
    public static bool Lives(int id, long startTime)
    {
        try
        {
            // The name stands in brackets and may hold anything; after it come the state and, as the 22nd of all, the start time.
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is not ("Z" or "X") && long.Parse(fields[19], CultureInfo.InvariantCulture) == startTime;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

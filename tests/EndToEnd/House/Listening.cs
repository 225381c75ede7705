using System.Globalization;
using System.Net;

namespace Ntm.EndToEnd;

/// <summary>Where processes listen, as the kernel tells of their sockets.</summary>
internal static class Listening
{
    private const string Listen = "0A";

    /// <summary>The addresses on which any of the processes takes connections; one that ended meanwhile has none.</summary>
    public static IReadOnlyList<IPEndPoint> Of(IEnumerable<int> processes)
    {
        var sockets = processes.SelectMany(SocketsOf).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from file in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
               where File.Exists(file)
               from line in File.ReadLines(file).Skip(1)
               let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where fields[3] == Listen && sockets.Contains(fields[9])
               select EndPointOf(fields[1]),
        ];
    }

    /// <summary>Inodes of the process's sockets.</summary>
    private static IEnumerable<string> SocketsOf(int process)
    {
        try
        {
            return
            [
                .. Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Select(f => new FileInfo(f).LinkTarget ?? "")
                    .Where(t => t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t["socket:[".Length..^1]),
            ];
        }
        catch (IOException)
        {
            return []; // ended meanwhile
        }
    }

    /// <summary>Words of four bytes, each in the machine's order, then the port: <c>0100007F:1F90</c>.</summary>
    private static IPEndPoint EndPointOf(string written)
    {
        var (address, port) = (Convert.FromHexString(written.Split(':')[0]), int.Parse(written.Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (BitConverter.IsLittleEndian)
            for (var word = 0; word < address.Length; word += 4) Array.Reverse(address, word, 4);
        return new(new IPAddress(address), port);
    }
}

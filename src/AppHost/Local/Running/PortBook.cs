using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace Ntm.AppHost.Local;

/// <summary>
/// Gives out loopback ports; those of the servers are kept in the data folder from one start to the next. What is given out is bound only
/// seconds later: until then, and to the end of the run, no other run of this machine gets it.
/// </summary>
internal sealed class PortBook : IDisposable
{
    private readonly string _file;
    private readonly Dictionary<string, int> _kept;
    private readonly List<Socket> _claims = [];

    public PortBook(DataFolder data)
    {
        _file = Path.Combine(data.Root, "ports.json");
        _kept = File.Exists(_file) ? Read(File.ReadAllText(_file)) : [];
    }

    /// <summary>A damaged book is begun anew: it keeps nothing that cannot be drawn again.</summary>
    private static Dictionary<string, int> Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(text) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>The port that a start before this one had.</summary>
    public int? Kept(string name) => _kept.TryGetValue(name, out var port) ? port : null;

    public int Keep(string name)
    {
        if (_kept.TryGetValue(name, out var port) && Claim(port))
            return port;
        _kept[name] = Any();
        PrivateFile.Write(_file, JsonSerializer.Serialize(_kept));
        return _kept[name];
    }

    public int Fixed(int port, string resource, string remedy)
    {
        if (!Claim(port))
            throw new StartFailure($"Port {port}, wanted by {resource}, is taken by another program: stop that program, or {remedy}.");
        return port;
    }

    // Below the range from which the system takes ports for outgoing connections, so that a kept port stays free.
    public int Any()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (!_kept.ContainsValue(port) && Claim(port))
                return port;
        }

        throw new StartFailure("No free port was found between 20000 and 32000 on loopback: close programs that hold them.");
    }

    public void Dispose()
    {
        foreach (var claim in _claims)
            claim.Dispose();
    }

    /// <summary>A name that the system gives to one process at a time, and takes back when that is killed.</summary>
    private bool Claim(int port)
    {
        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0ntm-hub-port-{port}")));
        }
        catch (SocketException reason) when (reason.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            claim.Dispose();
            return false;
        }

        if (IsFree(port))
        {
            _claims.Add(claim);
            return true;
        }

        claim.Dispose();
        return false;
    }

    private static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && CanBind(IPAddress.IPv6Loopback, port);

    private static bool CanBind(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException reason)
        {
            // A machine without IPv6 is no reason to call a port taken.
            return reason.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;
        }
    }
}

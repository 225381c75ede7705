using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ntm.Bench;

/// <summary>
/// One kept HTTP/1.1 connection that sends prepared bytes and reads answers without looking at them: the client shares the cores
/// with what it measures, and a comfortable one would cost as much as the gateway.
/// </summary>
internal sealed class Wire(Uri target) : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[32 * 1024];
    private int filled;

    public static byte[] Request(HttpMethod method, Uri target, string path, string authorization, string headers = "", string body = "")
    {
        var bytes = Encoding.UTF8.GetByteCount(body);
        var length = bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {bytes}\r\n");
        return Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {target.Authority}\r\nAuthorization: {authorization}\r\n{headers}{length}\r\n{body}");
    }

    /// <summary>The status of the answer, after its last byte; and its text where it failed.</summary>
    public async Task<(int Status, string Failure)> SendAsync(byte[] request, CancellationToken ct)
    {
        if (!socket.Connected) await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, target.Port), ct);
        for (var sent = 0; sent < request.Length;) sent += await socket.SendAsync(request.AsMemory(sent), ct);
        filled = 0;
        int head;
        while ((head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0) await FillAsync(ct);
        var headers = Encoding.ASCII.GetString(buffer, 0, head + 2);
        var status = int.Parse(headers.AsSpan(9, 3), CultureInfo.InvariantCulture);
        if (Header(headers, "\r\nContent-Length: ") is { } length)
        {
            for (var end = head + 4 + int.Parse(length, CultureInfo.InvariantCulture); filled < end;) await FillAsync(ct);
        }
        else if (Header(headers, "\r\nTransfer-Encoding: ") is "chunked")
        {
            await ChunksAsync(head + 4, ct);
        }

        return (status, status is >= 200 and < 300 ? "" : Encoding.UTF8.GetString(buffer, 0, filled));
    }

    public void Dispose() => socket.Dispose();

    private static string? Header(string headers, string name)
    {
        var at = headers.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : headers[(at + name.Length)..headers.IndexOf("\r\n", at + name.Length, StringComparison.Ordinal)];
    }

    private async Task ChunksAsync(int at, CancellationToken ct)
    {
        while (true)
        {
            int line;
            while ((line = buffer.AsSpan(at, filled - at).IndexOf("\r\n"u8)) < 0) await FillAsync(ct);
            var size = int.Parse(Encoding.ASCII.GetString(buffer, at, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (at += line + 2 + size + 2; filled < at;) await FillAsync(ct);
            if (size == 0) return;
        }
    }

    private async Task FillAsync(CancellationToken ct)
    {
        if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        var read = await socket.ReceiveAsync(buffer.AsMemory(filled), ct);
        filled += read > 0 ? read : throw new IOException($"{target} closed the connection.");
    }
}

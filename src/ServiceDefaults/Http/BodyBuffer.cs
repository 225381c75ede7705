using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Ntm.ServiceDefaults;

/// <summary>
/// The body of a command, which is read twice: bound, and hashed for its receipt. What does not fit into memory lies on the disk meanwhile;
/// that this is full is told from a body that cannot be read, for which the framework takes every <see cref="IOException"/>.
/// </summary>
internal sealed class BodyBuffer(Stream body) : FileBufferingReadStream(body, MostInMemory)
{
    private const int MostInMemory = 30 * 1024;

    public static void Take(HttpContext http)
    {
        var buffer = new BodyBuffer(http.Request.Body);
        http.Request.Body = buffer;
        http.Response.RegisterForDispose(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException reason) when (StoreAway.IsFull(reason))
        {
            throw new DiskFull(reason);
        }
    }

    private sealed class DiskFull(IOException reason) : Exception("The body does not fit on the disk.", reason);
}

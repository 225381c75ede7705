using System.Security.Cryptography;
using System.Text;

namespace Ntm.ServiceDefaults;

/// <summary>Name-based UUIDs (RFC 9562, version 8, SHA-256): the same name gives the same id for ever.</summary>
public static class DeterministicId
{
    private static readonly Guid Namespace = new("6f0e2c52-9d5b-5c0e-8f43-1f5f8d0f2a11");

    public static Guid Of(params ReadOnlySpan<string> name)
    {
        var text = Encoding.UTF8.GetBytes(string.Join('\n', name));
        Span<byte> input = new byte[16 + text.Length];
        Namespace.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input[16..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

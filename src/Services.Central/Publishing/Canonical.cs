using System.Security.Cryptography;
using System.Text.Json;
using Ntm.ServiceDefaults;

namespace Ntm.Central.Publishing;

/// <summary>
/// The one JSON form of a published record: properties in the order of the record, camelCase, no blanks, Vietnamese letters as they
/// are, instants with +07:00. The same fact gives the same bytes for ever.
/// </summary>
public static class Canonical
{
    public static byte[] Utf8Of(object content) => JsonSerializer.SerializeToUtf8Bytes(content, content.GetType(), NtmJson.Http);

    public static byte[] HashOf(ReadOnlySpan<byte> utf8) => SHA256.HashData(utf8);
}

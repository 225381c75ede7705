using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ntm.Central.Feed;

/// <summary>What makes a resume token of this store and of no other. Made once, kept in the store, never logged.</summary>
/// <param name="Epoch">Changes when the store is made anew or restored: positions given out before mean nothing then.</param>
/// <param name="Key">Key of the HMAC.</param>
public sealed record FeedSecret(string Id, byte[] Epoch, byte[] Key)
{
    public const string TheOne = "feed";
    public const int EpochBytes = 16;

    public static FeedSecret Make() => new(TheOne, RandomNumberGenerator.GetBytes(EpochBytes), RandomNumberGenerator.GetBytes(32));

    public override string ToString() => nameof(FeedSecret);
}

/// <summary>A position in the feed that only this service can have written: form, epoch, position, HMAC-SHA256 of the three.</summary>
public static class ResumeToken
{
    private const byte Form = 1;
    private const int Signed = 1 + FeedSecret.EpochBytes + sizeof(long);
    public const int Length = Signed + HMACSHA256.HashSizeInBytes;

    public static byte[] Write(FeedSecret secret, long position)
    {
        var token = new byte[Length];
        token[0] = Form;
        secret.Epoch.CopyTo(token, 1);
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1 + FeedSecret.EpochBytes), position);
        HMACSHA256.HashData(secret.Key, token.AsSpan(0, Signed), token.AsSpan(Signed));
        return token;
    }

    /// <summary>
    /// Whether the token names another epoch than the present one. It may be of a store whose key is gone, so nobody vouches for that:
    /// all that it brings its holder is the advice to begin again.
    /// </summary>
    public static bool IsOfAnotherEpoch(FeedSecret secret, ReadOnlySpan<byte> token) =>
        token.Length == Length && token[0] == Form && !token.Slice(1, FeedSecret.EpochBytes).SequenceEqual(secret.Epoch);

    public static bool TryRead(FeedSecret secret, ReadOnlySpan<byte> token, out long position)
    {
        position = 0;
        if (token.Length != Length) return false;
        var claimed = BinaryPrimitives.ReadInt64BigEndian(token[(1 + FeedSecret.EpochBytes)..]);
        if (!CryptographicOperations.FixedTimeEquals(Write(secret, claimed), token)) return false;
        position = claimed;
        return true;
    }
}

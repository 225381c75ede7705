using System.Security.Cryptography;
using System.Text;
using Ntm.Appraisal.Dossiers;

namespace Ntm.Appraisal.Council;

/// <summary>The key of a session with a secret ballot. The count deletes it in its own transaction; without it no choice can be read.</summary>
public sealed record SessionKey(Guid Id, byte[] Key)
{
    public static SessionKey New(Guid session) => new(session, RandomNumberGenerator.GetBytes(SealedBallot.KeyLength));
}

/// <summary>
/// A secret choice as it is stored: AES-256-GCM over one byte, so that every choice has the same length, bound to session, dossier and
/// person, so that no vote can be put in another's place.
/// </summary>
public static class SealedBallot
{
    internal const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private static readonly string[] Choices = [CastVote.For, CastVote.Against, CastVote.Abstain];

    public static byte[] Seal(SessionKey key, Guid dossier, string person, string vote)
    {
        var choice = Array.IndexOf(Choices, vote);
        if (choice < 0) throw new ArgumentException("There is no such choice.", nameof(vote));
        var box = new byte[NonceLength + 1 + TagLength];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(key.Key, TagLength);
        cipher.Encrypt(box.AsSpan(0, NonceLength), [(byte)choice], box.AsSpan(NonceLength, 1), box.AsSpan(NonceLength + 1), Whose(key, dossier, person));
        return box;
    }

    /// <exception cref="CryptographicException">The vote was not sealed for this session, dossier and person under this key.</exception>
    public static string Open(SessionKey key, Guid dossier, string person, byte[] box)
    {
        if (box.Length != NonceLength + 1 + TagLength) throw new CryptographicException("A sealed vote has another length.");
        Span<byte> choice = stackalloc byte[1];
        using var cipher = new AesGcm(key.Key, TagLength);
        cipher.Decrypt(box.AsSpan(0, NonceLength), box.AsSpan(NonceLength, 1), box.AsSpan(NonceLength + 1), choice, Whose(key, dossier, person));
        return Choices[choice[0]];
    }

    private static byte[] Whose(SessionKey key, Guid dossier, string person) => Encoding.UTF8.GetBytes($"{key.Id}\n{dossier}\n{person}");
}

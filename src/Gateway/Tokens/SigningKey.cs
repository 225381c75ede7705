using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Ntm.Gateway.Tokens;

/// <summary>The RS256 key of the local issuer: made once, kept on disk for its owner only, so that tokens survive a restart.</summary>
public static class SigningKey
{
    private const string FileName = "token-signing.pem";
    private const int Bits = 2048;

    /// <summary>Reads the key of <paramref name="folder"/>, making it first if there is none.</summary>
    public static RsaSecurityKey LoadOrCreate(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) Create(folder, path);

        var rsa = RSA.Create();
        rsa.ImportFromPem(File.ReadAllText(path));
        var key = new RsaSecurityKey(rsa);
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }

    private static void Create(string folder, string path)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("The key of the local issuer needs file modes; set Ntm:Auth:Authority instead.");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var rsa = RSA.Create(Bits);
        var draft = Path.Combine(folder, Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(draft, options)) writer.Write(rsa.ExportPkcs8PrivateKeyPem());

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another gateway on the same folder was faster: its key is the one that counts.
            File.Delete(draft);
        }
    }
}

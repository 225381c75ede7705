using System.Runtime.Versioning;
using Ntm.Gateway.Tokens;

namespace Ntm.Gateway.Tests;

public sealed class SigningKeyTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public void The_second_start_finds_the_key_of_the_first()
    {
        var first = SigningKey.LoadOrCreate(folder);
        var second = SigningKey.LoadOrCreate(folder);
        Assert.Equal(first.KeyId, second.KeyId);
        Assert.Equal(2048, second.KeySize);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_owner_may_read_it()
    {
        SigningKey.LoadOrCreate(folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(folder))));
    }

    [Fact]
    public async Task Two_starts_at_once_end_with_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SigningKey.LoadOrCreate(folder).KeyId)));
        Assert.Single(keys.Distinct(StringComparer.Ordinal));
        Assert.Single(Directory.GetFiles(folder));
    }

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ntm.EndToEnd;

/// <summary>What the README offers for pasting is pasted here, with this house's ports and secret.</summary>
[Collection(OneHouse.Name)]
public sealed partial class ReadmeTests(House house)
{
    [Fact]
    public async Task The_tour_works_when_pasted()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(House.Repository, "README.md"), TestContext.Current.CancellationToken);
        var script = string.Join('\n', Block().Matches(readme).Select(m => m.Groups[1].Value))
            .Replace("http://127.0.0.1:8080", house.Gateway.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("127.0.0.1:8081", $"127.0.0.1:{house.Grpc.Port}", StringComparison.Ordinal)
            .Replace(".data/secrets/local-client-secret", house.SecretFile("local-client-secret"), StringComparison.Ordinal)
            .Replace("npm ci --prefix tests/clients", ":", StringComparison.Ordinal);
        var info = new ProcessStartInfo("bash", ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = House.Repository };
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        string?[] statuses = [.. Status().Matches(output).Select(m => m.Groups[1].Value)];
        Assert.Equal(["201", "200", "200", "403", "200"], statuses);
        foreach (var shown in (string[])["Xã", "xa-ntm-2021-2025", "own-figures", "\"approved\"", "notReported", "\"asOfPosition\"", "report-approved", "\"end\":\"idle\""])
            Assert.Contains(shown, output, StringComparison.Ordinal);
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^HTTP/1\.1 ([0-9]{3})", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Status();
}

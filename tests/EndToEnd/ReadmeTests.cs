using System.Text.RegularExpressions;

namespace Ntm.EndToEnd;

/// <summary>What the README offers for pasting is pasted here, with this house's ports and secret.</summary>
[Collection(OneHouse.Name)]
public sealed partial class ReadmeTests(House house)
{
    [Fact]
    public async Task The_tour_works_when_pasted()
    {
        var blocks = Documents.BlocksOf("README.md").Where(b => b.Reason.Length == 0).ToList();
        var output = await Documents.PasteAsync(house, string.Join('\n', blocks.Select(b => b.Commands)), TestContext.Current.CancellationToken);
        string?[] statuses = [.. Status().Matches(output).Select(m => m.Groups[1].Value)];
        Assert.Equal(["201", "200", "200", "403", "200"], statuses);
        foreach (var shown in blocks.SelectMany(b => b.Shows)) Assert.Contains(shown, output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^HTTP/1\.1 ([0-9]{3})", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Status();
}

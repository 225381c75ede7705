using System.Text.RegularExpressions;

namespace Ntm.Architecture.Tests;

/// <summary>What the documents show of the code is in the code, line for line, and what they link to exists.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents =>
        ["README.md", .. Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Repository.Root, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_block_of_code_is_a_quotation(string document)
    {
        foreach (Match block in Block().Matches(Repository.Read(document)))
        {
            var (source, language, quoted) = (block.Groups["source"].Value, block.Groups["language"].Value, Lines(block.Groups["text"].Value));
            // Commands are run by the end-to-end tests; plain text is prose or a drawing.
            if (language is "bash" or "text" or "") continue;
            Assert.True(source.Length > 0, $"{document} shows {language} without saying from where: put <!-- from: path --> above it.\n{block.Value}");
            var lines = Lines(Repository.Read(source));
            Assert.True(
                Enumerable.Range(0, Math.Max(0, lines.Length - quoted.Length + 1)).Any(at => Same(lines.AsSpan(at, quoted.Length), quoted)),
                $"{document} quotes {source} with lines that are not there:\n{string.Join('\n', quoted)}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(document))!;
        foreach (Match link in Link().Matches(Repository.Read(document)))
        {
            var target = link.Groups[1].Value;
            if (target.Contains("://", StringComparison.Ordinal)) continue;
            Assert.True(Path.Exists(Path.Combine(folder, target)), $"{document} links to {target}, which does not exist.");
        }
    }

    [Fact]
    public void Every_decision_is_in_the_index()
    {
        var index = Repository.Read("docs/adr/README.md");
        foreach (var file in Directory.GetFiles(Repository.PathOf("docs/adr"), "0*.md"))
            Assert.Contains($"({Path.GetFileName(file)})", index, StringComparison.Ordinal);
    }

    /// <summary>Indentation and the breaks at a block's ends are the document's own.</summary>
    private static string[] Lines(string text) => [.. text.Trim('\n').Split('\n').Select(line => line.Trim())];

    private static bool Same(ReadOnlySpan<string> lines, string[] quoted) => lines.SequenceEqual(quoted);

    [GeneratedRegex(@"(?:<!-- from: (?<source>\S+) -->\n+)?^```(?<language>\w*)\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}

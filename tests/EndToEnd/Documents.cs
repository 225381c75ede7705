using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ntm.EndToEnd;

/// <summary>A block of commands in a document.</summary>
/// <param name="Reason">Why it is not run as it stands; empty when it is run.</param>
/// <param name="Shows">What its output must hold.</param>
public sealed record CommandBlock(string Document, string Commands, string Reason, IReadOnlyList<string> Shows);

/// <summary>
/// The commands that README.md and docs/ offer. A block of <c>bash</c> is run, or the comment <c>&lt;!-- not run here: reason --&gt;</c> above it
/// says why not; <c>&lt;!-- shows: text --&gt;</c> above it names what its output holds. A command in running text stands in a block that is
/// run too, or the comment <c>&lt;!-- not run here: `command`: reason --&gt;</c> anywhere in its document says why not.
/// </summary>
internal static partial class Documents
{
    public static IReadOnlyList<string> All { get; } =
        ["README.md", .. Directory.GetFiles(Path.Combine(House.Repository, "docs"), "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(House.Repository, f)).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<CommandBlock> BlocksOf(string document) =>
    [
        .. Block().Matches(Read(document)).Select(m =>
        {
            var comments = Comment().Matches(m.Groups["comments"].Value).Select(c => (Kind: c.Groups["kind"].Value, Text: c.Groups["text"].Value.Trim())).ToList();
            return new CommandBlock(
                document, m.Groups["commands"].Value, string.Join(' ', comments.Where(c => c.Kind == "not run here" && !c.Text.StartsWith('`')).Select(c => c.Text)),
                [.. comments.Where(c => c.Kind == "shows").Select(c => c.Text)]);
        }),
    ];

    /// <summary>Commands in running text of the document for which there is neither a block that is run nor a reason.</summary>
    public static IEnumerable<string> Unproven(string document)
    {
        var text = Read(document);
        var excused = Comment().Matches(text).Select(c => c.Groups["text"].Value.Trim()).Where(t => t.StartsWith('`')).Select(t => t[1..t.IndexOf('`', 1)]).ToHashSet(StringComparer.Ordinal);
        var run = All.SelectMany(BlocksOf).Where(b => b.Reason.Length == 0).SelectMany(b => b.Commands.Split('\n')).Select(line => line.Trim()).ToList();
        var prose = Comment().Replace(Fence().Replace(text, ""), "");
        return Inline().Matches(prose).Select(m => m.Groups["command"].Value).Distinct(StringComparer.Ordinal)
            .Where(command => !excused.Contains(command) && !run.Exists(line => AsTyped(command) is var typed && (line == typed || line.StartsWith($"{typed} ", StringComparison.Ordinal))));
    }

    /// <summary>Pastes the commands into a shell, with this house's ports, folder and tools; a command that fails ends it.</summary>
    public static async Task<string> PasteAsync(House house, string commands, CancellationToken ct)
    {
        var script = commands
            .Replace("http://127.0.0.1:8080", house.Gateway.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("127.0.0.1:8081", house.Grpc.Authority, StringComparison.Ordinal)
            .Replace(".data/", $"{house.Folder}/", StringComparison.Ordinal)
            // ./ntm takes what ./run built; here is what the tests built.
            .Replace("./ntm ", $"dotnet {NtmCommand.Program} ", StringComparison.Ordinal)
            // ./test has installed the client already.
            .Replace("npm ci --prefix tests/clients", ":", StringComparison.Ordinal);
        var info = new ProcessStartInfo("bash", ["-e", "-o", "pipefail", "-c", $"exec 2>&1\n{script}"]) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = House.Repository };
        info.Environment["NTM_DATA"] = house.Folder;
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        Assert.True(process.ExitCode == 0, $"Exit code {process.ExitCode}:\n{output}");
        return output;
    }

    /// <summary>In running text the program is called by its name alone.</summary>
    private static string AsTyped(string command) => command.StartsWith("ntm ", StringComparison.Ordinal) ? $"./{command}" : command;

    private static string Read(string document) => File.ReadAllText(Path.Combine(House.Repository, document));

    [GeneratedRegex(@"(?<comments>(?:^<!-- [^\n]*? -->\n+)*)^```bash\n(?<commands>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"<!-- (?<kind>not run here|shows): (?<text>.*?) -->", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Fence();

    /// <summary>Programs of the checkout and of the machine, also behind variables that are set for them alone.</summary>
    [GeneratedRegex(@"`(?<command>(?:[A-Za-z_]+=[^ `\n]* )*(?:\./[a-z]|bench/report\b|ntm |curl |dotnet |npm |node |psql )[^`\n]*)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Inline();
}

using System.Text.RegularExpressions;

namespace Ntm.Architecture.Tests.Operations;

/// <summary><c>./run</c> and <c>./ntm</c>, each in a checkout of its own: as every document offers them, and wherever one stands.</summary>
public sealed partial class ScriptTests : IDisposable
{
    /// <summary>
    /// What <c>./run</c> hands over for each of its calls: the arguments of the AppHost, the data folder in the checkout, and the language of the
    /// demonstration. A call that a document offers, and an option that the help names, stands here.
    /// </summary>
    private static readonly Dictionary<string, (string Arguments, string Data, string? Demonstration)> Starts = new(StringComparer.Ordinal)
    {
        ["./run"] = ("", ".data", null),
        ["NTM_DATA=elsewhere ./run"] = ("", "elsewhere", null),
        ["./run --demo"] = ("", ".data-demo", "vi"),
        ["./run --demo --lang en"] = ("", ".data-demo", "en"),
        ["./run --port-base 9000"] = (" --port-base 9000", ".data", null),
        ["./run --infra external"] = (" --infra external", ".data", null),
        ["./run --reset --yes"] = (" --reset true", ".data", null),
    };

    /// <summary>Calls that start nothing, and what they say.</summary>
    private static readonly Dictionary<string, (int Code, string Says)> Others = new(StringComparer.Ordinal)
    {
        ["./run --reset"] = (1, "there is no terminal to ask on: add --yes."),
        ["./run --install-servers"] = (0, ""),
        ["./run --help"] = (0, "--port-base N  the fixed ports begin here"),
    };

    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-script-").FullName;

    public static TheoryData<string> Runs => [.. Calls];

    private static IEnumerable<string> Calls => Starts.Keys.Concat(Others.Keys);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_call_of_run_that_a_document_offers_and_every_option_is_tried_here()
    {
        Assert.Contains("./run --demo", Offered("run"));
        Assert.Empty(Offered("run").Except(Calls, StringComparer.Ordinal));
        var script = Repository.Read("run");
        string[] options = [.. Option().Matches(script[script.IndexOf("read_arguments()", StringComparison.Ordinal)..script.IndexOf("choose_data()", StringComparison.Ordinal)]).Select(m => m.Groups[1].Value)];
        Assert.Contains("--port-base", options);
        Assert.All(options, option => Assert.Contains(Calls, call => call.Split(' ').Contains(option, StringComparer.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Run_builds_and_hands_over_to_the_program_what_it_was_told(string call)
    {
        var checkout = CheckOut("run", "global.json");
        // As an earlier start left it: the dashboard is there.
        Stub(Path.Combine(checkout, ".tools/aspire/bundle/managed/aspire-managed"), "");
        var (code, output, errors, calls) = await CallAsync(checkout, call);
        if (!Starts.TryGetValue(call, out var start))
        {
            Assert.Equal(Others[call].Code, code);
            Assert.Contains(Others[call].Says, output + errors, StringComparison.Ordinal);
            Assert.DoesNotContain(calls, c => c.StartsWith("build", StringComparison.Ordinal) || c.Contains("Ntm.AppHost.dll", StringComparison.Ordinal));
            return;
        }

        Assert.True(code == 0, errors);
        var data = Path.Combine(checkout, start.Data);
        var told = start.Demonstration is { } language ? $"NTM_DATA={data} NTM_LANG={language} Ntm__Demonstration=true" : $"NTM_DATA={data}";
        Assert.Equal(
            [
                $"--version | {told}",
                // Its servers would outlive the run.
                $"build {checkout}/src/AppHost/AppHost.csproj -c Release -v quiet -nologo -p:UseSharedCompilation=false | DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 {told}",
                $"{checkout}/src/AppHost/bin/Release/net10.0/Ntm.AppHost.dll{start.Arguments} | {told}",
            ],
            calls);
        Assert.Equal($"Building\nStarting everything as local processes (data in {data})\n", output);
    }

    [Fact]
    public async Task A_build_that_fails_is_shown_and_nothing_is_started()
    {
        var checkout = CheckOut("run", "global.json");
        Stub(Path.Combine(checkout, ".tools/aspire/bundle/managed/aspire-managed"), "");
        var (code, _, errors, calls) = await CallAsync(checkout, "./run", dotnet: "[ \"$1\" != build ] || { echo 'error CS1002: ; expected'; exit 1; }");
        Assert.Equal(1, code);
        Assert.Contains("error CS1002: ; expected\nThe build failed: the reason is above.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(calls, c => c.Contains("Ntm.AppHost.dll", StringComparison.Ordinal));
    }

    /// <summary>On a folder where nothing runs, so that each ends with what it misses; none is left unread.</summary>
    [Fact]
    public async Task Every_command_of_ntm_that_a_document_offers_is_understood()
    {
        var checkout = CheckOutNtm();
        var offered = Offered("ntm").ToList();
        Assert.Contains("./ntm parked list", offered);
        await Parallel.ForEachAsync(offered, TestContext.Current.CancellationToken, async (command, _) =>
        {
            var (code, output, errors) = await Programs.RunAsync("bash", ["-c", $"cd '{checkout}' && {command}"], Environment(("TMPDIR", folder)));
            // A name alone, as the documents call a command, may want more.
            var isName = command.Split(' ').Length <= 2;
            Assert.False(errors.Contains("nrecognized", StringComparison.Ordinal) || errors.Contains("not recognized", StringComparison.Ordinal), $"{command}: {errors}");
            Assert.True(isName || (code != 0 && errors.Length > 0 && !output.Contains("Usage:", StringComparison.Ordinal)), $"{command}: {code}\n{errors}{output}");
        });
    }

    [Fact]
    public async Task Each_command_that_its_help_names_stands_in_the_operators_handbook()
    {
        var (code, output, _) = await Programs.RunAsync(Path.Combine(CheckOutNtm(), "ntm"), ["--help"], Environment());
        Assert.Equal(0, code);
        string[] commands = [.. output[output.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim().Split(' ')[0]).Where(name => name.Length > 0)];
        Assert.Superset(new HashSet<string>(["provision", "demo", "check", "restore"]), commands.ToHashSet());
        var handbook = Repository.Read("docs/operations.md");
        Assert.All(commands, name => Assert.Contains($"`./ntm {name}`", handbook, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "checkout/.data")]
    [InlineData("/elsewhere/data", "/elsewhere/data")]
    public async Task It_takes_the_data_folder_of_its_checkout_unless_it_is_told_another(string? given, string expected)
    {
        var checkout = CheckOut("ntm");
        Directory.CreateDirectory(Path.Combine(checkout, "src/Cli/bin/Release/net10.0"));
        await File.WriteAllTextAsync(Path.Combine(checkout, "src/Cli/bin/Release/net10.0/Ntm.Cli.dll"), "", TestContext.Current.CancellationToken);
        Stub(Path.Combine(folder, "bin/dotnet"), "echo \"$NTM_DATA\"");
        var (_, output, _) = await Programs.RunAsync("bash", ["-c", $"cd / && '{checkout}/ntm' check"], Environment(("NTM_DATA", given)));
        Assert.Equal(Path.Combine(folder, expected), output.Trim());
    }

    [Theory]
    [InlineData("1024", true)]
    [InlineData("20000", true)]
    [InlineData("65533", true)]
    [InlineData("1023", false)]
    [InlineData("65534", false)]
    public async Task The_fixed_ports_may_begin_anywhere_where_all_three_are_ports(string portBase, bool taken)
    {
        var (code, output, errors) = await Programs.RunAsync("bash", [Repository.PathOf("run"), "--port-base", portBase, "--help"], new Dictionary<string, string?>(StringComparer.Ordinal));
        Assert.Equal(taken ? 0 : 1, code);
        Assert.Contains(taken ? "--port-base N" : "from 1024 to 65533", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_other_servers_keep_are_not_said_to_be_deleted()
    {
        // Were it not refused, it would end here at the latest.
        Stub(Path.Combine(folder, "bin/dotnet"), "exit 1");
        var environment = Environment(("NTM_DATA", Path.Combine(folder, "data")));
        foreach (var arguments in (string[][])[["--reset", "--yes", "--infra", "external"], ["--infra", "external", "--reset"]])
        {
            var (code, output, errors) = await Programs.RunAsync("bash", [Repository.PathOf("run"), .. arguments], environment);
            Assert.Equal(1, code);
            Assert.Equal("", output);
            Assert.StartsWith("--reset deletes what this house keeps itself, and with --infra external", Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
        }
    }

    /// <summary>The calls of a script that README.md and docs/ offer, in running text and in blocks.</summary>
    private static IEnumerable<string> Offered(string script) => Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Append(Repository.PathOf("README.md"))
        .Select(file => Comment().Replace(File.ReadAllText(file), ""))
        .SelectMany(text => InText().Matches(text).AsEnumerable().Concat(InBlock().Matches(text)))
        .Where(m => m.Groups["script"].Value == script).Select(m => m.Groups["call"].Value.Trim()).Distinct(StringComparer.Ordinal);

    private string CheckOut(params string[] files)
    {
        var checkout = Directory.CreateDirectory(Path.Combine(folder, "checkout")).FullName;
        foreach (var file in files) File.Copy(Repository.PathOf(file), Path.Combine(checkout, file));
        return checkout;
    }

    /// <summary>The checkout as ./run leaves it, with the program that was built for the tests.</summary>
    private string CheckOutNtm()
    {
        var checkout = CheckOut("ntm");
        Directory.CreateDirectory(Path.Combine(checkout, "src/Cli/bin/Release"));
        Directory.CreateSymbolicLink(Path.Combine(checkout, "src/Cli/bin/Release/net10.0"), Path.GetDirectoryName(Programs.Cli)!);
        return checkout;
    }

    /// <summary>Pastes a call of ./run into a shell in the checkout; answers also with what it called of .NET, each with what matters of the environment.</summary>
    /// <param name="dotnet">What the stand-in for .NET does beside noting how it was called.</param>
    private async Task<(int Code, string Output, string Errors, string[] Calls)> CallAsync(string checkout, string call, string dotnet = "")
    {
        var calls = Path.Combine(folder, "calls");
        Stub(
            Path.Combine(folder, "bin/dotnet"),
            $"""
            echo "$* | $(env | grep -E '^(NTM_|Ntm__|MSBUILDDISABLENODEREUSE=|DOTNET_CLI_USE_)' | LC_ALL=C sort | paste -sd ' ')" >> '{calls}'
            {dotnet}
            """);
        // Whatever this machine lacks, nothing is installed here.
        foreach (var program in (string[])["apt-get", "sudo", "npm"]) Stub(Path.Combine(folder, "bin", program), "exit 1");
        var (code, output, errors) = await Programs.RunAsync("bash", ["-c", $"cd '{checkout}' && {call}"], Environment());
        return (code, output, errors, File.Exists(calls) ? await File.ReadAllLinesAsync(calls, TestContext.Current.CancellationToken) : []);
    }

    private static void Stub(string program, string commands)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        File.WriteAllText(program, $"#!/bin/sh\n{commands}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The environment of these tests, with the stand-ins first, and without what would tell the scripts anything.</summary>
    private Dictionary<string, string?> Environment(params (string Name, string? Value)[] settings)
    {
        var environment = System.Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("NTM_", StringComparison.Ordinal) || name.StartsWith("Ntm__", StringComparison.Ordinal) || name.StartsWith("ConnectionStrings__", StringComparison.Ordinal)
                || name is "MSBUILDDISABLENODEREUSE" || name.StartsWith("DOTNET_CLI_USE_", StringComparison.Ordinal))
            .ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        environment["PATH"] = $"{folder}/bin:{System.Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in settings) environment[name] = value;
        return environment;
    }

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"`(?<call>(?:[A-Za-z_]+=\S* )*\./(?<script>run|ntm)\b[^`]*)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InText();

    [GeneratedRegex(@"^(?<call>(?:[A-Za-z_]+=\S* )*\./(?<script>run|ntm)\b.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InBlock();

    [GeneratedRegex(@"^ +(--[a-z-]+)(?: \| -h)?\)", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Option();
}

using System.Diagnostics;

namespace Ntm.Architecture.Tests.Operations;

/// <summary><c>./ntm</c> is the command of its own checkout, wherever one stands.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-script-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Each_command_that_its_help_names_stands_in_the_operators_handbook()
    {
        // The checkout as ./run leaves it, with the program that was built for the tests.
        var checkout = Directory.CreateDirectory(Path.Combine(folder, "checkout")).FullName;
        File.Copy(Repository.PathOf("ntm"), Path.Combine(checkout, "ntm"));
        Directory.CreateDirectory(Path.Combine(checkout, "src/Cli/bin/Release"));
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        Directory.CreateSymbolicLink(Path.Combine(checkout, "src/Cli/bin/Release/net10.0"), Repository.PathOf($"src/Cli/bin/{configuration}/net10.0"));

        var info = new ProcessStartInfo(Path.Combine(checkout, "ntm"), ["--help"]) { UseShellExecute = false, RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
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
        var checkout = Directory.CreateDirectory(Path.Combine(folder, "checkout")).FullName;
        File.Copy(Repository.PathOf("ntm"), Path.Combine(checkout, "ntm"));
        Directory.CreateDirectory(Path.Combine(checkout, "src/Cli/bin/Release/net10.0"));
        await File.WriteAllTextAsync(Path.Combine(checkout, "src/Cli/bin/Release/net10.0/Ntm.Cli.dll"), "", TestContext.Current.CancellationToken);
        var dotnet = Path.Combine(folder, "dotnet");
        await File.WriteAllTextAsync(dotnet, "#!/bin/sh\necho \"$NTM_DATA\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var info = new ProcessStartInfo("bash", [Path.Combine(checkout, "ntm"), "check"]) { WorkingDirectory = "/", UseShellExecute = false, RedirectStandardOutput = true };
        info.Environment["PATH"] = $"{folder}:{info.Environment["PATH"]}";
        info.Environment.Remove("NTM_DATA");
        if (given is not null) info.Environment["NTM_DATA"] = given;
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
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
        var dotnet = Path.Combine(folder, "dotnet");
        await File.WriteAllTextAsync(dotnet, "#!/bin/sh\nexit 1\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}",
            ["NTM_DATA"] = Path.Combine(folder, "data"),
        };
        foreach (var arguments in (string[][])[["--reset", "--yes", "--infra", "external"], ["--infra", "external", "--reset"]])
        {
            var (code, output, errors) = await Programs.RunAsync("bash", [Repository.PathOf("run"), .. arguments], environment);
            Assert.Equal(1, code);
            Assert.Equal("", output);
            Assert.StartsWith("--reset deletes what this house keeps itself, and with --infra external", Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
        }
    }
}

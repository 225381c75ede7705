using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ntm.EndToEnd;

/// <summary><c>--reset</c> deletes what a run has made in its own folder, and nothing else.</summary>
public sealed class ResetTests : IDisposable
{
    private readonly string folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"ntm-hub-reset-{Path.GetRandomFileName()}")).FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task All_data_of_the_folder_are_deleted_and_the_start_goes_on()
    {
        File.WriteAllText(Path.Combine(folder, "kind"), "real");
        string[] ours = ["postgres/data/PG_VERSION", "rabbitmq/mnesia/x", "keys/k", "secrets/postgres-password", "logs/criteria.log", "ports.json",
            "broker-definitions.json", "broker-accounts.json", "restoring", "restore.unfinished/secrets/x", "replaced-20260102T030405Z/postgres/data/PG_VERSION"];
        foreach (var file in ours.Append("notes.txt").Append("replaced-by-me/notes.txt"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), "{}");
        }

        // A taken port ends the start right after the reset: no server has to run for this test.
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (code, output) = await StartAsync(["--reset", "true"], port);
        Assert.Equal(1, code);
        Assert.Contains("begins with nothing", output, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Port {port}, wanted by gateway, is taken by another program"), output, StringComparison.Ordinal);
        Assert.DoesNotContain(ours, file => File.Exists(Path.Combine(folder, file)) && File.ReadAllText(Path.Combine(folder, file)) == "{}");
        Assert.True(File.Exists(Path.Combine(folder, "notes.txt")) && File.Exists(Path.Combine(folder, "replaced-by-me/notes.txt")));
        Assert.Equal(["replaced-by-me"], Directory.GetDirectories(folder, "re*").Select(Path.GetFileName));
        Assert.Equal("real", File.ReadAllText(Path.Combine(folder, "kind")));
    }

    [Fact]
    public async Task A_folder_without_our_mark_is_not_touched()
    {
        Directory.CreateDirectory(Path.Combine(folder, "secrets"));
        File.WriteAllText(Path.Combine(folder, "secrets/mine"), "mine");
        var (code, output) = await StartAsync(["--reset", "true"], 1);
        Assert.Equal(1, code);
        Assert.Contains("nothing was deleted", output, StringComparison.Ordinal);
        Assert.Equal("secrets", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(folder))));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(folder, "secrets/mine")));
    }

    [Fact]
    public async Task A_folder_that_a_run_holds_is_not_touched()
    {
        File.WriteAllText(Path.Combine(folder, "kind"), "real");
        File.WriteAllText(Path.Combine(folder, "ports.json"), "{}");
        using var held = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var (code, output) = await StartAsync(["--reset", "true"], 1);
        Assert.Equal(1, code);
        Assert.Contains("in use by another run", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "ports.json")));
    }

    [Fact]
    public async Task The_question_comes_first_and_only_yes_is_yes()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NTM_DATA"] = folder };
        var (code, output) = await Shell.TryAsync(Path.Combine(House.Repository, "run"), ["--reset"], environment);
        Assert.Equal(1, code);
        Assert.Contains("add --yes", output, StringComparison.Ordinal);
        // On a terminal: "script" gives it one.
        (code, output) = await Shell.TryAsync("sh", ["-c", "echo n | script -qec './run --reset' /dev/null"], environment);
        Assert.Equal(1, code);
        Assert.Contains("[y/N]", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was deleted.", output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> StartAsync(string[] arguments, int port) => Shell.TryAsync(
        "dotnet",
        [House.AppHost, .. arguments],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NTM_DATA"] = folder,
            ["GATEWAY_HTTP_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["ASPIRE_DASHBOARD_PATH"] = "/nonexistent",
        });
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>Before the first process runs: the folder is taken, the ports are given out, and what cannot be is said in one sentence.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-start-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_fixed_port_is_taken_before_any_other_is_kept_or_drawn()
    {
        var port = Enumerable.Range(25_000, 1000).First(IsFree);
        File.WriteAllText(Path.Combine(folder, "ports.json"), JsonSerializer.Serialize(new Dictionary<string, int>(StringComparer.Ordinal) { ["first-http"] = port }));
        var builder = Builder();
        var first = builder.AddExecutable("first", "sleep", "/").WithHttpEndpoint();
        var second = builder.AddExecutable("second", "sleep", "/").WithHttpEndpoint(port: port);
        using var data = DataFolder.Open(builder);
        var narrator = new Narrator { Silent = true };
        var topology = new Topology(builder, data, await ProcessRecord.TakeOverAsync(data, narrator), narrator);
        await topology.PrepareAsync();
        Assert.Equal(port, second.GetEndpoint("http").Port);
        Assert.NotEqual(port, first.GetEndpoint("http").Port);
        foreach (var supervisor in topology.Supervisors) supervisor.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1")]
    [InlineData("null")]
    public void A_damaged_book_of_ports_is_begun_anew(string book)
    {
        File.WriteAllText(Path.Combine(folder, "ports.json"), book);
        using var data = DataFolder.Open(Builder());
        var ports = new PortBook(data);
        Assert.Null(ports.Kept("first-http"));
        Assert.Equal(ports.Keep("first-http"), new PortBook(data).Kept("first-http"));
    }

    [Fact]
    public void A_folder_that_another_holds_is_told_from_one_that_cannot_be_used()
    {
        using (DataFolder.Open(Builder()))
            Assert.Contains("is in use by another run", Assert.Throws<StartFailure>(() => DataFolder.Open(Builder())).Message, StringComparison.Ordinal);

        // As a full or broken disk does, this says no to whoever opens it.
        var file = Path.Combine(folder, "lock");
        File.Delete(file);
        File.CreateSymbolicLink(file, file);
        var failure = Assert.Throws<StartFailure>(() => DataFolder.Open(Builder()));
        Assert.StartsWith($"The data folder {folder} cannot be used (", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another run", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_ends_the_start_with_one_sentence()
    {
        Directory.CreateDirectory(Path.Combine(folder, "ports.json", "in the way"));
        var (code, _, errors) = await Programs.RunAsync("dotnet", [Programs.AppHost], new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["NTM_DATA"] = folder,
            ["GATEWAY_HTTP_PORT"] = FreePort(),
            ["GATEWAY_GRPC_PORT"] = FreePort(),
            ["ASPIRE_DASHBOARD_PATH"] = "/nonexistent",
        });
        Assert.Equal(1, code);
        Assert.StartsWith($"The data folder {folder} cannot be used (", errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }

    private DistributedApplicationBuilder Builder() => new([$"--NTM_DATA={folder}", "--ASPIRE_DASHBOARD_PATH=/nonexistent"]);

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}

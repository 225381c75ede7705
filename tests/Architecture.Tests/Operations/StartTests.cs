using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Ntm.AppHost;
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
        using var topology = new Topology(builder, data, await ProcessRecord.TakeOverAsync(data, narrator), narrator);
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
        using var ports = new PortBook(data);
        Assert.Null(ports.Kept("first-http"));
        var kept = ports.Keep("first-http");
        using var later = new PortBook(data);
        Assert.Equal(kept, later.Kept("first-http"));
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

    [Theory]
    [InlineData("NTM_REPLICAS", "0", "NTM_REPLICAS is '0' and must be a whole number from 1 on.")]
    [InlineData("GATEWAY_GRPC_PORT", "65536", "GATEWAY_GRPC_PORT is '65536' and must be a whole number from 1 to 65535.")]
    [InlineData("Parameters__criteria_password", "a;b", "The parameter 'criteria-password' cannot be taken as it is: allowed are letters (A to Z, a to z), digits, blanks within and !()*-./<>?@[]^_{|}~; set Parameters__criteria_password to such a value, or leave it out.")]
    [InlineData("Parameters__rabbitmq_password", "a#b", "The parameter 'rabbitmq-password' cannot be taken as it is: allowed are letters (A to Z, a to z), digits, blanks within and !()*-./<>?@[]^_{|}~; set Parameters__rabbitmq_password to such a value, or leave it out.")]
    public async Task What_the_environment_says_wrongly_ends_the_start_with_one_sentence_before_anything_runs(string variable, string value, string sentence)
    {
        var (code, output, errors) = await Programs.RunAsync("dotnet", [Programs.AppHost], new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["NTM_DATA"] = folder,
            ["GATEWAY_HTTP_PORT"] = FreePort(),
            ["GATEWAY_GRPC_PORT"] = FreePort(),
            ["ASPIRE_DASHBOARD_PATH"] = "/nonexistent",
            [variable] = value,
        });
        Assert.Equal(1, code);
        Assert.Equal(sentence, errors.Trim());
        if (variable.StartsWith("Parameters", StringComparison.Ordinal)) Assert.DoesNotContain(value, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "postgres")));
    }

    [Theory]
    [InlineData("NTM_REPLICAS", "abc")]
    [InlineData("NTM_REPLICAS", "-1")]
    [InlineData("NTM_REPLICAS", "1.5")]
    [InlineData("DASHBOARD_PORT", "none")]
    [InlineData("GATEWAY_HTTP_PORT", "0")]
    [InlineData("port-base", "65534")]
    public void What_is_no_number_is_named(string name, string value)
    {
        var (numbers, wrong) = Numbers.Of(new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build());
        Assert.Null(numbers);
        Assert.StartsWith($"{name} is '{value}' and must be a whole number from 1", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fixed_ports_follow_the_base_and_each_one_may_be_given_by_itself()
    {
        Assert.Equal(new Numbers(8080, 8081, 18888, 1), Numbers.Of(new ConfigurationBuilder().AddInMemoryCollection([new("NTM_REPLICAS", "")]).Build()).Numbers);
        Assert.Equal(
            new Numbers(9000, 7, 9002, 2),
            Numbers.Of(new ConfigurationBuilder().AddInMemoryCollection([new("port-base", "9000"), new("GATEWAY_GRPC_PORT", "7"), new("NTM_REPLICAS", "2")]).Build()).Numbers);
    }

    [Fact]
    public void A_port_that_one_run_was_given_and_does_not_use_yet_is_given_to_no_other_run()
    {
        const string Book = "ports.json";
        Directory.CreateDirectory(Path.Combine(folder, "second"));
        using var first = DataFolder.Open(Builder());
        using var second = DataFolder.Open(new DistributedApplicationBuilder([$"--NTM_DATA={folder}/second"]));
        using var later = new PortBook(second);
        int kept, drawn;
        using (var ports = new PortBook(first))
        {
            (kept, drawn) = (ports.Keep("criteria-http"), ports.Any());
            Assert.True(IsFree(kept) && IsFree(drawn));
            foreach (var port in (int[])[kept, drawn])
            {
                var refused = Assert.Throws<StartFailure>(() => later.Fixed(port, "gateway", "choose another"));
                Assert.StartsWith($"Port {port}, wanted by gateway, is taken", refused.Message, StringComparison.Ordinal);
            }

            // The copy of a data folder wants the same ports as the folder.
            File.Copy(Path.Combine(folder, Book), Path.Combine(folder, "second", Book));
            using var copy = new PortBook(second);
            Assert.Equal(kept, copy.Kept("criteria-http"));
            Assert.NotEqual(kept, copy.Keep("criteria-http"));
        }

        Assert.Equal(kept, later.Fixed(kept, "gateway", "choose another"));
        Assert.Equal(drawn, later.Fixed(drawn, "gateway", "choose another"));
    }

    [Theory]
    [InlineData(null, null, "localhost,127.0.0.1,::1")]
    [InlineData("", "", "localhost,127.0.0.1,::1")]
    [InlineData("corp.example", null, "corp.example,localhost,127.0.0.1,::1")]
    [InlineData(null, "corp.example", "corp.example,localhost,127.0.0.1,::1")]
    [InlineData("small", "capital", "small,localhost,127.0.0.1,::1")]
    public void Nobody_asks_for_what_is_on_this_machine_through_a_proxy(string? small, string? capital, string expected)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (small is not null) variables["no_proxy"] = small;
        if (capital is not null) variables["NO_PROXY"] = capital;
        ProcessEnvironment.SpareLoopback(variables);
        Assert.Equal(expected, variables["no_proxy"]);
        Assert.Equal(expected, variables["NO_PROXY"]);
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

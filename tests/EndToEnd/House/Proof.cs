using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Proof;

namespace Ntm.EndToEnd;

/// <summary>What <c>ntm check</c> and <c>ntm rebuild</c> say of a house.</summary>
internal static class Proof
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The services' own programs by the database that they are told of, built once and nothing of them started: starting five of them is
    /// nearly all that the command costs.
    /// </summary>
    private static readonly ConcurrentDictionary<string, Lazy<ServiceProgram>> Programs = new(StringComparer.Ordinal);

    /// <summary>Every read model of every service is the fold of its events; what is not is in the failure.</summary>
    public static async Task MustHoldAsync(House house)
    {
        var (code, output) = await RunAsync(house, "check");
        MustHold(code, output);
    }

    /// <summary>
    /// What a test class disposes of last, after each of its tests: whatever the test killed, filled up, emptied or restored, every read
    /// model of the house is the fold of its events, or the test that left one that is not is red. Asked of what the command runs in each
    /// service's program, in this process and so in a fraction of its time.
    /// </summary>
    public static async ValueTask MustHoldAfterTestAsync(House house)
    {
        // One that the test killed something of may be on its way up.
        await Until.TrueAsync(() => IsUpAsync(house), "the house is up after its tests", Patience);
        var clock = Stopwatch.StartNew();
        var said = await Task.WhenAll(Topology.Services.Select(service => CheckAsync(service, house.Database(service, $"{service}_owner", $"{service}-owner-password"))));
        MustHold(said.Max(s => s.Code), string.Concat(said.Select(s => s.Output)));
        TestContext.Current.SendDiagnosticMessage($"{TestContext.Current.Test?.TestDisplayName} was proved in {clock.Elapsed.TotalSeconds:F2} s");
    }

    /// <summary>Runs the command on the house; answers its exit code and all that it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(House house, string verb, params IEnumerable<string> services)
    {
        var said = await NtmCommand.RunAsync([verb, "--data", house.Folder, .. services]);
        return (said.Code, said.Output + said.Errors);
    }

    private static void MustHold(int code, string output)
    {
        Assert.True(code == ProofStep.Right, output);
        foreach (var service in Topology.Services) Assert.Contains($"{service}: 0 differences in ", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> CheckAsync(string service, string database)
    {
        var program = Programs.GetOrAdd(database, _ => new(() => ServiceProgram.Of(service, database), LazyThreadSafetyMode.PublicationOnly)).Value;
        await using var said = new StringWriter(CultureInfo.InvariantCulture);
        // What a test left locked is a failure of that test, not a wait without an end.
        using var inTime = new CancellationTokenSource(Patience);
        return (await ProofStep.RunAsync(program.Services, service, "check", said, said, inTime.Token), said.ToString());
    }

    private static async Task<bool> IsUpAsync(House house)
    {
        try
        {
            return (await house.Api.GetAsync("/health/system")).Status == 200;
        }
        catch (HttpRequestException)
        {
            // A gateway that is just being started.
            return false;
        }
    }
}

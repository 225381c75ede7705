using Ntm.Contracts;

namespace Ntm.EndToEnd;

/// <summary>
/// After whatever the tests of a class killed, filled up, emptied or restored, every read model is the fold of its events: the class is
/// named where it is not. Its tests leave no damage but what they mend themselves.
/// </summary>
public sealed class ProvedHouse<THouse>(THouse house) : IAsyncLifetime
    where THouse : House
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Until.TrueAsync(IsUpAsync, "the house is up after the class", TimeSpan.FromSeconds(60));
        await Proof.MustHoldAsync(house);
    }

    private async Task<bool> IsUpAsync()
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

/// <summary>What <c>ntm check</c> and <c>ntm rebuild</c> say of a house.</summary>
internal static class Proof
{
    /// <summary>Every read model of every service is the fold of its events; what is not is in the failure.</summary>
    public static async Task MustHoldAsync(House house)
    {
        var (code, output) = await RunAsync(house, "check");
        Assert.True(code == 0, output);
        foreach (var service in Topology.Services) Assert.Contains($"{service}: 0 differences in ", output, StringComparison.Ordinal);
    }

    /// <summary>Runs the command on the house; answers its exit code and all that it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(House house, string verb, params IEnumerable<string> services)
    {
        var said = await NtmCommand.RunAsync([verb, "--data", house.Folder, .. services]);
        return (said.Code, said.Output + said.Errors);
    }
}

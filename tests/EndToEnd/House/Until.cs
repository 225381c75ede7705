using System.Diagnostics;

namespace Ntm.EndToEnd;

/// <summary>Waits for something to become true; what does not come in time fails the test.</summary>
internal static class Until
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<bool> good, string what, TimeSpan? patience = null, Func<string>? explain = null) =>
        TrueAsync(() => Task.FromResult(good()), what, patience, explain);

    public static async Task TrueAsync(Func<Task<bool>> good, string what, TimeSpan? patience = null, Func<string>? explain = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await good())
        {
            if (clock.Elapsed > (patience ?? TimeSpan.FromSeconds(30))) Assert.Fail($"Not within {clock.Elapsed.TotalSeconds:F0} s: {what}. {explain?.Invoke()}");
            await Task.Delay(Glance);
        }
    }

    public static async Task<T> FoundAsync<T>(Func<Task<T?>> find, string what, TimeSpan? patience = null)
        where T : class
    {
        T? found = null;
        await TrueAsync(async () => (found = await find()) is not null, what, patience);
        return found!;
    }
}

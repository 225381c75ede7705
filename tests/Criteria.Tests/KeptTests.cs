using Microsoft.Extensions.Time.Testing;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>Units and sets are held in memory by one rule: nobody who asks after a write is told what was before it.</summary>
public sealed class KeptTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider clock = new();
    private int stored = 1;
    private int reads;

    [Fact]
    public async Task It_is_read_once_in_ten_seconds_or_at_a_change()
    {
        using var kept = Of(() => Task.CompletedTask);
        Assert.Equal((1, 1), (await kept.GetAsync(Ct), reads));
        stored = 2;
        Assert.Equal((1, 1), (await kept.GetAsync(Ct), reads));
        kept.Invalidate();
        Assert.Equal((2, 2), (await kept.GetAsync(Ct), reads));
        stored = 3;
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal((2, 2), (await kept.GetAsync(Ct), reads));
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal((3, 3), (await kept.GetAsync(Ct), reads));
    }

    [Fact]
    public async Task Who_asks_while_it_is_read_anew_waits_for_what_is_new()
    {
        TaskCompletionSource held = new(), begun = new();
        using var kept = Of(() => reads == 1 ? Task.CompletedTask : Hold());
        Assert.Equal(1, await kept.GetAsync(Ct));
        stored = 2;
        kept.Invalidate();
        var first = kept.GetAsync(Ct).AsTask();
        await begun.Task;
        var beside = kept.GetAsync(Ct).AsTask();
        Assert.False(beside.IsCompleted);
        held.SetResult();
        int[] told = await Task.WhenAll(first, beside);
        Assert.Equal([2, 2], told);
        Assert.Equal(2, reads);

        Task Hold()
        {
            begun.TrySetResult();
            return held.Task;
        }
    }

    [Fact]
    public async Task A_change_during_the_reading_is_read_by_the_next_one()
    {
        Kept<int>? kept = null;
        using (kept = Of(() =>
        {
            if (reads == 1)
            {
                stored = 2;
                kept!.Invalidate();
            }

            return Task.CompletedTask;
        }))
        {
            Assert.Equal(1, await kept.GetAsync(Ct));
            Assert.Equal(2, await kept.GetAsync(Ct));
        }
    }

    [Fact]
    public async Task A_reading_that_fails_is_tried_again()
    {
        using var kept = Of(() => reads == 1 ? throw new IOException("away") : Task.CompletedTask);
        await Assert.ThrowsAsync<IOException>(async () => await kept.GetAsync(Ct));
        Assert.Equal(1, await kept.GetAsync(Ct));
    }

    private Kept<int> Of(Func<Task> meanwhile) => new(
        0,
        async (_, _) =>
        {
            var read = stored;
            reads++;
            await meanwhile();
            return read;
        },
        clock);
}

using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Notifications.Tests;

/// <summary>However the deliveries of a channel come to hand, they are taken in as the broker numbered them, each once.</summary>
public sealed class DeliveryLineTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly List<string> taken = [];
    private readonly FakeTimeProvider clock = new();

    /// <summary>Any order of arrival, any of them failing in company, any of them no fact at all.</summary>
    [Property(MaxTest = 100)]
    public async Task They_are_taken_in_the_order_of_their_tags(int seed, byte count)
    {
        var random = new Random(seed);
        var (number, poison, other) = (count % 40 + 1, random.Next(1, 41), random.Next(1, 41));
        List<int> order = [];
        var line = new DeliveryLine(async group =>
        {
            await Task.Yield();
            var numbers = group.Select(Number).ToList();
            if (numbers.Contains(poison)) return null;
            // A group may end before one that has to be looked at by itself.
            var some = random.Next(numbers.Count + 1);
            lock (order) order.AddRange(numbers.Take(some));
            return some;
        }, Unexpected, clock);
        int[] arrivals = [.. Enumerable.Range(1, number)];
        random.Shuffle(arrivals);
        await Task.WhenAll(arrivals.Select(async n =>
        {
            line.Came((ulong)n);
            if (!await line.TurnAsync((ulong)n, n == other ? null : Fact(n), Ct))
            {
                await Task.Yield();
                lock (order) order.Add(n);
            }

            line.Ended((ulong)n);
        }));
        Assert.Equal(Enumerable.Range(1, number), order);
    }

    [Fact]
    public async Task Those_that_wait_side_by_side_are_taken_together()
    {
        var line = Line();
        line.Came(1);
        var second = Turn(line, 2);
        var third = Turn(line, 3);
        Assert.False(second.IsCompleted);

        await Turn(line, 1);
        await Task.WhenAll(second, third);

        Assert.Equal(["1", "2", "3"], taken.SelectMany(t => t.Split('+')));
        Assert.Contains(taken, t => t.Contains('+', StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_is_tried_again_holds_what_is_behind_it_until_it_has_ended()
    {
        var line = new DeliveryLine(group => Task.FromResult<int?>(Number(group[0]) == 1 ? null : Note(group)), Unexpected, clock);
        line.Came(1);
        Assert.False(await line.TurnAsync(1, Fact(1), Ct));
        var second = Turn(line, 2);

        Assert.False(await line.TurnAsync(1, Fact(1), Ct));
        Assert.False(second.IsCompleted);
        line.Ended(1);

        Assert.True(await second);
    }

    [Fact]
    public async Task One_that_ends_without_being_a_fact_lets_go_what_is_behind_it()
    {
        var line = Line();
        line.Came(1);
        var second = Turn(line, 2);
        Assert.False(second.IsCompleted);

        line.Ended(1);

        Assert.True(await second);
    }

    [Fact]
    public async Task What_is_given_up_is_not_overtaken()
    {
        var line = Line();
        line.Came(1);
        using var gone = new CancellationTokenSource();
        var second = line.TurnAsync(2, Fact(2), gone.Token);

        line.Close();
        line.Ended(1);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Empty(taken);
    }

    [Fact]
    public async Task One_that_never_came_is_not_waited_for_for_ever()
    {
        var line = Line();
        var seventh = Turn(line, 7);
        Assert.False(seventh.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.True(await seventh);
    }

    [Fact]
    public async Task What_cannot_even_be_tried_in_company_is_tried_alone_and_the_line_goes_on()
    {
        List<Exception> told = [];
        var line = new DeliveryLine(group => Number(group[0]) == 1 ? throw new InvalidOperationException("broken on purpose") : Task.FromResult<int?>(Note(group)), told.Add, clock);
        line.Came(1);

        Assert.False(await line.TurnAsync(1, Fact(1), Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct));
        var second = Turn(line, 2);
        line.Ended(1);

        Assert.True(await second.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        Assert.Equal("broken on purpose", Assert.Single(told).Message);
    }

    private static void Unexpected(Exception exception) => Assert.Fail($"{exception}");

    private DeliveryLine Line() => new(group => Task.FromResult<int?>(Note(group)), Unexpected, clock);

    private int Note(IReadOnlyList<Delivery> group)
    {
        taken.Add(string.Join('+', group.Select(Number)));
        return group.Count;
    }

    private static Task<bool> Turn(DeliveryLine line, int tag)
    {
        line.Came((ulong)tag);
        return line.TurnAsync((ulong)tag, Fact(tag), Ct);
    }

    private static Delivery Fact(int number) => new(Sample.Imported with { Units = number }, null, Replay: null, null);

    private static int Number(Delivery delivery) => ((Contracts.Criteria.RegisterImported)delivery.Fact).Units;
}

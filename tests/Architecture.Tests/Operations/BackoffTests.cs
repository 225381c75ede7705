using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>How long a child that ended is left dead: never so long that it is not back within 15 s.</summary>
public sealed class BackoffTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(6);

    [Fact]
    public void What_came_up_is_started_again_at_once_however_often_it_is_killed()
    {
        var backoff = new Backoff();
        for (var kill = 0; kill < 20; kill++) Assert.Equal(Backoff.Shortest, backoff.AfterLifeOf(Start, wasHealthy: true));
    }

    [Fact]
    public void What_does_not_come_up_waits_longer_each_time_and_not_for_ever()
    {
        var backoff = new Backoff();
        Assert.Equal([0.5, 1, 2, 4, 8, 8, 8], Enumerable.Range(0, 7).Select(_ => backoff.AfterLifeOf(Start, wasHealthy: false).TotalSeconds));
        Assert.Equal(7, backoff.Failures);
        Assert.True(Backoff.Longest + Start < TimeSpan.FromSeconds(15));
        Assert.Equal(Backoff.Shortest, backoff.AfterLifeOf(Start, wasHealthy: true));
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.AfterLifeOf(Start, wasHealthy: false));
    }

    [Fact]
    public void What_ends_at_once_was_never_up_even_if_somebody_answered_at_its_port()
    {
        var backoff = new Backoff();
        backoff.AfterLifeOf(TimeSpan.FromSeconds(0.2), wasHealthy: true);
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.AfterLifeOf(TimeSpan.FromSeconds(0.2), wasHealthy: true));
    }
}

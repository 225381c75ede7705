using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Daemon.Internals;
using Marten.Subscriptions;
using Ntm.Central.Publishing;

namespace Ntm.Central.Feed;

/// <summary>Wakes all open pulls at once. It carries nothing: each reads the store from its own position.</summary>
internal sealed class FeedSignal
{
    private TaskCompletionSource current = New();

    /// <summary>Ends at the next wake-up; take it before reading, so that none is missed.</summary>
    public Task Next => Volatile.Read(ref current).Task;

    public void Wake() => Interlocked.Exchange(ref current, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Wakes the pulls when published facts stand below the high-water mark.</summary>
internal sealed class FeedSubscription : SubscriptionBase
{
    private readonly FeedSignal signal;

    public FeedSubscription(FeedSignal signal)
    {
        this.signal = signal;
        Name = "feed-signal";
        foreach (var type in Kinds.Events.Values) IncludeType(type);
    }

    public override Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        signal.Wake();
        return Task.FromResult(NullChangeListener.Instance);
    }
}

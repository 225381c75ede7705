using System.Diagnostics;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>A fact as the broker delivered it.</summary>
/// <param name="Replay">Id of this service's own request that it answers; null for what is announced to all.</param>
internal sealed record Delivery(IIntegrationEvent Fact, string? MessageId, Guid? Replay, Activity? Activity);

/// <summary>
/// The deliveries of one channel in the order of their tags. Those that wait side by side are taken in together; one that cannot be
/// taken in company, and whatever is no fact, has the line to itself until it has ended, with all its tries.
/// </summary>
/// <param name="together">Takes deliveries in and says how many, from the front; null when that failed and each is to be tried alone.</param>
/// <param name="failed">Told what <paramref name="together"/> threw, which it should not: each is tried alone then too, and the line goes on.</param>
internal sealed class DeliveryLine(Func<IReadOnlyList<Delivery>, Task<int?>> together, Action<Exception> failed, TimeProvider clock)
{
    private const int Largest = 64;

    // Later ones are here and this one never came: the channel had another consumer before.
    private static readonly TimeSpan Missing = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private readonly HashSet<ulong> here = [];
    private readonly HashSet<ulong> alone = [];
    private readonly HashSet<ulong> ended = [];
    private readonly Dictionary<ulong, Waiting> waiting = [];
    private ulong head = 1;
    private bool busy;
    private bool closed;

    /// <summary>The delivery has come; what it is will be seen.</summary>
    public void Came(ulong tag)
    {
        lock (gate) here.Add(tag);
    }

    /// <summary>Waits for the delivery's turn.</summary>
    /// <param name="delivery">Null for what is no fact.</param>
    /// <returns>True when it was taken in with others; false when it is the caller's to do, and nothing behind it goes on meanwhile.</returns>
    public async Task<bool> TurnAsync(ulong tag, Delivery? delivery, CancellationToken ct)
    {
        var mine = new Waiting(delivery);
        lock (gate)
        {
            waiting.Add(tag, mine);
            Go();
        }

        while (true)
        {
            try
            {
                return await mine.Turn.Task.WaitAsync(Missing, clock, ct);
            }
            catch (TimeoutException)
            {
                lock (gate)
                {
                    if (busy || here.Contains(head)) continue;
                    head = here.Min();
                    Go();
                }
            }
        }
    }

    /// <summary>The delivery has ended: taken in, parked, or let go.</summary>
    public void Ended(ulong tag)
    {
        lock (gate)
        {
            here.Remove(tag);
            alone.Remove(tag);
            if (tag >= head) ended.Add(tag);
            Go();
        }
    }

    /// <summary>The delivery was given up and comes again: nothing behind it may go before it.</summary>
    public void Close()
    {
        lock (gate) closed = true;
    }

    private void Go()
    {
        if (busy || closed) return;
        while (ended.Remove(head)) head++;
        if (!waiting.TryGetValue(head, out var first)) return;
        if (first.Delivery is null || alone.Contains(head))
        {
            waiting.Remove(head);
            first.Turn.SetResult(false);
            return;
        }

        List<Waiting> group = [];
        for (var tag = head; group.Count < Largest && waiting.TryGetValue(tag, out var next) && next.Delivery is not null && !alone.Contains(tag); tag++) group.Add(next);
        busy = true;
        _ = Task.Run(() => TakeAsync(group));
    }

    private async Task TakeAsync(List<Waiting> group)
    {
        int? taken = null;
        try
        {
            taken = await together([.. group.Select(w => w.Delivery!)]);
        }
        catch (Exception exception)
        {
            failed(exception);
        }

        lock (gate)
        {
            for (var n = 0; n < (taken is null ? group.Count : taken is 0 ? 1 : 0); n++) alone.Add(head + (ulong)n);
            for (var n = 0; n < taken; n++) waiting.Remove(head++);
            busy = false;
            Go();
        }

        foreach (var delivery in group.Take(taken ?? 0)) delivery.Turn.SetResult(true);
    }

    private sealed record Waiting(Delivery? Delivery)
    {
        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

namespace Ntm.ServiceDefaults;

/// <summary>What was read from the store and is held in memory; read anew when it changed here or elsewhere, and every ten seconds should nobody have told.</summary>
/// <param name="read">Reads it anew; is given what was known. Runs once at a time.</param>
public sealed class Kept<T>(T nothing, Func<T, CancellationToken, Task<T>> read, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim gate = new(1, 1);
    private T known = nothing;
    private long readAt;
    private int changes = 1;
    private int seen;

    /// <summary>Says that it changed.</summary>
    public void Invalidate() => Interlocked.Increment(ref changes);

    /// <summary>While it is read anew, what was known before counts no more: who was answered a write sees it.</summary>
    private bool IsFresh => Volatile.Read(ref changes) == Volatile.Read(ref seen) && clock.GetElapsedTime(readAt) < Fresh;

    public async ValueTask<T> GetAsync(CancellationToken ct)
    {
        if (IsFresh) return known;
        await gate.WaitAsync(ct);
        try
        {
            if (IsFresh) return known;
            var change = Volatile.Read(ref changes);
            known = await read(known, ct);
            readAt = clock.GetTimestamp();
            Volatile.Write(ref seen, change);
            return known;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();
}

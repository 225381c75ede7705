using Marten;
using Ntm.Contracts.Criteria;

namespace Ntm.ServiceDefaults;

/// <summary>What a service keeps of one unit.</summary>
/// <param name="Id"><see cref="Key"/> of the unit.</param>
public sealed record UnitRecord(string Id, UnitState State)
{
    public static string Key(Guid unit) => $"unit/{unit}";
}

/// <summary>The unit tree of this service's own store, held in memory; read anew when this process learns of a change, else every ten seconds.</summary>
public sealed class UnitRegister(IDocumentStore store, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim gate = new(1, 1);
    private UnitTree tree = UnitTree.Empty;
    private long loadedAt;
    private volatile bool stale = true;

    /// <summary>Says that a unit changed in this process.</summary>
    public void Invalidate() => stale = true;

    public async ValueTask<UnitTree> GetAsync(CancellationToken ct)
    {
        if (!stale && clock.GetElapsedTime(loadedAt) < Fresh) return tree;
        await gate.WaitAsync(ct);
        try
        {
            if (!stale && clock.GetElapsedTime(loadedAt) < Fresh) return tree;
            stale = false;
            await using var session = store.QuerySession();
            tree = new UnitTree((await session.Query<UnitRecord>().ToListAsync(ct)).Select(r => r.State));
            loadedAt = clock.GetTimestamp();
            return tree;
        }
        catch
        {
            stale = true;
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();
}

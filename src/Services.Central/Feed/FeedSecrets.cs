using JasperFx;
using Marten;

namespace Ntm.Central.Feed;

/// <summary>Reads the store's secret, and makes it the first time.</summary>
internal sealed class FeedSecrets(IDocumentStore store)
{
    private volatile FeedSecret? known;

    public async ValueTask<FeedSecret> GetAsync(CancellationToken ct) => known ??= await LoadAsync(ct) ?? await MakeAsync(ct);

    private async Task<FeedSecret?> LoadAsync(CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<FeedSecret>(FeedSecret.TheOne, ct);
    }

    private async Task<FeedSecret> MakeAsync(CancellationToken ct)
    {
        var made = FeedSecret.Make();
        await using var session = store.LightweightSession();
        session.Insert(made);
        try
        {
            await session.SaveChangesAsync(ct);
            return made;
        }
        catch (DocumentAlreadyExistsException)
        {
            // Another caller was first: its secret counts.
            return (await LoadAsync(ct))!;
        }
    }
}

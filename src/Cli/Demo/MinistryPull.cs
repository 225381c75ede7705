using Grpc.Core;
using Grpc.Net.Client;
using Ntm.Central.V1;

namespace Ntm.Cli.Demo;

/// <summary>The central ministry's side: pulls the feed over gRPC until it is caught up.</summary>
internal static class MinistryPull
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Changes of one unit, in the order of the feed; ends when every wanted kind has come.</summary>
    public static async Task<IReadOnlyList<Change>> ChangesOfAsync(Uri gateway, string token, string unitId, IReadOnlyCollection<string> wanted, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        using var channel = GrpcChannel.ForAddress(gateway);
        using var call = new ChangeFeed.ChangeFeedClient(channel).Pull(
            new PullRequest { MaxBatch = 500 }, new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: patience.Token);
        List<Change> changes = [];
        await foreach (var answer in call.ResponseStream.ReadAllAsync(patience.Token))
        {
            changes.AddRange(answer.Changes.Where(c => c.Key.StartsWith(unitId, StringComparison.Ordinal)));
            if (answer.Idle && wanted.All(kind => changes.Any(c => c.Kind == kind))) break;
        }

        return changes;
    }
}

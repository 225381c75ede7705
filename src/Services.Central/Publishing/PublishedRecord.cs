using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;

namespace Ntm.Central.Publishing;

/// <summary>The latest fact of a key.</summary>
/// <param name="Id"><c>{kind}/{key}</c>.</param>
/// <param name="Position">Position of the fact in its owner's store.</param>
public sealed record LatestFact(
    string Id, string Kind, string Key, string? Set, long Position, PublishedAssessment? Assessment, PublishedRecognition? Recognition)
{
    public static string IdOf(Fact fact) => $"{fact.Kind}/{fact.Key}";
}

/// <summary>A learned event that came after a newer one of the same key: it is not announced any more.</summary>
/// <param name="Id">Id of the event in this store.</param>
public sealed record OvertakenFact(Guid Id);

/// <summary>
/// Latest assessment and recognition of each key. Two streams may carry one key, and the broker may swap them: then the later
/// arrival is marked as overtaken. Writers of one key meet on the version of its document, so one of them tries again.
/// </summary>
public sealed class PublishedRecord : IProjection
{
    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        var facts = events.Select(e => (Event: e, Fact: Fact.Of(e.Data)))
            .Where(x => x.Fact is { Kind: not Kinds.ReportApproved })
            .Select(x => (x.Event, Fact: x.Fact!))
            .ToList();
        if (facts.Count == 0) return;

        var ids = facts.Select(x => LatestFact.IdOf(x.Fact)).Distinct(StringComparer.Ordinal).ToArray();
        var latest = (await operations.LoadManyAsync<LatestFact>(cancellation, ids)).ToDictionary(t => t.Id, StringComparer.Ordinal);
        var changed = new Dictionary<string, LatestFact>(StringComparer.Ordinal);
        foreach (var (e, fact) in facts)
        {
            var id = LatestFact.IdOf(fact);
            if (latest.TryGetValue(id, out var known) && known.Position >= fact.Origin.Position)
            {
                operations.Store(new OvertakenFact(e.Id));
                continue;
            }

            var assessment = fact.Content as PublishedAssessment;
            changed[id] = latest[id] = new(id, fact.Kind, fact.Key, assessment?.Set, fact.Origin.Position, assessment, fact.Content as PublishedRecognition);
        }

        if (changed.Count > 0) operations.Store(changed.Values.ToArray());
    }
}

/// <summary>Read models of what is published.</summary>
internal static class PublishingModule
{
    public static StoreOptions AddPublishing(this StoreOptions options)
    {
        options.Schema.For<LatestFact>().UseOptimisticConcurrency(true).Index(t => t.Kind).Index(t => t.Set!);
        options.Schema.For<OvertakenFact>();
        options.Projections.Add(new PublishedRecord(), ProjectionLifecycle.Inline, "published-record", rebuild =>
        {
            rebuild.DeleteViewTypeOnTeardown<LatestFact>();
            rebuild.DeleteViewTypeOnTeardown<OvertakenFact>();
        });
        return options;
    }
}

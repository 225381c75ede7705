using System.Text.Json;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Ntm.Central.Feed;
using Ntm.Central.Publishing;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Central.Tests;

public sealed class StoredEvents
{
    [Fact]
    public void Every_kept_event_has_a_sample_that_reads_back_whole()
    {
        using IDocumentStore store = DocumentStore.For(options =>
        {
            options.Connection("Host=127.0.0.1");
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.AddPublishing().AddFeed().KeepFactsOf("central");
        });
        // Marten's own markers are not ours to keep.
        var kept = store.Options.Events.AllKnownEventTypes().Where(t => t.EventType.Namespace!.StartsWith("Ntm.", StringComparison.Ordinal)).ToList();
        Assert.Equal(9, kept.Count);
        foreach (var type in kept)
        {
            var path = Sample.PathOf(type.EventTypeName);
            Assert.True(File.Exists(path), $"no sample of {type.EventTypeName}");
            var sample = File.ReadAllText(path);
            var read = JsonSerializer.Deserialize(sample, type.EventType, NtmJson.Stored);
            var again = JsonSerializer.SerializeToNode(read, type.EventType, NtmJson.Stored);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sample), again), $"{type.EventTypeName} lost something: {again?.ToJsonString()}");
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

public sealed class StoredEventTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Events");

    [Fact]
    public void Every_stored_event_reads_its_sample_back()
    {
        var learned = Topology.Listeners["appraisal"].Select(t => KeyValuePair.Create($"learned.{Topology.NameOf(t)}.v1", t));
        var mapped = StoredEvents.Names.Concat(learned).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(mapped.Keys.Order(StringComparer.Ordinal), Directory.GetFiles(Folder).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

        foreach (var (name, type) in mapped)
        {
            var sample = File.ReadAllText(Path.Combine(Folder, $"{name}.json"));
            var read = JsonSerializer.Deserialize(sample, type, NtmJson.Stored);
            var written = JsonSerializer.SerializeToNode(read, type, NtmJson.Stored);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sample), written), $"{name}: {written}");
        }
    }
}

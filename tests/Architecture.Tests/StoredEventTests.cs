using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests;

/// <summary>
/// What the services really store: each store as its own Program wires it, no server behind it. That every event of a service reads
/// its sample back is proved beside the service; here it is proved that none is missing.
/// </summary>
public sealed partial class StoredEventTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, IReadOnlyDictionary<string, Type>>> Stores =
        new(() => Topology.Services.ToDictionary(service => service, EventsOf, StringComparer.Ordinal));

    public static TheoryData<string> Services => [.. Topology.Services];

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_event_is_stored_under_a_name_of_its_own_with_a_version(string service) => Assert.All(
        Stores.Value[service], e => Assert.True(Name().IsMatch(e.Key), $"{e.Value} is stored as \"{e.Key}\": map it with MapEventType."));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_stores_its_own_events_what_it_learns_and_what_operators_do(string service)
    {
        var own = $"Ntm.{char.ToUpperInvariant(service[0])}{service[1..]}";
        foreach (var (name, type) in Stores.Value[service])
        {
            var assembly = type.Assembly.GetName().Name;
            if (assembly == "Ntm.Contracts")
            {
                // What is learned is the contract as it came, under a name that says whose it is.
                Assert.Contains(type, Topology.Listeners[service]);
                Assert.Equal($"learned:{Topology.NameOf(type)}.v1", name);
            }
            else
            {
                Assert.True(assembly == own || assembly == "Ntm.ServiceDefaults", $"{service} stores {type}, which is not its own.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_event_that_was_ever_stored_has_a_sample_and_a_reader(string service)
    {
        var shared = SamplesIn("Architecture.Tests");
        var wanted = Stores.Value[service].Keys.SelectMany(AllVersions).Select(n => n.Replace(':', '.')).Except(shared, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        // A sample stays for ever: one without a reader says that a stored event cannot be read any more.
        Assert.Equal(wanted, SamplesIn($"{char.ToUpperInvariant(service[0])}{service[1..]}.Tests"));
    }

    [Fact]
    public void What_operators_do_reads_its_sample_back()
    {
        var events = Stores.Value["pilots"].Where(e => e.Value.Assembly.GetName().Name == "Ntm.ServiceDefaults").ToDictionary(StringComparer.Ordinal);
        Assert.Equal(events.Keys.Order(StringComparer.Ordinal), SamplesIn("Architecture.Tests"));
        foreach (var (name, type) in events)
        {
            var sample = Repository.Read($"tests/Architecture.Tests/Events/{name}.json");
            var again = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(sample, type, NtmJson.Stored), type, NtmJson.Stored);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sample), again), $"{name} lost something: {again?.ToJsonString()}");
        }
    }

    /// <summary>The store tells the name that is written now; each lower version was written once and is upcast.</summary>
    private static IEnumerable<string> AllVersions(string name)
    {
        var at = name.LastIndexOf(".v", StringComparison.Ordinal) + 2;
        return Enumerable.Range(1, int.Parse(name[at..], CultureInfo.InvariantCulture)).Select(version => string.Create(CultureInfo.InvariantCulture, $"{name[..at]}{version}"));
    }

    private static string[] SamplesIn(string project) =>
        [.. Directory.GetFiles(Repository.PathOf($"tests/{project}/Events"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    private static IReadOnlyDictionary<string, Type> EventsOf(string service)
    {
        using var program = ServiceProgram.Of(service, "Host=127.0.0.1");
        return program.Events;
    }

    [GeneratedRegex(@"\A(learned:[a-z]+\.)?[a-z]+(-[a-z]+)*\.v[1-9][0-9]*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Name();
}

using System.Text.Json;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Central.Tests;

/// <summary>Stored events, as they lie in the store.</summary>
internal static class Sample
{
    public static string PathOf(string storedName) => Path.Combine(AppContext.BaseDirectory, "Events", $"{storedName.Replace(':', '.')}.json");

    public static T Of<T>() where T : IIntegrationEvent =>
        JsonSerializer.Deserialize<T>(File.ReadAllText(PathOf($"learned:{Topology.NameOf(typeof(T))}.v1")), NtmJson.Stored)!;
}

using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>One process of a resource; there are several when it has replicas.</summary>
internal sealed class Instance(IResource resource, int replica)
{
    public IResource Resource { get; } = resource;

    /// <summary>For people, files and programs: the first replica has the plain name, the second is <c>name-2</c>.</summary>
    public string Name { get; } = replica == 0 ? resource.Name : FormattableString.Invariant($"{resource.Name}-{replica + 1}");

    /// <summary>What tells replicas apart in telemetry, new in each run.</summary>
    public string Id { get; } = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz", 8);

    /// <summary>The name that the dashboard knows it by; telemetry with the same name and id is shown as its own.</summary>
    public string UniqueName => $"{Resource.Name}-{Id}";

    public IEnumerable<EndpointReference> Endpoints => Resource.All<EndpointAnnotation>().Select(endpoint => Endpoint(endpoint.Name));

    public EndpointReference Endpoint(string name) => new((IResourceWithEndpoints)Resource, name, replica);
}

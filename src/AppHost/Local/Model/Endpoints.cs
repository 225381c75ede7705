using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One port of a resource. Nothing stands between a caller and the process, so the public port is the private one.</summary>
public sealed class EndpointAnnotation(string name, string scheme, int? port, int? targetPort, string? environmentVariable) : IResourceAnnotation
{
    public string Name { get; } = name;

    public string UriScheme { get; set; } = scheme;

    public int? Port { get; set; } = port;

    public int? TargetPort { get; set; } = targetPort;

    public string TargetHost { get; set; } = "localhost";

    public string Transport { get; set; } = "http";

    /// <summary>The variable that tells the process this port; without one an HTTP port is told by <c>ASPNETCORE_URLS</c>.</summary>
    public string? EnvironmentVariable { get; } = environmentVariable;

    /// <summary>The port that the topology fixes, if it fixes one.</summary>
    internal int? FixedPort => Port ?? TargetPort;

    internal int? AllocatedPort { get; set; }

    /// <summary>The ports of the second replica and those after it.</summary>
    internal IReadOnlyList<int> FurtherPorts { get; set; } = [];
}

public enum EndpointProperty
{
    Url,
    Host,
    IPV4Host,
    Port,
    Scheme,
    TargetPort,
    HostAndPort,
    TlsEnabled,
}

/// <summary>An endpoint by its name, to be resolved when the ports are given out.</summary>
public sealed class EndpointReference : IExpressionValue
{
    private readonly int _replica;

    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
        : this(owner, endpointName, replica: 0)
    {
    }

    internal EndpointReference(IResourceWithEndpoints owner, string endpointName, int replica)
    {
        Resource = owner;
        EndpointName = endpointName;
        _replica = replica;
    }

    public IResourceWithEndpoints Resource { get; }

    public string EndpointName { get; }

    public bool Exists => Find() is not null;

    public bool IsAllocated => PortOfReplica is not null;

    public string Scheme => Annotation.UriScheme;

    public string Host => Annotation.TargetHost;

    public int Port => PortOfReplica
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{Resource.Name}' has no port yet.");

    public int? TargetPort => PortOfReplica;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    public string ValueExpression => $"{{{Resource.Name}.bindings.{EndpointName}.url}}";

    internal string? EnvironmentVariable => Annotation.EnvironmentVariable;

    private int? PortOfReplica => _replica == 0 ? Find()?.AllocatedPort : Find()?.FurtherPorts[_replica - 1];

    private EndpointAnnotation Annotation => Find()
        ?? throw new InvalidOperationException($"'{Resource.Name}' has no endpoint '{EndpointName}'.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    private EndpointAnnotation? Find() =>
        Resource.All<EndpointAnnotation>().FirstOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
}

/// <summary>One property of an endpoint, as a part of an expression.</summary>
public sealed class EndpointReferenceExpression(EndpointReference endpoint, EndpointProperty property) : IExpressionValue
{
    public EndpointReference Endpoint { get; } = endpoint;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{Property}}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Property switch
    {
        EndpointProperty.Url => Endpoint.Url,
        EndpointProperty.Host => Endpoint.Host,
        EndpointProperty.IPV4Host => "127.0.0.1",
        EndpointProperty.Port or EndpointProperty.TargetPort => Endpoint.Port.ToString(CultureInfo.InvariantCulture),
        EndpointProperty.Scheme => Endpoint.Scheme,
        EndpointProperty.HostAndPort => string.Create(CultureInfo.InvariantCulture, $"{Endpoint.Host}:{Endpoint.Port}"),
        EndpointProperty.TlsEnabled => bool.FalseString,
        _ => throw new InvalidOperationException($"Unknown endpoint property {Property}."),
    });
}

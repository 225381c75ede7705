namespace Ntm.AppHost;

/// <summary>Adds what every service of the house has: a database with two roles, a broker user, a schema step, health.</summary>
internal sealed class House(
    IDistributedApplicationBuilder builder,
    Servers servers,
    IResourceBuilder<ProjectResource> provision,
    string issuer,
    bool demonstration,
    int replicas)
{
    /// <summary>One service: its schema step runs as the owner of the database, the service itself without schema rights.</summary>
    public IResourceBuilder<ProjectResource> AddService(string name, string project)
    {
        var ownerPassword = builder.AddParameter($"{name}-owner-password", secret: true);
        var password = builder.AddParameter($"{name}-password", secret: true);
        var brokerPassword = builder.AddParameter($"{name}-broker-password", secret: true);

        provision
            .WithEnvironment($"Ntm__Provision__Services__{name}__OwnerPassword", ownerPassword)
            .WithEnvironment($"Ntm__Provision__Services__{name}__Password", password)
            .WithEnvironment($"Ntm__Provision__Services__{name}__BrokerPassword", brokerPassword);

        var ownerStore = builder.AddConnectionString($"{name}-owner-store", servers.Store(name, $"{name}_owner", ownerPassword));
        var store = builder.AddConnectionString($"{name}-store", servers.Store(name, name, password));
        var broker = builder.AddConnectionString($"{name}-broker", servers.Broker(name, brokerPassword));

        // The store is built with its subscription and so with the bus; the schema step never connects to it.
        var schema = servers.AwaitDatabase(AddWeb($"{name}-schema", project), name, ownerStore, store)
            .WithArgs("schema")
            .WithReference(ownerStore, connectionName: name)
            .WithReference(broker, connectionName: "broker")
            .WaitForCompletion(provision);

        var service = servers.AwaitBroker(AddWeb(name, project))
            .WithReplicas(replicas)
            .WithHttpEndpoint()
            .WithHttpEndpoint(name: "h2", env: "NTM_HTTP2_PORT")
            .WithReference(store, connectionName: name)
            .WithReference(broker, connectionName: "broker")
            .WithHttpHealthCheck("/health/ready")
            .WaitForCompletion(schema);

        // On the dashboard they are found below their service.
        schema.WithParentRelationship(service);
        ownerStore.WithParentRelationship(service);
        store.WithParentRelationship(service);
        broker.WithParentRelationship(service);
        return service;
    }

    /// <summary>A project with the settings that all of them share.</summary>
    public IResourceBuilder<ProjectResource> AddWeb(string name, string project) =>
        builder.AddProject(name, project)
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
            // Looked at every few seconds; told every second, the figures of a house at rest would be most of its work.
            .WithEnvironment("OTEL_METRIC_EXPORT_INTERVAL", "5000")
            .WithEnvironment("Ntm__Auth__Issuer", issuer)
            .WithEnvironment("Ntm__Demonstration", demonstration ? "true" : "false");
}

namespace Ntm.AppHost;

/// <summary>Adds what every service of the house has: a database with two roles, a broker user, a schema step, health.</summary>
internal sealed class House(
    IDistributedApplicationBuilder builder,
    IResourceBuilder<PostgresServerResource> postgres,
    IResourceBuilder<RabbitMQServerResource> rabbitmq,
    IResourceBuilder<ProjectResource> provision,
    string issuer,
    bool demonstration)
{
    /// <summary>One service: its schema step runs as the owner of the database, the service itself without schema rights.</summary>
    public IResourceBuilder<ProjectResource> AddService(string name, string project)
    {
        var ownerPassword = builder.AddParameter($"{name}-owner-password", secret: true);
        var password = builder.AddParameter($"{name}-password", secret: true);
        var brokerPassword = builder.AddParameter($"{name}-broker-password", secret: true);
        var database = postgres.AddDatabase($"{name}-database", name);

        provision
            .WithEnvironment($"Ntm__Provision__Services__{name}__OwnerPassword", ownerPassword)
            .WithEnvironment($"Ntm__Provision__Services__{name}__Password", password)
            .WithEnvironment($"Ntm__Provision__Services__{name}__BrokerPassword", brokerPassword);

        var ownerStore = builder.AddConnectionString($"{name}-owner-store", Store(name, $"{name}_owner", ownerPassword));
        var store = builder.AddConnectionString($"{name}-store", Store(name, name, password));
        var broker = builder.AddConnectionString($"{name}-broker", Broker(name, brokerPassword));

        // The store is built with its subscription and so with the bus; the schema step never connects to it.
        var schema = AddWeb($"{name}-schema", project)
            .WithArgs("schema")
            .WithReference(ownerStore, connectionName: name)
            .WithReference(broker, connectionName: "broker")
            .WaitFor(database)
            .WaitForCompletion(provision);

        return AddWeb(name, project)
            .WithHttpEndpoint()
            .WithHttpEndpoint(name: "h2", env: "NTM_HTTP2_PORT")
            .WithReference(store, connectionName: name)
            .WithReference(broker, connectionName: "broker")
            .WithHttpHealthCheck("/health/ready")
            .WaitFor(rabbitmq)
            .WaitForCompletion(schema);
    }

    /// <summary>A project with the settings that all of them share.</summary>
    public IResourceBuilder<ProjectResource> AddWeb(string name, string project) =>
        builder.AddProject(name, project)
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("Ntm__Auth__Issuer", issuer)
            .WithEnvironment("Ntm__Demonstration", demonstration ? "true" : "false");

    private ReferenceExpression Store(string database, string role, IResourceBuilder<ParameterResource> password)
    {
        var host = postgres.GetEndpoint("tcp").Property(EndpointProperty.Host);
        var port = postgres.GetEndpoint("tcp").Property(EndpointProperty.Port);
        return ReferenceExpression.Create($"Host={host};Port={port};Username={role};Password={password};Database={database}");
    }

    private ReferenceExpression Broker(string user, IResourceBuilder<ParameterResource> password)
    {
        var host = rabbitmq.GetEndpoint("tcp").Property(EndpointProperty.Host);
        var port = rabbitmq.GetEndpoint("tcp").Property(EndpointProperty.Port);
        return ReferenceExpression.Create($"amqp://{user}:{password:uri}@{host}:{port}/ntm");
    }
}

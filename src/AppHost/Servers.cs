using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace Ntm.AppHost;

/// <summary>
/// PostgreSQL and RabbitMQ: those of the house, or with <c>--infra external</c> those that the environment names. Of the latter the
/// administrators' rights go to the provision step alone.
/// </summary>
internal sealed class Servers
{
    private readonly IResourceBuilder<PostgresServerResource>? postgres;
    private readonly IResourceBuilder<RabbitMQServerResource>? rabbitmq;
    private readonly IResourceBuilder<IResourceWithConnectionString> postgresAdministrator;
    private readonly IResourceBuilder<IResourceWithConnectionString> rabbitmqAdministrator;
    private readonly Uri? management;
    private readonly ReferenceExpression storeAddress;
    private readonly ReferenceExpression brokerAddress;

    private Servers(IResourceBuilder<PostgresServerResource> postgres, IResourceBuilder<RabbitMQServerResource> rabbitmq)
    {
        (this.postgres, this.rabbitmq) = (postgres, rabbitmq);
        (postgresAdministrator, rabbitmqAdministrator) = (postgres, rabbitmq);
        var (store, broker) = (postgres.GetEndpoint("tcp"), rabbitmq.GetEndpoint("tcp"));
        storeAddress = ReferenceExpression.Create($"Host={store.Property(EndpointProperty.Host)};Port={store.Property(EndpointProperty.Port)}");
        brokerAddress = ReferenceExpression.Create($"{broker.Property(EndpointProperty.Host)}:{broker.Property(EndpointProperty.Port)}");
    }

    private Servers(IDistributedApplicationBuilder builder, string store, Uri broker, Uri management)
    {
        (postgresAdministrator, rabbitmqAdministrator) = (builder.AddConnectionString("postgres"), builder.AddConnectionString("rabbitmq"));
        this.management = management;
        BrokerScheme = broker.Scheme;
        storeAddress = ReferenceExpression.Create($"{store}");
        brokerAddress = ReferenceExpression.Create($"{(broker.IsDefaultPort ? broker.Host : broker.Authority)}");
    }

    private string BrokerScheme { get; } = "amqp";

    /// <summary>Both as parts of this house.</summary>
    public static Servers Own(IDistributedApplicationBuilder builder) => new(
        builder.AddPostgres("postgres", password: builder.AddParameter("postgres-password", secret: true)).WithDataVolume(),
        builder.AddRabbitMQ(
                "rabbitmq",
                userName: builder.AddParameter("rabbitmq-user", "ntm-admin"),
                password: builder.AddParameter("rabbitmq-password", secret: true))
            .WithDataVolume()
            .WithManagementPlugin());

    /// <summary>Both as the environment tells, or the sentence that says what is missing there.</summary>
    public static (Servers? Servers, string? Wrong) External(IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (StoreOf(configuration.GetConnectionString("postgres")) is not { } store)
            return (null, "--infra external: ConnectionStrings__postgres must be the connection string of PostgreSQL's administrator, e.g. 'Host=db;Username=postgres;Password=…'.");
        if (!Uri.TryCreate(configuration.GetConnectionString("rabbitmq"), UriKind.Absolute, out var broker) || broker.Scheme is not ("amqp" or "amqps") || broker.UserInfo.Length == 0)
            return (null, "--infra external: ConnectionStrings__rabbitmq must be the address of RabbitMQ with its administrator, e.g. 'amqp://admin:…@mq:5672' or amqps.");
        if (!Uri.TryCreate(configuration["NTM_RABBITMQ_MANAGEMENT"], UriKind.Absolute, out var management) || management.Scheme is not ("http" or "https"))
            return (null, "--infra external: NTM_RABBITMQ_MANAGEMENT must be the address of RabbitMQ's management API, e.g. 'http://mq:15672'.");
        return (new(builder, store, broker, management), null);
    }

    /// <summary>The step that makes databases, roles and the broker's topology; it waits itself for servers that are not ours.</summary>
    /// <param name="data">The folder in which the step finds what a restore has put there, and keeps what a broker of the house's own begins with.</param>
    public IResourceBuilder<ProjectResource> AddProvision(IDistributedApplicationBuilder builder, string data)
    {
        var provision = builder.AddProject("provision", "../Cli/Cli.csproj")
            .WithArgs("provision")
            .WithReference(postgresAdministrator, connectionName: "postgres")
            .WithReference(rabbitmqAdministrator, connectionName: "rabbitmq")
            .WithEnvironment("Ntm__Provision__RestoredDefinitions", Path.Combine(data, "broker-definitions.json"));
        return management is null
            ? provision.WithReference(rabbitmq!.GetEndpoint("management"))
                .WithEnvironment("Ntm__Provision__OwnServers", "true")
                .WithEnvironment("Ntm__Provision__BrokerAccounts", Path.Combine(data, "broker-accounts.json"))
                .WaitFor(postgres!)
                .WaitFor(rabbitmq!)
            : provision.WithEnvironment("services__rabbitmq__management__0", management.ToString());
    }

    /// <summary>The schema step of a service runs when its database is there, to which its connection strings lead.</summary>
    public IResourceBuilder<ProjectResource> AwaitDatabase(
        IResourceBuilder<ProjectResource> schema, string service, params IReadOnlyCollection<IResourceBuilder<ConnectionStringResource>> stores)
    {
        if (postgres is null) return schema;
        var database = postgres.AddDatabase($"{service}-database", service);
        foreach (var store in stores) store.WithReferenceRelationship(database);
        return schema.WaitFor(database);
    }

    /// <summary>A service starts when the broker is there.</summary>
    public IResourceBuilder<ProjectResource> AwaitBroker(IResourceBuilder<ProjectResource> service) =>
        rabbitmq is null ? service : service.WaitFor(rabbitmq);

    /// <summary>The database as one of its own roles.</summary>
    public ReferenceExpression Store(string database, string role, IResourceBuilder<ParameterResource> password) =>
        ReferenceExpression.Create($"{storeAddress};Username={role};Password={password};Database={database}");

    /// <summary>The broker as one of its own users.</summary>
    public ReferenceExpression Broker(string user, IResourceBuilder<ParameterResource> password) =>
        ReferenceExpression.Create($"{BrokerScheme}://{user}:{password:uri}@{brokerAddress}/ntm");

    /// <summary>What remains of the administrator's connection string for others: the address and how it is reached. Null when it is none.</summary>
    private static string? StoreOf(string? administrator)
    {
        try
        {
            var store = new DbConnectionStringBuilder { ConnectionString = administrator };
            foreach (var own in (string[])["Username", "User Name", "UserId", "User Id", "UID", "Password", "PWD", "PSW", "Passfile", "Database", "DB"])
                store.Remove(own);
            return store.ContainsKey("Host") || store.ContainsKey("Server") ? store.ConnectionString : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}

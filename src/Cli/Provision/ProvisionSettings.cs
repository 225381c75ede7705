using Microsoft.Extensions.Configuration;

namespace Ntm.Cli.Provision;

/// <summary>The passwords of one service: the owner of its schema, its run-time role, its broker user.</summary>
public sealed record ServiceAccounts(string Name, string OwnerPassword, string Password, string BrokerPassword)
{
    public string Owner => $"{Name}_owner";
}

/// <summary>Where the servers are, with the administrators' rights, and whom to provide for.</summary>
public sealed record ProvisionSettings(string Postgres, Uri Broker, Uri Management, IReadOnlyList<ServiceAccounts> Services)
{
    /// <summary>The one virtual host that all services share.</summary>
    public const string VirtualHost = "ntm";

    public Uri BrokerOfVirtualHost => new UriBuilder(Broker) { Path = "/" + VirtualHost }.Uri;

    public static ProvisionSettings Read(IConfiguration configuration) => new(
        Required(configuration, "ConnectionStrings:postgres"),
        new(Required(configuration, "ConnectionStrings:rabbitmq")),
        new(Required(configuration, "services:rabbitmq:management:0")),
        [
            .. configuration.GetSection("Ntm:Provision:Services").GetChildren().Select(service => new ServiceAccounts(
                service.Key,
                Required(service, nameof(ServiceAccounts.OwnerPassword)),
                Required(service, nameof(ServiceAccounts.Password)),
                Required(service, nameof(ServiceAccounts.BrokerPassword)))),
        ]);

    private static string Required(IConfiguration configuration, string key) => configuration[key]
        ?? throw new InvalidOperationException($"the setting '{key}' is missing; the AppHost gives it.");
}

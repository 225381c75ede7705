using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Cli.Provision;

/// <summary>
/// <c>ntm provision</c>: roles, databases, broker users, rights and the broker's whole topology, declared before any
/// service runs. Safe to repeat: every start does it.
/// </summary>
public static class ProvisionCommand
{
    public static Command Create()
    {
        var command = new Command("provision", "Declares databases, roles, broker users and the broker's topology (the environment tells where).");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
            var settings = ProvisionSettings.Read(configuration);
            await new DatabaseProvision(settings.Postgres).ApplyAsync(settings.Services, cancellationToken);
            Console.WriteLine($"Databases and roles are there: {string.Join(", ", settings.Services.Select(service => service.Name))}.");

            using var broker = new BrokerProvision(settings);
            if (configuration["Ntm:Provision:RestoredDefinitions"] is { Length: > 0 } restored) await broker.TakeBackAsync(restored, cancellationToken);
            await broker.ApplyAsync(cancellationToken);
            await BrokerTopology.DeclareAsync(settings.BrokerOfVirtualHost, cancellationToken);
            Console.WriteLine($"The broker's users, rights and topology are there, in the virtual host '{ProvisionSettings.VirtualHost}'.");
            return 0;
        }
        catch (Exception reason) when (reason is NpgsqlException or HttpRequestException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"provision: {reason.Message}");
            return 1;
        }
    }
}

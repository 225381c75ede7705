using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Ntm.Cli.Backups;
using Ntm.Contracts;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Cli.Provision;

/// <summary>
/// <c>ntm provision</c>: roles, databases, broker users, rights and the broker's whole topology, declared before any
/// service runs. Safe to repeat: every start does it.
/// </summary>
public static class ProvisionCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

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
            var (store, management) = (new NpgsqlConnectionStringBuilder(settings.Postgres), settings.Management);
            var databases = new DatabaseProvision(settings.Postgres, configuration.GetValue("Ntm:Provision:OwnServers", false));
            await AnsweringAsync($"PostgreSQL at {store.Host}:{store.Port}", () => databases.ApplyAsync(settings.Services, cancellationToken), cancellationToken);
            Console.WriteLine($"Databases and roles are there: {string.Join(", ", settings.Services.Select(service => service.Name))}.");

            using var broker = new BrokerProvision(settings);
            var at = $"RabbitMQ's management at {management}";
            if (configuration["Ntm:Provision:RestoredDefinitions"] is { Length: > 0 } restored) await AnsweringAsync(at, () => broker.TakeBackAsync(restored, cancellationToken), cancellationToken);
            await AnsweringAsync(at, () => broker.ApplyAsync(cancellationToken), cancellationToken);
            if (configuration["Ntm:Provision:BrokerAccounts"] is { Length: > 0 } kept) await AnsweringAsync(at, () => KeepAccountsAsync(broker, kept, cancellationToken), cancellationToken);
            foreach (var consumer in Topology.Listeners.Keys)
            {
                var there = false;
                await AnsweringAsync(at, async () => there = await broker.HasQueueAsync(Topology.QueueOf(consumer), cancellationToken), cancellationToken);
                if (there) continue;
                // What the broker held is gone with its data, so the consumer asks for everything again; said before there is a queue.
                if (await databases.ForgetIntroductionsAsync(consumer, cancellationToken)) Console.WriteLine($"The broker has lost the queue of {consumer}: it will ask for all facts again.");
            }

            await DeclareAsync(settings.BrokerOfVirtualHost, cancellationToken);
            Console.WriteLine($"The broker's users, rights and topology are there, in the virtual host '{ProvisionSettings.VirtualHost}'.");
            return 0;
        }
        catch (Exception reason) when (reason is NpgsqlException or HttpRequestException or InvalidOperationException or ArgumentException or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"provision: {reason.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    /// <summary>For a broker of the house's own that loses its data while the house runs: it begins with them, before it lets anybody in.</summary>
    private static async Task KeepAccountsAsync(BrokerProvision broker, string file, CancellationToken cancellationToken)
    {
        var unfinished = file + ".new";
        File.Delete(unfinished);
        await Folders.WriteAsync(unfinished, await broker.AccountsAsync(cancellationToken), cancellationToken);
        File.Move(unfinished, file, overwrite: true);
    }

    /// <summary>Servers that are not the house's own may still be starting; every part of the work may be done again.</summary>
    private static async Task AnsweringAsync(string server, Func<Task> work, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); ;)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception reason) when (IsAway(reason))
            {
                if (clock.GetElapsedTime(start) > Patience)
                    throw new InvalidOperationException($"{server} does not answer: {reason.GetBaseException().Message}", reason);
                await Task.Delay(Pause, clock, cancellationToken);
            }
            catch (PostgresException refused)
            {
                throw new InvalidOperationException($"{server} refused: {refused.MessageText}", refused);
            }
        }
    }

    private static bool IsAway(Exception reason) =>
        StoreAway.Is(reason) || reason is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } or HttpRequestException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError }
            or TaskCanceledException { InnerException: TimeoutException };

    private static async Task DeclareAsync(Uri broker, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await BrokerTopology.DeclareAsync(broker, patience.Token);
        }
        catch (Exception reason) when (reason is MassTransit.RabbitMqConnectionException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"RabbitMQ at {broker.Host}:{broker.Port} lets nobody in: {reason.GetBaseException().Message}", reason);
        }
    }
}

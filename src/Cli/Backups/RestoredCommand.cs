using System.CommandLine;
using Npgsql;
using Ntm.Cli.Provision;
using Ntm.Cli.Running;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Cli.Backups;

/// <summary>
/// <c>ntm restored</c>: what <c>ntm restore</c> does to databases besides putting them back, where servers of others keep them and their own tools have put them
/// back. Queues are emptied, every service announces its facts again, and the feed gets another epoch. Safe to repeat.
/// </summary>
public static class RestoredCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "The data folder of the stopped system (NTM_DATA, else .data)" };
        var command = new Command(
            "restored",
            "After external servers' databases were put back by their own tools, of a stopped system: empties its queues, has every service announce its facts again and central systems begin anew. "
            + "The environment tells where the servers are, as for ./run --infra external.")
        { data };
        command.SetAction((parsed, ct) => CommandFailure.GuardAsync("restored", () => RunAsync(RunningSystem.FolderOrDefault(parsed.GetValue(data)), ct)));
        return command;
    }

    private static async Task RunAsync(string folder, CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(folder, "kind"))) throw new CommandFailure($"{folder} is no data folder of a system: name it with --data.");
        if (Path.Exists(Path.Combine(folder, BackupCommand.Postgres)))
            throw new CommandFailure($"the databases of {folder} are kept by the system itself: ntm restore puts back a backup of them and does the rest too.");
        var settings = Settings();
        await using var held = await StoppedFolder.TakeAsync(folder, ct);
        try
        {
            await DemandNobodyAsync(settings.Postgres, ct);
            await EmptyQueuesAsync(settings, ct);
            foreach (var database in Topology.Services)
                Console.WriteLine($"  {database}: events up to {await RewindAsync(settings.Postgres, database, ct)}");
        }
        catch (OperationCanceledException)
        {
            throw new CommandFailure("stopped before everything was done: run it again.");
        }

        Console.WriteLine("Start the system with ./run --infra external: every service announces its facts again, and central systems take a full snapshot.");
    }

    private static ProvisionSettings Settings()
    {
        var (store, broker, management) = (Variable("ConnectionStrings__postgres"), Variable("ConnectionStrings__rabbitmq"), Variable("NTM_RABBITMQ_MANAGEMENT"));
        try
        {
            return new(new NpgsqlConnectionStringBuilder(store) { Pooling = false }.ConnectionString, new(broker), new(management), []);
        }
        catch (Exception reason) when (reason is ArgumentException or UriFormatException)
        {
            // Without the reason, which may quote a password.
            throw new CommandFailure("ConnectionStrings__postgres, ConnectionStrings__rabbitmq or NTM_RABBITMQ_MANAGEMENT cannot be read: give them as at the start.");
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new CommandFailure($"{name} is not set: give the servers with their administrators, as at the start (--infra external).");

    /// <summary>The lock is this folder's; the servers may serve another one.</summary>
    private static async Task DemandNobodyAsync(string administrator, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(administrator);
        await using var command = source.CreateCommand("select string_agg(distinct datname::text, ', ') from pg_stat_activity where datname = any($1) and usename in (datname, datname || '_owner')");
        command.Parameters.Add(new() { Value = Topology.Services.ToArray() });
        if (await command.ExecuteScalarAsync(ct) is string connected)
            throw new CommandFailure($"services are connected to {connected}: stop every system that runs on these servers first.");
    }

    /// <summary>What was announced after the point of the backup never happened now.</summary>
    private static async Task EmptyQueuesAsync(ProvisionSettings settings, CancellationToken ct)
    {
        using var broker = new BrokerProvision(settings);
        try
        {
            foreach (var queue in Topology.Listeners.Keys.Select(Topology.QueueOf).Concat(Topology.Owners.Keys.Select(Topology.ReplayQueueOf)))
                await broker.EmptyQueueAsync(queue, ct);
        }
        catch (Exception reason) when (reason is HttpRequestException or InvalidOperationException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new CommandFailure($"the queues at {settings.Management.Authority} could not be emptied ({reason.Message.TrimEnd('.')}); no database was changed.");
        }
    }

    private static async Task<long> RewindAsync(string administrator, string database, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(administrator) { Database = database }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        object? last = null;
        foreach (var statement in RestoreCommand.Statements)
        {
            await using var command = new NpgsqlCommand(statement, connection, transaction);
            last = await command.ExecuteScalarAsync(ct);
        }

        await transaction.CommitAsync(ct);
        return (long)last!;
    }
}

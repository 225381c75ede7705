using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>RabbitMQ on loopback: a node of its own, no guest, its port mapper beside it.</summary>
internal sealed class RabbitMqRecipe(
    RabbitMQServerResource resource,
    EndpointReference epmd,
    int distributionPort,
    DataFolder data,
    SecretStore secrets) : IRecipe
{
    public const string User = "rabbitmq";

    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private const string Definitions = "definitions.json";

    private readonly ServerFolder _folder = new(data, resource.Name, User);

    private EndpointReference Management => new(resource, "management");

    public async Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
            throw new StartFailure("RabbitMQ is not installed: ./run installs it, or install the package rabbitmq-server.");
        await _folder.CreateAsync();
        await _folder.WriteAsync(".erlang.cookie", secrets.Read($"{resource.Name}-cookie", mayGenerate: true));
        await _folder.WriteAsync("enabled_plugins", Management.Exists ? "[rabbitmq_management].\n" : "[].\n");
        // Also over a folder that was emptied while the house runs: the services are let in from the first moment, or they would not come back.
        var accounts = File.Exists(data.BrokerAccountsFile) ? await File.ReadAllTextAsync(data.BrokerAccountsFile, cancellationToken) : null;
        if (accounts is not null)
            await _folder.WriteAsync(Definitions, accounts);
        await _folder.WriteAsync("rabbitmq.conf", await ConfigurationAsync(accounts is not null, cancellationToken));
        return new(Program, [], _folder.Root) { User = User, Environment = Variables(), DeathSignal = "TERM" };
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        await Probe.AcceptsAsync(resource.PrimaryEndpoint.Port, cancellationToken)
        && (!Management.Exists || await Probe.StatusAsync(Management.Url, cancellationToken) == 200);

    private async Task<string> ConfigurationAsync(bool hasAccounts, CancellationToken cancellationToken)
    {
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"listeners.tcp.1 = 127.0.0.1:{resource.PrimaryEndpoint.Port}"),
            $"default_user = {await resource.UserName.GetValueAsync(cancellationToken)}",
            $"default_pass = {await resource.PasswordParameter.GetValueAsync(cancellationToken)}",
            "default_vhost = ntm",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
            "raft.wal_max_size_bytes = 67108864",
            "disk_free_limit.absolute = 200MB",
        };
        if (hasAccounts)
            lines.Add($"load_definitions = {Path.Combine(_folder.Root, Definitions)}");
        if (Management.Exists)
        {
            lines.Add("management.tcp.ip = 127.0.0.1");
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"management.tcp.port = {Management.Port}"));
        }

        return string.Join('\n', lines) + "\n";
    }

    private Dictionary<string, string> Variables() => new(ProcessSpec.Minimal, StringComparer.Ordinal)
    {
        ["HOME"] = _folder.Root,
        ["RABBITMQ_NODENAME"] = "ntm@localhost",
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder.Root, "rabbitmq.conf"),
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder.Root, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder.Root, "log"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(_folder.Root, "pid"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder.Root, "enabled_plugins"),
        ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        ["ERL_EPMD_PORT"] = epmd.Port.ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        // The start script then becomes the broker instead of staying as a parent that has to pass signals on.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };
}

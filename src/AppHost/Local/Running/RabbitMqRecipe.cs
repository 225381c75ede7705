using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

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

    private const string VirtualHost = "ntm";

    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private const string Definitions = "definitions.json";

    private const int ChecksBeforeNewStart = 3;

    private readonly ServerFolder _folder = new(data, resource.Name, User);
    private int _standing;
    private bool _startedAnew;
    private bool _beginsWithNothing;

    private EndpointReference Management => new(resource, "management");

    private string Data => Path.Combine(_folder.Root, "mnesia");

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
        if (_beginsWithNothing && accounts is not null && Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
        _beginsWithNothing = false;
        await _folder.WriteAsync("rabbitmq.conf", await ConfigurationAsync(accounts is not null, cancellationToken));
        return new(Program, [], _folder.Root) { User = User, Environment = Variables(), DeathSignal = "TERM" };
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        await Probe.AcceptsAsync(resource.PrimaryEndpoint.Port, cancellationToken)
        && (!Management.Exists || await Probe.StatusAsync(Management.Url, cancellationToken) == 200);

    /// <summary>
    /// On a full disk the queues may end for good while all else goes on: when there is room, only a new start brings them back, and what they
    /// had confirmed since may be lost with it. So it begins with nothing: whoever misses his queue has all facts sent again. One start
    /// is tried; a second one would do no better.
    /// </summary>
    public string? NeedsNewStart { get; private set; }

    public async Task<IReadOnlyList<HealthReport>> CheckAsync(CancellationToken cancellationToken)
    {
        NeedsNewStart = null;
        if (!await IsHealthyAsync(cancellationToken))
        {
            _standing = 0;
            return [new("answers", HealthStatus.Unhealthy, "does not answer")];
        }

        var answers = new HealthReport("answers", HealthStatus.Healthy, "");
        if (!Management.Exists)
            return [answers];
        var alarms = await AlarmsAsync(cancellationToken);
        return [answers, alarms, await QueuesAsync(alarms.Status == HealthStatus.Healthy, cancellationToken)];
    }

    /// <summary>With too little room on its disk, or too little memory, it makes whoever publishes wait.</summary>
    private async Task<HealthReport> AlarmsAsync(CancellationToken cancellationToken) => await AskAsync("/api/health/checks/local-alarms", cancellationToken) switch
    {
        (200, _) => new("alarms", HealthStatus.Healthy, ""),
        (503, var text) => new("alarms", HealthStatus.Degraded, $"out of {Alarmed(text)}: it takes in nothing until there is room"),
        var other => NotAsked("alarms", other),
    };

    private async Task<HealthReport> QueuesAsync(bool hasRoom, CancellationToken cancellationToken)
    {
        var answer = await AskAsync($"/api/queues/{VirtualHost}?columns=name,type,leader", cancellationToken);
        if (answer is not (200, var text))
            return NotAsked("queues", answer);
        var standing = JsonSerializer.Deserialize<List<Queue>>(text, JsonSerializerOptions.Web)!.Where(queue => queue is { Type: "quorum", Leader: null }).Select(queue => queue.Name).ToList();
        if (standing.Count == 0)
        {
            (_standing, _startedAnew) = (0, false);
            return new("queues", HealthStatus.Healthy, "");
        }

        // Just after a start they have no leader for a moment either.
        if (++_standing == 1)
            return new("queues", HealthStatus.Healthy, "");
        var reason = $"{standing.Count} queues stand still: {string.Join(", ", standing)}";
        if (_standing >= ChecksBeforeNewStart && hasRoom && !_startedAnew)
        {
            (_standing, _startedAnew, _beginsWithNothing) = (0, true, true);
            NeedsNewStart = reason;
        }

        return new("queues", HealthStatus.Degraded, reason);
    }

    private async Task<(int Status, string Text)?> AskAsync(string path, CancellationToken cancellationToken)
    {
        var administrator = $"{await resource.UserName.GetValueAsync(cancellationToken)}:{await resource.PasswordParameter.GetValueAsync(cancellationToken)}";
        return await Probe.GetAsync(Management.Url + path, cancellationToken, new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(administrator))));
    }

    private static HealthReport NotAsked(string key, (int Status, string Text)? answer) =>
        new(key, HealthStatus.Degraded, answer is var (status, _) ? FormattableString.Invariant($"cannot be asked for (HTTP {status})") : "cannot be asked for");

    private static string Alarmed(string text) =>
        string.Join(", ", JsonSerializer.Deserialize<Alarms>(text, JsonSerializerOptions.Web)?.InEffect?.Select(alarm => alarm.Resource).Distinct(StringComparer.Ordinal) ?? []);

    private async Task<string> ConfigurationAsync(bool hasAccounts, CancellationToken cancellationToken)
    {
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"listeners.tcp.1 = 127.0.0.1:{resource.PrimaryEndpoint.Port}"),
            $"default_user = {await resource.UserName.GetValueAsync(cancellationToken)}",
            $"default_pass = {await resource.PasswordParameter.GetValueAsync(cancellationToken)}",
            $"default_vhost = {VirtualHost}",
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
        // Should somebody take the folder away just before it reads its configuration: what it then begins with is heard on this machine alone, too.
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = resource.PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder.Root, "rabbitmq.conf"),
        ["RABBITMQ_MNESIA_BASE"] = Data,
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

    private sealed record Queue(string Name, string? Type, string? Leader);

    private sealed record Alarms([property: JsonPropertyName("alarms")] IReadOnlyList<Alarm>? InEffect);

    private sealed record Alarm(string? Resource);
}

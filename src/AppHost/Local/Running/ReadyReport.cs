using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>What is where, once all is ready: a short table for people and <c>endpoints.json</c> for programs.</summary>
internal sealed class ReadyReport(DistributedApplicationBuilder builder, DataFolder data, Topology topology, Narrator narrator)
{
    private const string ClientSecret = "local-client-secret";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private bool _ready;
    private string? _written;
    private string? _brokerUser;

    public async Task WriteAsync()
    {
        if (builder.Resources.OfType<RabbitMQServerResource>().FirstOrDefault() is { } broker)
            _brokerUser = await broker.UserName.GetValueAsync();
        var rows = new List<(string What, string Where)>();
        foreach (var resource in builder.Resources)
            rows.AddRange((await Links.OfAsync(new Instance(resource, 0))).Where(link => link.IsNamed).Select(link => (link.Text, link.Url)));
        if (topology.Dashboard is { } dashboard)
            rows.Add(("Aspire dashboard", dashboard.Login));
        rows.Add(("Data, logs", $"{data.Root}, {data.Logs}"));
        rows.Add(("Local client secret", builder.Secrets.PathOf(ClientSecret)));

        _ready = true;
        WriteEndpoints();
        foreach (var supervisor in topology.Supervisors)
            supervisor.Changed += (_, _) => WriteEndpoints();
        var width = rows.Max(row => row.What.Length);
        string[] told =
        [
            "", $"NTM Hub is ready ({narrator.Elapsed}).", "",
            .. rows.Select(row => $"  {row.What.PadRight(width)}  {row.Where}"),
            "", "Ctrl-C stops everything; the data stay.", "",
        ];
        foreach (var line in told)
            narrator.Tell(line);
    }

    /// <summary>The file tells that all is ready: at the stop it goes first.</summary>
    public void Withdraw()
    {
        lock (_gate)
        {
            _ready = false;
            File.Delete(data.EndpointsFile);
        }
    }

    /// <summary>Written anew when a process was started again: its id is another one.</summary>
    private void WriteEndpoints()
    {
        lock (_gate)
        {
            var text = Endpoints().ToJsonString(Indented);
            if (!_ready || text == _written)
                return;
            try
            {
                PrivateFile.Write(data.EndpointsFile, text);
                _written = text;
            }
            catch (IOException) when (_written is not null)
            {
                // No room on the disk: what was written stays, and the next change writes again.
            }
        }
    }

    private JsonObject Endpoints()
    {
        var resources = new JsonObject();
        foreach (var supervisor in topology.Supervisors)
        {
            var entry = new JsonObject { ["pid"] = supervisor.Status.ProcessId, ["log"] = supervisor.Log.FilePath };
            foreach (var endpoint in supervisor.Instance.Endpoints)
                entry[endpoint.EndpointName] = Links.Loopback(endpoint.Url);
            if (supervisor.Resource is RabbitMQServerResource)
                entry["user"] = _brokerUser;
            resources[supervisor.Name] = entry;
        }

        return new JsonObject
        {
            ["pid"] = Environment.ProcessId,
            ["startTime"] = ProcessTable.StartTimeOf(Environment.ProcessId),
            ["dashboard"] = topology.Dashboard?.Login,
            ["dashboardApi"] = topology.Dashboard?.Frontend,
            ["otlp"] = topology.Dashboard?.Otlp,
            ["resourceService"] = topology.ResourceService.Url,
            ["secrets"] = Path.GetDirectoryName(builder.Secrets.PathOf(ClientSecret)),
            ["resources"] = resources,
        };
    }
}

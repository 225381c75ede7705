using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>What is where, once all is ready: a short table for people and <c>endpoints.json</c> for programs.</summary>
internal sealed class ReadyReport(DistributedApplicationBuilder builder, DataFolder data, Topology topology)
{
    private const string ClientSecret = "local-client-secret";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public async Task WriteAsync(string elapsed)
    {
        var rows = new List<(string What, string Where)>();
        foreach (var resource in builder.Resources)
            rows.AddRange(await LinksAsync(resource));
        if (topology.Dashboard is { } dashboard)
            rows.Add(("Aspire dashboard", dashboard.Login));
        rows.Add(("Data, logs", $"{data.Root}, {data.Logs}"));
        rows.Add(("Local client secret", builder.Secrets.PathOf(ClientSecret)));

        PrivateFile.Write(data.EndpointsFile, Endpoints().ToJsonString(Indented));
        var width = rows.Max(row => row.What.Length);
        Console.WriteLine();
        Console.WriteLine($"NTM Hub is ready ({elapsed}).");
        Console.WriteLine();
        foreach (var (what, where) in rows)
            Console.WriteLine($"  {what.PadRight(width)}  {where}");
        Console.WriteLine();
        Console.WriteLine("Ctrl-C stops everything; the data stay.");
        Console.WriteLine();
    }

    private static async Task<IReadOnlyList<(string What, string Where)>> LinksAsync(IResource resource)
    {
        var links = new List<(string, string)>();
        foreach (var callback in resource.All<UrlCallbackAnnotation>())
        {
            var endpoint = new EndpointReference((IResourceWithEndpoints)resource, callback.EndpointName);
            var url = new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint };
            callback.Callback(url);
            links.Add((url.DisplayText ?? callback.EndpointName, Loopback(url.Url)));
        }

        foreach (var link in resource.All<UrlAnnotation>())
            links.Add((link.DisplayText ?? resource.Name, Loopback(await link.Url.GetValueAsync() ?? "")));
        return links;
    }

    private static string Loopback(string url) => url.Replace("//localhost:", "//127.0.0.1:", StringComparison.Ordinal);

    private JsonObject Endpoints()
    {
        var resources = new JsonObject();
        foreach (var supervisor in topology.Supervisors)
        {
            var entry = new JsonObject { ["pid"] = supervisor.ProcessId, ["log"] = supervisor.Log.FilePath };
            if (supervisor.Resource is IResourceWithEndpoints owner)
                foreach (var endpoint in owner.All<EndpointAnnotation>())
                    entry[endpoint.Name] = Loopback(new EndpointReference(owner, endpoint.Name).Url);
            resources[supervisor.Resource.Name] = entry;
        }

        return new JsonObject
        {
            ["pid"] = Environment.ProcessId,
            ["dashboard"] = topology.Dashboard?.Login,
            ["dashboardApi"] = topology.Dashboard?.Frontend,
            ["secrets"] = Path.GetDirectoryName(builder.Secrets.PathOf(ClientSecret)),
            ["resources"] = resources,
        };
    }
}

using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>An address to open.</summary>
/// <param name="Endpoint">The endpoint that it belongs to, if it does.</param>
/// <param name="Url">The address on loopback.</param>
/// <param name="Text">What people see.</param>
/// <param name="IsNamed">The topology gave it its words; the others are for programs.</param>
internal sealed record Link(string? Endpoint, string Url, string Text, bool IsNamed);

/// <summary>The addresses of a resource: those that the topology names, the health checks, the other endpoints.</summary>
internal static class Links
{
    public static async Task<IReadOnlyList<Link>> OfAsync(Instance instance)
    {
        if (instance.Resource is not IResourceWithEndpoints)
            return [];
        var links = new List<Link>();
        foreach (var endpoint in instance.Endpoints)
        {
            var callbacks = instance.Resource.All<UrlCallbackAnnotation>().Where(callback => callback.EndpointName == endpoint.EndpointName).ToList();
            var url = new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint };
            foreach (var callback in callbacks)
                callback.Callback(url);
            links.Add(new(endpoint.EndpointName, Loopback(url.Url), url.DisplayText ?? endpoint.EndpointName, callbacks.Count > 0));
        }

        foreach (var link in instance.Resource.All<UrlAnnotation>())
            links.Add(new(null, Loopback(await link.Url.GetValueAsync() ?? ""), link.DisplayText ?? instance.Name, IsNamed: true));
        foreach (var check in instance.Resource.All<HttpHealthAnnotation>())
            links.Add(new(null, Loopback(instance.Endpoint(check.EndpointName ?? "http").Url + check.Path), "Health", IsNamed: false));
        return links;
    }

    public static string Loopback(string url) => url.Replace("//localhost:", "//127.0.0.1:", StringComparison.Ordinal);
}

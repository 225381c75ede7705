using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>Erlang's port mapper, as a child of ours: the one that a broker starts by itself would outlive it.</summary>
internal sealed class EpmdRecipe(EndpointReference endpoint, string user) : IRecipe
{
    private string Port => endpoint.Port.ToString(CultureInfo.InvariantCulture);

    public Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken) =>
        Task.FromResult(new ProcessSpec("epmd", ["-port", Port, "-address", "127.0.0.1"], "/") { User = user });

    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => Probe.AcceptsAsync(endpoint.Port, cancellationToken);

    /// <summary>Had ours died for a moment, the broker would have started another one.</summary>
    public Task CleanUpAsync() => EndStrayAsync(endpoint.Port, user);

    /// <summary>A mapper ends itself when it is asked to and no node is registered with it; another program does not understand.</summary>
    public static async Task EndStrayAsync(int port, string user)
    {
        if (await Probe.AcceptsAsync(port, CancellationToken.None))
            await Tool.RunAsync(new("timeout", ["5", "epmd", "-port", port.ToString(CultureInfo.InvariantCulture), "-kill"], "/") { User = user });
    }
}

/// <summary>Asking from outside whether a process is well.</summary>
internal static class Probe
{
    // Whoever is asked is on this machine: a proxy of the environment would answer for it.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The status of a GET, or null while nobody answers.</summary>
    public static async Task<int?> StatusAsync(string url, CancellationToken cancellationToken) => (await GetAsync(url, cancellationToken))?.Status;

    /// <summary>The answer to a GET, or null while nobody answers.</summary>
    public static async Task<(int Status, string Text)?> GetAsync(string url, CancellationToken cancellationToken, AuthenticationHeaderValue? credentials = null)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url)) { Headers = { Authorization = credentials } };
            using var response = await Http.SendAsync(request, cancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

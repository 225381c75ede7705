using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ntm.Bench;

/// <summary>YARP with one route and nothing else, in a process of its own: what a gateway costs that does nothing.</summary>
internal static class BareYarp
{
    public const string Word = "bare-yarp";

    /// <summary>The child's side.</summary>
    public static Task RunAsync(string url, string destination)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new() { RouteId = "all", ClusterId = "all", Match = new() { Path = "/{**path}" } }],
            [new() { ClusterId = "all", Destinations = new Dictionary<string, Yarp.ReverseProxy.Configuration.DestinationConfig>(StringComparer.Ordinal) { ["all"] = new() { Address = destination } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app.RunAsync();
    }

    public static (Process Process, Uri Address) Start(Uri destination)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(BareYarp).Assembly.Location, Word, address.ToString(), destination.ToString()]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return (process, address);
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

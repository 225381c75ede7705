using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ntm.AppHost.Local;

/// <summary>Serves the dashboard over gRPC, on loopback, to whoever shows the key.</summary>
internal sealed class ResourceServer : IAsyncDisposable
{
    private const string KeyHeader = "x-resource-service-api-key";

    private readonly WebApplication _application;

    private ResourceServer(WebApplication application) => _application = application;

    public static async Task<ResourceServer> StartAsync(ResourceServiceAddress address, ResourceBoard board)
    {
        // Empty: neither settings files nor variables of the run's own environment change it.
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, address.Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(board);

        var application = builder.Build();
        application.Use((http, next) => Shows(http.Request.Headers[KeyHeader], address.Key) ? next(http) : RefuseAsync(http));
        application.MapGrpcService<DashboardEndpoint>();
        await application.StartAsync();
        return new(application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private static bool Shows(string? given, string key) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(key));

    /// <summary>To a gRPC client this is UNAUTHENTICATED.</summary>
    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}

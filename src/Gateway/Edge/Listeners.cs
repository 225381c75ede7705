using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ntm.Gateway.Edge;

/// <summary>
/// Two doors: the addresses of ASPNETCORE_URLS for HTTP, and cleartext HTTP/2 for gRPC on GATEWAY_GRPC_PORT beside the first
/// of them. One cleartext port cannot be both: there Kestrel refuses HTTP/2 by prior knowledge. With TLS one door does for all.
/// </summary>
internal static class Listeners
{
    private const string DefaultUrl = "http://127.0.0.1:8080";
    private const int DefaultGrpcPort = 8081;
    private const long DefaultBodyBytes = 2 * 1024 * 1024;

    public static WebApplicationBuilder AddListeners(this WebApplicationBuilder builder)
    {
        var grpcPort = GrpcPort(builder.Configuration);
        var bodyBytes = builder.Configuration.GetValue("Ntm:Gateway:MaxBodyBytes", DefaultBodyBytes);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = bodyBytes;
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                if (listen.IPEndPoint?.Port == grpcPort) listen.Protocols = HttpProtocols.Http2;
            });
        });
        return builder;
    }

    public static void UseListeners(this WebApplication app)
    {
        foreach (var url in Urls(app.Configuration)) app.Urls.Add(url);
        if (GrpcPort(app.Configuration) is not { } grpcPort) return;
        var first = BindingAddress.Parse(Urls(app.Configuration)[0]);
        app.Urls.Add(string.Create(CultureInfo.InvariantCulture, $"{first.Scheme}://{first.Host}:{grpcPort}"));
    }

    private static string[] Urls(IConfiguration configuration) =>
        (configuration["urls"] is { Length: > 0 } given ? given : DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int? GrpcPort(IConfiguration configuration) =>
        configuration.GetValue<int?>("GATEWAY_GRPC_PORT")
        ?? (BindingAddress.Parse(Urls(configuration)[0]).Scheme == Uri.UriSchemeHttps ? null : DefaultGrpcPort);
}

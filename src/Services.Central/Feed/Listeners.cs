using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ntm.Central.Feed;

/// <summary>
/// Two endpoints: HTTP/1.1 on the addresses of ASPNETCORE_URLS, and cleartext HTTP/2 on CENTRAL_GRPC_PORT of loopback.
/// One cleartext port cannot be both: there Kestrel refuses HTTP/2 by prior knowledge.
/// </summary>
internal static class Listeners
{
    public static void AddListeners(this WebApplicationBuilder builder)
    {
        var port = builder.Configuration.GetValue<int?>("CENTRAL_GRPC_PORT");
        if (port is not null) builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:0", $"http://127.0.0.1:{port}");
        // Read when the server starts: the schema step needs no port.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen =>
        {
            if (port is null) throw new InvalidOperationException("CENTRAL_GRPC_PORT is not set.");
            if (listen.IPEndPoint?.Port == port) listen.Protocols = HttpProtocols.Http2;
        }));
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace Ntm.ServiceDefaults;

/// <summary>
/// A second door of a service for the gateway: cleartext HTTP/2 on a port of loopback, beside HTTP/1.1 on the addresses of
/// ASPNETCORE_URLS. One cleartext port cannot be both: there Kestrel refuses HTTP/2 by prior knowledge.
/// </summary>
internal static class Http2Door
{
    private const string Port = "NTM_HTTP2_PORT";

    public static void AddHttp2Door(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<int?>(Port) is not { } port) return;
        builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:0", $"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen =>
        {
            if (listen.IPEndPoint?.Port == port) listen.Protocols = HttpProtocols.Http2;
        }));
    }
}

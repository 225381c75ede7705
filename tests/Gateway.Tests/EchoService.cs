using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ntm.Gateway.Tests;

/// <summary>Stands where a service stands: says what it was asked, and speaks just enough gRPC.</summary>
internal sealed class EchoService : IAsyncDisposable
{
    private readonly WebApplication app;

    private EchoService(WebApplication app) => this.app = app;

    public string Http => app.Urls.First();

    public string Grpc => app.Urls.Last();

    /// <param name="name">What it calls itself in the header Replica, where several stand for one service.</param>
    /// <param name="breaksOff">Whether it takes every request and hangs up instead of answering.</param>
    public static async Task<EchoService> StartAsync(string name = "one", bool breaksOff = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var service = builder.Build();
        service.Use(async (context, next) =>
        {
            if (breaksOff)
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Abort();
                return;
            }

            context.Response.Headers["Replica"] = name;
            await next(context);
        });
        service.MapGet("/health/ready", () => "ready");
        service.MapPost("/ntm.central.v1.ChangeFeed/Pull", async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.StartAsync();
            context.Response.AppendTrailer("grpc-status", context.Request.Headers.Authorization.Count is 0 ? "16" : "0");
        });
        service.MapGet("/api/notifications/stream", async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("id: 1\ndata: first\n\n");
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        service.Map("{**path}", async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var sent = await body.ReadToEndAsync();
            context.Response.Headers.ETag = "\"7\"";
            context.Response.Headers.Location = "/api/criteria/periods/2024-Q4";
            await context.Response.WriteAsJsonAsync(new
            {
                body = sent,
                path = context.Request.Path.Value,
                query = context.Request.QueryString.Value,
                host = context.Request.Host.Value,
                protocol = context.Request.Protocol,
                correlationId = context.Request.Headers["X-Correlation-Id"].ToString(),
                authorization = context.Request.Headers.Authorization.ToString(),
            });
        });
        await service.StartAsync();
        return new EchoService(service);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

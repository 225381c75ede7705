using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults.Operations;
using Ntm.ServiceDefaults.Proof;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Ntm.ServiceDefaults;

/// <summary>What every service shares: telemetry, health, problem details, JSON, clock, OpenAPI.</summary>
public static class ServiceDefaults
{
    private const string Ready = "ready";

    // For calls under way when the process is told to end; the run waits two seconds longer before it kills.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(18);

    public static void AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new Demonstration(builder.Configuration.GetValue<bool>("Ntm:Demonstration")));
        builder.Services.AddSingleton<HouseMetrics>();
        builder.Services.AddHostedService<IdleMemory>();
        builder.Services.AddProblems();
        builder.Services.ConfigureHttpJsonOptions(options => NtmJson.ConfigureHttp(options.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Drain);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(client => client.AddServiceDiscovery());
        builder.Services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(options => options.AddServerHeader = false);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        // One line for each page of events says nothing that a trace does not.
        builder.Logging.AddFilter("Marten", LogLevel.Warning).AddFilter("JasperFx", LogLevel.Warning);
        // A lost race is an error to the store and everyday life to us; what fails for good is logged where it is answered.
        builder.Logging.AddFilter("Marten.IDocumentStore", LogLevel.Critical);
        // Health is told where it is asked for, several times a second while everything starts.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        builder.AddHttp2Door();
        builder.AddDescriptions(service);
        builder.AddTelemetry(service);

        var health = builder.Services.AddHealthChecks();
        if (!Topology.Services.Contains(service)) return;
        // Each remembers what it saw: unregistered, it would be made anew for every check.
        builder.Services.AddSingleton<StoreHealth>().AddSingleton<RegisterHealth>();
        health.AddCheck<StoreHealth>("store", tags: [Ready]);
        if (Topology.Listeners.GetValueOrDefault(service)?.Contains(typeof(RegisterImported)) == true) health.AddCheck<RegisterHealth>("register", tags: [Ready]);
    }

    public static void UseServiceDefaults(this WebApplication app)
    {
        app.UseProblems();
        // The gateway only passes on; it has neither commands nor a past.
        var commands = app.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Commands));
        var metrics = app.Services.GetRequiredService<HouseMetrics>();
        app.Use((http, next) =>
        {
            if (http.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
                return Problems.WriteAsync(http, Refusal.Malformed("query", "malformed-query", "Tham số chứa ký tự U+0000.", "A parameter holds the character U+0000."));
            if (!commands) return next(http);
            // Shown as of now under a question about the past, an answer would be believed: what is not offered is refused.
            if (http.Request.Query.ContainsKey("asOf") && http.GetEndpoint() is { } endpoint && http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
                && endpoint.Metadata.GetMetadata<TakesAsOf>() is null)
                return Problems.WriteAsync(http, Refusal.Malformed("asOf", "as-of-not-offered", "Địa chỉ này chưa trả lời asOf.", "This address does not answer asOf yet."));
            // Likewise a page would be taken for the whole list.
            if (HttpMethods.IsGet(http.Request.Method) && http.Request.Query.ContainsKey("format") && http.GetEndpoint() is { } asked
                && http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && asked.Metadata.GetMetadata<TakesFormat>() is null)
                return Problems.WriteAsync(http, Refusal.Malformed("format", "format-not-offered", "Địa chỉ này không xuất thành tệp.", "This address gives no files."));
            if (!HttpMethods.IsPost(http.Request.Method) && !HttpMethods.IsPut(http.Request.Method)) return next(http);
            // A pull of the feed is a POST and no command; its body is a stream.
            if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
            {
                http.Response.OnCompleted(() =>
                {
                    metrics.CallAnswered(http);
                    return Task.CompletedTask;
                });
                return next(http);
            }

            BodyBuffer.Take(http);
            http.Response.OnCompleted(() =>
            {
                metrics.Answered(http);
                return Task.CompletedTask;
            });
            return next(http);
        });
        app.UseNtmAuthentication();
        app.UseAuthorization();
    }

    /// <param name="service">Name of the service; null for the gateway, which has no store to operate on.</param>
    public static void MapServiceDefaults(this WebApplication app, string? service = null)
    {
        app.MapOpenApi();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteHealth });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteHealth });
        if (service is null) return;
        app.MapOperations(service);
        // Not before: who exports has begun to listen by then.
        app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<HouseMetrics>().Begin(service));
    }

    /// <summary>
    /// Without an argument the service serves; with <c>schema</c> it applies its schema, with <c>check</c> or <c>rebuild</c> it proves or
    /// mends its read models, each as the owner's role, and ends.
    /// </summary>
    public static async Task RunServiceAsync(this WebApplication app, string service, string[] args)
    {
        if (args is ["schema", ..]) await SchemaStep.ApplyAsync(app.Services, service, CancellationToken.None);
        else if (args is [("check" or "rebuild") and var verb, ..]) Environment.ExitCode = await ProofStep.RunAsync(app.Services, service, verb, Console.Out, Console.Error, CancellationToken.None);
        else await app.RunAsync();
    }

    private static Task WriteHealth(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(
        new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(e => e.Key, e => new { status = e.Value.Status.ToString(), e.Value.Description }, StringComparer.Ordinal),
        },
        NtmJson.Http);

    /// <summary>Without a collector nothing is recorded.</summary>
    private static void AddTelemetry(this WebApplicationBuilder builder, string service)
    {
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 }) return;
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
                .AddMeter("Npgsql", "Marten", "MassTransit", TelemetryNames.Meter))
            .WithTracing(tracing => tracing
                .SetSampler(new ParentBasedSampler(new WorkSampler(builder.Configuration.GetValue("Ntm:TracesPerSecond", 50))))
                .AddSource(service, "Npgsql", "Marten", "MassTransit", TelemetryNames.Messaging)
                .AddAspNetCoreInstrumentation(options => options.Filter = http => !http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }
}

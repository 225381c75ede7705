using System.Collections;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Ntm.AppHost.Local;

/// <summary>The environment of a process, in the names and shapes that Aspire gives.</summary>
internal sealed class ProcessEnvironment(IDistributedApplicationBuilder builder, DashboardAddress? dashboard)
{
    private static readonly HashSet<string> NotInherited = new(StringComparer.Ordinal)
    {
        "ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "ASPIRE_LOGLEVEL", "NTM_TOKEN",
    };

    public async Task<IReadOnlyDictionary<string, string>> OfAsync(Instance instance, CancellationToken cancellationToken)
    {
        var resource = instance.Resource;
        var variables = Inherited();
        SpareLoopback(variables);
        AddEndpoints(variables, instance);
        if (resource.Has<OtlpExporterAnnotation>())
            AddTelemetry(variables, instance);
        if (resource is ProjectResource)
            AddDotnet(variables);

        var context = new EnvironmentCallbackContext(resource, builder.ExecutionContext, cancellationToken);
        foreach (var annotation in resource.All<EnvironmentAnnotation>())
            await annotation.Callback(context);
        foreach (var (name, value) in context.EnvironmentVariables)
            variables[name] = await TextAsync(value, cancellationToken);
        return variables;
    }

    public static async Task<string> TextAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken) ?? "",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    // Passwords that were given by environment are for the run: each process gets only those that the topology names for it.
    private static Dictionary<string, string> Inherited() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Select(entry => (Name: (string)entry.Key, Value: (string?)entry.Value ?? ""))
        .Where(entry => !NotInherited.Contains(entry.Name)
            && !entry.Name.StartsWith("Parameters__", StringComparison.OrdinalIgnoreCase)
            && !entry.Name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal);

    /// <summary>What is on this machine is not asked for through a proxy. Both spellings are read, the small one first.</summary>
    internal static void SpareLoopback(Dictionary<string, string> variables)
    {
        const string Loopback = "localhost,127.0.0.1,::1";
        var given = variables.GetValueOrDefault("no_proxy") is { Length: > 0 } small ? small : variables.GetValueOrDefault("NO_PROXY");
        variables["no_proxy"] = variables["NO_PROXY"] = given switch
        {
            null or "" => Loopback,
            "*" => given,
            _ => $"{given},{Loopback}",
        };
    }

    private static void AddEndpoints(Dictionary<string, string> variables, Instance instance)
    {
        var urls = new List<string>();
        foreach (var endpoint in instance.Endpoints)
        {
            if (endpoint.EnvironmentVariable is not null)
                variables[endpoint.EnvironmentVariable] = endpoint.Port.ToString(CultureInfo.InvariantCulture);
            else if (instance.Resource is ProjectResource)
                urls.Add(endpoint.Url);
        }

        if (urls.Count > 0)
            variables["ASPNETCORE_URLS"] = string.Join(';', urls);
    }

    private void AddTelemetry(Dictionary<string, string> variables, Instance instance)
    {
        variables["OTEL_SERVICE_NAME"] = instance.Resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.Id}";
        if (dashboard is not null)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = dashboard.Otlp;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={dashboard.OtlpKey}";
        }

        if (!builder.Environment.IsDevelopment())
            return;
        foreach (var name in new[] { "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL" })
            variables[name] = "1000";
        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }

    private static void AddDotnet(Dictionary<string, string> variables)
    {
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
    }
}

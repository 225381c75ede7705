using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>How one resource learns of another: connection strings, connection properties, service discovery.</summary>
public static class ReferenceExtensions
{
    public static IResourceBuilder<T> WithReference<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where T : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.WithReferenceRelationship(resource).WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = resource;
            foreach (var (property, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[$"{ResourceNames.ForEnvironment(name)}_{property.ToUpperInvariant()}"] = value;
        });
    }

    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where T : IResourceWithEnvironment => builder.WithReference(source, source.Resource.Name);

    public static IResourceBuilder<T> WithReference<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source,
        string name)
        where T : IResourceWithEnvironment => builder.WithReferenceRelationship(source.Resource).WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.All<EndpointAnnotation>())
                for (var replica = 0; replica < source.Resource.Replicas(); replica++)
                    Tell(context, name, new EndpointReference(source.Resource, endpoint.Name, replica));
        });

    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithReferenceRelationship(endpointReference.Resource)
            .WithEnvironment(context => Tell(context, endpointReference.Resource.Name, endpointReference));

    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, string name, Uri uri)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables[$"services__{name}__default__0"] = uri.ToString();
            context.EnvironmentVariables[name] = uri.ToString();
        });

    private static void Tell(EnvironmentCallbackContext context, string name, EndpointReference endpoint)
    {
        var key = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
        var index = 0;
        while (context.EnvironmentVariables.ContainsKey(Key(name, key, index)))
            index++;
        context.EnvironmentVariables[Key(name, key, index)] = endpoint;
        if (index == 0)
            context.EnvironmentVariables[$"{ResourceNames.ForEnvironment(name)}_{ResourceNames.ForEnvironment(endpoint.EndpointName)}"] = endpoint;
    }

    private static string Key(string name, string endpoint, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"services__{name}__{endpoint}__{index}");
}

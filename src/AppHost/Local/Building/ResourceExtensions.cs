using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Ntm.AppHost.Local;

namespace Aspire.Hosting;

/// <summary>Adding projects, programs, parameters and connection strings.</summary>
public static class ResourceExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddResource(new ProjectResource(name))
            .WithAnnotation(new ProjectAnnotation(Path.GetFullPath(projectPath, builder.AppHostDirectory)))
            .WithAnnotation(new OtlpExporterAnnotation());

    /// <summary>Several processes of one project, each on ports of its own.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        replicas >= 1
            ? builder.WithAnnotation(new ReplicasAnnotation(replicas))
            : throw new ArgumentOutOfRangeException(nameof(replicas), replicas, $"'{builder.Resource.Name}' needs at least one replica.");

    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder,
        string name,
        string command,
        string workingDirectory,
        params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory)))
            .WithArgs(args ?? []);

    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
    {
        var secrets = ((DistributedApplicationBuilder)builder).Secrets;
        return builder.AddResource(new ParameterResource(name, () => secrets.Read(name, secret), secret));
    }

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false) =>
        builder.AddResource(new ParameterResource(name, () => SecretStore.Configured(builder.Configuration, name) ?? value, secret));

    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder,
        string name,
        ReferenceExpression connectionStringExpression) =>
        builder.AddResource(new ConnectionStringResource(name, connectionStringExpression)).WithReferenceRelationship(connectionStringExpression);

    /// <summary>The connection string <c>ConnectionStrings:{name}</c> of the configuration.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder,
        string name,
        string? environmentVariableName = null)
    {
        var value = builder.Configuration.GetConnectionString(name);
        ((DistributedApplicationBuilder)builder).Secrets.Masking.AddFrom(value ?? "");
        return builder.AddResource(new ConnectionStringResource(name, ReferenceExpression.Create($"{value}")));
    }

    /// <summary>Shown below its parent on the dashboard; nothing else follows from it.</summary>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource => builder.WithAnnotation(new RelationshipAnnotation(parent.Resource, "Parent"));

    /// <summary>On the dashboard it leads to the other; nothing else follows from it.</summary>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> resourceBuilder)
        where T : IResource => builder.WithReferenceRelationship(resourceBuilder.Resource);

    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource
    {
        var reference = new RelationshipAnnotation(resource, "Reference");
        return builder.Resource.All<RelationshipAnnotation>().Contains(reference) ? builder : builder.WithAnnotation(reference);
    }

    /// <summary>It leads to each resource that the text is put together from.</summary>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, ReferenceExpression expression)
        where T : IResource => expression.Resources.Aggregate(builder, (built, resource) => built.WithReferenceRelationship(resource));
}

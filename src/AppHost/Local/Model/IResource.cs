namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of the system that the topology names.</summary>
public interface IResource
{
    string Name { get; }

    IList<IResourceAnnotation> Annotations { get; }
}

/// <summary>A fact about a resource that the builder methods collect and the run reads.</summary>
public interface IResourceAnnotation;

public interface IResourceWithEnvironment : IResource;

public interface IResourceWithArgs : IResource;

public interface IResourceWithEndpoints : IResource;

public interface IResourceWithWaitSupport : IResource;

public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

public interface IResourceWithParent<out T> : IResource
    where T : IResource
{
    T Parent { get; }
}

public abstract class Resource(string name) : IResource
{
    public string Name { get; } = ResourceNames.Check(name);

    public IList<IResourceAnnotation> Annotations { get; } = [];
}

/// <summary>Reading the annotations of a resource.</summary>
internal static class ResourceAnnotations
{
    public static IEnumerable<T> All<T>(this IResource resource)
        where T : IResourceAnnotation => resource.Annotations.OfType<T>();

    public static bool Has<T>(this IResource resource)
        where T : IResourceAnnotation => resource.Annotations.OfType<T>().Any();

    public static int Replicas(this IResource resource) => resource.All<ReplicasAnnotation>().LastOrDefault()?.Replicas ?? 1;
}

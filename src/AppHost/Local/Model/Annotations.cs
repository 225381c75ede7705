using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a callback may fill: names and values, the values resolved when the process starts.</summary>
public sealed class EnvironmentCallbackContext(
    IResource resource,
    DistributedApplicationExecutionContext executionContext,
    CancellationToken cancellationToken = default)
{
    public Dictionary<string, object> EnvironmentVariables { get; } = new(StringComparer.Ordinal);

    public IResource Resource { get; } = resource;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

public sealed class CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    public IList<object> Args { get; } = args;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>A link that people should see, with the words they see it under.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public string Url { get; set; } = "";

    public string? DisplayText { get; set; }

    public EndpointReference? Endpoint { get; init; }
}

internal sealed record EnvironmentAnnotation(Func<EnvironmentCallbackContext, Task> Callback) : IResourceAnnotation;

internal sealed record ArgumentsAnnotation(Func<CommandLineArgsCallbackContext, Task> Callback) : IResourceAnnotation;

internal sealed record ProjectAnnotation(string ProjectPath) : IResourceAnnotation;

internal sealed record HttpHealthAnnotation(string Path, int StatusCode, string? EndpointName) : IResourceAnnotation;

internal sealed record UrlCallbackAnnotation(string EndpointName, Action<ResourceUrlAnnotation> Callback) : IResourceAnnotation;

internal sealed record UrlAnnotation(ReferenceExpression Url, string? DisplayText) : IResourceAnnotation;

/// <param name="Other">The other end.</param>
/// <param name="Type"><c>Reference</c> or <c>Parent</c>.</param>
internal sealed record RelationshipAnnotation(IResource Other, string Type) : IResourceAnnotation;

internal sealed record ReplicasAnnotation(int Replicas) : IResourceAnnotation;

internal sealed record IconAnnotation(string Name) : IResourceAnnotation;

internal sealed record ExplicitStartAnnotation : IResourceAnnotation;

internal sealed record OtlpExporterAnnotation : IResourceAnnotation;

internal sealed record Http2ServiceAnnotation : IResourceAnnotation;

internal enum WaitKind
{
    Started,
    Healthy,
    Completed,
}

internal sealed record WaitAnnotation(IResource Dependency, WaitKind Kind, int ExitCode = 0) : IResourceAnnotation;

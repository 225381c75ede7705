using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Ntm.AppHost.Local.Protocol;

namespace Ntm.AppHost.Local;

/// <summary>Resources in the dashboard's words; no secret is among them.</summary>
internal sealed class ResourceMessages(Topology topology, Masking masking, DateTimeOffset created)
{
    private static readonly Dictionary<string, string> AppHostVariables = System.Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

    // Only a server has Aspire's own name of it: the dashboard looks there for the other end of a span, and all of these lead to one server.
    private const string ConnectionString = "ntm.connectionString";

    private readonly Dictionary<string, string> _connectionStrings = new(StringComparer.Ordinal);

    public Protocol.Resource OfProcess(Supervisor supervisor, IReadOnlyList<Link> links)
    {
        var (resource, status) = (supervisor.Resource, supervisor.Status);
        var message = New(resource, supervisor.Instance.UniqueName, resource is ProjectResource ? "Project" : "Executable", status.State);
        message.SupportsDetailedTelemetry = resource.Has<OtlpExporterAnnotation>();
        if (StyleOf(status) is { } style)
            message.StateStyle = style;
        message.StartedAt = status.StartedAt?.ToTimestamp();
        message.StoppedAt = status.StoppedAt?.ToTimestamp();
        message.Commands.AddRange(OperatorCommands.Of(status, [.. NeededBy(supervisor).Select(other => other.Name).Distinct(StringComparer.Ordinal)]));
        message.Urls.AddRange(links.Select((link, index) => ToUrl(link, index, inside: resource is ProjectResource, status.State != States.Running)));
        message.HealthReports.AddRange(status.Health.Select(ToReport));
        AddProcess(message, supervisor);
        if (resource is IResourceWithConnectionString server)
            Add(message, "resource.connectionString", "Connection string", Hidden(server), sensitive: true);
        return message;
    }

    public Protocol.Resource OfDatabase(PostgresDatabaseResource database)
    {
        var server = topology.Of(database.Parent).Select(supervisor => supervisor.Status).FirstOrDefault();
        var message = New(database, database.Name, nameof(PostgresDatabaseResource), server?.State ?? States.Active);
        message.StartedAt = server?.StartedAt?.ToTimestamp();
        Add(message, "resource.source", "Database", masking.Hide(database.DatabaseName));
        Add(message, ConnectionString, "Connection string", Hidden(database), sensitive: true);
        return message;
    }

    public Protocol.Resource OfConnectionString(ConnectionStringResource resource)
    {
        var message = New(resource, resource.Name, "ConnectionString", States.Active);
        Add(message, ConnectionString, "Connection string", Hidden(resource), sensitive: true);
        return message;
    }

    public Protocol.Resource OfParameter(ParameterResource parameter, string value)
    {
        var message = New(parameter, parameter.Name, "Parameter", States.Active);
        Add(message, "Value", "Value", parameter.Secret ? Masking.Mask : masking.Hide(value), parameter.Secret);
        return message;
    }

    private Protocol.Resource New(IResource resource, string name, string type, string state)
    {
        var message = new Protocol.Resource
        {
            Name = name,
            Uid = name,
            DisplayName = resource.Name,
            ResourceType = type,
            State = state,
            CreatedAt = created.ToTimestamp(),
            IconName = IconOf(resource),
            IconVariant = IconVariant.Filled,
        };
        message.Relationships.AddRange(Relations(resource).Distinct().Select(r => new ResourceRelationship { ResourceName = r.Name, Type = r.Type }));
        if (ParentOf(resource) is { } parent)
            Add(message, "resource.parentName", "Parent", topology.Of(parent).FirstOrDefault()?.Instance.UniqueName ?? parent.Name);
        return message;
    }

    private void AddProcess(Protocol.Resource message, Supervisor supervisor)
    {
        var (resource, status) = (supervisor.Resource, supervisor.Status);
        var args = status.Spec?.Args.Select(masking.Hide).ToList() ?? [];
        if (resource.All<ProjectAnnotation>().LastOrDefault() is { } project)
            Add(message, "project.path", "Project path", project.ProjectPath);
        if (status.Spec is { } spec)
        {
            Add(message, "executable.path", "Executable path", spec.Command);
            Add(message, "executable.workDir", "Working directory", spec.WorkingDirectory);
            message.Properties.Add(Property("executable.args", "Executable arguments", Texts(args)));
            // The first argument of a project is its assembly; the others are its own.
            var own = resource is ProjectResource ? args.Skip(1).ToList() : args;
            message.Properties.Add(Property("resource.appArgs", "Arguments", Texts(own)));
            message.Properties.Add(Property("resource.appArgsSensitivity", "", Value.ForList([.. own.Select(_ => Value.ForNumber(0))])));
            message.Environment.AddRange(spec.Environment
                .Where(variable => !AppHostVariables.TryGetValue(variable.Key, out var inherited) || inherited != variable.Value)
                .OrderBy(variable => variable.Key, StringComparer.Ordinal)
                .Select(variable => new EnvironmentVariable
                {
                    Name = variable.Key,
                    Value = masking.HideVariable(variable.Key, variable.Value),
                    IsFromSpec = true,
                }));
        }

        if (status.ProcessId is { } id)
            Add(message, "executable.pid", "Process id", FormattableString.Invariant($"{id}"));
        if (status.ExitCode is { } code)
            message.Properties.Add(Property("resource.exitCode", "Exit code", Value.ForNumber(code)));
        if (!status.WaitingFor.IsEmpty)
            message.Properties.Add(Property("resource.waitingFor", "Waiting for", Texts(status.WaitingFor)));
        if (status.Restarts > 0)
            Add(message, "ntm.restarts", "Restarts after a failure", FormattableString.Invariant($"{status.Restarts}"));
        if (status.StartsAgainAt is { } again)
            Add(message, "ntm.startsAgainAt", "Starts again at (UTC)", again.UtcDateTime.ToString("HH:mm:ss.f", System.Globalization.CultureInfo.InvariantCulture));
        Add(message, "ntm.log", "Log file", supervisor.Log.FilePath);
    }

    /// <summary>Relationships go by the name that people see.</summary>
    private static IEnumerable<(string Name, string Type)> Relations(IResource resource)
    {
        if (ParentOf(resource) is { } parent)
            yield return (parent.Name, "Parent");
        foreach (var relation in resource.All<RelationshipAnnotation>().Where(relation => relation.Type != "Parent"))
            yield return (relation.Other.Name, relation.Type);
        foreach (var wait in resource.All<WaitAnnotation>())
            yield return (wait.Dependency.Name, "WaitFor");
    }

    private static IResource? ParentOf(IResource resource) => resource is PostgresDatabaseResource database
        ? database.Parent
        : resource.All<RelationshipAnnotation>().LastOrDefault(relation => relation.Type == "Parent")?.Other;

    /// <summary>Those that are there to stay; what they needed only to begin with is behind a step.</summary>
    private IEnumerable<Supervisor> NeededBy(Supervisor supervisor) =>
        topology.DependentsOf(supervisor).SelectMany(other => other.IsStep ? NeededBy(other) : [other]);

    // A running process is coloured by its health: the dashboard would put a style above it.
    private static string? StyleOf(Status status) => status switch
    {
        { State: States.FailedToStart } or { StartsAgainAt: not null } => "error",
        { State: States.Exited or States.Finished, ExitCode: not (null or 0) } => "error",
        { State: States.Finished } => "success",
        { State: States.Waiting or States.Starting or States.Stopping } => "info",
        _ => null,
    };

    private static string IconOf(IResource resource) => resource.All<IconAnnotation>().LastOrDefault()?.Name ?? resource switch
    {
        PostgresServerResource => "DatabaseMultiple",
        PostgresDatabaseResource => "Database",
        RabbitMQServerResource => "MailMultiple",
        ConnectionStringResource => "PlugConnected",
        ParameterResource { Secret: true } => "Key",
        ParameterResource => "TextboxSettings",
        ProjectResource => "CodeCsRectangle",
        _ => "AppGeneric",
    };

    /// <param name="link">The address.</param>
    /// <param name="index">Its place.</param>
    /// <param name="inside">An endpoint without words is for the other services: it stands with the details only.</param>
    /// <param name="inactive">Nobody answers there now.</param>
    private static Url ToUrl(Link link, int index, bool inside, bool inactive)
    {
        var url = new Url
        {
            FullUrl = link.Url,
            IsInternal = inside && !link.IsNamed && link.Endpoint is not null,
            IsInactive = inactive,
            DisplayProperties = new() { DisplayName = link.IsNamed || link.Endpoint is null or "management" ? link.Text : "", SortOrder = 100 - index },
        };
        if (link.Endpoint is not null)
            url.EndpointName = link.Endpoint;
        return url;
    }

    private Protocol.HealthReport ToReport(HealthReport report) => new()
    {
        Key = report.Key,
        Description = masking.Hide(report.Reason),
        Status = report.Status switch
        {
            Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy => Protocol.HealthStatus.Healthy,
            Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded => Protocol.HealthStatus.Degraded,
            _ => Protocol.HealthStatus.Unhealthy,
        },
    };

    private string Hidden(IResourceWithConnectionString resource) => _connectionStrings.GetValueOrDefault(resource.Name, "");

    /// <summary>Ports and passwords are known by now, so the texts can be put together once.</summary>
    public async Task LearnAsync(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources.OfType<IResourceWithConnectionString>())
            _connectionStrings[resource.Name] = masking.Hide(await resource.GetConnectionStringAsync() ?? "");
    }

    private static Value Texts(IEnumerable<string> texts) => Value.ForList([.. texts.Select(Value.ForString)]);

    // Without a text it is for the page itself; the others are what people see first.
    private static ResourceProperty Property(string name, string text, Value value) =>
        new() { Name = name, DisplayName = text, Value = value, IsHighlighted = text.Length > 0 };

    private static void Add(Protocol.Resource message, string name, string text, string value, bool sensitive = false)
    {
        var property = Property(name, text, Value.ForString(value));
        property.IsSensitive = sensitive;
        message.Properties.Add(property);
    }
}

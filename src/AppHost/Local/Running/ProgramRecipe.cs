using System.Globalization;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ntm.AppHost.Local;

/// <summary>A project (from its build output) or any other program.</summary>
internal sealed class ProgramRecipe(Instance instance, ProcessEnvironment environment) : IRecipe
{
    private readonly IResource _resource = instance.Resource;

    public async Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken)
    {
        var args = await ArgumentsAsync(cancellationToken);
        var variables = await environment.OfAsync(instance, cancellationToken);
        if (_resource is ExecutableResource executable)
            return new(executable.Command, args, executable.WorkingDirectory) { Environment = variables };

        var project = _resource.All<ProjectAnnotation>().Last().ProjectPath;
        return new(Dotnet, [Assembly(project), .. args], Path.GetDirectoryName(project)!) { Environment = variables };
    }

    public async Task<IReadOnlyList<HealthReport>> CheckAsync(CancellationToken cancellationToken)
    {
        var reports = new List<HealthReport>();
        foreach (var check in _resource.All<HttpHealthAnnotation>())
            reports.AddRange(await HttpHealth.AskAsync(instance.Endpoint(check.EndpointName ?? "http"), check, cancellationToken));
        return reports;
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        (await CheckAsync(cancellationToken)).All(report => report.Status != HealthStatus.Unhealthy);

    private static string Dotnet => Path.GetFileName(Environment.ProcessPath) == "dotnet"
        ? Environment.ProcessPath!
        : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The output of the same configuration and framework that this run was itself built in.</summary>
    private static string Assembly(string project)
    {
        var host = System.Reflection.Assembly.GetExecutingAssembly();
        var configuration = host.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Release";
        var framework = string.Create(CultureInfo.InvariantCulture, $"net{Environment.Version.Major}.{Environment.Version.Minor}");
        var output = Path.Combine(Path.GetDirectoryName(project)!, "bin", configuration, framework);
        const string Suffix = ".runtimeconfig.json";
        var found = Directory.Exists(output) ? Directory.GetFiles(output, "*" + Suffix) : [];
        return found.Length == 1
            ? found[0][..^Suffix.Length] + ".dll"
            : throw new StartFailure($"{project} is not built ({configuration}): run ./run, or dotnet build -c {configuration}.");
    }

    private async Task<List<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        var collected = new List<object>();
        foreach (var annotation in _resource.All<ArgumentsAnnotation>())
            await annotation.Callback(new(collected, cancellationToken));
        var args = new List<string>();
        foreach (var value in collected)
            args.Add(await ProcessEnvironment.TextAsync(value, cancellationToken));
        return args;
    }
}

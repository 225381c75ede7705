using System.Globalization;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>A project (from its build output) or any other program.</summary>
internal sealed class ProgramRecipe(IResource resource, ProcessEnvironment environment) : IRecipe
{
    public async Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken)
    {
        var args = await ArgumentsAsync(cancellationToken);
        var variables = await environment.OfAsync(resource, cancellationToken);
        if (resource is ExecutableResource executable)
            return new(executable.Command, args, executable.WorkingDirectory) { Environment = variables };

        var project = resource.All<ProjectAnnotation>().Last().ProjectPath;
        return new(Dotnet, [Assembly(project), .. args], Path.GetDirectoryName(project)!) { Environment = variables };
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        if (resource is not IResourceWithEndpoints owner)
            return true;
        foreach (var check in resource.All<HttpHealthAnnotation>())
        {
            var endpoint = new EndpointReference(owner, check.EndpointName ?? "http");
            if (await Probe.StatusAsync(endpoint.Url + check.Path, cancellationToken) != check.StatusCode)
                return false;
        }

        return true;
    }

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
        foreach (var annotation in resource.All<ArgumentsAnnotation>())
            await annotation.Callback(new(collected, cancellationToken));
        var args = new List<string>();
        foreach (var value in collected)
            args.Add(await ProcessEnvironment.TextAsync(value, cancellationToken));
        return args;
    }
}

using Ntm.AppHost.Local;

namespace Aspire.Hosting;

/// <summary>The topology, running as local processes until a signal stops it.</summary>
public sealed class DistributedApplication
{
    private readonly DistributedApplicationBuilder _builder;

    internal DistributedApplication(DistributedApplicationBuilder builder) => _builder = builder;

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Runs until Ctrl-C or SIGTERM; the exit code of the process tells whether it went well.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    public async Task RunAsync(CancellationToken cancellationToken = default) =>
        Environment.ExitCode = await LocalRun.RunAsync(_builder, cancellationToken);
}

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Ntm.AppHost.Local;

/// <summary>From resources to supervisors: ports given out, recipes chosen, the order of start and stop known.</summary>
internal sealed class Topology(DistributedApplicationBuilder builder, DataFolder data, ProcessRecord record, Narrator narrator)
{
    private readonly PortBook _ports = new(data);
    private readonly Dictionary<IResource, Supervisor> _supervisors = [];

    public DashboardAddress? Dashboard { get; private set; }

    public IReadOnlyCollection<Supervisor> Supervisors => _supervisors.Values;

    public async Task PrepareAsync()
    {
        foreach (var resource in builder.Resources)
            GiveOutPorts(resource);
        Dashboard = FindDashboard();
        var environment = new ProcessEnvironment(builder, Dashboard);

        if (Dashboard is not null)
            Add(new ExecutableResource(DashboardRecipe.ResourceName, Dashboard.Program, data.Root), new DashboardRecipe(Dashboard, data));
        foreach (var resource in builder.Resources)
        {
            if (resource is PostgresServerResource postgres)
                Add(postgres, new PostgresRecipe(postgres, data));
            else if (resource is RabbitMQServerResource rabbit)
                await AddBrokerAsync(rabbit);
            else if (resource is ProjectResource or ExecutableResource)
                Add(resource, new ProgramRecipe(resource, environment));
        }

        foreach (var supervisor in Supervisors)
            Order(supervisor);
    }

    /// <summary>Whoever must be gone before this one may stop: those that waited for it, and for the dashboard those that report to it.</summary>
    public IEnumerable<Supervisor> DependentsOf(Supervisor supervisor) => Supervisors.Where(other =>
        other.Prerequisites.Any(prerequisite => prerequisite.Supervisor == supervisor)
        || (supervisor.Resource.Name == DashboardRecipe.ResourceName && other.Resource.Has<OtlpExporterAnnotation>()));

    private Supervisor Add(IResource resource, IRecipe recipe) =>
        _supervisors[resource] = new(resource, recipe, new(data, resource.Name), narrator, record);

    private async Task AddBrokerAsync(RabbitMQServerResource rabbit)
    {
        var mapper = new ExecutableResource($"{rabbit.Name}-epmd", "epmd", data.Root);
        if (_ports.Kept(mapper.Name) is { } earlier)
            await EpmdRecipe.EndStrayAsync(earlier, RabbitMqRecipe.User);
        var endpoint = new EndpointAnnotation("tcp", "tcp", null, null, null) { AllocatedPort = _ports.Keep(mapper.Name) };
        mapper.Annotations.Add(endpoint);
        var reference = new EndpointReference(mapper, endpoint.Name);
        Add(mapper, new EpmdRecipe(reference, RabbitMqRecipe.User));
        rabbit.Annotations.Add(new WaitAnnotation(mapper, WaitKind.Healthy));
        Add(rabbit, new RabbitMqRecipe(rabbit, reference, _ports.Keep($"{rabbit.Name}-distribution"), data, builder.Secrets));
    }

    private void GiveOutPorts(IResource resource)
    {
        foreach (var endpoint in resource.All<EndpointAnnotation>())
        {
            var name = $"{resource.Name}-{endpoint.Name}";
            endpoint.AllocatedPort = (endpoint.FixedPort, resource) switch
            {
                ({ } wanted, _) => _ports.Fixed(wanted, resource.Name, $"choose another port with {ResourceNames.ForEnvironment(name)}_PORT or --port-base"),
                (null, ProjectResource) => _ports.Any(),
                _ => _ports.Keep(name),
            };
        }
    }

    private DashboardAddress? FindDashboard()
    {
        var program = builder.Configuration["ASPIRE_DASHBOARD_PATH"]
            ?? Path.GetFullPath("../../.tools/aspire/bundle/managed/aspire-managed", builder.AppHostDirectory);
        if (!File.Exists(program))
        {
            narrator.Say("The Aspire dashboard is not installed: everything else runs, without pages for logs and traces.");
            return null;
        }

        var port = _ports.Fixed(builder.Configuration.GetValue("DASHBOARD_PORT", (builder.Configuration.GetValue<int?>("port-base") + 2) ?? 18888), "the dashboard", "choose another port with DASHBOARD_PORT or --port-base");
        return new(
            program,
            port,
            _ports.Any(),
            builder.Secrets.Read("dashboard-token", mayGenerate: true),
            builder.Secrets.Read("otlp-api-key", mayGenerate: true),
            builder.Secrets.Read("dashboard-api-key", mayGenerate: true));
    }

    private void Order(Supervisor supervisor)
    {
        foreach (var wait in supervisor.Resource.All<WaitAnnotation>())
        {
            var dependency = wait.Dependency is PostgresDatabaseResource database ? database.Parent : wait.Dependency;
            if (!_supervisors.TryGetValue(dependency, out var other))
                continue; // parameters and connection strings are there from the beginning
            supervisor.Prerequisites.Add(new(other, wait.Kind, wait.ExitCode));
            other.IsStep |= wait.Kind == WaitKind.Completed;
        }

        supervisor.IsStep |= supervisor.StartsOnRequest;
    }
}

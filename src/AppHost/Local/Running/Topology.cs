using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>From resources to supervisors: ports given out, recipes chosen, the order of start and stop known.</summary>
internal sealed class Topology(DistributedApplicationBuilder builder, DataFolder data, ProcessRecord record, Narrator narrator) : IDisposable
{
    private readonly PortBook _ports = new(data);
    private readonly List<Supervisor> _supervisors = [];

    public DashboardAddress? Dashboard { get; private set; }

    public ResourceServiceAddress ResourceService => field ??= new(_ports.Any(), builder.Secrets.Read("resource-service-api-key", mayGenerate: true));

    public IReadOnlyCollection<Supervisor> Supervisors => _supervisors;

    public async Task PrepareAsync()
    {
        // Here, and not when the first process wants it, one learns that a password is none.
        foreach (var parameter in builder.Resources.OfType<ParameterResource>())
            await parameter.GetValueAsync();
        // What is fixed comes first: no port that is kept or drawn takes its place.
        foreach (var resource in builder.Resources)
            TakeFixedPorts(resource);
        Dashboard = FindDashboard();
        foreach (var resource in builder.Resources)
            GiveOutPorts(resource);
        var environment = new ProcessEnvironment(builder, Dashboard);

        if (Dashboard is not null)
            AddDashboard(Dashboard);
        foreach (var resource in builder.Resources)
        {
            if (resource is PostgresServerResource postgres)
                Add(new(postgres, 0), new PostgresRecipe(postgres, data));
            else if (resource is RabbitMQServerResource rabbit)
                await AddBrokerAsync(rabbit);
            else if (resource is ProjectResource or ExecutableResource)
                foreach (var instance in Enumerable.Range(0, resource.Replicas()).Select(replica => new Instance(resource, replica)))
                    Add(instance, new ProgramRecipe(instance, environment));
        }

        foreach (var supervisor in Supervisors)
            Order(supervisor);
    }

    /// <summary>The ports may then be another run's.</summary>
    public void Dispose() => _ports.Dispose();

    public IEnumerable<Supervisor> Of(IResource resource) => _supervisors.Where(supervisor => supervisor.Resource == resource);

    /// <summary>Whoever must be gone before this one may stop: those that waited for it, and for the dashboard those that report to it.</summary>
    public IEnumerable<Supervisor> DependentsOf(Supervisor supervisor) => Supervisors.Where(other =>
        other.Prerequisites.Any(prerequisite => prerequisite.Supervisor == supervisor)
        || (supervisor.Resource.Name == DashboardRecipe.ResourceName && other.Resource.Has<OtlpExporterAnnotation>()));

    private void Add(Instance instance, IRecipe recipe)
    {
        if (_supervisors.Any(other => other.Name == instance.Name))
            throw new StartFailure($"Two processes would have the name '{instance.Name}': rename the resource '{instance.Name}' or the one with replicas.");
        _supervisors.Add(new(instance, recipe, new(data, instance.Name, builder.Secrets.Masking), narrator, record));
    }

    private void AddDashboard(DashboardAddress dashboard)
    {
        var resource = new ExecutableResource(DashboardRecipe.ResourceName, dashboard.Program, data.Root);
        resource.Annotations.Add(new EndpointAnnotation("http", "http", dashboard.Port, null, null) { TargetHost = "127.0.0.1", AllocatedPort = dashboard.Port });
        resource.Annotations.Add(new UrlCallbackAnnotation("http", url => url.DisplayText = "Dashboard"));
        resource.Annotations.Add(new IconAnnotation("Board"));
        Add(new(resource, 0), new DashboardRecipe(dashboard, ResourceService, data));
    }

    private async Task AddBrokerAsync(RabbitMQServerResource rabbit)
    {
        var mapper = new ExecutableResource($"{rabbit.Name}-epmd", "epmd", data.Root);
        if (_ports.Kept(mapper.Name) is { } earlier)
            await EpmdRecipe.EndStrayAsync(earlier, RabbitMqRecipe.User);
        var endpoint = new EndpointAnnotation("tcp", "tcp", null, null, null) { TargetHost = "127.0.0.1", AllocatedPort = _ports.Keep(mapper.Name) };
        mapper.Annotations.Add(endpoint);
        mapper.Annotations.Add(new RelationshipAnnotation(rabbit, "Parent"));
        var reference = new EndpointReference(mapper, endpoint.Name);
        Add(new(mapper, 0), new EpmdRecipe(reference, RabbitMqRecipe.User));
        rabbit.Annotations.Add(new WaitAnnotation(mapper, WaitKind.Healthy));
        Add(new(rabbit, 0), new RabbitMqRecipe(rabbit, reference, _ports.Keep($"{rabbit.Name}-distribution"), data, builder.Secrets));
    }

    private void TakeFixedPorts(IResource resource)
    {
        foreach (var endpoint in resource.All<EndpointAnnotation>())
        {
            if (endpoint.FixedPort is not { } wanted)
                continue;
            if (resource.Replicas() > 1)
                throw new StartFailure($"{resource.Name} has the fixed port {wanted}, which its {resource.Replicas()} replicas cannot share: run it once.");
            var variable = ResourceNames.ForEnvironment($"{resource.Name}-{endpoint.Name}");
            endpoint.AllocatedPort = _ports.Fixed(wanted, resource.Name, $"choose another port with {variable}_PORT or --port-base");
        }
    }

    private void GiveOutPorts(IResource resource)
    {
        foreach (var endpoint in resource.All<EndpointAnnotation>())
        {
            endpoint.AllocatedPort ??= resource is ProjectResource ? _ports.Any() : _ports.Keep($"{resource.Name}-{endpoint.Name}");
            endpoint.FurtherPorts = [.. Enumerable.Range(1, resource.Replicas() - 1).Select(_ => _ports.Any())];
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

        var port = _ports.Fixed(Numbers.Of(builder.Configuration).Numbers!.Dashboard, "the dashboard", "choose another port with DASHBOARD_PORT or --port-base");
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
            // Parameters and connection strings have no process: they are there from the beginning.
            foreach (var other in Of(dependency))
            {
                supervisor.Prerequisites.Add(new(other, wait.Kind, wait.ExitCode));
                other.IsStep |= wait.Kind == WaitKind.Completed;
            }
        }

        supervisor.IsStep |= supervisor.StartsOnRequest;
    }
}

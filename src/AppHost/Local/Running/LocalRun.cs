using System.Runtime.InteropServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>One run of the topology from the first process to the last.</summary>
internal static class LocalRun
{
    // Two seconds more than a program allows itself for the calls under way.
    private static readonly TimeSpan UntilDrained = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan UntilClosed = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan UntilGone = TimeSpan.FromSeconds(2.5);

    /// <summary>How long it has to end by itself: the door and the services for the calls under way, the servers to close their files.</summary>
    public static TimeSpan PatienceWith(IResource resource) => resource switch
    {
        ProjectResource => UntilDrained,
        PostgresServerResource or RabbitMQServerResource => UntilClosed,
        _ => UntilGone,
    };

    public static async Task<int> RunAsync(DistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var narrator = new Narrator();
        try
        {
            using var data = DataFolder.Open(builder);
            using var stop = new StopSignals(narrator, cancellationToken);
            var record = await ProcessRecord.TakeOverAsync(data, narrator);
            if (data.IsToBeReset)
            {
                SecretStore.MustTakeAll(builder.Configuration);
                data.Reset(narrator);
            }

            using var topology = new Topology(builder, data, record, narrator);
            await topology.PrepareAsync();
            return await RunAsync(builder, data, topology, stop, narrator);
        }
        catch (Exception reason) when (reason is StartFailure or IOException or UnauthorizedAccessException)
        {
            var failure = reason as StartFailure ?? StartFailure.OfFolder(DataFolder.Of(builder), reason);
            narrator.Complain(failure.Message);
            return 1;
        }
    }

    private static async Task<int> RunAsync(
        DistributedApplicationBuilder builder,
        DataFolder data,
        Topology topology,
        StopSignals stop,
        Narrator narrator)
    {
        var report = new ReadyReport(builder, data, topology, narrator);
        var board = await ResourceBoard.CreateAsync(builder, topology);
        await using var service = await ResourceServer.StartAsync(topology.ResourceService, board);
        var attended = topology.Supervisors.Where(supervisor => !supervisor.StartsOnRequest).ToList();
        foreach (var supervisor in attended)
            supervisor.Start();

        // A dashboard that cannot run is seen in its log; it is no reason to stop what works.
        var failure = await FirstFailureAsync(attended.Where(supervisor => supervisor.Resource.Name != DashboardRecipe.ResourceName), stop);
        if (failure is null && !stop.Requested.IsCompleted)
            failure = await TellAsync(report, data);
        if (failure is null && !stop.Requested.IsCompleted)
        {
            foreach (var supervisor in topology.Supervisors.Where(supervisor => supervisor.StartsOnRequest))
            {
                supervisor.Log.Follower = narrator.Tell;
                supervisor.Start();
            }

            await stop.Requested;
        }

        report.Withdraw();
        if (failure is not null)
        {
            narrator.Silent = true; // the reason is the last thing that one reads
            narrator.Complain(failure.Message);
        }

        await StopAllAsync(topology, stop.Hurry);
        narrator.Say("Everything is stopped; the data stay.");
        return failure is null ? 0 : 1;
    }

    /// <summary>A system of which nobody can be told is stopped in order, like one that cannot run.</summary>
    private static async Task<StartFailure?> TellAsync(ReadyReport report, DataFolder data)
    {
        try
        {
            await report.WriteAsync();
            return null;
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return StartFailure.OfFolder(data.Root, reason);
        }
    }

    /// <summary>Ends when all is settled (null), when one cannot settle any more (why), or when somebody wants to stop (null).</summary>
    private static async Task<StartFailure?> FirstFailureAsync(IEnumerable<Supervisor> supervisors, StopSignals stop)
    {
        var pending = supervisors.ToDictionary(supervisor => supervisor.Settled);
        while (pending.Count > 0)
        {
            var next = await Task.WhenAny(pending.Keys.Append(stop.Requested));
            if (next == stop.Requested)
                return null;
            pending.Remove(next, out var supervisor);
            if (next.Exception?.InnerException is { } reason)
                return reason as StartFailure ?? new($"{supervisor!.Name} could not be started: {reason.Message}");
            if (next is Task<int> step && await step != 0)
                return StartFailure.OfStep(supervisor!, await step);
        }

        return null;
    }

    private static async Task StopAllAsync(Topology topology, CancellationToken hurry)
    {
        var stops = new Dictionary<Supervisor, Task>();
        await Task.WhenAll(topology.Supervisors.Select(StopAsync));
        foreach (var supervisor in topology.Supervisors)
            supervisor.Dispose();

        Task StopAsync(Supervisor supervisor) =>
            stops.TryGetValue(supervisor, out var stopping) ? stopping : stops[supervisor] = StopAfterDependentsAsync(supervisor);

        async Task StopAfterDependentsAsync(Supervisor supervisor)
        {
            await Task.WhenAll(topology.DependentsOf(supervisor).Select(StopAsync).ToList());
            await supervisor.StopAsync(PatienceWith(supervisor.Resource), hurry);
        }
    }

    /// <summary>Ctrl-C, SIGTERM or a closed terminal: once to stop in order, twice to stop at once.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _hurry = new();
        private readonly List<IDisposable> _registrations = [];

        public StopSignals(Narrator narrator, CancellationToken cancellationToken)
        {
            foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            {
                _registrations.Add(PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    if (_requested.TrySetResult())
                        narrator.Say("Stopping: the gateway, the services, then the broker and the database.");
                    else
                        _hurry.Cancel();
                }));
            }

            _registrations.Add(cancellationToken.Register(() => _requested.TrySetResult()));
        }

        public Task Requested => _requested.Task;

        public CancellationToken Hurry => _hurry.Token;

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _hurry.Dispose();
        }
    }
}

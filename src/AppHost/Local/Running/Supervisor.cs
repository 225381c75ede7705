using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ntm.AppHost.Local;

/// <summary>What a supervisor must have seen of another one before its first start.</summary>
internal sealed record Prerequisite(Supervisor Supervisor, WaitKind Kind, int ExitCode)
{
    public bool IsMet => Kind switch
    {
        WaitKind.Started => Supervisor.Started.IsCompletedSuccessfully,
        WaitKind.Healthy => Supervisor.Healthy.IsCompletedSuccessfully,
        _ => Supervisor.Completed.IsCompletedSuccessfully,
    };
}

/// <summary>The life of one process: it waits, starts, is watched, started again when it dies, stopped and started by operators.</summary>
internal sealed class Supervisor(Instance instance, IRecipe recipe, ResourceLog log, Narrator narrator, ProcessRecord record) : IDisposable
{
    private const int TriesBeforeFirstHealth = 5;
    private const int KilledExitCode = 128 + Native.Kill;

    private static readonly TimeSpan UntilReady = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _gate = new();
    private CancellationTokenSource _stop = new();
    private (TimeSpan Patience, CancellationToken Hurry) _stopping;
    private Task _life = Task.CompletedTask;
    private bool _closed;

    /// <summary>After each change of the status.</summary>
    public event EventHandler? Changed;

    public Instance Instance { get; } = instance;

    public IResource Resource => Instance.Resource;

    public string Name => Instance.Name;

    public ResourceLog Log { get; } = log;

    public Status Status { get; private set; } = new();

    public IList<Prerequisite> Prerequisites { get; } = [];

    /// <summary>A step runs to its end once; everything else is there to stay.</summary>
    public bool IsStep { get; set; }

    public bool StartsOnRequest => Resource.Has<ExplicitStartAnnotation>();

    /// <summary>The first start, the first health, the first end: what others wait for.</summary>
    public Task Started => _started.Task;

    public Task Healthy => _healthy.Task;

    public Task<int> Completed => _completed.Task;

    /// <summary>Settled: a step has ended, the others are healthy. Fails with the reason when that can no longer come.</summary>
    public Task Settled => IsStep ? Completed : Healthy;

    /// <summary>Once whatever it waits for is there, unless an operator was faster.</summary>
    public void Start()
    {
        if (_life.IsCompleted)
            Begin(waits: true);
    }

    /// <summary>At once, also while it waits for others or for the end of a pause. Otherwise tells why not.</summary>
    public Task<string?> StartNowAsync() => TakeTurnAsync(async () =>
    {
        if (Status is { State: States.Starting or States.Running or States.Stopping })
            return $"{Name} runs already.";
        await EndAsync(LocalRun.PatienceWith(Resource), CancellationToken.None);
        Begin(waits: false);
        return null;
    });

    /// <summary>It then stays stopped until somebody starts it.</summary>
    public Task<string?> StopNowAsync() => TakeTurnAsync(async () =>
    {
        if (_life.IsCompleted)
            return $"{Name} does not run.";
        await EndAsync(LocalRun.PatienceWith(Resource), CancellationToken.None);
        return null;
    });

    public Task<string?> RestartAsync() => TakeTurnAsync(async () =>
    {
        await EndAsync(LocalRun.PatienceWith(Resource), CancellationToken.None);
        Begin(waits: false);
        return null;
    });

    /// <summary>The end of the run: nobody starts it any more.</summary>
    public Task StopAsync(TimeSpan patience, CancellationToken hurry) => TakeTurnAsync(async () =>
    {
        _closed = true;
        await EndAsync(patience, hurry);
        return null;
    });

    public void Dispose()
    {
        _stop.Dispose();
        _turn.Dispose();
        Log.Dispose();
    }

    private async Task<string?> TakeTurnAsync(Func<Task<string?>> act)
    {
        await _turn.WaitAsync();
        try
        {
            return _closed ? "The system is stopping." : await act();
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Begin(bool waits)
    {
        _stop.Dispose();
        _stop = new();
        _life = LiveAsync(waits, _stop.Token);
    }

    private async Task EndAsync(TimeSpan patience, CancellationToken hurry)
    {
        _stopping = (patience, hurry);
        await _stop.CancelAsync();
        await _life;
    }

    private async Task LiveAsync(bool waits, CancellationToken stop)
    {
        try
        {
            if (waits)
                await AwaitPrerequisitesAsync(stop);
            if (IsStep)
                await RunOnceAsync(stop);
            else
                await KeepAliveAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Show(status => status with { State = status.StartedAt is null ? States.NotStarted : States.Exited, WaitingFor = [], StartsAgainAt = null });
        }
        catch (Exception reason)
        {
            Log.Note($"{Name} cannot run: {reason.Message}");
            Show(status => status with { State = States.FailedToStart, WaitingFor = [], StartsAgainAt = null });
            // Whoever waits for this resource gets the reason, and so the run ends with it.
            _started.TrySetException(reason);
            _healthy.TrySetException(reason);
            _completed.TrySetException(reason);
        }
    }

    private async Task AwaitPrerequisitesAsync(CancellationToken stop)
    {
        foreach (var (other, kind, exitCode) in Prerequisites)
        {
            Show(status => status with { State = States.Waiting, WaitingFor = [.. Missing()] });
            if (kind != WaitKind.Completed)
                await (kind == WaitKind.Started ? other.Started : other.Healthy).WaitAsync(stop);
            else if (await other.Completed.WaitAsync(stop) is var code && code != exitCode)
                throw StartFailure.OfStep(other, code);
        }

        IEnumerable<string> Missing() =>
            Prerequisites.Where(prerequisite => !prerequisite.IsMet).Select(prerequisite => prerequisite.Supervisor.Resource.Name).Distinct();
    }

    private async Task RunOnceAsync(CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
        {
            var watch = Stopwatch.StartNew();
            var (code, _) = await RunAsync(stop);
            narrator.Say(Name, code == 0
                ? string.Create(CultureInfo.InvariantCulture, $"done ({watch.Elapsed.TotalSeconds:0.0} s)")
                : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}"));
            // Killed from outside: it did not fail, and it may be repeated.
            if (code == KilledExitCode && tries < TriesBeforeFirstHealth)
                continue;
            _completed.TrySetResult(code);
            return;
        }
    }

    private async Task KeepAliveAsync(CancellationToken stop)
    {
        var backoff = new Backoff();
        while (true)
        {
            var watch = Stopwatch.StartNew();
            var wasHealthy = false;
            string ending;
            try
            {
                (var code, wasHealthy) = await RunAsync(stop);
                if (code == 0 && !Resource.Has<EndpointAnnotation>())
                {
                    // Nobody calls it and it is content: a program that has done its work.
                    narrator.Say(Name, "done");
                    _completed.TrySetResult(code);
                    return;
                }

                ending = string.Create(CultureInfo.InvariantCulture, $"ended unexpectedly (exit code {code})");
            }
            catch (Exception reason) when (_healthy.Task.IsCompletedSuccessfully && reason is not OperationCanceledException)
            {
                ending = $"could not be started again ({reason.Message})";
            }

            var pause = backoff.AfterLifeOf(watch.Elapsed, wasHealthy);
            if (!_healthy.Task.IsCompleted && backoff.Failures >= TriesBeforeFirstHealth)
                throw new StartFailure($"{Name} ended {backoff.Failures} times before it was ready: the reason is at the end of {Log.FilePath}.");

            ending += string.Create(CultureInfo.InvariantCulture, $", starts again in {pause.TotalSeconds:0.#} s");
            narrator.Say(Name, ending);
            Log.Note($"{Name} {ending}");
            Show(status => status with
            {
                State = States.Exited,
                Restarts = status.Restarts + 1,
                StartsAgainAt = TimeProvider.System.GetUtcNow() + pause,
            });
            await Task.Delay(pause, stop);
        }
    }

    /// <summary>One process from its start to its end, which also a stop brings about; nobody of its group outlives it.</summary>
    private async Task<(int Code, bool WasHealthy)> RunAsync(CancellationToken stop)
    {
        Show(status => status with { State = States.Starting, WaitingFor = [], StartsAgainAt = null, Health = [] });
        var spec = await recipe.PrepareAsync(Log, stop);
        stop.ThrowIfCancellationRequested();
        Log.Note($"{Name} starts: {spec.Command} {string.Join(' ', spec.Args.Take(2))}");
        var watch = Stopwatch.StartNew();
        var process = await ChildProcess.StartAsync(spec, Name, Log, record);
        Show(status => status with
        {
            State = States.Running,
            ProcessId = process.Id,
            StartedAt = TimeProvider.System.GetUtcNow(),
            StoppedAt = null,
            ExitCode = null,
            Spec = spec,
            Health = IsStep ? [] : [new("start", HealthStatus.Unhealthy, "just started")],
        });
        _started.TrySetResult();
        if (IsStep)
            _healthy.TrySetResult();

        using var ended = new CancellationTokenSource();
        var health = IsStep ? Task.FromResult(false) : WatchHealthAsync(process, watch, ended.Token);
        try
        {
            await process.Exited.WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Show(status => status with { State = States.Stopping });
            var stopped = Stopwatch.StartNew();
            await process.StopAsync(_stopping.Patience, _stopping.Hurry);
            narrator.Say(Name, string.Create(CultureInfo.InvariantCulture, $"stopped ({stopped.Elapsed.TotalSeconds:0.0} s)"));
        }

        await ended.CancelAsync();
        var wasHealthy = await health;
        await process.LastWordsAsync();
        process.KillGroup();
        await recipe.CleanUpAsync();
        var code = await process.Exited;
        Show(status => status with
        {
            State = code == 0 && !stop.IsCancellationRequested ? States.Finished : States.Exited,
            ProcessId = null,
            StoppedAt = TimeProvider.System.GetUtcNow(),
            ExitCode = code,
            Health = [],
        });
        stop.ThrowIfCancellationRequested();
        return (code, wasHealthy);
    }

    /// <summary>Until the process has ended; whether it was healthy ever.</summary>
    private async Task<bool> WatchHealthAsync(ChildProcess process, Stopwatch watch, CancellationToken ended)
    {
        var ready = false;
        try
        {
            while (true)
            {
                var reports = await CheckAsync(ended);
                var healthy = reports.All(report => report.Status != HealthStatus.Unhealthy);
                Show(status => status with { Health = [.. reports] });
                if (healthy && !ready)
                {
                    ready = true;
                    narrator.Say(Name, string.Create(CultureInfo.InvariantCulture, $"ready ({watch.Elapsed.TotalSeconds:0.0} s)"));
                    _healthy.TrySetResult();
                }

                if (recipe.NeedsNewStart is { } reason)
                {
                    narrator.Say(Name, $"is ended to be started anew: {reason}");
                    Log.Note($"{Name} is ended to be started anew: {reason}");
                    await process.StopAsync(LocalRun.PatienceWith(Resource), ended);
                }

                await Task.Delay(healthy ? WhileHealthy : ready ? WhileUnhealthy : UntilReady, ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            if (!ready)
                Log.Note($"{Name} ended before it was ready");
            return ready;
        }
    }

    private async Task<IReadOnlyList<HealthReport>> CheckAsync(CancellationToken ended)
    {
        try
        {
            return await recipe.CheckAsync(ended);
        }
        catch (Exception reason) when (reason is not OperationCanceledException)
        {
            // That it cannot be asked is no reason to end it, and is shown.
            return [new("check", HealthStatus.Unhealthy, reason.Message)];
        }
    }

    private void Show(Func<Status, Status> change)
    {
        lock (_gate)
        {
            var next = change(Status);
            if (next with { Health = Status.Health } == Status && next.Health.SequenceEqual(Status.Health))
                return;
            Status = next;
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }
}

using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>What a supervisor must have seen of another one before it starts its own process.</summary>
internal sealed record Prerequisite(Supervisor Supervisor, WaitKind Kind, int ExitCode);

/// <summary>The life of one resource: it waits, starts, is watched, started again when it dies, stopped.</summary>
internal sealed class Supervisor(IResource resource, IRecipe recipe, ResourceLog log, Narrator narrator, ProcessRecord record) : IDisposable
{
    private const int TriesBeforeFirstHealth = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private Task _life = Task.CompletedTask;
    private ChildProcess? _process;

    public IResource Resource { get; } = resource;

    public ResourceLog Log { get; } = log;

    public IList<Prerequisite> Prerequisites { get; } = [];

    /// <summary>A step runs to its end once; everything else is there to stay.</summary>
    public bool IsStep { get; set; }

    public bool StartsOnRequest => Resource.Has<ExplicitStartAnnotation>();

    public int? ProcessId => _process is { Exited.IsCompleted: false } process ? process.Id : null;

    /// <summary>Settled: a step has ended, the others are healthy. Fails with the reason when that can no longer come.</summary>
    public Task Settled => IsStep ? _completed.Task : _healthy.Task;

    public void Start() => _life = LiveAsync();

    public async Task StopAsync(TimeSpan patience, CancellationToken hurry)
    {
        await _stopping.CancelAsync();
        if (_process is { Exited.IsCompleted: false } process)
        {
            var watch = Stopwatch.StartNew();
            await process.StopAsync(patience, hurry);
            narrator.Say(Resource.Name, string.Create(CultureInfo.InvariantCulture, $"stopped ({watch.Elapsed.TotalSeconds:0.0} s)"));
        }

        await _life;
        await recipe.CleanUpAsync();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        Log.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            foreach (var prerequisite in Prerequisites)
                await AwaitAsync(prerequisite);
            if (IsStep)
                await RunOnceAsync();
            else
                await KeepAliveAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            _completed.TrySetCanceled();
        }
        catch (Exception reason)
        {
            // Whoever waits for this resource gets the reason, and so the run ends with it.
            _started.TrySetException(reason);
            _healthy.TrySetException(reason);
            _completed.TrySetException(reason);
        }
    }

    private async Task AwaitAsync(Prerequisite prerequisite)
    {
        var (other, kind, exitCode) = prerequisite;
        switch (kind)
        {
            case WaitKind.Started:
                await other._started.Task.WaitAsync(_stopping.Token);
                break;
            case WaitKind.Healthy:
                await other._healthy.Task.WaitAsync(_stopping.Token);
                break;
            default:
                var code = await other._completed.Task.WaitAsync(_stopping.Token);
                if (code != exitCode)
                    throw StartFailure.OfStep(other, code);
                break;
        }
    }

    private async Task RunOnceAsync()
    {
        var watch = Stopwatch.StartNew();
        var process = await LaunchAsync();
        _healthy.TrySetResult();
        var code = await process.Exited.WaitAsync(_stopping.Token);
        await process.LastWordsAsync();
        narrator.Say(Resource.Name, code == 0
            ? string.Create(CultureInfo.InvariantCulture, $"done ({watch.Elapsed.TotalSeconds:0.0} s)")
            : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}"));
        _completed.TrySetResult(code);
    }

    private async Task KeepAliveAsync()
    {
        var failures = 0;
        while (true)
        {
            var watch = Stopwatch.StartNew();
            var process = await LaunchAsync();
            using (var attempt = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
            {
                var health = WatchHealthAsync(watch, attempt.Token);
                await process.Exited.WaitAsync(_stopping.Token);
                await attempt.CancelAsync();
                await health;
            }

            await process.LastWordsAsync();
            process.KillGroup();
            var code = await process.Exited;
            if (code == 0 && !Resource.Has<EndpointAnnotation>())
            {
                // Nobody calls it and it is content: a program that has done its work.
                narrator.Say(Resource.Name, "done");
                _completed.TrySetResult(code);
                return;
            }

            failures = watch.Elapsed > LongEnough ? 1 : failures + 1;
            if (!_healthy.Task.IsCompleted && failures >= TriesBeforeFirstHealth)
                throw new StartFailure($"{Resource.Name} ended {failures} times before it was ready: the reason is at the end of {Log.FilePath}.");

            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.5 * Math.Pow(2, failures - 1)));
            narrator.Say(Resource.Name, string.Create(
                CultureInfo.InvariantCulture,
                $"ended unexpectedly (exit code {code}), starts again in {pause.TotalSeconds:0.#} s"));
            await Task.Delay(pause, _stopping.Token);
        }
    }

    private async Task<ChildProcess> LaunchAsync()
    {
        var spec = await recipe.PrepareAsync(Log, _stopping.Token);
        _stopping.Token.ThrowIfCancellationRequested();
        Log.Note($"{Resource.Name} starts: {spec.Command} {string.Join(' ', spec.Args.Take(2))}");
        _process = await ChildProcess.StartAsync(spec, Resource.Name, Log, record);
        _started.TrySetResult();
        return _process;
    }

    private async Task WatchHealthAsync(Stopwatch watch, CancellationToken cancellationToken)
    {
        try
        {
            while (!await recipe.IsHealthyAsync(cancellationToken))
                await Task.Delay(TimeSpan.FromMilliseconds(150), cancellationToken);
            narrator.Say(Resource.Name, string.Create(CultureInfo.InvariantCulture, $"ready ({watch.Elapsed.TotalSeconds:0.0} s)"));
            _healthy.TrySetResult();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Note($"{Resource.Name} ended before it was ready");
        }
    }
}

using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Ntm.AppHost.Local.Protocol;

namespace Ntm.AppHost.Local;

/// <summary>Answers the dashboard: what there is, what it says, and what an operator wants done with it.</summary>
internal sealed class DashboardEndpoint(ResourceBoard board, IHostApplicationLifetime lifetime) : DashboardService.DashboardServiceBase
{
    // As in Aspire: a burst of changes is one message.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(50);

    public override Task<ApplicationInformationResponse> GetApplicationInformation(ApplicationInformationRequest request, ServerCallContext context) =>
        Task.FromResult(new ApplicationInformationResponse { ApplicationName = "NTM Hub", MinDashboardVersion = "13.5.0" });

    public override async Task WatchResources(
        WatchResourcesRequest request,
        IServerStreamWriter<WatchResourcesUpdate> responseStream,
        ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var (now, changes) = board.Join();
        try
        {
            var all = new InitialResourceData();
            all.Resources.AddRange(now);
            all.ResourceTypes.AddRange(now.Select(resource => resource.ResourceType).Distinct().Select(type => new ResourceType { UniqueName = type }));
            await responseStream.WriteAsync(new() { InitialData = all }, ending.Token);

            while (await changes.Reader.WaitToReadAsync(ending.Token))
            {
                await Task.Delay(Burst, ending.Token);
                var latest = new Dictionary<string, Protocol.Resource>(StringComparer.Ordinal);
                while (changes.Reader.TryRead(out var resource))
                    latest[resource.Name] = resource;
                var update = new WatchResourcesChanges();
                update.Value.AddRange(latest.Values.Select(resource => new WatchResourcesChange { Upsert = resource }));
                await responseStream.WriteAsync(new() { Changes = update }, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The watcher has gone, or the run ends: no failure.
        }
        finally
        {
            board.Leave(changes);
        }
    }

    public override async Task WatchResourceConsoleLogs(
        WatchResourceConsoleLogsRequest request,
        IServerStreamWriter<WatchResourceConsoleLogsUpdate> responseStream,
        ServerCallContext context)
    {
        if (board.Find(request.ResourceName) is not { } supervisor)
        {
            if (!board.Knows(request.ResourceName))
                throw new RpcException(new(StatusCode.NotFound, $"There is no resource '{request.ResourceName}'."));
            return; // a parameter or a connection string says nothing
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var lines in supervisor.Log.ReadAsync(follow: !request.SuppressFollow, ending.Token))
            {
                var update = new WatchResourceConsoleLogsUpdate();
                update.LogLines.AddRange(lines.Select(line => new ConsoleLogLine { LineNumber = line.Number, Text = line.Text, IsStdErr = line.IsError }));
                await responseStream.WriteAsync(update, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader has gone, or the run ends: no failure.
        }
    }

    /// <summary>
    /// The run has nothing to ask people, so the stream is open and silent. Without the method the dashboard's start
    /// depends on which half of the refusal it reads first.
    /// </summary>
    public override async Task WatchInteractions(
        IAsyncStreamReader<WatchInteractionsRequestUpdate> requestStream,
        IServerStreamWriter<WatchInteractionsResponseUpdate> responseStream,
        ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await context.WriteResponseHeadersAsync([]);
        await Task.Delay(Timeout.InfiniteTimeSpan, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Carried out to its end whoever goes meanwhile: the dashboard itself may be what is restarted.</summary>
    public override async Task<ResourceCommandResponse> ExecuteResourceCommand(ResourceCommandRequest request, ServerCallContext context)
    {
        var refusal = board.Find(request.ResourceName) is { } supervisor
            ? await OperatorCommands.ExecuteAsync(supervisor, request.CommandName)
            : $"There is no process '{request.ResourceName}'.";
        return refusal is null
            ? new() { Kind = ResourceCommandResponseKind.Succeeded }
            : new() { Kind = ResourceCommandResponseKind.Failed, Message = refusal };
    }
}

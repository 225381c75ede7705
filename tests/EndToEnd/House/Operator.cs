using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Ntm.AppHost.Local.Protocol;

namespace Ntm.EndToEnd;

/// <summary>An operator at the dashboard: the same calls that the page makes.</summary>
internal sealed class Operator : IDisposable
{
    private readonly GrpcChannel channel;
    private readonly DashboardService.DashboardServiceClient client;
    private readonly Metadata headers = [];

    public Operator(House house)
        : this(house, house.Secret("resource-service-api-key"))
    {
    }

    public Operator(House house, string? key)
    {
        channel = GrpcChannel.ForAddress(house.Endpoints.GetProperty("resourceService").GetString()!);
        client = new(channel);
        if (key is not null) headers.Add("x-resource-service-api-key", key);
    }

    public static int? ProcessId(Resource resource) =>
        resource.Properties.FirstOrDefault(p => p.Name == "executable.pid") is { } id ? int.Parse(id.Value.StringValue, CultureInfo.InvariantCulture) : null;

    public static bool IsWell(Resource resource) => resource.State is "Finished" or "Active" or "NotStarted"
        || (resource.State == "Running" && resource.HealthReports.All(r => r.Status == HealthStatus.Healthy));

    public async Task<IReadOnlyList<Resource>> AllAsync()
    {
        using var call = client.WatchResources(new(), headers, Deadline());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call.ResponseStream.Current.InitialData.Resources;
    }

    public async Task<Resource> OneAsync(string name) => (await AllAsync()).First(r => r.DisplayName == name);

    public async Task ExecuteAsync(string name, string command)
    {
        var resource = await OneAsync(name);
        var answer = await client.ExecuteResourceCommandAsync(
            new() { ResourceName = resource.Name, ResourceType = resource.ResourceType, CommandName = command }, headers, Deadline());
        Assert.True(answer.Kind == ResourceCommandResponseKind.Succeeded, $"{command} {name}: {answer.Message}");
    }

    public Task WellAsync(string name, TimeSpan patience) => Until.TrueAsync(async () => IsWell(await OneAsync(name)), $"{name} is well", patience);

    public Task AllWellAsync(TimeSpan patience)
    {
        IReadOnlyList<Resource> all = [];
        return Until.TrueAsync(
            async () => (all = await AllAsync()).All(IsWell),
            "all are well", patience,
            () => string.Join(", ", all.Where(r => !IsWell(r)).Select(r => $"{r.DisplayName} {r.State} {string.Join(' ', r.HealthReports)}")));
    }

    /// <summary>The lines that are remembered.</summary>
    public async Task<IReadOnlyList<ConsoleLogLine>> LinesAsync(string resourceName)
    {
        using var call = client.WatchResourceConsoleLogs(new() { ResourceName = resourceName, SuppressFollow = true }, headers, Deadline());
        var lines = new List<ConsoleLogLine>();
        await foreach (var update in call.ResponseStream.ReadAllAsync()) lines.AddRange(update.LogLines);
        return lines;
    }

    /// <summary>Follows a log, acts, and gives the first line after that with the text.</summary>
    public async Task<ConsoleLogLine> FirstLineAsync(string name, string text, Func<Task> act)
    {
        var resource = await OneAsync(name);
        var last = (await LinesAsync(resource.Name)).LastOrDefault()?.LineNumber ?? 0;
        using var call = client.WatchResourceConsoleLogs(new() { ResourceName = resource.Name }, headers, Deadline());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None)); // the backlog
        await act();
        await foreach (var update in call.ResponseStream.ReadAllAsync())
            if (update.LogLines.FirstOrDefault(l => l.LineNumber > last && l.Text.Contains(text, StringComparison.Ordinal)) is { } found) return found;
        throw new InvalidOperationException($"The log of {name} ended.");
    }

    public void Dispose() => channel.Dispose();

    private static DateTime Deadline() => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(60);
}

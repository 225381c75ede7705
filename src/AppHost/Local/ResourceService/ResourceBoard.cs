using System.Threading.Channels;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>All resources as the dashboard sees them, kept up to date, and whoever watches.</summary>
internal sealed class ResourceBoard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Protocol.Resource> _shown = new(StringComparer.Ordinal);
    private readonly HashSet<Channel<Protocol.Resource>> _watchers = [];
    private readonly Topology _topology;

    private ResourceBoard(Topology topology) => _topology = topology;

    public static async Task<ResourceBoard> CreateAsync(DistributedApplicationBuilder builder, Topology topology)
    {
        var board = new ResourceBoard(topology);
        var messages = new ResourceMessages(topology, builder.Secrets.Masking, TimeProvider.System.GetUtcNow());
        await messages.LearnAsync(builder.Resources);
        foreach (var parameter in builder.Resources.OfType<ParameterResource>())
            board.Show(messages.OfParameter(parameter, await parameter.GetValueAsync() ?? ""));
        foreach (var connection in builder.Resources.OfType<ConnectionStringResource>())
            board.Show(messages.OfConnectionString(connection));
        foreach (var supervisor in topology.Supervisors)
        {
            var links = await Links.OfAsync(supervisor.Instance);
            var databases = builder.Resources.OfType<PostgresDatabaseResource>().Where(database => database.Parent == supervisor.Resource).ToList();
            Follow();
            supervisor.Changed += (_, _) => Follow();

            void Follow()
            {
                lock (board._gate)
                {
                    board.Show(messages.OfProcess(supervisor, links));
                    foreach (var database in databases)
                        board.Show(messages.OfDatabase(database));
                }
            }
        }

        return board;
    }

    /// <summary>The process with this name on the dashboard.</summary>
    public Supervisor? Find(string resourceName) => _topology.Supervisors.FirstOrDefault(supervisor => supervisor.Instance.UniqueName == resourceName);

    public bool Knows(string resourceName)
    {
        lock (_gate)
            return _shown.ContainsKey(resourceName);
    }

    /// <summary>Everything now, and whatever changes from now on; the channel is given back with <see cref="Leave"/>.</summary>
    public (IReadOnlyCollection<Protocol.Resource> Now, Channel<Protocol.Resource> Changes) Join()
    {
        var changes = Channel.CreateUnbounded<Protocol.Resource>();
        lock (_gate)
        {
            _watchers.Add(changes);
            return ([.. _shown.Values], changes);
        }
    }

    public void Leave(Channel<Protocol.Resource> changes)
    {
        lock (_gate)
            _watchers.Remove(changes);
    }

    private void Show(Protocol.Resource message)
    {
        lock (_gate)
        {
            if (_shown.TryGetValue(message.Name, out var shown) && shown.Equals(message))
                return;
            _shown[message.Name] = message;
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(message);
        }
    }
}

using JasperFx.Events;
using Marten;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Which integration events a domain event yields. Mapping reads only what the store held at that event, so a replay maps alike.</summary>
public sealed class IntegrationMap(string service)
{
    private readonly Dictionary<Type, Func<IEvent, IQuerySession, CancellationToken, Task<IReadOnlyList<IIntegrationEvent>>>> maps = [];

    public string Service => service;

    /// <summary>The service's parts; asked for late, since the store is made with this map.</summary>
    internal Func<Type, object>? Parts { get; set; }

    /// <summary>The unit tree, which resolves by day: it only grows, so a replay maps alike.</summary>
    public ValueTask<UnitTree> UnitsAsync(CancellationToken ct) => Part<UnitRegister>().GetAsync(ct);

    /// <summary>A part of the service that holds in memory what never changes.</summary>
    public T Part<T>()
        where T : class => (T)Parts!(typeof(T));

    internal IEnumerable<Type> Sources => maps.Keys;

    public IntegrationMap On<TEvent>(Func<IEvent<TEvent>, IQuerySession, CancellationToken, Task<IReadOnlyList<IIntegrationEvent>>> map)
        where TEvent : class
    {
        maps.Add(typeof(TEvent), (e, session, ct) => map((IEvent<TEvent>)e, session, ct));
        return this;
    }

    public Origin OriginOf(IEvent e) =>
        new(service, e.StreamKey!, e.Version, e.Sequence, e.Id, e.Timestamp, e.UserName ?? "", e.ClientOf(), e.IsDemonstration(), e.CorrelationId);

    internal Task<IReadOnlyList<IIntegrationEvent>> MapAsync(IEvent e, IQuerySession session, CancellationToken ct) =>
        maps.TryGetValue(e.EventType, out var map) ? map(e, session, ct) : Task.FromResult<IReadOnlyList<IIntegrationEvent>>([]);
}

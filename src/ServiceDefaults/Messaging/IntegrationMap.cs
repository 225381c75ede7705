using JasperFx.Events;
using Marten;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Which integration events a domain event yields. Mapping reads only what the store held at that event, so a replay maps alike.</summary>
public sealed class IntegrationMap(string service)
{
    private readonly Dictionary<Type, (Func<IEvent, IQuerySession, CancellationToken, Task<IReadOnlyList<IIntegrationEvent>>> Map, Type[] Yields)> maps = [];

    public string Service => service;

    /// <summary>The service's parts; asked for late, since the store is made with this map.</summary>
    internal Func<Type, object>? Parts { get; set; }

    /// <summary>The unit tree, which resolves by day: it only grows, so a replay maps alike.</summary>
    public ValueTask<UnitTree> UnitsAsync(CancellationToken ct) => Part<UnitRegister>().GetAsync(ct);

    /// <summary>A part of the service that holds in memory what never changes.</summary>
    public T Part<T>()
        where T : class => (T)Parts!(typeof(T));

    internal IEnumerable<Type> Sources => maps.Keys;

    /// <summary>Events that may yield one of the contracts.</summary>
    internal HashSet<Type> SourcesOf(IEnumerable<Type> contracts) => [.. maps.Where(m => m.Value.Yields.Length == 0 || m.Value.Yields.Intersect(contracts).Any()).Select(m => m.Key)];

    /// <param name="yields">Contracts of which it yields some or none, and never another, so that a replay need not map what its consumer does not want; any when left out.</param>
    public IntegrationMap On<TEvent>(Func<IEvent<TEvent>, IQuerySession, CancellationToken, Task<IReadOnlyList<IIntegrationEvent>>> map, params Type[] yields)
        where TEvent : class
    {
        maps.Add(typeof(TEvent), ((e, session, ct) => map((IEvent<TEvent>)e, session, ct), yields));
        return this;
    }

    public Origin OriginOf(IEvent e) =>
        new(service, e.StreamKey!, e.Version, e.Sequence, e.Id, e.Timestamp, e.UserName ?? "", e.ClientOf(), e.IsDemonstration(), e.CorrelationId);

    internal async Task<IReadOnlyList<IIntegrationEvent>> MapAsync(IEvent e, IQuerySession session, CancellationToken ct)
    {
        if (!maps.TryGetValue(e.EventType, out var of)) return [];
        var facts = await of.Map(e, session, ct);
        if (of.Yields.Length > 0 && facts.FirstOrDefault(f => !of.Yields.Contains(f.GetType())) is { } other)
            throw new InvalidOperationException($"{e.EventType.Name} yields {other.GetType().Name}, and the map does not say so: a replay would leave it out.");
        return facts;
    }
}

using System.Collections.Concurrent;
using JasperFx.Events;
using Marten;
using Marten.Events.Aggregation;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

/// <summary>The province opened a reporting period; due days only mark lateness.</summary>
/// <param name="FiguresAsOf">The day that the figures speak of; codes in the period's paths are those of this day.</param>
/// <param name="Under">Unit below which everybody reports.</param>
public sealed record PeriodOpened(
    string Code, string Kind, string Set, DateOnly FiguresAsOf, DateOnly? Opens, DateOnly? DueUnits, DateOnly? DueDepartment,
    Guid Under, string UnderCode, string Level, string By, DateTimeOffset At);

/// <summary>A period stopped taking figures.</summary>
public sealed record PeriodClosed(string By, DateTimeOffset At);

/// <summary>A reporting period (kỳ báo cáo).</summary>
public record Period(
    string Id, string Code, string Kind, string Set, DateOnly FiguresAsOf, DateOnly? Opens, DateOnly? DueUnits, DateOnly? DueDepartment,
    Guid UnderId, string Under, string Level, bool Closed, long Version)
{
    /// <summary>Whether the unit reports in this period: of its level, and below the unit that it was opened for.</summary>
    public bool Asks(UnitTree tree, Guid unit) => tree.Find(unit)?.Level == Level && tree.On(unit, FiguresAsOf) is not null && tree.Chain(unit, FiguresAsOf).Any(u => u.Id == UnderId);

    public static string Key(string code) => $"period/{Prose.Normal(code)}";

    public static Period? Fold(Period? period, string id, object e) => e switch
    {
        PeriodOpened o => new(id, o.Code, o.Kind, o.Set, o.FiguresAsOf, o.Opens, o.DueUnits, o.DueDepartment, o.Under, o.UnderCode, o.Level, false, 1),
        PeriodClosed => period! with { Closed = true, Version = period.Version + 1 },
        _ => period,
    };
}

/// <summary>A period as its opening answers: with the version of the set that governs its day.</summary>
public sealed record OpenedPeriod : Period
{
    public OpenedPeriod(Period period, int setVersion, bool? setInForce)
        : base(period) => (SetVersion, SetInForce) = (setVersion, setInForce);

    public int SetVersion { get; }

    /// <summary>Whether the set is in force on the day of the figures; null where its days are not known. A hint: the period is opened all the same.</summary>
    public bool? SetInForce { get; }
}

/// <summary>What never changes of a period, held in memory: whether it is closed must be asked of the store.</summary>
public sealed class PeriodBook(IDocumentStore store)
{
    private readonly ConcurrentDictionary<string, Period> known = new(StringComparer.Ordinal);

    public async ValueTask<Period?> FindAsync(string code, CancellationToken ct)
    {
        if (known.TryGetValue(code, out var period)) return period;
        await using var session = store.QuerySession();
        return await session.LoadAsync<Period>(Period.Key(code), ct) is { } found ? known[code] = found : null;
    }
}

public sealed partial class PeriodProjection : SingleStreamProjection<Period, string>
{
    public PeriodProjection()
    {
        IncludeType<PeriodOpened>();
        IncludeType<PeriodClosed>();
    }

    public override Period? Evolve(Period? snapshot, string id, IEvent e) => Period.Fold(snapshot, id, e.Data);
}

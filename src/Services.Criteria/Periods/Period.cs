using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using JasperFx.Core;
using JasperFx.Events;
using Marten;
using Marten.Events.Aggregation;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

// Event names are the storage format: upcast, never edit.

/// <summary>The last day for one level, and how it came about.</summary>
/// <param name="Nominal">The last day by the wording alone.</param>
/// <param name="Ends">The last day that counts: it ends at 24:00 in Vietnam, and later is late.</param>
/// <param name="Named">The day that the act names; null where the last day was given as such.</param>
/// <param name="Wording">before or by; null where the last day was given as such.</param>
/// <param name="Roll">none, next-working-day or previous-working-day.</param>
/// <param name="CalendarVersion">Version of the calendar by which it was rolled; null where it was given.</param>
/// <param name="MovedFrom">The last day before the calendar changed; null while it stands as it was set.</param>
/// <param name="Neared">Whether it was announced as near.</param>
/// <param name="Passed">Whether it was announced as passed.</param>
public sealed record DueDay(
    DateOnly Nominal, DateOnly Ends, DateOnly? Named = null, string? Wording = null, string Roll = ReportTypes.NoRoll, long? CalendarVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? MovedFrom = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Neared = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Passed = false);

/// <summary>Last days by level: of the units, and of the department onward.</summary>
/// <param name="WarnWorkingDays">Working days before a last day on which it is announced as near.</param>
public sealed record PeriodDue(DueDay? Units, DueDay? Department, int WarnWorkingDays = PeriodDue.UsualWarning)
{
    public const int UsualWarning = 5;

    public static PeriodDue Given(DateOnly? units, DateOnly? department) => new(DayOf(units), DayOf(department));

    public static DueDay? DayOf(DateOnly? given) => given is { } day ? new(day, day) : null;

    public DueDay? Of(string level) => level == Deadlines.Units ? Units : Department;

    public PeriodDue With(string level, Func<DueDay, DueDay> change) => level == Deadlines.Units ? this with { Units = change(Units!) } : this with { Department = change(Department!) };
}

/// <summary>Kinds of units that the period does not ask, and the act behind it.</summary>
/// <param name="Excluded">Units that were of these kinds when the period was opened: a later act does not change who was asked. Null in what was recorded before it was kept.</param>
public sealed record RuralOnly(
    IReadOnlyList<string> ExcludedKinds, string Act, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? Excluded = null);

/// <summary>The province opened a reporting period; due days only mark lateness.</summary>
/// <param name="FiguresAsOf">The day that the figures speak of; codes in the period's paths are those of this day.</param>
/// <param name="Under">Unit below which everybody reports.</param>
/// <param name="Type">Report type that it was opened by; null where none was named.</param>
/// <param name="Due">The due days as the type computed them; null where both were given or left open.</param>
/// <param name="Units">Only these units report; null for all.</param>
/// <param name="Rural">Only rural units report; null for all.</param>
/// <param name="CutOffAct">The act by which the data are closed on <paramref name="FiguresAsOf"/>.</param>
public sealed record PeriodOpened(
    string Code, string Kind, string Set, DateOnly FiguresAsOf, DateOnly? Opens, DateOnly? DueUnits, DateOnly? DueDepartment,
    Guid Under, string UnderCode, string Level, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PeriodDue? Due = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? Units = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RuralOnly? Rural = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CutOffAct = null);

/// <summary>A last day is near.</summary>
/// <param name="Level">units or department.</param>
/// <param name="Missing">Units that had not handed in by then; for the department, units whose report was not approved.</param>
public sealed record PeriodDueNeared(string Level, DateOnly Due, IReadOnlyList<Guid> Missing, DateTimeOffset At);

/// <summary>A last day passed.</summary>
/// <param name="Level">units or department.</param>
/// <param name="Missing">Units that had not handed in by then; for the department, units whose report was not approved.</param>
public sealed record PeriodDuePassed(string Level, DateOnly Due, IReadOnlyList<Guid> Missing, DateTimeOffset At);

/// <summary>The calendar changed, and a computed last day with it.</summary>
public sealed record PeriodDueMoved(string Level, DateOnly From, DateOnly To, long CalendarVersion, DateTimeOffset At);

/// <summary>A period stopped taking figures.</summary>
/// <param name="Missing">Units that had not handed in; null in what was recorded before it was kept.</param>
public sealed record PeriodClosed(
    string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? Missing = null);

/// <summary>A reporting period (kỳ báo cáo).</summary>
/// <param name="DueUnits">Last day of the units; null where none is set.</param>
/// <param name="DueDepartment">Last day of the department onward; null where none is set.</param>
/// <param name="Version">What persons did to it, counted; what time does to its last days leaves it, so that nobody's If-Match goes stale by it.</param>
public record Period(
    string Id, string Code, string Kind, string Set, DateOnly FiguresAsOf, DateOnly? Opens, DateOnly? DueUnits, DateOnly? DueDepartment,
    Guid UnderId, string Under, string Level, bool Closed, [property: JasperFxIgnore] long Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type = null,
    PeriodDue? Due = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? Units = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RuralOnly? Rural = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CutOffAct = null)
{
    /// <summary>How the due days came about; what was stored before says no more than the days.</summary>
    public PeriodDue Due { get; init; } = Due ?? PeriodDue.Given(DueUnits, DueDepartment);

    /// <summary>The act by which it reports, with how sure it is: its type's, else the decree on reports of agencies.</summary>
    [JsonIgnore]
    public string Basis => ReportTypes.Find(Type) is { } type ? $"{type.Act} ({type.Mark})" : "NĐ 09/2019/NĐ-CP, điều 8 khoản 5 (seen)";

    /// <summary>Whether the unit reports in this period: of its level, below the unit that it was opened for, and among those that it names.</summary>
    public bool Asks(UnitTree tree, Guid unit) => (Units is null || Units.Contains(unit)) && !IsExcluded(tree, unit) && Covers(tree, unit);

    /// <summary>Whether the unit would report, were it rural.</summary>
    public bool IsExcluded(UnitTree tree, Guid unit) => Rural is { } rural
        && (rural.Excluded is { } excluded ? excluded.Contains(unit) : tree.On(unit, FiguresAsOf) is { } on && rural.ExcludedKinds.Contains(on.Kind));

    /// <summary>Whether the unit is of the period's level and below the unit that it was opened for.</summary>
    public bool Covers(UnitTree tree, Guid unit) =>
        tree.Find(unit)?.Level == Level && tree.On(unit, FiguresAsOf) is not null && tree.Chain(unit, FiguresAsOf).Any(u => u.Id == UnderId);

    /// <summary>All units that report, in the order of their codes.</summary>
    public IReadOnlyList<Guid> Asked(UnitTree tree) => [.. Below(tree).Where(u => Asks(tree, u))];

    /// <summary>The period as it is opened: with the units that are not rural by the register of now.</summary>
    public RuralOnly? Frozen(UnitTree tree) => Rural is { } rural ? rural with { Excluded = [.. Below(tree).Where(u => Covers(tree, u) && IsExcluded(tree, u))] } : null;

    private IEnumerable<Guid> Below(UnitTree tree) => tree.Below(UnderId, Level, FiguresAsOf).Select(u => u.Unit.Id).Prepend(UnderId).Distinct();

    /// <summary>All periods as they were opened, moved and closed by the position (null: all that is recorded).</summary>
    public static async Task<IReadOnlyList<Period>> AtAsync(IQuerySession session, long? position, CancellationToken ct)
    {
        var periods = await session.Query<Period>().ToListAsync(ct);
        if (position is not { } at) return periods;
        string[] streams = [.. periods.Select(p => p.Id)];
        var events = await session.Events.QueryAllRawEvents().Where(e => streams.Contains(e.StreamKey!) && e.Sequence <= at).OrderBy(e => e.Sequence).ToListAsync(ct);
        return [.. events.GroupBy(e => e.StreamKey!, StringComparer.Ordinal).Select(s => s.Aggregate((Period?)null, (period, e) => Fold(period, s.Key, e.Data))).OfType<Period>()];
    }

    public static string Key(string code) => $"period/{Prose.Normal(code)}";

    public static Period? Fold(Period? period, string id, object e) => e switch
    {
        PeriodOpened o => new(
            id, o.Code, o.Kind, o.Set, o.FiguresAsOf, o.Opens, o.DueUnits, o.DueDepartment, o.Under, o.UnderCode, o.Level, false, 1, o.Type, o.Due, o.Units, o.Rural, o.CutOffAct),
        PeriodDueNeared n => period!.Next(n.Level, due => due with { Neared = true }),
        PeriodDuePassed p => period!.Next(p.Level, due => due with { Passed = true }),
        PeriodDueMoved m => period!.Next(m.Level, due => due with { Ends = m.To, MovedFrom = m.From, CalendarVersion = m.CalendarVersion, Neared = false, Passed = false }),
        PeriodClosed => period! with { Closed = true, Version = period.Version + 1 },
        _ => period,
    };

    private Period Next(string level, Func<DueDay, DueDay> change)
    {
        var due = Due.With(level, change);
        return this with { Due = due, DueUnits = due.Units?.Ends, DueDepartment = due.Department?.Ends };
    }
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

/// <summary>What never changes of a period, held in memory: whether it is closed, and its due days, must be asked of the store.</summary>
public sealed class PeriodBook(IDocumentStore store)
{
    private readonly ConcurrentDictionary<string, Period> known = new(StringComparer.Ordinal);

    /// <summary>Says that a stored period was written, if only to put it right.</summary>
    public void Forget() => known.Clear();

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
        IncludeType<PeriodDueNeared>();
        IncludeType<PeriodDuePassed>();
        IncludeType<PeriodDueMoved>();
        IncludeType<PeriodClosed>();
    }

    public override Period? Evolve(Period? snapshot, string id, IEvent e) => Period.Fold(snapshot, id, e.Data);
}

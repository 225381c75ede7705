using JasperFx.Events;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.Criteria.Units.Administration;
using Ntm.Criteria.Units.Exchange;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Units;

/// <summary>A register that acts follow one another on; the real units of Hà Tĩnh unless told otherwise.</summary>
internal sealed class Registry
{
    public const string Basis = "NQ 1665/NQ-UBTVQH15";
    public static readonly IReadOnlySet<string> Regions = Given.Published.SelectMany(p => p.Set.Indicators).SelectMany(i => i.ThresholdsByRegion).Select(t => t.Region).ToHashSet(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<object>> streams;
    private int made;

    public Registry(bool empty = false)
    {
        streams = empty ? [] : Given.UnitStreams.ToDictionary(s => s.Key, s => s.Value.ToList());
        Units = streams.ToDictionary(s => s.Key, s => Folded(s.Value));
    }

    public Dictionary<Guid, UnitState> Units { get; private set; }

    public UnitTree Tree => new(Units.Values);

    public static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");

    public UnitState Unit(string code, string on) => Units[Tree.Resolve(code, Day(on))!.Id];

    /// <summary>The act as it is planned, with the faults of body and law.</summary>
    public (Act Act, IReadOnlyList<ActFault> Faults) Plan(Action<Act> plan, string? unit = null, string? on = "2027-01-01", bool eve = false, string? basis = Basis)
    {
        DateOnly? day = on is null ? null : Day(on);
        var path = unit is null ? null : Units[Tree.Resolve(unit, eve ? day!.Value.AddDays(-1) : day!.Value)!.Id];
        var act = new Act(Units, path, day, basis, true, "phuong", Given.Imported, n => DeterministicId.Of("test", $"{made}", $"{n}"));
        plan(act);
        return (act, act.Faults.Count > 0 ? act.Faults : UnitActs.AgainstLaw(act, Regions));
    }

    public Registry When(Action<Act> plan, string? unit = null, string on = "2027-01-01", bool eve = false)
    {
        var (act, faults) = Plan(plan, unit, on, eve);
        Assert.True(faults.Count == 0, string.Join('\n', faults.Select(f => $"{f.Field} {f.Rule} {f.Words.En}")));
        Record(act.Events);
        return this;
    }

    public void Refuses(string field, string rule, Action<Act> plan, string? unit = null, string? on = "2027-01-01", bool eve = false, string? basis = Basis)
    {
        var (_, faults) = Plan(plan, unit, on, eve, basis);
        Assert.Contains((field, rule), faults.Select(f => (f.Field, f.Rule)));
        Assert.All(faults, f => Assert.True(f.Words.Vi.Length > 0 && f.Words.En.Length > 0));
    }

    public void Record(IEnumerable<(Guid Unit, object Event)> events)
    {
        made++;
        foreach (var (unit, e) in events)
        {
            if (!streams.TryGetValue(unit, out var stream)) streams[unit] = stream = [];
            stream.Add(e);
            Units[unit] = UnitHistory.Fold(Units.GetValueOrDefault(unit), e)!;
        }
    }

    public IReadOnlyList<UnitFault> Broken() => RegisterLaw.Judge(Units, [.. Units.Keys], Regions).Faults;

    public ImportPlan Import(IEnumerable<UnitState> file, IReadOnlySet<Guid>? provinces = null) => Import([.. file.Select(s => new FileUnit(s))], provinces);

    public ImportPlan Import(IReadOnlyList<FileUnit> file, IReadOnlySet<Guid>? provinces = null)
    {
        var import = new RegisterImport(Units, Regions, "phuong", Given.Imported);
        var plan = import.Plan(file, import.Differing(file).ToDictionary(id => id, Past), provinces);
        Record(plan.Streams.SelectMany(s => s.Events.Select(e => (s.Unit, e))));
        return plan;
    }

    /// <summary>The register as it is exported.</summary>
    public IReadOnlyList<RegisterUnit> Exported() =>
    [
        .. streams.Values.Select(s => RegisterUnit.Of(UnitBiography.Of(s.Select((data, n) =>
        {
            var e = Event.For(data);
            (e.Id, e.Version, e.EventTypeName) = (Guid.Empty, n + 1, "unit");
            return e;
        }))!)),
    ];

    public Registry Copy()
    {
        var copy = new Registry(empty: true) { made = made };
        copy.Record(streams.SelectMany(s => s.Value.Select(e => (s.Key, e))));
        return copy;
    }

    private IReadOnlyList<UnitState> Past(Guid unit) => [.. Enumerable.Range(1, streams[unit].Count).Select(n => Folded(streams[unit].Take(n)))];

    private static UnitState Folded(IEnumerable<object> events) => events.Aggregate((UnitState?)null, UnitHistory.Fold)!;
}

using System.Globalization;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>What is wrong with an act's body.</summary>
/// <param name="Field">Field of the body.</param>
/// <param name="Unit">Unit that it is about, where it is another than the field's.</param>
public sealed record ActFault(string Field, string Rule, Text Words, Guid? Unit = null);

/// <summary>A unit to be made, as a body names it.</summary>
internal sealed record NewUnit(string? Code, string? Name, string? FullName, string? Kind);

/// <summary>
/// One act on the register, planned: what is recorded in which unit, the register as it is after it, whose rights it needs, and what
/// is wrong with it. Pure: the register before, the body, the person and the instant say all.
/// </summary>
internal sealed class Act
{
    private const int MostVillages = 1_000;
    private readonly Dictionary<Guid, UnitState> after;
    private readonly List<(Guid Unit, object Event)> events = [];
    private readonly List<ActFault> faults = [];
    private readonly List<(Guid Unit, DateOnly Day, bool ForVillage)> touched = [];
    private readonly Dictionary<Guid, string> fields = [];
    private readonly Dictionary<UnitFact, string> facts = [];
    private readonly Func<int, Guid> idOf;
    private readonly Lazy<ILookup<string, UnitState>> byCode;
    private int made;

    /// <param name="unit">The unit of the path; null where the act has none.</param>
    /// <param name="idOf">Id of the act's n-th new unit: the same at each repetition.</param>
    public Act(
        IReadOnlyDictionary<Guid, UnitState> before, UnitState? unit, DateOnly? on, string? legalBasis, bool basisRequired, string person, DateTimeOffset now, Func<int, Guid> idOf)
    {
        (Before, after, Unit, Person, Now, this.idOf) = (before, new(before), unit, person, now, idOf);
        byCode = new(() => before.Values.SelectMany(u => u.Versions, (u, v) => (Unit: u, v.Code)).ToLookup(c => c.Code, c => c.Unit, StringComparer.Ordinal));
        if (on is null) Fault("on", "required", "Thiếu ngày đầu của trạng thái mới.", "The first day of the new state is missing.");
        else if (on < RegisterLaw.Earliest || on > RegisterLaw.Latest) Fault("on", "day-out-of-bounds", RegisterLaw.DayBounds.Vi, RegisterLaw.DayBounds.En);
        // A day out of bounds is refused above; what is planned on meanwhile must be a day that has a day before it.
        HasDay = on is { } day && day >= RegisterLaw.Earliest && day <= RegisterLaw.Latest;
        On = HasDay ? on!.Value : RegisterLaw.Earliest;
        Basis = Text(legalBasis, "legalBasis", Prose.Longest, basisRequired);
    }

    public IReadOnlyDictionary<Guid, UnitState> Before { get; }

    public IReadOnlyDictionary<Guid, UnitState> After => after;

    public UnitState? Unit { get; }

    /// <summary>Whether the body names a day; without one only its texts and lists are looked at.</summary>
    public bool HasDay { get; }

    /// <summary>First day of the new state.</summary>
    public DateOnly On { get; }

    public DateOnly Eve => On.AddDays(-1);

    public string? Basis { get; }

    public string Person { get; }

    public DateTimeOffset Now { get; }

    public IReadOnlyList<ActFault> Faults => faults;

    public IReadOnlyList<(Guid Unit, object Event)> Events => events;

    /// <summary>Units of before, each on the day for which the caller needs a right over it; where only a village is at stake, its commune has one.</summary>
    public IReadOnlyList<(Guid Unit, DateOnly Day, bool ForVillage)> Touched => touched;

    /// <summary>Units that the act changes or makes, each once, in the order of the act.</summary>
    public IReadOnlyList<Guid> Changed => [.. events.Select(e => e.Unit).Distinct()];

    /// <summary>Units that the act made.</summary>
    public IReadOnlyList<Guid> Made => [.. events.Where(e => e.Event is UnitCreated).Select(e => e.Unit)];

    public void Fault(string field, string rule, string vi, string en, Guid? unit = null) => faults.Add(new(field, rule, new(vi, en), unit));

    /// <summary>The text in NFC without blanks around it; null, with a fault, when it is not acceptable.</summary>
    public string? Text(string? given, string field, int longest, bool required = true)
    {
        if (given is null && !required) return null;
        var text = Prose.Clean(given);
        if (text is null) Fault(field, given is null ? "required" : "text-form", $"Thiếu trường \"{field}\".", $"The field \"{field}\" is required.");
        else if (new Faults().Readable(text, field, longest: longest).Refuse() is { Errors: { } errors })
            foreach (var words in errors.Values.SelectMany(w => w)) Fault(field, "text-form", words.Vi, words.En);
        else return text;
        return null;
    }

    /// <summary>The unit of the path, whose change it is; the caller has been found to have the right.</summary>
    /// <param name="namesOnly">Whether the change leaves the parent as it is.</param>
    public void Changes(UnitState unit, string field, bool namesOnly = false)
    {
        if (!HasDay) return;
        fields.TryAdd(unit.Id, field);
        Needs(unit, IsInForce(unit, On) ? On : Eve, unit.Level);
        if (unit.Versions[^1].To is { } last)
            Fault(Sub(field, "unit"), "unit-ended", $"Đơn vị kết thúc vào {last:yyyy-MM-dd}.", $"The unit ends on {last:yyyy-MM-dd}.", unit.Id);
        else if (RegisterLaw.LastChange(unit) is var change && On < change && !(namesOnly && OnlyGoesOver(unit)))
            Fault("on", "before-last-change", $"{Called(unit)} đã có thay đổi ngày {change:yyyy-MM-dd}.", $"{Called(unit)} has a change on record on {change:yyyy-MM-dd}.", unit.Id);
    }

    /// <summary>
    /// Whether all that is on record of a village after the act's day is that it goes over to another commune: until then its own
    /// names it.
    /// </summary>
    public bool OnlyGoesOver(UnitState village) =>
        village.Level == "village" && village.Versions[^1].To is null && village.Predecessors.Count + village.Successors.Count == 0
        && village.Versions.FirstOrDefault(v => IsInForce(v, On)) is { } now
        && village.Versions.Where(v => First(v) > On).All(v => (v.Code, v.Name, v.FullName, v.Kind) == (now.Code, now.Name, now.FullName, now.Kind));

    /// <summary>A village of a commune whose end is announced goes over to its heir in the act that makes it; null with a fault where there are several.</summary>
    public void GoesOver(Guid village, UnitState commune, string? heir, string field)
    {
        for (var steps = 0; commune.Versions[^1].To is { } last && last < DateOnly.MaxValue && steps < 16; steps++)
        {
            var on = last.AddDays(1);
            List<Guid> heirs = [.. commune.Successors.Where(l => l.On == on).Select(l => l.Unit).Distinct()];
            var named = heir is null ? null : heirs.Select(h => Before.GetValueOrDefault(h)).FirstOrDefault(u => u?.Versions.Any(v => v.Code == heir && IsInForce(v, on)) == true);
            if (named is null && heirs is not [_])
            {
                Fault(field, heir is null ? "required" : "unit-unknown", $"{Called(commune)} kết thúc {last:yyyy-MM-dd}: cần nêu đơn vị nhận thôn.", $"{Called(commune)} ends on {last:yyyy-MM-dd}: name the unit that the village goes over to.", commune.Id);
                return;
            }

            commune = named ?? Before[heirs[0]];
            Record(village, new UnitMoved(commune.Id, on, Basis, "derived", Person, Now), "");
        }
    }

    /// <summary>The unit that carries the code on the day; null with a fault.</summary>
    public UnitState? Find(string? code, DateOnly day, string field)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            Fault(field, "required", $"Thiếu trường \"{field}\".", $"The field \"{field}\" is required.");
            return null;
        }

        var carriers = byCode.Value[code].Distinct().ToList();
        if (!HasDay && carriers.Count > 0) return null;
        var holders = carriers.Where(u => u.Versions.Any(v => v.Code == code && IsInForce(v, day))).ToList();
        if (holders.Count == 1) return holders[0];
        if (holders.Count > 1) Fault(field, "unit-ambiguous", $"Ngày {day:yyyy-MM-dd} có nhiều đơn vị mang mã {code}.", $"On {day:yyyy-MM-dd} several units carry the code {code}.");
        else if (carriers.Count > 0) Fault(field, "unit-not-in-force", $"Ngày {day:yyyy-MM-dd} không có đơn vị nào mang mã {code}.", $"On {day:yyyy-MM-dd} no unit carries the code {code}.", carriers[0].Id);
        else Fault(field, "unit-unknown", $"Không có đơn vị nào mang mã {code}.", $"No unit carries the code {code}.");
        return null;
    }

    /// <summary>A new unit below the parent; null with faults.</summary>
    public Guid? Create(NewUnit given, string level, Guid? parent, IReadOnlyList<UnitLink> predecessors, string field)
    {
        var before = faults.Count;
        var code = Text(given.Code, Sub(field, "code"), 100);
        var name = Text(given.Name, Sub(field, "name"), RegisterLaw.LongestName);
        var kind = Text(given.Kind, Sub(field, "kind"), 100);
        var fullName = Text(given.FullName, Sub(field, "fullName"), RegisterLaw.LongestName, required: false);
        if (code is not null) CodeOf(level, parent, code, Sub(field, "code"));
        if (faults.Count > before || !HasDay) return null;
        var id = idOf(made++);
        if (parent is { } above && Before.TryGetValue(above, out var upper)) Needs(upper, On, level);
        var region = parent is { } under ? new UnitTree(after.Values).Fact(under, UnitFacts.Region, On)?.Value : null;
        Record(id, new UnitCreated(id, level, region, code!, name!, fullName ?? UnitKinds.FullName(kind!, name!), kind!, parent, On, predecessors, Basis, "seen", Person, Now), field);
        return id;
    }

    /// <summary>
    /// The statistics office writes 2 digits for a province, 3 for a district, 5 for a commune. A village's code begins with its
    /// commune's, so that it is never one of theirs.
    /// </summary>
    public void CodeOf(string level, Guid? parent, string code, string field)
    {
        if (UnitKinds.DigitsOf(level) is { } digits)
        {
            if (code.Length != digits || !code.All(char.IsAsciiDigit))
                Fault(field, "code-form", $"Mã cấp {level} có {digits} chữ số.", $"The code of a {level} has {digits} digits.");
        }
        else if (HasDay && parent is { } id && Before.TryGetValue(id, out var commune) && commune.Level == "commune" && commune.Versions.FirstOrDefault(v => IsInForce(v, On)) is { } version
            && !code.StartsWith($"{version.Code}-", StringComparison.Ordinal))
        {
            Fault(field, "code-form", $"Mã thôn, tổ dân phố bắt đầu bằng \"{version.Code}-\".", $"A village's code begins with \"{version.Code}-\".");
        }
    }

    public void Record(Guid unit, object e, string field)
    {
        fields.TryAdd(unit, field);
        events.Add((unit, e));
        after[unit] = UnitHistory.Fold(after.GetValueOrDefault(unit), e)!;
    }

    /// <param name="level">Level of what the caller changes in the unit or below it.</param>
    public void Needs(UnitState unit, DateOnly day, string level)
    {
        if (HasDay) touched.Add((unit.Id, day, level == "village"));
    }

    /// <summary>
    /// Who lies below a unit that ends goes over to the heir where it is a village; others must have been moved before. Villages that
    /// are on their way already stay on it.
    /// </summary>
    public void HandOver(UnitState gone, Guid? heir, string field)
    {
        var below = Children(gone.Id).Where(u => after[u.Id].Versions[^1].Parent == gone.Id).OrderBy(u => u.Versions[^1].Code, StringComparer.Ordinal).ToList();
        var stranded = below.Where(u => heir is null || u.Level != "village").ToList();
        foreach (var village in below.Except(stranded)) Move(village, heir!.Value, field);
        if (stranded.Count == 0) return;
        var names = string.Join(", ", stranded.Take(20).Select(Called)) + (stranded.Count > 20 ? ", …" : "");
        Fault(Sub(field, "unit"), "children-in-force", $"Còn {stranded.Count} đơn vị ở dưới: {names}.", $"{stranded.Count} units still lie below it: {names}.", gone.Id);
    }

    /// <summary>Who lies below a unit that ends comes to lie below the unit above it.</summary>
    public void HandUp(UnitState gone, string field)
    {
        var above = gone.Versions[^1].Parent!.Value;
        if (Before.TryGetValue(above, out var upper)) Needs(upper, On, gone.Level);
        foreach (var below in Children(gone.Id).OrderBy(u => u.Versions[^1].Code, StringComparer.Ordinal)) Move(below, above, field);
    }

    /// <summary>The villages of the list go over to the heir.</summary>
    public void HandOver(IReadOnlyList<string?>? villages, IReadOnlyCollection<Guid> givers, Guid heir, string field)
    {
        if (villages?.Count > MostVillages)
        {
            Fault(field, "too-many", $"Nhiều nhất {MostVillages} mục.", $"At most {MostVillages} entries.");
            return;
        }

        for (var i = 0; i < (villages?.Count ?? 0); i++)
        {
            var at = $"{field}[{i}]";
            if (Find(villages![i], Eve, at) is not { } village) continue;
            var last = after[village.Id].Versions[^1];
            if (village.Level != "village" || last.Parent is not { } parent || !givers.Contains(parent))
                Fault(at, "not-its-village", "Không phải thôn, tổ dân phố của đơn vị giao.", "It is no village of a unit that gives.", village.Id);
            else Move(village, heir, at);
        }
    }

    /// <summary>Says where in the body a fact stands.</summary>
    public void Stands(UnitFact fact, string field) => facts.TryAdd(fact, field);

    /// <summary>A fault of the register's law as a fault of the body's field.</summary>
    public ActFault FaultOf(UnitFault fault)
    {
        var leaf = fault.Field[(fault.Field.LastIndexOf('.') + 1)..];
        if (FactOf(fault) is { } fact && facts.TryGetValue(fact, out var place)) return new(Sub(place, leaf), fault.Rule, fault.Words, fault.Unit);
        var own = fields.TryGetValue(fault.Unit, out var field);
        var mine = leaf is "code" or "name" or "fullName" or "kind" or "parent" or "legalBasis" or "value" or "region" or "part";
        return new(!own ? "on" : mine ? leaf == "legalBasis" ? leaf : Sub(field!, leaf) : field!.Length > 0 ? field! : "on", fault.Rule, fault.Words, fault.Unit);
    }

    /// <summary>The fact that a fault speaks of, e.g. in <c>facts[3].mark</c>; null where it speaks of something else.</summary>
    private UnitFact? FactOf(UnitFault fault) =>
        fault.Field.StartsWith("facts[", StringComparison.Ordinal) && fault.Field.IndexOf(']', StringComparison.Ordinal) is > 0 and var end
        && int.TryParse(fault.Field.AsSpan(6, end - 6), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? after[fault.Unit].Facts?.ElementAtOrDefault(n)
            : null;

    private static DateOnly First(UnitVersion version) => version.From ?? DateOnly.MinValue;

    public static bool IsInForce(UnitVersion version, DateOnly day) => RegisterLaw.First(version) <= day.DayNumber && day.DayNumber <= RegisterLaw.Last(version);

    public static bool IsInForce(UnitState unit, DateOnly day) => unit.Versions.Any(v => IsInForce(v, day));

    public static string Called(UnitState unit) => $"{unit.Versions[^1].FullName} ({unit.Versions[^1].Code})";

    public static string Sub(string field, string name) => field.Length == 0 ? name : $"{field}.{name}";

    private IEnumerable<UnitState> Children(Guid unit) => Before.Values.Where(u => u.Versions[^1] is { } last && last.Parent == unit && RegisterLaw.Last(last) >= On.DayNumber);

    private void Move(UnitState village, Guid to, string field)
    {
        if (RegisterLaw.LastChange(village) is var change && change > On)
            Fault("on", "before-last-change", $"{Called(village)} đã có thay đổi ngày {change:yyyy-MM-dd}.", $"{Called(village)} has a change on record on {change:yyyy-MM-dd}.", village.Id);
        else Record(village.Id, new UnitMoved(to, On, Basis, "seen", Person, Now), field);
    }
}

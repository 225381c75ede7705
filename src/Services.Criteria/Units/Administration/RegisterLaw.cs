using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>A rule of the register that a unit breaks.</summary>
/// <param name="Field">Place in the unit, e.g. <c>versions[0].code</c>.</param>
/// <param name="Rule">Name of the rule, in kebab case.</param>
public sealed record UnitFault(Guid Unit, string Field, string Rule, Text Words);

/// <summary>What must hold of the register on every day, for acts and imports alike.</summary>
internal sealed partial class RegisterLaw
{
    /// <summary>Faults that are told one by one; of further ones the number is told.</summary>
    public const int Most = 1_000;

    public static readonly DateOnly Earliest = new(1800, 1, 1);
    public static readonly DateOnly Latest = new(2999, 12, 31);

    /// <summary>From this day on the sources tell of every unit; who was above whom before is known here and there only.</summary>
    private static readonly DateOnly Complete = new(2019, 12, 31);

    private const int MostOfOneUnit = 5_000;
    private readonly IReadOnlyDictionary<Guid, UnitState> register;
    private readonly IReadOnlySet<string> regions;
    private readonly Dictionary<Guid, (int First, int Last)> spans = [];
    private readonly Dictionary<string, List<Holder>> byCode = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<Guid>> children = [];
    private readonly Dictionary<Guid, List<Guid>> linkedBy = [];
    private readonly Dictionary<Guid, (int LastDistrict, int FirstDirect)> tiers = [];
    private readonly HashSet<(Guid Before, Guid After, DateOnly On, string Part)> successions = [];
    private readonly HashSet<(Guid Before, Guid After, DateOnly On, string Part)> origins = [];
    private readonly List<UnitFault> faults = [];
    private int more;

    private RegisterLaw(IReadOnlyDictionary<Guid, UnitState> register, IReadOnlySet<string> regions)
    {
        (this.register, this.regions) = (register, regions);
        foreach (var unit in register.Values) Index(unit);
        foreach (var holders in byCode.Values) holders.Sort((a, b) => a.First != b.First ? a.First.CompareTo(b.First) : a.Unit.CompareTo(b.Unit));
    }

    private sealed record Holder(Guid Unit, int Version, int First, int Last);

    /// <summary>Faults of the changed units and of all that hang on them, in the register as it would be.</summary>
    /// <param name="regions">Regions that the sets know; empty where none is known yet.</param>
    public static (IReadOnlyList<UnitFault> Faults, int More) Judge(
        IReadOnlyDictionary<Guid, UnitState> register, IReadOnlyCollection<Guid> changed, IReadOnlySet<string> regions, CancellationToken ct = default)
    {
        var law = new RegisterLaw(register, regions);
        var judged = new HashSet<Guid>(changed);
        foreach (var id in changed)
        {
            judged.UnionWith(law.children.GetValueOrDefault(id, []));
            judged.UnionWith(law.linkedBy.GetValueOrDefault(id, []));
            if (register.TryGetValue(id, out var unit)) judged.UnionWith(unit.Predecessors.Concat(unit.Successors).Select(l => l.Unit));
        }

        foreach (var unit in judged.Where(register.ContainsKey).Select(id => register[id]))
        {
            ct.ThrowIfCancellationRequested();
            law.Unit(unit);
        }

        law.Codes(judged);
        return (law.faults, law.more);
    }

    /// <summary>Whether the unit tells more than is taken of one unit.</summary>
    public static bool IsTooLong(UnitState unit) =>
        Math.Max(Math.Max(unit.Versions.Count, unit.Facts?.Count ?? 0), Math.Max(unit.Predecessors.Count, unit.Successors.Count)) > MostOfOneUnit;

    /// <summary>The day of the unit's last change that is on record: acts follow one another. Facts may be found out later about any day.</summary>
    public static DateOnly LastChange(UnitState unit)
    {
        var last = unit.Versions[^1];
        var links = unit.Predecessors.Concat(unit.Successors).Select(l => l.On);
        return links.Append(last.To is { } to && to < DateOnly.MaxValue ? to.AddDays(1) : last.From ?? DateOnly.MinValue).Max();
    }

    public static int First(UnitVersion version) => version.From?.DayNumber ?? DateOnly.MinValue.DayNumber;

    public static int Last(UnitVersion version) => version.To?.DayNumber ?? DateOnly.MaxValue.DayNumber;

    private void Index(UnitState unit)
    {
        if (unit.Versions.Count == 0) return;
        spans[unit.Id] = (unit.Versions.Min(First), unit.Versions.Max(Last));
        for (var i = 0; i < unit.Versions.Count; i++)
        {
            var version = unit.Versions[i];
            if (version.Code is { } code)
            {
                if (!byCode.TryGetValue(code, out var holders)) byCode[code] = holders = [];
                holders.Add(new(unit.Id, i, First(version), Last(version)));
            }

            if (version.Parent is not { } parent) continue;
            Add(children, parent, unit.Id);
            var tier = tiers.GetValueOrDefault(parent, (int.MinValue, int.MaxValue));
            if (unit.Level == "district") tiers[parent] = tier with { Item1 = Math.Max(tier.Item1, Last(version)) };
            else if (unit.Level == "commune") tiers[parent] = tier with { Item2 = Math.Min(tier.Item2, First(version)) };
        }

        foreach (var link in unit.Predecessors.Concat(unit.Successors)) Add(linkedBy, link.Unit, unit.Id);
        foreach (var link in unit.Successors) successions.Add((unit.Id, link.Unit, link.On, link.Part ?? ""));
        foreach (var link in unit.Predecessors) origins.Add((link.Unit, unit.Id, link.On, link.Part ?? ""));
    }

    private static void Add(Dictionary<Guid, List<Guid>> index, Guid key, Guid unit)
    {
        if (!index.TryGetValue(key, out var units)) index[key] = units = [];
        if (units.Count == 0 || units[^1] != unit) units.Add(unit);
    }

    private void Unit(UnitState unit)
    {
        Check(UnitKinds.Levels.Contains(unit.Level), unit, "level", "level-unknown", "Cấp là province, district, commune hoặc village.", "The level is province, district, commune or village.");
        Region(unit, unit.Region, "region");
        Check(unit.Versions.Count > 0, unit, "versions", "required", "Đơn vị cần ít nhất một trạng thái.", "A unit has at least one version.");
        if (!Check(!IsTooLong(unit), unit, "versions", "too-many", $"Một đơn vị có nhiều nhất {MostOfOneUnit} mục mỗi loại.", $"A unit has at most {MostOfOneUnit} entries of a kind.")) return;
        for (var i = 0; i < unit.Versions.Count; i++) Version(unit, unit.Versions[i], i);
        Facts(unit);
        Links(unit);
    }

    private void Version(UnitState unit, UnitVersion version, int i)
    {
        var at = $"versions[{i}]";
        Check(version.Code is not null && IsCode(version.Code), unit, $"{at}.code", "code-form", "Mã có 1 đến 20 chữ cái, chữ số, dấu \"-\" hoặc \".\".", "A code has 1 to 20 letters, digits, \"-\" or \".\".");
        Check(version.Code is null || UnitKinds.LevelOf(version.Code) is not { } known || known == unit.Level, unit, $"{at}.code", "code-of-level",
            "Mã có dạng của cấp khác.", "The code has the form of another level's.");
        Words(unit, version.Name, $"{at}.name", LongestName);
        Words(unit, version.FullName, $"{at}.fullName", LongestName + 20);
        Words(unit, version.LegalBasis, $"{at}.legalBasis", Prose.Longest, required: false);
        Mark(unit, version.Mark, $"{at}.mark");
        Check(UnitKinds.Fits(version.Kind, unit.Level), unit, $"{at}.kind", "kind-of-level",
            $"Cấp {unit.Level} có các loại: {string.Join(", ", UnitKinds.Of(unit.Level ?? ""))}.", $"The kinds of the level {unit.Level} are: {string.Join(", ", UnitKinds.Of(unit.Level ?? ""))}.");
        Days(unit, version.From, version.To, at);
        if (i > 0) Follows(unit, unit.Versions[i - 1], version, at);
        Parent(unit, version, i, $"{at}.parent");
    }

    private void Follows(UnitState unit, UnitVersion before, UnitVersion version, string at)
    {
        if (Last(before) >= First(version))
            Fault(unit, $"{at}.from", "versions-overlap", "Khoảng ngày chồng lên trạng thái trước đó.", "The days overlap those of the version before.");
        else if (Last(before) + 1 < First(version))
            Fault(unit, $"{at}.from", "versions-hole", "Còn khoảng trống ngày so với trạng thái trước đó.", "Days are left open after the version before.");
    }

    private void Parent(UnitState unit, UnitVersion version, int i, string field)
    {
        if (unit.Level == "province")
        {
            Check(version.Parent is null, unit, field, "parent-level", "Tỉnh không có cấp trên.", "A province has no parent.");
            return;
        }

        if (version.Parent is not { } id)
        {
            Fault(unit, field, "parent-required", "Thiếu đơn vị cấp trên.", "The unit above it is missing.");
            return;
        }

        if (!register.TryGetValue(id, out var parent) || !spans.TryGetValue(id, out var span))
        {
            Fault(unit, field, "parent-unknown", "Không có đơn vị cấp trên này.", "There is no such parent.");
            return;
        }

        var fits = unit.Level switch
        {
            "district" => parent.Level == "province",
            "commune" => parent.Level is "province" or "district",
            "village" => parent.Level == "commune",
            _ => true,
        };
        if (!fits)
        {
            if (IsAbove(unit.Id, id, First(version))) Fault(unit, field, "parent-cycle", "Đơn vị không thể nằm dưới chính nó.", "A unit cannot lie below itself.");
            else Fault(unit, field, "parent-level", $"Cấp {unit.Level} không nằm trực tiếp dưới cấp {parent.Level}.", $"A {unit.Level} does not lie directly below a {parent.Level}.");
            return;
        }

        Check(span.First <= Math.Max(First(version), Complete.DayNumber), unit, field, "parent-not-in-force",
            "Đơn vị cấp trên chưa có hiệu lực vào ngày đầu.", "The parent is not in force yet on the first day.");
        Check(Last(version) <= span.Last, unit, field, "parent-ended",
            $"Đơn vị cấp trên {Called(parent)} kết thúc khi đơn vị này còn hiệu lực.", $"The parent {Called(parent)} ends while this unit is in force.");
        if (parent.Level != "province") return;
        // A reform may go step by step, district by district: what is founded out of nothing stands on one side of it.
        var tier = tiers[id];
        Check(unit.Level != "commune" || i > 0 || unit.Predecessors.Count > 0 || First(version) > tier.LastDistrict, unit, field, "districts-in-force",
            "Tỉnh còn cấp huyện: xã phải nằm dưới huyện.", "The province still has districts: a commune lies below one of them.");
        Check(unit.Level != "district" || spans[unit.Id].First < tier.FirstDirect, unit, field, "districts-ended",
            "Tỉnh đã có xã trực thuộc: không còn cấp huyện.", "Communes lie directly below the province: it has no districts any more.");
    }

    /// <summary>Whether the unit is met on the way up from the other; the way is short unless it goes round.</summary>
    private bool IsAbove(Guid unit, Guid other, int day)
    {
        Guid? at = other;
        for (var steps = 0; at is { } id && steps < 16; steps++)
        {
            if (id == unit) return true;
            at = register.TryGetValue(id, out var state) ? state.Versions.FirstOrDefault(v => First(v) <= day && day <= Last(v))?.Parent ?? state.Versions.LastOrDefault()?.Parent : null;
        }

        return false;
    }

    /// <summary>Spans of one code in the order of their days: each begins after all before it have ended.</summary>
    private void Codes(HashSet<Guid> judged)
    {
        foreach (var code in judged.Where(register.ContainsKey).SelectMany(id => register[id].Versions).Select(v => v.Code).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var longest = byCode[code][0];
            foreach (var holder in byCode[code].Skip(1))
            {
                if (holder.First <= longest.Last && holder.Unit != longest.Unit && (judged.Contains(holder.Unit) || judged.Contains(longest.Unit)))
                {
                    var (told, other) = judged.Contains(holder.Unit) ? (holder, longest) : (longest, holder);
                    var day = DateOnly.FromDayNumber(holder.First);
                    Fault(register[told.Unit], $"versions[{told.Version}].code", "code-in-force-twice",
                        $"Ngày {day:yyyy-MM-dd} mã {code} đã thuộc về {Called(register[other.Unit])}.", $"On {day:yyyy-MM-dd} the code {code} is carried by {Called(register[other.Unit])}.");
                }

                if (holder.Last > longest.Last) longest = holder;
            }
        }
    }

    private static string Called(UnitState unit) => unit.Versions.LastOrDefault() is { } version ? $"{version.FullName} ({version.Code})" : unit.Id.ToString();

    private bool Check(bool ok, UnitState unit, string field, string rule, string vi, string en)
    {
        if (!ok) Fault(unit, field, rule, vi, en);
        return ok;
    }

    private void Fault(UnitState unit, string field, string rule, string vi, string en)
    {
        if (faults.Count < Most) faults.Add(new(unit.Id, field, rule, new(vi, en)));
        else more++;
    }
}

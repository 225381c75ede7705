using System.Globalization;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>The law of texts, facts and links.</summary>
internal sealed partial class RegisterLaw
{
    public const int LongestName = 200;
    private const int LongestCode = 20;

    public static bool IsCode(string code) => code.Length is > 0 and <= LongestCode && code.All(c => char.IsLetterOrDigit(c) || c is '-' or '.');

    private void Facts(UnitState unit)
    {
        if (unit.Facts is not { Count: > 0 } facts) return;
        for (var i = 0; i < facts.Count; i++)
        {
            var (fact, at) = (facts[i], $"facts[{i}]");
            if (FactFault(fact.Name, fact.Value) is { } words) Fault(unit, $"{at}.{(UnitFactRules.IsKnown(fact.Name) ? "value" : "name")}", "fact-value", words.Vi, words.En);
            else if (fact.Name == UnitFacts.Region) Region(unit, fact.Value, $"{at}.value");
            Days(unit, fact.From, fact.To, at);
            Words(unit, fact.Basis, $"{at}.basis", Prose.Longest, required: false);
            Mark(unit, fact.Mark, $"{at}.mark");
        }

        foreach (var named in facts.Select((fact, i) => (Fact: fact, At: i)).GroupBy(f => f.Fact.Name, StringComparer.Ordinal))
        {
            var last = int.MinValue;
            foreach (var (fact, i) in named.OrderBy(f => f.Fact.From ?? DateOnly.MinValue))
            {
                Check((fact.From?.DayNumber ?? 0) > last, unit, $"facts[{i}].from", "facts-overlap", $"Các khoảng ngày của \"{fact.Name}\" chồng lên nhau.", $"The days of \"{fact.Name}\" overlap.");
                last = Math.Max(last, fact.To?.DayNumber ?? DateOnly.MaxValue.DayNumber);
            }
        }
    }

    private static Text? FactFault(string? name, string? value) => UnitFactRules.Fault(name, value);

    private void Region(UnitState unit, string? region, string field)
    {
        if (region is null) return;
        Words(unit, region, field, Prose.Longest);
        Check(regions.Count == 0 || regions.Contains(region), unit, field, "region-unknown",
            $"Vùng là một trong: {string.Join(", ", regions.Order(StringComparer.Ordinal))}.", $"The region is one of: {string.Join(", ", regions.Order(StringComparer.Ordinal))}.");
    }

    private void Links(UnitState unit)
    {
        if (unit.Predecessors.Count + unit.Successors.Count == 0) return;
        var told = new HashSet<(bool, Guid, DateOnly, string)>();
        for (var i = 0; i < unit.Predecessors.Count; i++)
        {
            var (link, field) = (unit.Predecessors[i], $"predecessors[{i}]");
            if (!Link(unit, link, field, told.Add((true, link.Unit, link.On, link.Part ?? "")))) continue;
            var on = link.On.DayNumber;
            Check(IsInForce(link.Unit, on - 1), unit, field, "predecessor-not-in-force", "Đơn vị trước không có hiệu lực vào ngày liền trước.", "The predecessor is not in force on the day before.");
            Check(IsInForce(unit.Id, on), unit, field, "link-day", "Đơn vị này không có hiệu lực vào ngày đó.", "This unit is not in force on that day.");
            Check(successions.Contains((link.Unit, unit.Id, link.On, link.Part!)), unit, field, "link-not-mirrored", "Đơn vị trước không ghi đơn vị này là đơn vị kế tiếp.", "The predecessor does not name this unit as its successor.");
        }

        for (var i = 0; i < unit.Successors.Count; i++)
        {
            var (link, field) = (unit.Successors[i], $"successors[{i}]");
            if (!Link(unit, link, field, told.Add((false, link.Unit, link.On, link.Part ?? "")))) continue;
            var on = link.On.DayNumber;
            Check(IsInForce(link.Unit, on), unit, field, "successor-not-in-force", "Đơn vị kế tiếp không có hiệu lực vào ngày đó.", "The successor is not in force on that day.");
            Check(IsInForce(unit.Id, on - 1), unit, field, "link-day", "Đơn vị này không có hiệu lực vào ngày liền trước.", "This unit is not in force on the day before.");
            Check(origins.Contains((unit.Id, link.Unit, link.On, link.Part!)), unit, field, "link-not-mirrored", "Đơn vị kế tiếp không ghi đơn vị này là đơn vị trước.", "The successor does not name this unit as its predecessor.");
        }
    }

    private bool Link(UnitState unit, UnitLink link, string field, bool isNew)
    {
        Words(unit, link.Part, $"{field}.part", Prose.Longest);
        return Check(isNew, unit, field, "link-twice", "Liên kết ghi hai lần.", "The link is told twice.")
            & Check(link.Unit != unit.Id, unit, $"{field}.unit", "link-to-itself", "Đơn vị không thể sáp nhập vào chính nó.", "A unit cannot merge into itself.")
            && Check(register.ContainsKey(link.Unit), unit, $"{field}.unit", "link-unknown", "Không có đơn vị này.", "There is no such unit.")
            && Check(link.On >= Earliest && link.On <= Latest, unit, $"{field}.on", "day-out-of-bounds", DayBounds.Vi, DayBounds.En);
    }

    private bool IsInForce(Guid unit, int day) => spans.TryGetValue(unit, out var span) && span.First <= day && day <= span.Last;

    private void Days(UnitState unit, DateOnly? from, DateOnly? to, string at)
    {
        Check(from is null || (from >= Earliest && from <= Latest), unit, $"{at}.from", "day-out-of-bounds", DayBounds.Vi, DayBounds.En);
        Check(to is null || (to >= Earliest && to <= Latest), unit, $"{at}.to", "day-out-of-bounds", DayBounds.Vi, DayBounds.En);
        Check(from is null || to is null || from <= to, unit, $"{at}.to", "first-after-last", "Ngày đầu sau ngày cuối.", "The first day is after the last.");
    }

    public static Text DayBounds { get; } = new($"Ngày từ {Earliest:yyyy-MM-dd} đến {Latest:yyyy-MM-dd}.", $"Days lie between {Earliest:yyyy-MM-dd} and {Latest:yyyy-MM-dd}.");

    private void Mark(UnitState unit, string? mark, string field) =>
        Check(mark is not null && UnitKinds.Marks.Contains(mark), unit, field, "mark-unknown", "Dấu là seen, recalled, derived hoặc unknown.", "The mark is seen, recalled, derived or unknown.");

    private void Words(UnitState unit, string? text, string field, int longest, bool required = true)
    {
        if (text is null && !required) return;
        if (new Faults().Readable(text, field, longest: longest).Refuse() is { Errors: { } errors })
        {
            foreach (var words in errors.Values.SelectMany(w => w)) Fault(unit, field, text is null ? "required" : "text-form", words.Vi, words.En);
        }
        else if (text != Prose.Clean(text))
        {
            Fault(unit, field, "text-form", "Không để trống hoặc có khoảng trắng ở đầu, cuối; chữ theo Unicode NFC.", "No blanks around a text, and its letters in Unicode NFC.");
        }
    }
}

/// <summary>What a fact about a unit may say.</summary>
internal static class UnitFactRules
{
    private const int MostInhabitants = 100_000_000;
    private const decimal MostKm2 = 1_000_000;

    public static bool IsKnown(string? name) => name is not null && UnitFacts.All.Contains(name);

    /// <summary>What is wrong with the value; null where nothing is. A value that is null says that nobody knows.</summary>
    public static Text? Fault(string? name, string? value) => name switch
    {
        _ when !IsKnown(name) => new(
            "Tên là region, communeGroup, mountainous, coastal, population hoặc areaKm2.", "The name is region, communeGroup, mountainous, coastal, population or areaKm2."),
        _ when value is null => null,
        UnitFacts.CommuneGroup when value is not ("1" or "2" or "3") => new("Nhóm xã là 1, 2 hoặc 3.", "The commune group is 1, 2 or 3."),
        UnitFacts.Mountainous or UnitFacts.Coastal when value is not ("true" or "false") => new("Giá trị là true hoặc false.", "The value is true or false."),
        UnitFacts.Population when !IsPlain(value, 0) || Number(value) is not (>= 0 and <= MostInhabitants) => new(
            "Dân số là số nguyên từ 0 đến 100000000.", "The population is a whole number from 0 to 100000000."),
        UnitFacts.AreaKm2 when !IsPlain(value, 4) || Number(value) is not (> 0 and <= MostKm2) => new(
            "Diện tích (km²) lớn hơn 0, nhiều nhất 1000000, tối đa 4 chữ số thập phân.", "The area in km² is above 0, at most 1000000, with at most 4 decimals."),
        _ => null,
    };

    private static decimal? Number(string value) => decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Digits in one way of writing: no sign, no leading zero, no zero at the end of decimals.</summary>
    private static bool IsPlain(string value, int decimals) =>
        value.Length is > 0 and <= 20 && value.All(c => char.IsAsciiDigit(c) || c == '.') && Number(value) is { } number
        && number.Scale <= decimals && number.ToString("0.####", CultureInfo.InvariantCulture) == value;
}

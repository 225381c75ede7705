using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Units;

/// <summary>A made-up country over three generations: communes of 2019, those they merged into in 2020, and those of July 2025.</summary>
internal static class Country
{
    private static readonly DateOnly Second = new(2020, 1, 1);
    private static readonly DateOnly Third = new(2025, 7, 1);

    /// <param name="communes">Communes of the first generation in each province: each later generation has half as many.</param>
    public static Dictionary<Guid, UnitState> Of(int provinces, int communes)
    {
        Dictionary<Guid, UnitState> units = [];
        for (var p = 1; p <= provinces; p++)
        {
            var province = Add(units, "province", $"{p:00}", "tinh", null, null, null);
            var district = Add(units, "district", $"{p:00}D", "huyen", province, null, Third.AddDays(-1));
            Guid[] first = [.. Enumerable.Range(0, communes).Select(n => Add(units, "commune", $"{p:00}{n:000}", "xa", district, null, Second.AddDays(-1)))];
            var second = Merged(units, first, p, district, Second, Third.AddDays(-1));
            Merged(units, second, p, province, Third, null);
        }

        return units;
    }

    private static Guid[] Merged(Dictionary<Guid, UnitState> units, Guid[] before, int province, Guid parent, DateOnly on, DateOnly? to) =>
    [
        .. before.Chunk(2).Select((pair, n) =>
        {
            var id = Add(units, "commune", $"{province:00}{n:000}", n % 3 == 0 ? "phuong" : "xa", parent, on, to);
            units[id] = units[id] with { Predecessors = [.. pair.Select(p => new UnitLink(p, on, "whole"))], Facts = [new("population", $"{1000 + n}", null, null, "Niên giám", "seen")] };
            foreach (var gone in pair) units[gone] = units[gone] with { Successors = [new(id, on, "whole")] };
            return id;
        }),
    ];

    private static Guid Add(Dictionary<Guid, UnitState> units, string level, string code, string kind, Guid? parent, DateOnly? from, DateOnly? to)
    {
        var id = DeterministicId.Of("country", level, code, $"{from:yyyy-MM-dd}");
        units.Add(id, new(id, level, "Bắc Trung Bộ", [new(code, $"Số {code}", $"Đơn vị Số {code}", kind, parent, from, to, "NQ 1", "derived")], [], [], []));
        return id;
    }
}

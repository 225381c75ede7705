using System.Globalization;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Bench;

/// <summary>
/// A made-up country of the size of the real one, as the streams of its units over three generations: 63 provinces with districts and
/// some 10,000 communes; a first round of mergers in 2020; two tiers of 34 provinces and some 3,300 communes from 1 July 2025. The same
/// number gives the same country. Its codes begin with a letter, so that it can lie beside a real province.
/// </summary>
public static class Country
{
    public const string By = "system:bench";
    private static readonly DateOnly First = new(2020, 1, 1);
    private static readonly DateOnly Second = new(2025, 1, 1);
    private static readonly DateOnly Third = new(2025, 7, 1);
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Syllables = ["An", "Bình", "Cẩm", "Đông", "Giang", "Hà", "Kỳ", "Lộc", "Minh", "Nghi", "Phú", "Sơn", "Tân", "Thạch", "Vĩnh", "Xuân"];

    /// <summary>The streams; a unit comes after the one above it.</summary>
    /// <param name="seed">Which country.</param>
    /// <param name="provinces">Provinces until 30 June 2025; some half as many after.</param>
    public static IReadOnlyList<(Guid Id, IReadOnlyList<object> Events)> Make(int seed = 1, int provinces = 63)
    {
        var country = new Making(new(seed));
        for (var n = 0; n < provinces; n++) country.Province(n);
        country.TwoTiers();
        return country.Streams;
    }

    private sealed class Making(Random random)
    {
        private readonly Dictionary<Guid, List<object>> streams = [];
        private readonly List<Guid> order = [];
        private readonly List<(Guid Id, List<Guid> Districts, List<Guid> Communes)> provinces = [];
        private int codes;

        public IReadOnlyList<(Guid, IReadOnlyList<object>)> Streams => [.. order.Select(id => (id, (IReadOnlyList<object>)streams[id]))];

        /// <summary>A province with its districts and communes; in 2020 some communes go over into one, in 2025 some become towns.</summary>
        public void Province(int n)
        {
            var province = Create("province", $"C{n + 1:D2}", "tinh", null, null, []);
            List<Guid> districts = [], communes = [];
            for (var d = 0; d < 9 + random.Next(5); d++)
            {
                var district = Create("district", $"C{(n * 20) + d:D4}", "huyen", province, null, []);
                districts.Add(district);
                List<Guid> here = [.. Enumerable.Range(0, 12 + random.Next(6)).Select(_ => Create("commune", NextCode(), "xa", district, null, []))];
                if (random.Next(2) == 0) here = [.. here.Skip(2), Merge("commune", district, First, [here[0], here[1]])];
                if (random.Next(3) == 0) streams[here[0]].Add(new UnitReclassified("Thị trấn", $"Thị trấn {NameOf()}", "thi_tran", Second, "NQ 2025", "derived", By, At));
                communes.AddRange(here);
            }

            provinces.Add((province, districts, communes));
        }

        /// <summary>1 July 2025: provinces go over in pairs, districts end, communes go over in threes.</summary>
        public void TwoTiers()
        {
            var (left, alone) = (new Queue<(Guid Id, List<Guid> Districts, List<Guid> Communes)>(provinces), provinces.Count / 13);
            while (left.TryDequeue(out var one))
            {
                List<(Guid Id, List<Guid> Districts, List<Guid> Communes)> parts = [one];
                // A few stay as they are.
                if (alone-- <= 0 && left.TryDequeue(out var other)) parts.Add(other);
                var into = parts.Count == 1 ? one.Id : Merge("province", null, Third, [.. parts.Select(p => p.Id)]);
                foreach (var district in parts.SelectMany(p => p.Districts)) streams[district].Add(new UnitDissolved([], Third.AddDays(-1), "Luật 72/2025/QH15", "derived", By, At));
                foreach (var three in parts.SelectMany(p => p.Communes).Chunk(3))
                {
                    var commune = Merge("commune", into, Third, three);
                    streams[commune].Add(new UnitClassified(
                        [
                            new(UnitFacts.CommuneGroup, $"{1 + random.Next(3)}", null, null, null, "derived"),
                            new(UnitFacts.Population, random.Next(5_000, 60_000).ToString(CultureInfo.InvariantCulture), null, null, null, "derived"),
                        ],
                        null, By, At));
                }
            }
        }

        private Guid Merge(string level, Guid? parent, DateOnly on, IReadOnlyList<Guid> parts)
        {
            var code = level == "province" ? $"D{provinces.Count + codes++:D5}" : NextCode();
            var into = Create(level, code, level == "province" ? "tinh" : "xa", parent, on, [.. parts.Select(p => new UnitLink(p, on, "whole"))]);
            foreach (var part in parts) streams[part].Add(new UnitMerged([new(into, on, "whole")], on.AddDays(-1), "NQ", "derived", By, At));
            return into;
        }

        private Guid Create(string level, string code, string kind, Guid? parent, DateOnly? from, IReadOnlyList<UnitLink> predecessors)
        {
            var (id, name) = (DeterministicId.Of("country", level, code), NameOf());
            streams.Add(id, [new UnitCreated(id, level, level == "province" ? "Bắc Trung Bộ" : null, code, name, $"{(level == "commune" ? "Xã" : level == "district" ? "Huyện" : "Tỉnh")} {name}", kind, parent, from, predecessors, "NQ", "derived", By, At)]);
            order.Add(id);
            return id;
        }

        private string NextCode() => $"C{++codes:D5}";

        private string NameOf() => $"{Syllables[random.Next(Syllables.Length)]} {Syllables[random.Next(Syllables.Length)]}";
    }
}

using System.Diagnostics;
using System.Globalization;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Search;
using Ntm.ServiceDefaults;

namespace Ntm.Bench;

/// <summary>Search at the service with what it knows, and in process with a country that is made up: 10,000 communes over three reforms.</summary>
internal static class Search
{
    private const int Provinces = 34;
    private const int Communes = 10_000;
    private const int Generations = 3;
    private const int Asked = 2_000;

    /// <summary>With and without marks, composed or not, codes, former names, beginnings, texts of indicators.</summary>
    private static readonly string[] Questions =
    [
        "Thạch Hạ", "thach ha", "Thạch Hà", "xã", "t", "phường trần phú", "tran phu", "18100", "181", "8.4", "xa-ntm-2021-2025", "công nghệ thông tin",
        "ty le ho ngheo", "ky loi", "Kỳ Lợi", "duong giao thong", "huong son", "hà tĩnh",
    ];

    private static readonly string[] Syllables =
        ["Thạch", "Hà", "Hạ", "Kỳ", "Lợi", "Trần", "Phú", "Đức", "Thọ", "Hương", "Sơn", "Cẩm", "Xuyên", "Bình", "Lộc", "Nghi", "Tân", "Lâm", "Yên", "Hòa", "Vĩnh", "Phước", "Đông", "Bắc", "Nam", "Mỹ", "Long", "Quảng"];

    public static async Task<Series> AtServiceAsync(Api api, Uri service, int clients, TimeSpan duration, CancellationToken ct)
    {
        var token = (await api.TokenAsync(Stage.ProvinceOfficer)).ToString();
        byte[][] requests = [.. Questions.Select(q => Wire.Request(HttpMethod.Get, service, $"/api/criteria/search?q={Uri.EscapeDataString(q)}&limit=20", token))];
        return await HttpLoad.OnWiresAsync(service, clients, duration, (client, turn) => requests[((turn * clients) + client) % requests.Length], ct);
    }

    /// <summary>One question after another over the made-up country; how long the index took, and its versions of units.</summary>
    public static (Latencies Milliseconds, TimeSpan Made, int Versions) InProcess()
    {
        var country = MakeUp();
        var clock = Stopwatch.StartNew();
        var index = new SearchIndex(country, new Dictionary<string, SetRecord>(StringComparer.Ordinal));
        var made = clock.Elapsed;
        var day = new DateOnly(2026, 11, 1);
        foreach (var question in Questions) index.Find(question, null, day);
        var times = new double[Asked];
        for (var n = 0; n < Asked; n++)
        {
            clock.Restart();
            _ = index.Find(Questions[n % Questions.Length], null, day, most: 21).Take(20).Select(h => SearchModule.UnitOf(country, h.Unit!, h.Version!, day)).ToList();
            times[n] = clock.Elapsed.TotalMilliseconds;
        }

        return (Latencies.Of(times), made, country.All.Sum(u => u.Versions.Count));
    }

    private static UnitTree MakeUp()
    {
        List<UnitState> units = [];
        for (var p = 0; p < Provinces; p++)
            units.Add(new(Id("tinh", p), "province", null, [new(Code(p, 2), Name(p), $"Tỉnh {Name(p)}", "tinh", null, null, null, null, "derived")], [], []));
        for (var n = 0; n < Communes; n++)
        {
            UnitVersion[] versions =
            [
                .. Enumerable.Range(0, Generations).Select(g => new UnitVersion(
                    Code(n, 5), Name((n * 31) + (g * 7)), $"{(g == 2 ? "Phường" : "Xã")} {Name((n * 31) + (g * 7))}", g == 2 ? "phuong" : "xa", Id("tinh", n % Provinces),
                    g == 0 ? null : new DateOnly(2015 + (g * 5), 1, 1), g == Generations - 1 ? null : new DateOnly(2019 + (g * 5), 12, 31), null, "derived")),
            ];
            units.Add(new(Id("xa", n), "commune", null, versions, [], []));
        }

        return new(units);
    }

    private static Guid Id(string kind, int n) => DeterministicId.Of("bench", kind, Code(n, 5));

    private static string Code(int n, int digits) => n.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');

    private static string Name(int n) => $"{Syllables[n % Syllables.Length]} {Syllables[(n / Syllables.Length) % Syllables.Length]}";
}

using System.Text.Json;

namespace Ntm.Bench;

/// <summary>One report to write to, and who may.</summary>
internal sealed record BenchReport(string Period, string Unit, string Officer);

/// <summary>Periods opened and reports begun, fresh for each run of the bench.</summary>
/// <param name="Reports">Reports of one period of the three tiers, for the PUTs.</param>
/// <param name="Indicators">Yes/no indicators of the set.</param>
/// <param name="Run">Distinguishes this run's periods.</param>
internal sealed record Stage(IReadOnlyList<BenchReport> Reports, IReadOnlyList<string> Indicators, string Run)
{
    public const string Set = "xa-ntm-2021-2025";
    public const string ProvinceOfficer = "province-officer@42#bench-province";
    public const string ThreeTiers = "2024-12-31";

    /// <summary>After 1 July 2025 the province approves alone.</summary>
    public const string TwoTiers = "2025-12-31";

    public static async Task<Stage> PrepareAsync(Api api, int wanted, CancellationToken ct)
    {
        var run = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var set = await api.GetAsync($"/api/criteria/sets/{Set}", ProvinceOfficer, ct);
        string[] indicators =
        [
            .. from criterion in set.GetProperty("criteria").EnumerateArray()
               from indicator in criterion.GetProperty("indicators").EnumerateArray()
               where indicator.GetProperty("valueType").GetString() == "yesno"
               select indicator.GetProperty("code").GetString(),
        ];
        var stage = new Stage(await OpenAsync(api, $"bench-{run}", ThreeTiers, ct), indicators, run);
        if (stage.Reports.Count < wanted) throw new InvalidOperationException($"There are {stage.Reports.Count} communes on {ThreeTiers}, {wanted} are wanted.");
        await Parallel.ForEachAsync(stage.Reports, ct, async (report, token) => await api.MustAsync(HttpMethod.Put, PathOf(report, indicators[0]), report.Officer, Figure(true, ThreeTiers), token));
        Console.Error.WriteLine($"{stage.Reports.Count} reports of period bench-{run}, {indicators.Length} indicators");
        return stage;
    }

    /// <summary>Opens a period for the communes of Hà Tĩnh on the day.</summary>
    public static async Task<IReadOnlyList<BenchReport>> OpenAsync(Api api, string period, string day, CancellationToken ct)
    {
        await OpenPeriodAsync(api, period, day, ct);
        var units = await api.GetAsync($"/api/criteria/units?level=commune&parent=42&on={day}&limit=1000", ProvinceOfficer, ct);
        return
        [
            .. from unit in units.GetProperty("items").EnumerateArray()
               let code = unit.GetProperty("code").GetString()
               select new BenchReport(period, code, $"commune-officer@{code}~{day}#bench-{code}"),
        ];
    }

    public static Task OpenPeriodAsync(Api api, string period, string day, CancellationToken ct) => api.MustAsync(
        HttpMethod.Post, "/api/criteria/periods", ProvinceOfficer,
        new { code = period, kind = "adhoc", set = Set, figuresAsOf = day, opens = day, dueUnits = day, dueDepartment = day, under = "42", level = "commune" }, ct);

    public static string PathOf(BenchReport report, string indicator) => $"/api/criteria/reports/{report.Period}/{report.Unit}/indicators/{indicator}";

    public static object Figure(bool value, string day = ThreeTiers) => new { value, validOn = day, note = (string?)null, evidence = Array.Empty<object>() };
}

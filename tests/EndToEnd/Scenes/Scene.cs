using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>The persons of the tests, by client id.</summary>
internal static class Who
{
    public const string Coordinator = "province-officer@42#phuc";
    public const string Secretary = "province-officer@42#quy";
    public const string Chair = "province-chair@42#chau";
    public const string Auditor = "auditor@0#kiem";
    public const string Ministry = "ministry@0";
    public const string Operator = "operator@0#van-hanh";

    public static readonly IReadOnlyList<string> Council = ["council-member@42#m1", "council-member@42#m2", "council-member@42#m3"];
    public static readonly IReadOnlyDictionary<string, string> Confirmers = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["arrears"] = "department-officer@42:SNN#binh",
        ["satisfaction"] = "front-officer@42#mai",
        ["security"] = "department-officer@42:CAT#nam",
    };

    public static string Commune(string code, string person = "an") => $"commune-officer@{code}#{person}";

    public static string CommuneOf2024(string code, string person = "an") => $"commune-officer@{code}~2024-12-31#{person}";

    public static string DistrictOf2024(string code, string person = "dung") => $"district-officer@{code}~2024-12-31#{person}";
}

/// <summary>Situations that tests begin in, made through the public calls.</summary>
internal sealed class Scene(Api api)
{
    public const string Set = "xa-ntm-2021-2025";
    public const string ThreeTiers = "2024-12-31";
    public const string TwoTiers = "2025-12-31";
    private IReadOnlyList<(string Code, string ValueType, decimal? Threshold)>? indicators;

    public static string Report(string period, string unit) => $"/api/criteria/reports/{period}/{unit}";

    public async Task<string> PeriodAsync(string day, string? code = null)
    {
        code ??= $"t-{Guid.CreateVersion7():N}"[..20];
        var answer = await api.PostAsync("/api/criteria/periods", Who.Coordinator, PeriodBody(code, day));
        return answer.Must(201)["code"].GetString()!;
    }

    public static object PeriodBody(string? code, string day) => new
    {
        code,
        kind = "quarter",
        set = Set,
        figuresAsOf = day,
        opens = day[..8] + "01",
        dueUnits = day[..8] + "14",
        dueDepartment = day[..8] + "24",
        under = "42",
        level = "commune",
    };

    public async Task<IReadOnlyList<(string Code, string ValueType, decimal? Threshold)>> IndicatorsAsync()
    {
        if (indicators is not null) return indicators;
        var set = (await api.GetAsync($"/api/criteria/sets/{Set}", Who.Auditor)).Must(200);
        return indicators =
        [
            .. from criterion in set["criteria"].EnumerateArray()
               from i in criterion.GetProperty("indicators").EnumerateArray()
               select (i.GetProperty("code").GetString()!, i.GetProperty("valueType").GetString()!, ThresholdOf(i)),
        ];
    }

    public async Task RecordAllAsync(string period, string unit, string officer, string day)
    {
        foreach (var (code, type, threshold) in await IndicatorsAsync())
        {
            object value = type == "yesno" ? true : threshold ?? 50m;
            (await api.PutAsync($"{Report(period, unit)}/indicators/{code}", officer, new { value, validOn = day })).Must(200);
        }
    }

    /// <summary>Judges every recorded indicator that the set leaves open.</summary>
    public async Task<int> JudgeOpenOnesAsync(string period, string unit, string checker, string day)
    {
        var assessment = (await api.GetAsync($"/api/criteria/assessments/{unit}?set={Set}&validOn={day}", Who.Auditor)).Must(200);
        string[] open =
        [
            .. assessment["criteria"].EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray())
                .Where(i => i.GetProperty("status").GetString() == "undetermined").Select(i => i.GetProperty("code").GetString()!),
        ];
        foreach (var code in open)
            (await api.PutAsync($"{Report(period, unit)}/indicators/{code}/judgement", checker, new { met = true, basis = "QĐ của tỉnh" })).Must(200);
        return open.Length;
    }

    /// <summary>An approved report of a commune of today with every indicator met.</summary>
    public async Task<string> ApprovedAsync(string unit)
    {
        var period = await PeriodAsync(TwoTiers);
        await RecordAllAsync(period, unit, Who.Commune(unit), TwoTiers);
        (await api.PostAsync($"{Report(period, unit)}/submit", Who.Commune(unit))).Must(200);
        await JudgeOpenOnesAsync(period, unit, Who.Coordinator, TwoTiers);
        (await api.PostAsync($"{Report(period, unit)}/approve", Who.Coordinator)).Must(200);
        return period;
    }

    public async Task ConfirmAsync(string unit, params IEnumerable<string> conditions)
    {
        foreach (var condition in conditions)
        {
            (await api.PutAsync(
                $"/api/appraisal/confirmations/{unit}/{condition}?title=commune-ntm", Who.Confirmers[condition],
                new { met = true, value = 96.5m, basis = "BC 12", validOn = TwoTiers })).Must(200);
        }
    }

    public Task EligibleAsync(string unit) => Until.TrueAsync(
        async () => (await api.GetAsync($"/api/appraisal/eligibility/{unit}?title=commune-ntm", Who.Auditor)).Must(200)["eligible"].GetBoolean(), $"{unit} is eligible");

    /// <summary>An opened dossier of a commune of today; its path.</summary>
    public async Task<string> DossierAsync(string unit)
    {
        await ApprovedAsync(unit);
        await ConfirmAsync(unit, Who.Confirmers.Keys);
        await EligibleAsync(unit);
        var opened = (await api.PostAsync("/api/appraisal/dossiers", Who.Commune(unit), new { unit, title = "commune-ntm" })).Must(201);
        Assert.Equal($"/api/appraisal/dossiers/{opened["id"].GetString()}", opened.Headers.Location?.ToString());
        return opened.Headers.Location!.ToString();
    }

    public async Task<string> RecognisedAsync(string unit)
    {
        var dossier = await DossierAsync(unit);
        (await api.PostAsync($"{dossier}/submit", Who.Commune(unit))).Must(200);
        (await api.PostAsync($"{dossier}/accept", Who.Secretary)).Must(200);
        (await api.PostAsync($"{dossier}/council", Who.Secretary, new { chair = Who.Council[0], members = Who.Council })).Must(200);
        foreach (var member in Who.Council) (await api.PostAsync($"{dossier}/votes", member, new { vote = "for" })).Must(200);
        (await api.PostAsync($"{dossier}/votes/close", Who.Council[0])).Must(200);
        (await api.PostAsync($"{dossier}/decision", Who.Chair, new { number = $"{unit}/QĐ-UBND", date = "2026-10-01", legalBasis = "QĐ 18/2022/QĐ-TTg" })).Must(200);
        (await api.PostAsync($"{dossier}/publication", Who.Secretary, new { date = "2026-10-02", where = "Cổng thông tin" })).Must(200);
        return dossier;
    }

    private static decimal? ThresholdOf(JsonElement indicator)
    {
        var regional = indicator.GetProperty("thresholdsByRegion").EnumerateArray().FirstOrDefault(t => t.GetProperty("region").GetString() == "Bắc Trung Bộ");
        var value = regional.ValueKind == JsonValueKind.Undefined ? indicator.GetProperty("threshold") : regional.GetProperty("value");
        return value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : null;
    }
}

using System.Text.Json;

using Ntm.Cli.Running;

namespace Ntm.Cli.Demo;

/// <summary>The commune that is played, and the set that it reports against.</summary>
internal sealed record DemoStage(string Commune, string Name, IReadOnlyList<DemoIndicator> Indicators)
{
    public const string Set = "xa-ntm-2021-2025";
    public const string Period = "DEMO-2025";
    public const string FiguresAsOf = "2025-12-31";
    public const string Title = "commune-ntm";

    public string Officer => DemoCast.Officer(Commune);

    public string Report => $"/api/criteria/reports/{Period}/{Commune}";

    public string Assessment => $"/api/criteria/assessments/{Commune}?set={Set}&validOn={FiguresAsOf}";

    public string Eligibility => $"/api/appraisal/eligibility/{Commune}?title={Title}";

    public string Recognition => $"/api/appraisal/recognitions?unit={Commune}&title={Title}";

    /// <summary>The next rural commune that has no report in the demonstration's period; null when all had their turn.</summary>
    public static async Task<DemoStage?> NextAsync(GatewayClient client, CancellationToken ct)
    {
        await OpenPeriodAsync(client, ct);
        var played = await ItemsAsync(client, $"/api/criteria/reports?period={Period}", ct);
        var done = played.Select(r => r.GetProperty("unit").GetString()).ToHashSet(StringComparer.Ordinal);
        var communes = await ItemsAsync(client, $"/api/criteria/units?level=commune&parent={DemoCast.Province}&on={FiguresAsOf}", ct);
        var next = communes.FirstOrDefault(u => u.GetProperty("kind").GetString() == "xa" && !done.Contains(u.GetProperty("code").GetString()));
        if (next.ValueKind == JsonValueKind.Undefined) return null;

        var set = await client.GetAsync($"/api/criteria/sets/{Set}", DemoCast.Auditor, ct);
        return new(
            next.GetProperty("code").GetString()!, next.GetProperty("name").GetString()!,
            [
                .. from criterion in set.GetProperty("criteria").EnumerateArray()
                   from indicator in criterion.GetProperty("indicators").EnumerateArray()
                   select DemoIndicator.Of(indicator, next.GetProperty("region").GetString()),
            ]);
    }

    private static async Task OpenPeriodAsync(GatewayClient client, CancellationToken ct)
    {
        var periods = await ItemsAsync(client, "/api/criteria/periods", ct);
        if (periods.Any(p => p.GetProperty("code").GetString() == Period)) return;
        await client.PostAsync(
            "/api/criteria/periods",
            DemoCast.Coordinator,
            new
            {
                code = Period,
                kind = "year",
                set = Set,
                figuresAsOf = FiguresAsOf,
                opens = "2025-12-01",
                dueUnits = "2025-12-14",
                dueDepartment = "2025-12-24",
                under = DemoCast.Province,
                level = "commune",
            },
            ct);
    }

    private static async Task<List<JsonElement>> ItemsAsync(GatewayClient client, string path, CancellationToken ct)
    {
        List<JsonElement> items = [];
        for (string? at = path; at is not null;)
        {
            var page = await client.GetAsync(at, DemoCast.Auditor, ct);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            at = page.GetProperty("next").GetString();
        }

        return items;
    }
}

/// <summary>An indicator and a figure for it that is made up so that it meets the rule, where a rule is known.</summary>
internal sealed record DemoIndicator(string Code, object Value)
{
    private const decimal MadeUp = 95m;

    public static DemoIndicator Of(JsonElement indicator, string? region)
    {
        var code = indicator.GetProperty("code").GetString()!;
        if (indicator.GetProperty("valueType").GetString() == "yesno") return new(code, true);
        var threshold = indicator.GetProperty("thresholdsByRegion").EnumerateArray()
            .Where(t => t.GetProperty("region").GetString() == region).Select(t => t.GetProperty("value")).FirstOrDefault();
        if (threshold.ValueKind == JsonValueKind.Undefined) threshold = indicator.GetProperty("threshold");
        return new(code, threshold.ValueKind == JsonValueKind.Number ? threshold.GetDecimal() : MadeUp);
    }
}

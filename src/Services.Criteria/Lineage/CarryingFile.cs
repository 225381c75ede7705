using System.Text.Json;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>How an indicator's figures are carried over a merger.</summary>
/// <param name="Kind">One of <see cref="Rules"/>.</param>
/// <param name="DivideBy"><see cref="Rules.People"/> or <see cref="Rules.Land"/>: which part of a divided unit's figure goes along.</param>
/// <param name="Mark">derived: the product's own convention; set: a province set it.</param>
/// <param name="SetBy">Version of the province's rules that set it.</param>
internal sealed record Rule(string Kind, string DivideBy, Text Basis, string Mark, long? SetBy);

/// <summary>Names of the rules.</summary>
internal static class Rules
{
    public const string Sum = "sum";
    public const string Mean = "populationWeightedMean";
    public const string Worst = "worst";
    public const string None = "none";
    public const string People = "people";
    public const string Land = "land";

    /// <summary>Whether the rule can be worked out for values of the type.</summary>
    public static bool Fits(string rule, Indicator indicator) => rule switch
    {
        Sum => indicator.ValueType is "number" or "amount",
        Mean => indicator.ValueType is "number" or "amount" or "percent",
        Worst => indicator.ValueType == "yesno" || (indicator.ValueType != "text" && indicator.Comparison is ">=" or "<="),
        _ => rule == None,
    };
}

/// <summary><c>data/carrying.json</c>: the product's own conventions, where no province set a rule.</summary>
internal static class CarryingFile
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly Lazy<Content> File = new(() =>
        JsonSerializer.Deserialize<Content>(System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "carrying.json")), Snake)!);

    public static Rule RuleOf(string set, Indicator indicator)
    {
        var row = File.Value.Indicators.Find(r => r.Set == set && r.Indicator == indicator.Code) ?? File.Value.Defaults.Find(r => r.ValueType == indicator.ValueType);
        return row is null ? new(Rules.None, Rules.People, new("Chưa có quy tắc.", "No rule."), "derived", null) : new(row.Rule, row.DivideBy, new(row.BasisVi, row.BasisEn), "derived", null);
    }

    /// <summary>What the source's own words say of the people or the land that went over; null where they do not say it.</summary>
    public static Fraction? Said(string part, string kind) =>
        File.Value.Parts.Find(p => p.Part == part) is { } said ? Fraction.Share(kind == Rules.People ? said.People : said.Land) : null;

    private sealed record Content(List<Row> Defaults, List<Row> Indicators, List<PartRow> Parts);

    private sealed record Row(string? ValueType, string? Set, string? Indicator, string Rule, string DivideBy, string BasisVi, string BasisEn);

    private sealed record PartRow(string Part, string? People, string? Land);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>A criteria set (bộ tiêu chí) as its decision and the sources give it, marks kept.</summary>
/// <param name="Complete">False when the source is known to lack a part; null when nothing is known to lack.</param>
/// <param name="Source">seen or recalled: how the set's text is known.</param>
/// <param name="Amends">The national set that this one is a province's version of.</param>
/// <param name="Dimension">region or communeGroup; null in what was stored before there were two.</param>
public sealed record CriteriaSet(
    string Id, string TitleVi, string TitleEn, string Tier, string Period, string Scope, IReadOnlyList<LegalAct> LegalBasis,
    DateOnly? InForceFrom, DateOnly? InForceTo, string? InForceToSource, string? Amends, string Source, bool? Complete, ExpectedCounts? ExpectedCounts,
    string? SpecialRuleVi, string? Note, IReadOnlyList<string>? Refs, JsonElement? Preconditions, JsonElement? CommuneGroups,
    IReadOnlyList<Criterion> Criteria,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Dimension = null)
{
    public static string Key(string id) => $"set/{id}";

    /// <summary>What its thresholds differ by: the region in 2021–2025, the commune group from 2026 on (QĐ 51/2025/QĐ-TTg).</summary>
    [JsonIgnore]
    public string Along => Dimension ?? (CommuneGroups is not null || string.CompareOrdinal(Period, "2026") >= 0 ? Dimensions.CommuneGroup : Dimensions.Region);

    [JsonIgnore]
    public IEnumerable<Indicator> Indicators => Criteria.SelectMany(c => c.Indicators);

    /// <summary>Whether a title may rest on the set: all criteria and indicators that the decision counts are there.</summary>
    [JsonIgnore]
    public bool IsComplete => Complete != false && Criteria.Count > 0 && Criteria.All(c => c.Indicators.Count > 0)
        && (ExpectedCounts is not { } expected || (expected.Criteria == Criteria.Count && expected.Indicators == Indicators.Count()));

    [JsonIgnore]
    public string LegalText => string.Join("; ", LegalBasis.Select(a => $"QĐ {a.Number} ({a.Date:yyyy-MM-dd})"));

    public Indicator? Find(string code) => Indicators.FirstOrDefault(i => i.Code == code);

    /// <summary>Order of the decision: 2.10 after 2.9.</summary>
    public IEnumerable<(Criterion Criterion, Indicator Indicator)> InOrder() => Criteria.OrderBy(c => c.No).SelectMany(c => c.Indicators.Select(i => (c, i)));
}

public sealed record LegalAct(string Number, DateOnly? Date, string? Issuer, string? TitleVi);

public sealed record ExpectedCounts(int Criteria, int Indicators);

/// <summary>A criterion (tiêu chí) with its indicators.</summary>
public sealed record Criterion(int No, string NameVi, string NameEn, string? GroupVi, IReadOnlyList<Indicator> Indicators);

/// <summary>An indicator (chỉ tiêu). <see cref="Source"/> marks its text, <see cref="ThresholdSource"/> its figure.</summary>
/// <param name="ValueType">yesno, percent, number, amount, score or text.</param>
/// <param name="Comparison">≥, ≤, = or <c>meets</c>.</param>
/// <param name="Thresholds">Figures along the set's dimension where that is not the region.</param>
/// <param name="EvidenceVi">Evidence that is demanded; null where no source says.</param>
/// <param name="EvidenceSource">seen or recalled: how the demand is known; null with it.</param>
/// <param name="LegalSource">The act behind the figure where it is not the set's own.</param>
public sealed record Indicator(
    string Code, string TextVi, string TextEn, string ValueType, string? Unit, string Comparison, ReportedValue? Threshold,
    IReadOnlyList<RegionThreshold> ThresholdsByRegion, bool DelegatedToProvince, string? DelegatedToMinistryVi, string? DepartmentVi,
    string Source, string ThresholdSource, string? Confidence, IReadOnlyList<string>? Refs, string? Note,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ThresholdLevel>? Thresholds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EvidenceVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EvidenceEn = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EvidenceSource = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LegalSource = null)
{
    /// <summary>The figures along the set's dimension, whichever it is.</summary>
    [JsonIgnore]
    public IReadOnlyList<ThresholdLevel> Levels => Thresholds ?? [.. ThresholdsByRegion.Select(t => new ThresholdLevel(t.Region, t.Value))];
}

/// <summary>The figure for one region.</summary>
public sealed record RegionThreshold(string Region, ReportedValue Value);

/// <summary>The figure for one value of the set's dimension.</summary>
/// <param name="At">A region, or the number of a commune group.</param>
public sealed record ThresholdLevel(string At, ReportedValue Value);

/// <summary>Reads <c>data/criteria.json</c>.</summary>
internal static class SetsFile
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<CriteriaSetPublished> Read(string json, DateTimeOffset at) =>
        [.. JsonSerializer.Deserialize<Content>(json, Snake)!.Sets.Select(set => new CriteriaSetPublished(set, "system:import", at))];

    private sealed record Content(List<CriteriaSet> Sets);
}

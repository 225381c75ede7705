using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>A criteria set (bộ tiêu chí) as its decision and the sources give it, marks kept.</summary>
/// <param name="Complete">False when the source is known to lack a part; null when nothing is known to lack.</param>
/// <param name="Source">seen or recalled: how the set's text is known.</param>
public sealed record CriteriaSet(
    string Id, string TitleVi, string TitleEn, string Tier, string Period, string Scope, IReadOnlyList<LegalAct> LegalBasis,
    DateOnly? InForceFrom, DateOnly? InForceTo, string? InForceToSource, string? Amends, string Source, bool? Complete, ExpectedCounts? ExpectedCounts,
    string? SpecialRuleVi, string? Note, IReadOnlyList<string>? Refs, JsonElement? Preconditions, JsonElement? CommuneGroups,
    IReadOnlyList<Criterion> Criteria)
{
    public static string Key(string id) => $"set/{id}";

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
/// <param name="ValueType">yesno, percent, number, amount or text.</param>
/// <param name="Comparison">≥, ≤, = or <c>meets</c>.</param>
public sealed record Indicator(
    string Code, string TextVi, string TextEn, string ValueType, string? Unit, string Comparison, ReportedValue? Threshold,
    IReadOnlyList<RegionThreshold> ThresholdsByRegion, bool DelegatedToProvince, string? DelegatedToMinistryVi, string? DepartmentVi,
    string Source, string ThresholdSource, string? Confidence, IReadOnlyList<string>? Refs, string? Note);

public sealed record RegionThreshold(string Region, ReportedValue Value);

/// <summary>A set of criteria was published; a published version never changes.</summary>
public sealed record CriteriaSetPublished(CriteriaSet Set, string By, DateTimeOffset At);

/// <summary>Reads <c>data/criteria.json</c>.</summary>
internal static class SetsFile
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<CriteriaSetPublished> Read(string json, DateTimeOffset at) =>
        [.. JsonSerializer.Deserialize<Content>(json, Snake)!.Sets.Select(set => new CriteriaSetPublished(set, "system:import", at))];

    private sealed record Content(List<CriteriaSet> Sets);
}

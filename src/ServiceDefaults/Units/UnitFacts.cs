namespace Ntm.ServiceDefaults;

/// <summary>Names of the facts that a unit may have beside its name and parent (<see cref="Contracts.Criteria.UnitFact"/>).</summary>
public static class UnitFacts
{
    /// <summary>One of the seven regions by which the sets of 2021–2025 set thresholds, e.g. "Bắc Trung Bộ".</summary>
    public const string Region = "region";

    /// <summary>Group 1, 2 or 3, by which the sets of 2026–2030 set thresholds (QĐ 51/2025/QĐ-TTg).</summary>
    public const string CommuneGroup = "communeGroup";

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public const string Mountainous = "mountainous";

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public const string Coastal = "coastal";

    /// <summary>Inhabitants, a whole number ≥ 0.</summary>
    public const string Population = "population";

    /// <summary>Area in km², &gt; 0.</summary>
    public const string AreaKm2 = "areaKm2";

    public static readonly IReadOnlyList<string> All = [Region, CommuneGroup, Mountainous, Coastal, Population, AreaKm2];
}

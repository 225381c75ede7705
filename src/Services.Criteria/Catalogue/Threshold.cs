using System.Globalization;
using Ntm.Contracts;

namespace Ntm.Criteria.Catalogue;

/// <summary>
/// The figure that decides an indicator: the value of the unit's region, else the general one, else undetermined
/// (annexes of QĐ 318/QĐ-TTg and its kin).
/// </summary>
public static class Threshold
{
    public static ReportedValue? Of(Indicator indicator, string? region) =>
        indicator.ThresholdsByRegion.FirstOrDefault(t => t.Region == region)?.Value ?? indicator.Threshold;

    /// <summary>Whether an authority has to judge: the threshold is unknown, delegated, or a grade that cannot be compared.</summary>
    public static bool LeavesOpen(Indicator indicator, string? region) =>
        indicator.DelegatedToProvince || Of(indicator, region) is null || indicator.ValueType == "text";

    /// <summary>Met, not met, or null where the set does not decide.</summary>
    public static bool? Decide(Indicator indicator, string? region, ReportedValue value) => (Of(indicator, region), indicator.Comparison, value) switch
    {
        (null, _, _) => null,
        (_, "meets", { Yes: { } yes }) => yes,
        ({ Text: { } wanted }, "meets", { Text: { } given }) => string.Equals(wanted, given, StringComparison.OrdinalIgnoreCase) ? true : null,
        ({ Number: { } bound }, ">=", { Number: { } n }) => n >= bound,
        ({ Number: { } bound }, "<=", { Number: { } n }) => n <= bound,
        ({ Number: { } bound }, "=", { Number: { } n }) => n == bound,
        _ => null,
    };

    /// <summary>The rule in words, e.g. <c>≥ 70 % (Bắc Trung Bộ)</c>; null where there is none.</summary>
    public static string? Describe(Indicator indicator, string? region)
    {
        if (Of(indicator, region) is not { } bound) return null;
        if (bound.Text is { } text) return text;
        var sign = indicator.Comparison switch { ">=" => "≥", "<=" => "≤", var other => other };
        var byRegion = indicator.ThresholdsByRegion.Any(t => t.Region == region) ? $" ({region})" : "";
        return $"{sign} {bound.Number?.ToString(CultureInfo.InvariantCulture)}{(indicator.Unit is { } unit ? $" {unit}" : "")}{byRegion}";
    }
}

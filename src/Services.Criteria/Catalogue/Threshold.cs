using System.Globalization;
using Ntm.Contracts;

namespace Ntm.Criteria.Catalogue;

/// <summary>
/// The figure that decides an indicator: the one of the unit's region or group, else the general one, else undetermined
/// (annexes of QĐ 318/QĐ-TTg and its kin). Where figures differ and nobody knows where the unit belongs, nothing decides.
/// </summary>
public static class Threshold
{
    /// <param name="at">The unit's value along the set's dimension; null where nobody knows it.</param>
    public static ReportedValue? Of(Indicator indicator, string? at) => LevelOf(indicator, at)?.Value
        ?? (at is null && indicator.Levels.Count > 0 ? null : indicator.Threshold);

    /// <summary>Whether an authority has to judge: the threshold is unknown, delegated, or a grade that cannot be compared.</summary>
    public static bool LeavesOpen(Indicator indicator, string? at) =>
        indicator.DelegatedToProvince || Of(indicator, at) is null || indicator.ValueType == "text";

    /// <summary>Met, not met, or null where the set does not decide.</summary>
    public static bool? Decide(Indicator indicator, string? at, ReportedValue value) => Meets(indicator, Of(indicator, at), value);

    /// <param name="bound">The figure that decides; null where none does.</param>
    public static bool? Meets(Indicator indicator, ReportedValue? bound, ReportedValue value) => (bound, indicator.Comparison, value) switch
    {
        (null, _, _) => null,
        (_, "meets", { Yes: { } yes }) => yes,
        ({ Text: { } wanted }, "meets", { Text: { } given }) => string.Equals(wanted, given, StringComparison.OrdinalIgnoreCase) ? true : null,
        ({ Number: { } least }, ">=", { Number: { } n }) => n >= least,
        ({ Number: { } most }, "<=", { Number: { } n }) => n <= most,
        ({ Number: { } exactly }, "=", { Number: { } n }) => n == exactly,
        _ => null,
    };

    /// <summary>The rule in words, e.g. <c>≥ 70 % (Bắc Trung Bộ)</c>; null where there is none.</summary>
    public static string? Describe(Indicator indicator, string? at)
    {
        if (Of(indicator, at) is not { } bound) return null;
        if (bound.Number is not { } number) return bound.Text ?? "Đạt";
        var sign = indicator.Comparison switch { ">=" => "≥", "<=" => "≤", var other => other };
        var level = LevelOf(indicator, at) is null ? "" : char.IsDigit(at![0]) ? $" (nhóm {at})" : $" ({at})";
        return $"{sign} {number.ToString(CultureInfo.InvariantCulture)}{(indicator.Unit is { } unit ? $" {unit}" : "")}{level}";
    }

    private static ThresholdLevel? LevelOf(Indicator indicator, string? at) => at is null ? null : indicator.Levels.FirstOrDefault(l => Dimensions.Normal(l.At) == at);
}

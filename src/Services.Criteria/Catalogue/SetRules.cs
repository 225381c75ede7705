using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>What holds of every set, whoever wrote it.</summary>
internal static partial class SetRules
{
    public const string National = "national";
    public static readonly string[] Tiers = ["province", "district", "commune"];
    public static readonly string[] ValueTypes = ["percent", "number", "yesno", "score", "text", "amount"];
    public static readonly string[] Comparisons = [">=", "<=", "=", "meets"];

    public static bool IsId(string? id) => id is not null && IdForm().IsMatch(id);

    /// <param name="path">Place of the set.</param>
    /// <param name="base">The national set that it is a province's version of; its codes stay and further ones follow them.</param>
    /// <param name="placeOf">Place of an indicator where it is not written under its criterion.</param>
    public static void Check(CriteriaSet set, string path, SetFaults faults, CriteriaSet? @base = null, Func<string, string?>? placeOf = null)
    {
        string At(string name) => JsonFields.Join(path, name);
        faults
            .Unless(IsId(set.Id), At("id"), "id-form", "Mã gồm chữ thường a-z, chữ số và dấu \"-\", nhiều nhất 80 ký tự.", "An id has letters a-z, digits and hyphens, at most 80.")
            .Unless(set.Amends is null || IsId(set.Amends), At("amends"), "id-form", "Mã bộ tiêu chí không đọc được.", "The id of a set cannot be read.")
            .Unless(ScopeForm().IsMatch(set.Scope), At("scope"), "scope-form", "Phạm vi là national hoặc province-{mã tỉnh}.", "The scope is national or province-{code}.")
            .Unless(IsPeriod(set.Period), At("period"), "period-form", "Giai đoạn có dạng 2021-2025, năm đầu không sau năm cuối.", "A period is written 2021-2025, its first year not after its last.")
            .Unless(
                set.InForceFrom is null || set.InForceTo is null || set.InForceFrom <= set.InForceTo, At("inForceTo"), "in-force", "Ngày hết hiệu lực phải từ ngày có hiệu lực.",
                "The last day is not before the first.")
            .Unless(set.LegalBasis.Count > 0, At("legalBasis"), "required", "Nêu ít nhất một văn bản.", "Name at least one act.");
        for (var c = 0; c < set.Criteria.Count; c++) CheckCriterion(set, c, At($"criteria[{c}]"), faults, @base, placeOf);
        CheckUnique(set, At("criteria"), faults);
    }

    /// <summary>Whether both say the same, however it is written.</summary>
    public static bool Same(CriteriaSet one, CriteriaSet other) => JsonNode.DeepEquals(Canonical(one), Canonical(other));

    private static JsonNode? Canonical(CriteriaSet set) => JsonSerializer.SerializeToNode(
        set with
        {
            Dimension = set.Along,
            Complete = set.IsComplete,
            Refs = Given(set.Refs),
            Criteria =
            [
                .. set.Criteria.Select(c => c with
                {
                    Indicators =
                    [
                        .. c.Indicators.Select(i => i with
                        {
                            Refs = Given(i.Refs),
                            Thresholds = i.Levels.Count == 0 ? null : [.. i.Levels.Select(l => l with { At = Dimensions.Normal(l.At) })],
                            ThresholdsByRegion = [],
                        }),
                    ],
                }),
            ],
        },
        NtmJson.Stored);

    private static IReadOnlyList<string>? Given(IReadOnlyList<string>? list) => list is { Count: 0 } ? null : list;

    private static void CheckCriterion(CriteriaSet set, int at, string path, SetFaults faults, CriteriaSet? @base, Func<string, string?>? placeOf)
    {
        var criterion = set.Criteria[at];
        faults.Unless(criterion.No == at + 1, $"{path}.no", "numbering", $"Tiêu chí ở vị trí này phải mang số {at + 1}.", $"The criterion at this place has the number {at + 1}.");
        var single = criterion.Indicators.Count == 1 || @base?.Criteria.FirstOrDefault(c => c.No == criterion.No)?.Indicators.Count == 1;
        for (var i = 0; i < criterion.Indicators.Count; i++)
        {
            var indicator = criterion.Indicators[i];
            var place = placeOf?.Invoke(indicator.Code) ?? $"{path}.indicators[{i}]";
            if (set.Complete == false)
            {
                faults.Unless(
                    CodeForm().IsMatch(indicator.Code) && indicator.Code.Split('.')[0] == Number(criterion.No), $"{place}.code", "numbering",
                    $"Mã chỉ tiêu phải thuộc tiêu chí {criterion.No}.", $"The code belongs to criterion {criterion.No}.");
            }
            else
            {
                var code = single && i == 0 ? Number(criterion.No) : $"{Number(criterion.No)}.{Number(i + 1)}";
                faults.Unless(indicator.Code == code, $"{place}.code", "numbering", $"Chỉ tiêu ở vị trí này phải mang mã {code}.", $"The indicator at this place has the code {code}.");
            }

            CheckIndicator(set.Along, indicator, place, faults);
        }
    }

    public static void CheckIndicator(string dimension, Indicator i, string path, SetFaults faults)
    {
        var (graded, known) = (i.ValueType is "yesno" or "text", i.Threshold is not null || i.Levels.Count > 0);
        faults
            .Unless(graded == (i.Comparison == "meets"), $"{path}.comparison", "comparison", "meets chỉ dùng cho kiểu yesno và text; số dùng >=, <=, =.", "meets goes with yesno and text; numbers take >=, <=, =.")
            .Unless(known == (i.ThresholdSource != "unknown"), $"{path}.thresholdSource", "threshold-mark", "unknown khi và chỉ khi không nêu mức.", "unknown when, and only when, no figure is given.");
        CheckValue(i, i.Threshold, $"{path}.threshold", faults);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (level, n) in i.Levels.Select((l, n) => (l, n)))
        {
            var place = $"{path}.thresholds[{n}]";
            faults
                .Unless(
                    Dimensions.ValuesOf(dimension).Contains(Dimensions.Normal(level.At)), $"{place}.at", "threshold-level",
                    $"Phải là một trong: {string.Join(", ", Dimensions.ValuesOf(dimension))}.", $"Must be one of: {string.Join(", ", Dimensions.ValuesOf(dimension))}.")
                .Unless(seen.Add(Dimensions.Normal(level.At)), $"{place}.at", "duplicate", "Mức được nêu hai lần.", "The level is given twice.");
            CheckValue(i, level.Value, $"{place}.value", faults);
        }
    }

    private static void CheckValue(Indicator i, ReportedValue? value, string path, SetFaults faults)
    {
        if (value is null) return;
        var ok = i.ValueType switch
        {
            "yesno" => value.Text is { Length: > 0 } || value.Yes == true,
            "text" => value.Text is { Length: > 0 },
            "percent" => value.Number is >= 0 and <= 100,
            _ => value.Number is not null,
        };
        faults.Unless(ok, path, "threshold-type", $"Mức không hợp với kiểu {i.ValueType}.", $"The figure does not go with the type {i.ValueType}.");
    }

    private static void CheckUnique(CriteriaSet set, string path, SetFaults faults)
    {
        HashSet<string> codes = new(StringComparer.Ordinal);
        for (var c = 0; c < set.Criteria.Count; c++)
        {
            for (var i = 0; i < set.Criteria[c].Indicators.Count; i++)
            {
                faults.Unless(
                    codes.Add(set.Criteria[c].Indicators[i].Code), $"{path}[{c}].indicators[{i}].code", "duplicate", "Mã chỉ tiêu bị trùng.", "The code stands twice.");
            }
        }
    }

    private static bool IsPeriod(string period) => PeriodForm().Match(period) is { Success: true } years
        && string.CompareOrdinal(years.Groups[1].Value, years.Groups[2].Value) <= 0;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A(?=.{1,80}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"\A(?=.{1,80}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScopeForm();

    [GeneratedRegex(@"\A([0-9]{4})-([0-9]{4})\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PeriodForm();

    [GeneratedRegex(@"\A[1-9][0-9]{0,3}(\.[1-9][0-9]{0,3})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeForm();
}

using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>A set with figures that are only tried, and scores by it.</summary>
internal static class Trial
{
    /// <summary>The mark of a figure that nobody has laid down.</summary>
    public const string Tried = "tried";

    /// <summary>A figure for one value of the set's dimension.</summary>
    public sealed record Level(string? At, ReportedValue? Value);

    /// <summary>The figure of one region.</summary>
    public sealed record RegionLevel(string? Region, ReportedValue? Value);

    /// <param name="Threshold">The figure of all units; without others beside it, it takes the place of those along the dimension.</param>
    /// <param name="Thresholds">Figures along the set's dimension; those that are not named stay.</param>
    /// <param name="ThresholdsByRegion">The same, as sets by region write them.</param>
    /// <param name="Comparison">&gt;=, &lt;= or =; null keeps the set's.</param>
    public sealed record Change(
        string? Indicator, ReportedValue? Threshold, IReadOnlyList<Level?>? Thresholds, IReadOnlyList<RegionLevel?>? ThresholdsByRegion, string? Comparison)
    {
        public IReadOnlyList<Level?> Levels => Thresholds ?? [.. (ThresholdsByRegion ?? []).Select(r => r is null ? null : new Level(r.Region, r.Value))];
    }

    /// <summary>An indicator of the other set that no figure speaks of.</summary>
    /// <param name="Reason">not-in-set or other-type.</param>
    public sealed record Unmatched(string Indicator, string Reason);

    /// <summary>The set with the changes, each told with its place where it cannot be.</summary>
    public static CriteriaSet Apply(CriteriaSet set, IReadOnlyList<Change?> changes, SetFaults faults)
    {
        Dictionary<string, Indicator> changed = new(StringComparer.Ordinal);
        foreach (var (change, n) in changes.Select((c, n) => (c, n)))
        {
            var path = $"changes[{n}]";
            if (change?.Indicator is not { } code || set.Find(code) is not { } indicator)
            {
                faults.Unless(false, $"{path}.indicator", "unknown-indicator", $"Bộ tiêu chí không có chỉ tiêu \"{change?.Indicator}\".", $"The set has no indicator \"{change?.Indicator}\".");
                continue;
            }

            var levels = change.Levels;
            faults
                .Unless(!changed.ContainsKey(code), $"{path}.indicator", "duplicate", "Chỉ tiêu được nêu hai lần.", "The indicator is named twice.")
                .Unless(
                    change.Threshold is not null || levels.Count > 0, change.Comparison is null ? $"{path}.threshold" : $"{path}.comparison", "threshold-needed",
                    "Cần nêu mức: threshold hoặc thresholds.", "A figure is needed: threshold or thresholds.")
                .Unless(change.Comparison is null || SetRules.Comparisons.Contains(change.Comparison), $"{path}.comparison", "one-of", "Cách so sánh là >=, <=, = hoặc meets.", "The comparison is >=, <=, = or meets.")
                .Unless(change.Thresholds is null || change.ThresholdsByRegion is null, $"{path}.thresholdsByRegion", "one-of", "Chỉ nêu một trong thresholds và thresholdsByRegion.", "Give thresholds or thresholdsByRegion, not both.");
            CheckForm(change.Threshold, $"{path}.threshold", faults);
            for (var l = 0; l < levels.Count; l++)
            {
                faults.Unless(levels[l] is { At: not null, Value: not null }, $"{path}.thresholds[{l}]", "required", "Cần nêu at và value.", "at and value are needed.");
                CheckForm(levels[l]?.Value, $"{path}.thresholds[{l}].value", faults);
            }

            if (levels.Any(l => l is not { At: not null, Value: not null })) continue;
            var tried = With(set.Along, indicator, change, [.. levels.Select(l => new ThresholdLevel(Prose.Normal(l!.At)!, Normal(l.Value)!))]);
            SetRules.CheckIndicator(set.Along, tried, path, faults);
            changed[code] = tried;
        }

        return set with { Criteria = [.. set.Criteria.Select(c => c with { Indicators = [.. c.Indicators.Select(i => changed.GetValueOrDefault(i.Code, i))] })] };
    }

    /// <summary>Indicators of the second set for which no figure of the first can count.</summary>
    public static IReadOnlyList<Unmatched> Missing(CriteriaSet figures, CriteriaSet scored) =>
    [
        .. from i in scored.InOrder().Select(x => x.Indicator)
           let own = figures.Find(i.Code)
           where own is null || own.ValueType != i.ValueType
           select new Unmatched(i.Code, own is null ? "not-in-set" : "other-type"),
    ];

    /// <summary>Numbers and texts within the bounds of what sets hold.</summary>
    private static void CheckForm(ReportedValue? value, string path, SetFaults faults) => faults
        .Unless(
            value?.Number is not { } n || RecordIndicator.Fits(n), path, "number-form", "Số có nhiều nhất 18 chữ số, trong đó 6 chữ số sau dấu thập phân.",
            "A number has at most 18 digits, 6 of them after the point.")
        .Unless(
            value?.Text is not { } text || new Faults().Readable(Prose.Normal(text), path).Refuse() is null, path, "text-form", $"Văn bản dài nhất {Prose.Longest} ký tự, không có ký tự điều khiển.",
            $"A text has at most {Prose.Longest} characters, none of them a control character.");

    private static ReportedValue? Normal(ReportedValue? value) => value?.Text is { } text ? ReportedValue.Of(Prose.Normal(text)!) : value;

    /// <summary>A figure that is tried decides by itself, also where the law leaves it to the province.</summary>
    private static Indicator With(string dimension, Indicator indicator, Change change, IReadOnlyList<ThresholdLevel> given)
    {
        var kept = change.Threshold is not null ? [] : indicator.Levels.Where(l => given.All(g => Dimensions.Normal(g.At) != Dimensions.Normal(l.At)));
        ThresholdLevel[] levels = [.. given, .. kept];
        var byRegion = dimension == Dimensions.Region;
        return indicator with
        {
            Threshold = Normal(change.Threshold) ?? indicator.Threshold,
            ThresholdsByRegion = byRegion ? [.. levels.Select(l => new RegionThreshold(l.At, l.Value))] : [],
            Thresholds = byRegion || levels.Length == 0 ? null : levels,
            Comparison = change.Comparison ?? indicator.Comparison,
            DelegatedToProvince = false,
            ThresholdSource = Tried,
        };
    }
}

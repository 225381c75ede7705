using System.Text.Json;
using Ntm.Contracts;

namespace Ntm.Criteria.Catalogue;

/// <summary>
/// A province's version of a national set. What the nation fixes stays; where the law delegates a figure the province's is no looser;
/// where no figure is known the province is free; its own indicators follow those of the nation.
/// </summary>
internal static class Adaptation
{
    /// <summary>What a province changes of one indicator; null keeps what the nation says.</summary>
    public sealed record Change(
        string Code, ReportedValue? Threshold, IReadOnlyList<ThresholdLevel> Levels, string? EvidenceVi, string? EvidenceEn, string? DepartmentVi, string? LegalSource, string? Note);

    /// <summary>An indicator of the province's own under a criterion of the nation.</summary>
    public sealed record Added(int Criterion, Indicator Indicator);

    /// <summary>The province's set as the body writes it: what it changes and adds; null with the faults.</summary>
    public static CriteriaSet? Read(JsonElement json, string id, CriteriaSet @base, SetFaults faults)
    {
        var o = new JsonFields(
            json, "", faults, "id", "titleVi", "titleEn", "scope", "baseVersion", "legalBasis", "inForceFrom", "inForceTo", "note", "refs", "changes", "added");
        o.Whole("baseVersion");
        var changes = o.List("changes", (item, at) => ChangeOf(item, at, @base.Along, faults));
        var added = o.List("added", (item, at) => AddedOf(item, at, @base.Along, faults));
        faults.Unless(changes.Count + added.Count > 0, "changes", "required", "Nêu ít nhất một chỉ tiêu thay đổi hoặc bổ sung.", "Change or add at least one indicator.");
        var set = @base with
        {
            Id = id,
            TitleVi = o.Text("titleVi", required: true)!,
            TitleEn = o.Text("titleEn", required: true)!,
            Scope = o.Text("scope", required: true)!,
            LegalBasis = o.List("legalBasis", (item, at) => SetReader.ActOf(item, at, faults), required: true),
            InForceFrom = o.Day("inForceFrom", required: true),
            InForceTo = o.Day("inForceTo") ?? @base.InForceTo,
            InForceToSource = o.Has("inForceTo") ? "recalled" : @base.InForceToSource,
            Amends = @base.Id,
            Note = o.Text("note"),
            Refs = o.Has("refs") ? o.Texts("refs") : null,
        };
        foreach (var (change, n) in changes.Select((c, n) => (c, n)))
        {
            faults.Unless(@base.Find(change.Code) is not null, $"changes[{n}].code", "unknown-indicator", $"Bộ tiêu chí gốc không có chỉ tiêu \"{change.Code}\".", $"The base has no indicator \"{change.Code}\".")
                .Unless(changes.Take(n).All(c => c.Code != change.Code), $"changes[{n}].code", "duplicate", "Chỉ tiêu được nêu hai lần.", "The indicator is named twice.");
        }

        foreach (var (a, n) in added.Select((a, n) => (a, n)))
            faults.Unless(@base.Criteria.Any(c => c.No == a.Criterion), $"added[{n}].criterion", "unknown-criterion", $"Bộ tiêu chí gốc không có tiêu chí {a.Criterion}.", $"The base has no criterion {a.Criterion}.");
        if (faults.Count > 0) return null;

        set = Inherited(@base, set with
        {
            Criteria =
            [
                .. @base.Criteria.Select(c => c with
                {
                    Indicators =
                    [
                        .. c.Indicators.Select(i => changes.FirstOrDefault(x => x.Code == i.Code) is { } change ? Applied(i, change, @base.Along) : i),
                        .. added.Where(a => a.Criterion == c.No).Select(a => a.Indicator),
                    ],
                }),
            ],
        });
        Check(@base, set, "", faults, PlaceOf);
        return faults.Count > 0 ? null : set;

        string? PlaceOf(string code) =>
            added.Index().FirstOrDefault(a => a.Item.Indicator.Code == code) is { Item: not null } own ? $"added[{own.Index}].indicator"
            : changes.Index().FirstOrDefault(c => c.Item.Code == code) is { Item: not null } changed ? $"changes[{changed.Index}]"
            : null;
    }

    /// <summary>The province's set as it is kept: what is the nation's to say is taken from the base, also how sure it is.</summary>
    public static CriteriaSet Inherited(CriteriaSet @base, CriteriaSet set)
    {
        var own = set.Criteria.Count(c => @base.Criteria.All(b => b.No != c.No));
        var kept = set with
        {
            Tier = @base.Tier,
            Complete = @base.IsComplete ? set.Complete : false,
            ExpectedCounts = @base.ExpectedCounts is { } counts ? new(counts.Criteria + own, counts.Indicators + set.Indicators.Count(i => @base.Find(i.Code) is null)) : null,
            SpecialRuleVi = @base.SpecialRuleVi,
            Preconditions = @base.Preconditions,
            CommuneGroups = @base.CommuneGroups,
            Dimension = @base.Along,
            Criteria = [.. set.Criteria.Select(c => c with { Indicators = [.. c.Indicators.Select(i => @base.Find(i.Code) is { } national ? Marked(national, i) : i)] })],
        };
        return kept with { Source = SourceOf(@base, kept) };
    }

    /// <summary>What a province says otherwise was not seen in the nation's text: seen only with its own act and that act's day.</summary>
    private static string SourceOf(CriteriaSet @base, CriteriaSet set) => SetDifference.Between(@base, set).Indicators.Count == 0 ? @base.Source
        : set.Source == "seen" && !set.LegalBasis.Any(a => !string.IsNullOrWhiteSpace(a.Number) && a.Date is not null) ? "recalled"
        : set.Source;

    /// <summary>All rules of a set, and those between a province's and its base.</summary>
    public static void Check(CriteriaSet @base, CriteriaSet set, string path, SetFaults faults, Func<string, string?>? placeOf = null)
    {
        SetRules.Check(set, path, faults, @base, placeOf);
        string At(string name) => JsonFields.Join(path, name);
        faults
            .Unless(set.InForceFrom is null || @base.InForceFrom is null || set.InForceFrom >= @base.InForceFrom, At("inForceFrom"), "in-force", "Không được có hiệu lực trước bộ tiêu chí gốc.", "It is not in force before its base.")
            .Unless(set.InForceTo is null || @base.InForceTo is null || set.InForceTo <= @base.InForceTo, At("inForceTo"), "in-force", "Không được có hiệu lực sau bộ tiêu chí gốc.", "It is not in force after its base.");
        var places = set.Criteria.SelectMany((c, at) => c.Indicators.Select((i, n) => (i.Code, Place: At($"criteria[{at}].indicators[{n}]"))))
            .DistinctBy(x => x.Code, StringComparer.Ordinal).ToDictionary(x => x.Code, x => x.Place, StringComparer.Ordinal);
        foreach (var national in @base.Indicators)
        {
            if (set.Find(national.Code) is not { } own)
            {
                faults.Unless(set.Complete == false, At("criteria"), "indicator-dropped", $"Không được bỏ chỉ tiêu {national.Code} của bộ tiêu chí gốc.", $"The base's indicator {national.Code} cannot be dropped.");
                continue;
            }

            CheckIndicator(@base.Along, national, own, placeOf?.Invoke(own.Code) ?? places[own.Code], faults);
        }

        foreach (var own in set.Indicators.Where(i => @base.Find(i.Code) is not { } national || !SameFigures(national, i)))
        {
            faults.Unless(
                own.ThresholdSource != "seen" || !string.IsNullOrWhiteSpace(own.LegalSource), $"{placeOf?.Invoke(own.Code) ?? places[own.Code]}.legalSource", "mark-without-source",
                "Mức của tỉnh chỉ được đánh dấu seen khi nêu văn bản quy định.", "A figure of the province's own is marked seen only with its legal source.");
        }
    }

    /// <summary>Whether the province's figure is met by less than the nation's.</summary>
    public static bool IsLooser(string comparison, ReportedValue national, ReportedValue own) => (comparison, national.Number, own.Number) switch
    {
        (">=", { } bound, { } value) => value < bound,
        ("<=", { } bound, { } value) => value > bound,
        _ => national != own,
    };

    private static void CheckIndicator(string dimension, Indicator national, Indicator own, string path, SetFaults faults)
    {
        faults
            .Unless(own.ValueType == national.ValueType && own.Unit == national.Unit, $"{path}.valueType", "fixed-by-base", "Kiểu và đơn vị tính do bộ tiêu chí gốc quy định.", "Type and unit are the base's.")
            .Unless(own.Comparison == national.Comparison, $"{path}.comparison", "fixed-by-base", "Cách so sánh do bộ tiêu chí gốc quy định.", "The comparison is the base's.")
            .Unless(own.TextVi == national.TextVi, $"{path}.textVi", "fixed-by-base", "Nội dung chỉ tiêu do bộ tiêu chí gốc quy định.", "The text is the base's.")
            .Unless(
                own.DelegatedToProvince == national.DelegatedToProvince || (national.DelegatedToProvince && !SameFigures(national, own)), $"{path}.delegatedToProvince", "fixed-by-base",
                "Việc giao tỉnh quy định do bộ tiêu chí gốc nêu.", "Whether a figure is the province's to set is the base's to say.");
        CheckLevel(national, national.Threshold, own.Threshold, $"{path}.threshold", faults);
        foreach (var at in Dimensions.ValuesOf(dimension))
        {
            // Compared is what decides: a level of its own may not undercut the general figure.
            if (Threshold.Of(national, at) is { } bound && (national.Levels.Count > 0 || own.Levels.Count > 0)) CheckLevel(national, bound, Threshold.Of(own, at), $"{path}.thresholds", faults);
        }
    }

    private static void CheckLevel(Indicator national, ReportedValue? bound, ReportedValue? own, string path, SetFaults faults)
    {
        if (bound is null || bound == own) return;
        if (!national.DelegatedToProvince)
            faults.Unless(false, path, "fixed-by-base", $"Mức {Words(bound)} của chỉ tiêu {national.Code} do trung ương quy định.", $"The figure {Words(bound)} of indicator {national.Code} is the nation's.");
        else
            faults.Unless(own is not null && !IsLooser(national.Comparison, bound, own), path, "looser-than-base", $"Mức của tỉnh không được thấp hơn yêu cầu {Words(bound)} của trung ương.", $"The province's figure is not looser than the nation's {Words(bound)}.");
    }

    private static string Words(ReportedValue value) => value.Number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? value.Text ?? "Đạt";

    private static Indicator Applied(Indicator national, Change change, string dimension)
    {
        var levels = change.Levels.Count == 0 ? national.Levels
            : [.. national.Levels.Where(l => change.Levels.All(c => Dimensions.Normal(c.At) != Dimensions.Normal(l.At))), .. change.Levels];
        var byRegion = dimension == Dimensions.Region;
        var own = national with
        {
            Threshold = change.Threshold ?? national.Threshold,
            ThresholdsByRegion = byRegion ? [.. levels.Select(l => new RegionThreshold(l.At, l.Value))] : national.ThresholdsByRegion,
            Thresholds = byRegion || levels.Count == 0 ? null : levels,
            EvidenceVi = change.EvidenceVi ?? national.EvidenceVi,
            EvidenceEn = change.EvidenceEn ?? national.EvidenceEn,
            EvidenceSource = change.EvidenceVi is null && change.EvidenceEn is null ? national.EvidenceSource : change.LegalSource is null ? "recalled" : "seen",
            DepartmentVi = change.DepartmentVi ?? national.DepartmentVi,
            Note = change.Note ?? national.Note,
        };
        return SameFigures(national, own) ? own : own with
        {
            DelegatedToProvince = false,
            LegalSource = change.LegalSource ?? national.LegalSource,
            ThresholdSource = change.LegalSource is null ? "recalled" : "seen",
            Confidence = null,
            Refs = null,
        };
    }

    /// <summary>Text and figures that are the nation's keep its marks; among figures of both the less sure mark counts.</summary>
    private static Indicator Marked(Indicator national, Indicator own)
    {
        var text = own.TextVi == national.TextVi ? own with { Source = national.Source } : own;
        if (SameFigures(national, own)) return text with { ThresholdSource = national.ThresholdSource, Confidence = national.Confidence, Refs = national.Refs, LegalSource = national.LegalSource };
        return KeepsSome(national, own) && national.ThresholdSource == "recalled" ? text with { ThresholdSource = "recalled" } : text;
    }

    private static bool SameFigures(Indicator national, Indicator own) =>
        national.Threshold == own.Threshold && Sorted(national).SequenceEqual(Sorted(own));

    private static bool KeepsSome(Indicator national, Indicator own) =>
        (national.Threshold is { } general && general == own.Threshold) || Sorted(national).Intersect(Sorted(own)).Any();

    private static IEnumerable<ThresholdLevel> Sorted(Indicator indicator) =>
        indicator.Levels.Select(l => l with { At = Dimensions.Normal(l.At) }).OrderBy(l => l.At, StringComparer.Ordinal);

    private static Change ChangeOf(JsonElement json, string path, string dimension, SetFaults faults)
    {
        var o = new JsonFields(json, path, faults, "code", "threshold", "thresholds", "thresholdsByRegion", "evidenceVi", "evidenceEn", "departmentVi", "legalSource", "note");
        return new(
            o.Text("code", required: true) ?? "", o.Value("threshold"), SetReader.LevelsOf(o, faults, dimension), o.Text("evidenceVi"), o.Text("evidenceEn"), o.Text("departmentVi"),
            o.Text("legalSource"), o.Text("note"));
    }

    private static Added AddedOf(JsonElement json, string path, string dimension, SetFaults faults)
    {
        var o = new JsonFields(json, path, faults, "criterion", "indicator");
        if (o.Raw("indicator") is not { } indicator)
        {
            faults.Required(null, o.PathOf("indicator"));
            indicator = default;
        }

        return new(o.Whole("criterion", required: true) ?? 0, o.Has("indicator") ? SetReader.IndicatorOf(indicator, o.PathOf("indicator"), faults, dimension) : null!);
    }
}

using System.Text.Json;

namespace Ntm.Criteria.Catalogue;

/// <summary>Reads a set from JSON as the data files or the API itself write it; the rules of sets are asked after it.</summary>
internal static class SetReader
{
    private static readonly string[] Marks = ["seen", "recalled", "unknown"];

    /// <summary>The set, or null with the faults.</summary>
    public static CriteriaSet? Read(JsonElement json, string path, SetFaults faults)
    {
        var before = faults.Count;
        JsonFields.Check(json, path, faults);
        if (faults.Count > before) return null;
        var set = SetOf(json, path, faults);
        return faults.Count > before ? null : set;
    }

    public static LegalAct ActOf(JsonElement json, string path, SetFaults faults)
    {
        var o = new JsonFields(json, path, faults, "number", "date", "issuer", "titleVi");
        return new(o.Text("number", required: true)!, o.Day("date"), o.Text("issuer"), o.Text("titleVi"));
    }

    public static Criterion CriterionOf(JsonElement json, string path, SetFaults faults, string dimension)
    {
        var o = new JsonFields(json, path, faults, "no", "nameVi", "nameEn", "groupVi", "indicators");
        return new(
            o.Whole("no", required: true) ?? 0, o.Text("nameVi", required: true)!, o.Text("nameEn", required: true)!, o.Text("groupVi"),
            o.List("indicators", (item, at) => IndicatorOf(item, at, faults, dimension)));
    }

    public static Indicator IndicatorOf(JsonElement json, string path, SetFaults faults, string dimension)
    {
        var o = new JsonFields(
            json, path, faults, "code", "textVi", "textEn", "valueType", "unit", "comparison", "threshold", "thresholdsByRegion", "thresholds", "delegatedToProvince",
            "delegatedToMinistryVi", "departmentVi", "source", "thresholdSource", "confidence", "refs", "note", "evidenceVi", "evidenceEn", "evidenceSource", "legalSource",
            "evidenceMark");
        var (threshold, levels) = (o.Value("threshold"), LevelsOf(o, faults, dimension));
        var (evidence, byRegion) = (o.Has("evidenceVi") || o.Has("evidenceEn"), dimension == Dimensions.Region);
        // Written as the data files name it, or as the API shows it.
        var (evidenceSource, shown) = (o.OneOf("evidenceSource", Marks), o.OneOf("evidenceMark", Marks));
        faults.Unless(
            evidenceSource is null || shown is null || evidenceSource == shown, o.PathOf("evidenceMark"), "evidence-mark", "evidenceSource và evidenceMark nói khác nhau.",
            "evidenceSource and evidenceMark say different things.");
        return new(
            o.Text("code", required: true)!, o.Text("textVi", required: true)!, o.Text("textEn", required: true)!, o.OneOf("valueType", SetRules.ValueTypes, required: true)!,
            o.Text("unit"), Comparison(o, faults), threshold, byRegion ? [.. levels.Select(l => new RegionThreshold(l.At, l.Value))] : [], o.Flag("delegatedToProvince") ?? false,
            o.Text("delegatedToMinistryVi"), o.Text("departmentVi"), o.OneOf("source", Marks) ?? "recalled",
            o.OneOf("thresholdSource", Marks) ?? (threshold is null && levels.Count == 0 ? "unknown" : "recalled"), o.Text("confidence"),
            o.Has("refs") ? o.Texts("refs") : null, o.Text("note"), byRegion || levels.Count == 0 ? null : levels, o.Text("evidenceVi"), o.Text("evidenceEn"),
            evidence ? evidenceSource ?? shown ?? "recalled" : null, o.Text("legalSource"));
    }

    /// <summary>Figures along the dimension, in either way of writing; both ways may stand side by side where they say the same.</summary>
    public static IReadOnlyList<ThresholdLevel> LevelsOf(JsonFields o, SetFaults faults, string dimension)
    {
        IReadOnlyList<ThresholdLevel> byRegion = Levels("thresholdsByRegion"), levels = Levels("thresholds");
        faults.Unless(byRegion.Count == 0 || dimension == Dimensions.Region, o.PathOf("thresholdsByRegion"), "dimension", "Bộ tiêu chí này không phân mức theo vùng.", "This set's thresholds do not differ by region.")
            .Unless(
                byRegion.Count == 0 || levels.Count == 0 || byRegion.SequenceEqual(levels), o.PathOf("thresholds"), "thresholds",
                "thresholds và thresholdsByRegion nói khác nhau.", "thresholds and thresholdsByRegion say different things.");
        return levels.Count > 0 ? levels : byRegion;

        IReadOnlyList<ThresholdLevel> Levels(string name) => o.List(name, (json, path) =>
        {
            var level = new JsonFields(json, path, faults, "at", "region", "value");
            var key = level.Has("region") ? "region" : "at";
            var (at, value) = (level.Text(key, required: true), level.Value("value"));
            faults.Required(value, level.PathOf("value"));
            return new ThresholdLevel(Dimensions.Normal(at ?? ""), value ?? Contracts.ReportedValue.Of(0m));
        });
    }

    private static CriteriaSet SetOf(JsonElement json, string path, SetFaults faults)
    {
        var o = new JsonFields(
            json, path, faults, "id", "titleVi", "titleEn", "tier", "period", "scope", "legalBasis", "inForceFrom", "inForceTo", "inForceToSource", "amends", "source", "complete",
            "expectedCounts", "specialRuleVi", "note", "refs", "preconditions", "communeGroups", "criteria", "dimension",
            // What the API shows beside the content.
            "version", "versions", "status", "base", "act", "retired", "inForce", "publishedAt", "publishedBy", "asOfPosition", "correction");
        var groups = o.Raw("communeGroups");
        var period = o.Text("period", required: true);
        var dimension = o.OneOf("dimension", [Dimensions.Region, Dimensions.CommuneGroup]);
        var along = dimension ?? (groups is not null || string.CompareOrdinal(period, "2026") >= 0 ? Dimensions.CommuneGroup : Dimensions.Region);
        foreach (var list in (string[])["preconditions", "communeGroups"])
        {
            faults.Unless(o.Raw(list) is null or { ValueKind: JsonValueKind.Array }, o.PathOf(list), "list", "Phải là một danh sách.", "Must be a list.");
            if (o.Raw(list) is { } kept) JsonFields.CheckDepth(kept, o.PathOf(list), faults);
        }

        return new(
            o.Text("id", required: true)!, o.Text("titleVi", required: true)!, o.Text("titleEn", required: true)!, o.OneOf("tier", SetRules.Tiers, required: true)!, period!,
            o.Text("scope", required: true)!, o.List("legalBasis", (item, at) => ActOf(item, at, faults), required: true), o.Day("inForceFrom"), o.Day("inForceTo"),
            o.Text("inForceToSource"), o.Text("amends"), o.OneOf("source", Marks) ?? "recalled", o.Flag("complete"), CountsOf(o, faults), o.Text("specialRuleVi"), o.Text("note"),
            o.Has("refs") ? o.Texts("refs") : null, o.Raw("preconditions")?.Clone(), groups?.Clone(),
            o.List("criteria", (item, at) => CriterionOf(item, at, faults, along), required: true), dimension ?? along);
    }

    private static ExpectedCounts? CountsOf(JsonFields set, SetFaults faults)
    {
        if (set.Raw("expectedCounts") is not { } json) return null;
        var o = new JsonFields(json, set.PathOf("expectedCounts"), faults, "criteria", "indicators");
        return new(o.Whole("criteria", required: true) ?? 0, o.Whole("indicators", required: true) ?? 0);
    }

    private static string Comparison(JsonFields o, SetFaults faults)
    {
        var comparison = o.OneOf("comparison", SetRules.Comparisons);
        faults.Unless(
            !string.IsNullOrEmpty(comparison), o.PathOf("comparison"), "comparison-required", "Chỉ tiêu phải nêu cách so sánh: >=, <=, = hoặc meets.",
            "An indicator states its comparison: >=, <=, = or meets.");
        return comparison ?? "";
    }
}

using System.Text.Json;
using Ntm.Contracts;

namespace Ntm.Criteria.Catalogue;

/// <summary>An indicator as it is shown, with all its marks.</summary>
/// <param name="Thresholds">Figures along the set's dimension, whichever it is.</param>
/// <param name="EvidenceMark">seen, recalled, or unknown where no source says which evidence is demanded.</param>
public sealed record IndicatorView(
    string Code, string TextVi, string TextEn, string ValueType, string? Unit, string Comparison, ReportedValue? Threshold, IReadOnlyList<RegionThreshold> ThresholdsByRegion,
    IReadOnlyList<ThresholdLevel> Thresholds, bool DelegatedToProvince, string? DelegatedToMinistryVi, string? DepartmentVi, string? EvidenceVi, string? EvidenceEn, string EvidenceMark,
    string? LegalSource, string Source, string ThresholdSource, string? Confidence, IReadOnlyList<string>? Refs, string? Note)
{
    public static IndicatorView Of(Indicator i) => new(
        i.Code, i.TextVi, i.TextEn, i.ValueType, i.Unit, i.Comparison, i.Threshold, i.ThresholdsByRegion, i.Levels, i.DelegatedToProvince, i.DelegatedToMinistryVi, i.DepartmentVi,
        i.EvidenceVi, i.EvidenceEn, i.EvidenceSource ?? "unknown", i.LegalSource, i.Source, i.ThresholdSource, i.Confidence, i.Refs, i.Note);
}

public sealed record CriterionView(int No, string NameVi, string NameEn, string? GroupVi, IReadOnlyList<IndicatorView> Indicators);

/// <summary>One version of a set as it is shown.</summary>
/// <param name="Status">draft, published or retired.</param>
/// <param name="Complete">False when a part of its text is not known: no title can rest on it.</param>
/// <param name="InForce">Whether it is in force on the day asked for; null where nobody knows.</param>
/// <param name="Act">The amending act of a version from 2 on.</param>
/// <param name="Base">The version that a province's set goes out from.</param>
/// <param name="Correction">Whether the version completes or corrects the text of an act that was recorded already.</param>
public sealed record SetView(
    string Id, int? Version, int Versions, string Status, string TitleVi, string TitleEn, string Tier, string Period, string Scope, string Dimension,
    IReadOnlyList<LegalAct> LegalBasis, LegalAct? Act, DateOnly? InForceFrom, DateOnly? InForceTo, string? InForceToSource, bool? InForce, string? Amends, SetBase? Base,
    string Source, bool Complete, ExpectedCounts? ExpectedCounts, string? SpecialRuleVi, string? Note, IReadOnlyList<string>? Refs, JsonElement? Preconditions,
    JsonElement? CommuneGroups, SetEnd? Retired, DateTimeOffset? PublishedAt, string? PublishedBy, IReadOnlyList<CriterionView> Criteria, long? AsOfPosition, bool Correction)
{
    public static SetView Of(SetRecord record, SetVersion version, DateOnly day, long? position = null) => Of(
        record, version.Set, version, record.Retired is { } end && day > end.LastDay ? false : version.InForceOn(day), position);

    public static SetView OfDraft(SetRecord record, long? position = null) => Of(record, record.Draft!, null, null, position);

    private static SetView Of(SetRecord record, CriteriaSet s, SetVersion? version, bool? inForce, long? position) => new(
        s.Id, version?.Number, record.Versions.Count, SetSummary.StatusOf(record), s.TitleVi, s.TitleEn, s.Tier, s.Period, s.Scope, s.Along, s.LegalBasis, version?.Act,
        s.InForceFrom, s.InForceTo, s.InForceToSource, inForce, s.Amends, version?.Base, s.Source, s.IsComplete, s.ExpectedCounts, s.SpecialRuleVi, s.Note, s.Refs, s.Preconditions,
        s.CommuneGroups, SetEnd.Of(record.Retired), version?.At, version?.By,
        [.. s.Criteria.Select(c => new CriterionView(c.No, c.NameVi, c.NameEn, c.GroupVi, [.. c.Indicators.Select(IndicatorView.Of)]))], position,
        version?.Correction == true);
}

/// <summary>The end of a set as it is shown.</summary>
public sealed record SetEnd(LegalAct Act, DateOnly LastDay, string? Reason, string By, DateTimeOffset At)
{
    internal static SetEnd? Of(SetRetirement? r) => r is null ? null : new(r.Act, r.LastDay, r.Reason, r.By, r.At);
}

/// <summary>What a command on a set answers.</summary>
/// <param name="Version">Number of the latest published version; null while there is only a draft.</param>
/// <param name="Correction">Whether that version completes or corrects the text of an act that was recorded already.</param>
public sealed record SetSummary(
    string Id, string Status, int? Version, string Scope, Guid? Province, bool Complete, int Criteria, int Indicators, SetBase? Base, LegalAct? Act, SetEnd? Retired, string Href, bool Correction)
{
    public static SetSummary Of(SetRecord record)
    {
        var (version, set) = record.IsPublished ? (record.Latest, record.Latest.Set) : (null, record.Draft!);
        return new(
            record.SetId, StatusOf(record), version?.Number, set.Scope, record.Province, set.IsComplete, set.Criteria.Count, set.Indicators.Count(), version?.Base, version?.Act,
            SetEnd.Of(record.Retired), HrefOf(record.SetId, record.IsPublished), version?.Correction == true);
    }

    internal static string StatusOf(SetRecord record) => record.Retired is not null ? "retired" : record.IsPublished ? "published" : "draft";

    internal static string HrefOf(string id, bool published) => $"/api/criteria/sets/{id}{(published ? "" : "/draft")}";
}

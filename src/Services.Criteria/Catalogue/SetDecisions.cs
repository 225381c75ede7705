using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>A province's set and what it goes out from.</summary>
internal sealed record ProvincialBase(SetBase Reference, CriteriaSet Set);

/// <summary>Drafted, published, amended, retired: what may follow what. Content was read and checked before.</summary>
internal static class SetDecisions
{
    public static Decision Draft(SetRecord? existing, CriteriaSet set, Guid? province, string by, DateTimeOffset now) => existing is null
        ? Decision.Record(new SetDrafted(set, province, by, now))
        : Exists(set.Id);

    public static Decision ChangeDraft(SetRecord record, CriteriaSet set, string by, DateTimeOffset now) =>
        record.IsPublished ? Published
        : set.Id != record.SetId ? Refusal.Invalid("id", "id-fixed", "Mã bộ tiêu chí không đổi được.", "The id of a set does not change.")
        : set.Scope != record.Scope ? Refusal.Invalid("scope", "scope-fixed", "Phạm vi của bộ tiêu chí không đổi được.", "The scope of a set does not change.")
        : Decision.Record(new SetDraftChanged(set, by, now));

    /// <param name="base">What a province's draft goes out from; null for any other.</param>
    public static Decision Publish(SetRecord record, ProvincialBase? @base, string by, DateTimeOffset now) =>
        record.IsPublished ? Published : Decision.Record(FirstVersion(record.Draft!, @base, record.Province, by, now));

    /// <summary>The event that publishes a set for the first time.</summary>
    public static object FirstVersion(CriteriaSet set, ProvincialBase? @base, Guid? province, string by, DateTimeOffset now) => @base is not null && province is { } p
        ? new SetAdapted(Adaptation.Inherited(@base.Set, set), @base.Reference, p, by, now)
        : new CriteriaSetPublished(set, by, now, province);

    public static Decision Adapt(SetRecord? existing, SetRecord @base, SetVersion version, CriteriaSet set, Guid province, string by, DateTimeOffset now)
    {
        if (Adaptable(@base) is { } refusal) return refusal;
        return existing is null ? Decision.Record(new SetAdapted(set, new(@base.SetId, version.Number), province, by, now)) : Exists(set.Id);
    }

    /// <summary>Why nothing may go out from the set; null when it may.</summary>
    public static Refusal? Adaptable(SetRecord @base) =>
        @base.Scope != SetRules.National ? Refusal.Conflict("base-not-national", "Chỉ điều chỉnh bộ tiêu chí quốc gia.", "Only a national set is adapted.")
        : @base.Retired is not null ? Refusal.Conflict("base-retired", "Bộ tiêu chí gốc đã bãi bỏ.", "The base is retired.")
        : null;

    /// <param name="base">What a province's set goes out from on the amendment's first day; null for any other.</param>
    public static Decision Amend(SetRecord record, CriteriaSet set, LegalAct act, string by, DateTimeOffset now, SetBase? @base = null)
    {
        if (!record.IsPublished) return NotPublished;
        if (record.Retired is not null) return Retired;
        var faults = new Faults()
            .Unless(set.Id == record.SetId, "set.id", "Mã bộ tiêu chí không đổi được.", "The id of a set does not change.")
            .Unless(set.Scope == record.Scope, "set.scope", "Phạm vi của bộ tiêu chí không đổi được.", "The scope of a set does not change.")
            .Unless(set.Tier == record.Latest.Set.Tier, "set.tier", "Cấp của bộ tiêu chí không đổi được.", "The tier of a set does not change.")
            .Unless(set.Period == record.Latest.Set.Period, "set.period", "Giai đoạn của bộ tiêu chí không đổi được.", "The period of a set does not change.");
        if (faults.Refuse() is { } refusal) return refusal;
        var earlier = record.Versions.LastOrDefault(v => (v.Act ?? v.Set.LegalBasis.FirstOrDefault()) is { } known && IsSame(known, act));
        if (earlier is not null && !Corrects(earlier, record.Latest, set))
            return Refusal.Conflict("act-known", $"Văn bản {act.Number} đã được ghi nhận cho bộ tiêu chí này.", $"The act {act.Number} has been recorded for this set.");
        if ((record.Latest.Base is null || @base == record.Latest.Base) && SetRules.Same(record.Latest.Set, set with { InForceFrom = record.Latest.Set.InForceFrom, LegalBasis = record.Latest.Set.LegalBasis }))
            return Refusal.Conflict("nothing-changed", "Nội dung không khác phiên bản mới nhất.", "The content is that of the latest version.");
        return Decision.Record(new SetAmended(record.Versions.Count + 1, set, act, by, now, @base, earlier is null ? null : true));
    }

    /// <summary>
    /// Whether the set only says better what its act says: a text that is known to lack something is completed, or what was not seen
    /// (recalled or unknown) is filled or corrected. What was seen stays, until another act changes it.
    /// </summary>
    private static bool Corrects(SetVersion earlier, SetVersion latest, CriteriaSet set)
    {
        var before = latest.Set;
        if (!earlier.Set.IsComplete && !before.IsComplete) return true;
        var seen = before.Source == Seen;
        var difference = SetDifference.Between(before, set);
        return difference.Set.All(f => Provenance.Contains(f.Field) || !seen) && difference.Criteria.All(_ => !seen) && difference.Indicators.All(i => before.Find(i.Code) is { } known
            ? i.Fields.All(f => Provenance.Contains(f.Field) || MarkOf(known, f.Field) != Seen)
            : !seen);
    }

    private const string Seen = "seen";
    private static readonly string[] Provenance = ["legalBasis", "inForceFrom", "note", "refs", "complete", "expectedCounts"];
    private static readonly string[] OfFigure =
    [
        "valueType", "unit", "comparison", "threshold", "thresholdsByRegion", "thresholds", "delegatedToProvince", "delegatedToMinistryVi", "thresholdSource", "confidence", "legalSource",
    ];

    /// <summary>How sure it is what the field says.</summary>
    private static string? MarkOf(Indicator known, string field) =>
        OfFigure.Contains(field) ? known.ThresholdSource : field.StartsWith("evidence", StringComparison.Ordinal) ? known.EvidenceSource : known.Source;

    public static Decision Retire(SetRecord record, LegalAct act, DateOnly lastDay, string? reason, string by, DateTimeOffset now) =>
        !record.IsPublished ? NotPublished
        : record.Retired is not null ? Retired
        : record.Versions[0].Set.InForceFrom is { } from && lastDay < from
            ? Refusal.Invalid("lastDay", "last-day", $"Bộ tiêu chí có hiệu lực từ {from:yyyy-MM-dd}.", $"The set is in force from {from:yyyy-MM-dd}.")
        : Decision.Record(new SetRetired(act, lastDay, reason, by, now));

    public static bool IsSame(LegalAct one, LegalAct other) => string.Equals(one.Number.Trim(), other.Number.Trim(), StringComparison.OrdinalIgnoreCase);

    private static Refusal Exists(string id) => Refusal.Conflict("set-exists", $"Đã có bộ tiêu chí \"{id}\".", $"There is a set \"{id}\" already.");

    private static Refusal Published { get; } = Refusal.Conflict(
        "set-published", "Phiên bản đã ban hành không thay đổi: hãy sửa đổi bằng phiên bản mới.", "A published version does not change: amend the set.");

    private static Refusal NotPublished { get; } = Refusal.Conflict("set-not-published", "Bộ tiêu chí chưa được ban hành.", "The set is not published yet.");

    private static Refusal Retired { get; } = Refusal.Conflict("set-retired", "Bộ tiêu chí đã bãi bỏ.", "The set is retired.");
}

using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>
/// An entry that was made from an older version of the report meets what somebody else entered meanwhile: both are shown, and a person
/// decides, never the clock.
/// </summary>
internal sealed record FigureConflict(FigureConflict.Yours Mine, FigureConflict.Theirs Other)
{
    public const string Rule = "figure-conflict";

    /// <param name="BasedOn">Version of the report that the entry was made from.</param>
    public sealed record Yours(ReportedValue Value, DateOnly ValidOn, string? Note, IReadOnlyList<EvidenceRef> Evidence, DateOnly? EnteredOn, long BasedOn);

    /// <param name="Version">What <c>basedOn</c> names when the entry is sent again.</param>
    public sealed record Theirs(
        ReportedValue Value, DateOnly ValidOn, string? Note, IReadOnlyList<EvidenceRef> Evidence, string RecordedBy, DateTimeOffset RecordedAt, DateOnly? EnteredOn, long Version);

    /// <param name="basedOn">Null for an entry that claims no version: it appends, as the later writer.</param>
    /// <param name="named">Whether the entry is of a person; without one, nobody knows whose own entry it would be.</param>
    public static FigureConflict? Of(Report? report, IndicatorRecorded entry, long? basedOn, bool named)
    {
        if (basedOn is not { } seen || OfAnother(report, entry, named) is not { } standing) return null;
        // Where it was not kept when the value was set, it may have been at any version up to the last one.
        var version = standing.Version ?? report!.Version;
        return version <= seen ? null : new(
            new(entry.Value, entry.ValidOn, entry.Note, entry.Evidence, entry.EnteredOn, seen),
            new(standing.Value, standing.ValidOn, standing.Note, standing.Evidence, standing.RecordedBy, standing.RecordedAt, standing.EnteredOn, version));
    }

    /// <summary>The figure of somebody else that stands and says something else than the entry; null where there is none.</summary>
    public static Figure? OfAnother(Report? report, IndicatorRecorded entry, bool named) =>
        report?.Figures.GetValueOrDefault(entry.Indicator) is { } standing && !(named && standing.RecordedBy == entry.By) && !IsSame(standing, entry) ? standing : null;

    private static bool IsSame(Figure standing, IndicatorRecorded entry) =>
        standing.Value == entry.Value && standing.ValidOn == entry.ValidOn && Prose.Clean(standing.Note) == Prose.Clean(entry.Note)
        && standing.Evidence.Select(e => e.Sha256).ToHashSet(StringComparer.Ordinal).SetEquals(entry.Evidence.Select(e => e.Sha256));

    public Refusal Refuse() => Refusal.Conflict(
        Rule,
        $"Trong lúc đó người khác đã nhập giá trị khác. Xem cả hai, quyết định, rồi gửi lại với basedOn = {Other.Version} và lý do (reason).",
        $"Somebody else entered another value meanwhile. Look at both, decide, and send again with basedOn = {Other.Version} and a reason.") with
    {
        More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["conflict"] = new { yours = Mine, theirs = Other } },
    };
}

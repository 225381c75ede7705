using System.Text.Json.Serialization;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.Appraisal.History;

/// <summary>What an indicator or a condition is said to be.</summary>
/// <param name="Status">met, notMet, notReported or undetermined.</param>
public sealed record BasisValue(string Status, ReportedValue? Value);

/// <summary>What stands now beside what a dossier has pinned; the dossier itself is not changed by it.</summary>
/// <param name="Kind">figure, report, setVersion or confirmation.</param>
/// <param name="Item">Code of the indicator, period of the report, id of the set or of the condition.</param>
public sealed record BasisDifference(string Kind, string Item, BasisValue? Then, BasisValue? Now, long? ThenVersion, long? NowVersion);

/// <summary>A correction of what a dossier rests on.</summary>
/// <param name="Kind">figure, confirmation or report.</param>
/// <param name="Item">Code of the indicator, id of the condition or period of the report.</param>
/// <param name="By">Ids of those who made it: who confirmed, or who entered, judged, verified or approved the report; null in what was recorded before it was told.</param>
/// <param name="ThenVersion">Of a report: version that was pinned or told last.</param>
/// <param name="NowVersion">Of a report: version that stands.</param>
public sealed record BasisCorrection(
    string Kind, string Item, BasisValue? Then, BasisValue? Now,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? By = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ThenVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? NowVersion = null);

/// <summary>Compares a pinned basis with what stands. Pure.</summary>
public static class BasisChanges
{
    public const string Figure = "figure";
    public const string Confirmed = "confirmation";
    public const string Report = "report";

    /// <param name="then">The assessment that was pinned.</param>
    /// <param name="now">The assessment that stands.</param>
    public static IReadOnlyList<BasisDifference> Differences(
        DossierBasis pinned, AssessmentState? then, AssessmentState? now, IReadOnlyList<Confirmation> confirmations)
    {
        List<BasisDifference> differences = [];
        if (now is not null && (now.SetVersion ?? 1) != (pinned.SetVersion ?? then?.SetVersion ?? 1))
            differences.Add(new("setVersion", pinned.Set, null, null, pinned.SetVersion ?? then?.SetVersion ?? 1, now.SetVersion ?? 1));
        var reports = ReportsOf(now);
        foreach (var report in pinned.Reports.Where(r => now is not null && reports.GetValueOrDefault(r.Period) != r.Version))
            differences.Add(new(Report, report.Period, null, null, report.Version, reports.TryGetValue(report.Period, out var version) ? version : null));
        differences.AddRange(reports.Where(r => pinned.Reports.All(p => p.Period != r.Key)).Select(r => new BasisDifference(Report, r.Key, null, null, null, r.Value)));
        var (before, after) = (FiguresOf(then), FiguresOf(now ?? then));
        differences.AddRange(
            from code in before.Keys.Union(after.Keys, StringComparer.Ordinal)
            let was = before.GetValueOrDefault(code)
            let stands = after.GetValueOrDefault(code)
            where was != stands
            select new BasisDifference(Figure, code, was, stands, null, null));
        differences.AddRange(
            from confirmation in confirmations
            let was = pinned.Confirmations.FirstOrDefault(p => p.Condition == confirmation.Condition)
            where was?.Version != confirmation.Revision
            select new BasisDifference(Confirmed, confirmation.Condition, ValueOf(was), ValueOf(confirmation), was?.Version, confirmation.Revision));
        return differences;
    }

    /// <summary>
    /// Corrections that no flag of the dossier tells of yet: of a figure where a pinned report was approved anew, of a confirmation where it
    /// says something else. A further period is no correction of what was pinned; but its figures hide those of the reports before it, so that
    /// beside one a pinned report that was approved anew is told by itself, whatever of it can be seen.
    /// </summary>
    public static IReadOnlyList<BasisCorrection> Untold(Dossier dossier, AssessmentState? then, AssessmentState? now, IReadOnlyList<Confirmation> confirmations)
    {
        var (pinned, reports) = (dossier.Basis, ReportsOf(now));
        Dictionary<(string, string), BasisValue?> known = [];
        foreach (var (code, value) in FiguresOf(then)) known[(Figure, code)] = value;
        foreach (var confirmation in pinned.Confirmations) known[(Confirmed, confirmation.Condition)] = ValueOf(confirmation);
        HashSet<(string, string)> flagged = [];
        foreach (var flag in dossier.Flags)
        {
            known[(flag.Kind, flag.Item)] = flag.Now;
            flagged.Add((flag.Kind, flag.Item));
        }

        Dictionary<(string, string), BasisValue?> stands = [];
        var corrected = Corrected(pinned, now);
        var further = reports.Keys.Any(period => pinned.Reports.All(p => p.Period != period));
        long Told(ReportUsed report) => (dossier.ToldReports.Find(t => t.Period == report.Period) ?? pinned.Reports.First(p => p.Period == report.Period)).Version;
        // What a further period brings later is no correction, whatever was corrected before it.
        var comparable = !further || corrected.Any(r => Told(r) != r.Version);
        foreach (var (code, value) in FiguresOf(now))
            if (comparable && (corrected.Count > 0 || flagged.Contains((Figure, code)))) stands[(Figure, code)] = value;
        foreach (var confirmation in confirmations) stands[(Confirmed, confirmation.Condition)] = ValueOf(confirmation);
        return
        [
            .. from item in stands
               let was = known.GetValueOrDefault(item.Key)
               where was != item.Value
               select new BasisCorrection(item.Key.Item1, item.Key.Item2, was, item.Value, By(item.Key.Item1, item.Key.Item2)),
            .. from report in corrected
               where further
               let told = Told(report)
               where told != report.Version
               select new BasisCorrection(Report, report.Period, null, null, PersonsOf(now, [report]), told, report.Version),
        ];

        IReadOnlyList<string> By(string kind, string code) => kind == Confirmed ? [confirmations.First(c => c.Condition == code).By] : PersonsOf(now, further ? now?.Basis.Select(b => new ReportUsed(b.Period, b.ReportVersion)).ToList() ?? [] : corrected);
    }

    /// <summary>The pinned reports that were approved anew, at the versions that stand.</summary>
    public static IReadOnlyList<ReportUsed> Corrected(DossierBasis pinned, AssessmentState? now)
    {
        var reports = ReportsOf(now);
        return [.. pinned.Reports.Where(r => reports.TryGetValue(r.Period, out var version) && version != r.Version).Select(r => r with { Version = reports[r.Period] })];
    }

    private static string[] PersonsOf(AssessmentState? assessment, IReadOnlyList<ReportUsed> reports) =>
        [.. (assessment?.Basis ?? []).Where(b => reports.Any(r => r.Period == b.Period)).SelectMany(b => b.Persons).Distinct(StringComparer.Ordinal)];

    private static Dictionary<string, long> ReportsOf(AssessmentState? assessment) =>
        (assessment?.Basis ?? []).ToDictionary(b => b.Period, b => b.ReportVersion, StringComparer.Ordinal);

    private static Dictionary<string, BasisValue> FiguresOf(AssessmentState? assessment) =>
        (assessment?.Indicators ?? []).ToDictionary(i => i.Code, i => new BasisValue(i.Status, i.Value), StringComparer.Ordinal);

    private static BasisValue? ValueOf(PinnedConfirmation? c) => c is null ? null : ValueOf(c.Met, c.Value);

    private static BasisValue ValueOf(Confirmation c) => ValueOf(c.Met, c.Value);

    private static BasisValue ValueOf(bool met, decimal? value) => new(met ? "met" : "notMet", value is { } number ? ReportedValue.Of(number) : null);
}

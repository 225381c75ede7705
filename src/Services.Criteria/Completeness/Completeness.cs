using System.Runtime.CompilerServices;
using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Completeness;

/// <summary>How far one unit is with one period.</summary>
/// <param name="Status">open, submitted, returned, verified, approved, or notAsked where the unit does not report in the period.</param>
/// <param name="Recorded">Indicators of the version that the report is made by that have a figure.</param>
/// <param name="Of">Indicators of that version.</param>
/// <param name="Late">Not handed in, or handed in first, after 24:00 in Vietnam of the units' due day; false where the period has none.</param>
/// <param name="SubmittedAt">When it was handed in first; null while it was not.</param>
/// <param name="DaysLate">Days after the due day, of handing in or so far, at most until the period was closed; null where it is not late.</param>
/// <param name="Missing">Whether the unit has yet to hand in: it never did, or works on what was sent back, and it was never approved.</param>
/// <param name="Returns">How often it was sent back; null where the unit does not report in the period.</param>
/// <param name="ApprovalLate">Not approved, or approved first, after 24:00 in Vietnam of the department's due day; false where the period has none.</param>
/// <param name="ApprovalDaysLate">Days after the department's due day, counted as <paramref name="DaysLate"/>.</param>
public sealed record Cell(
    string Period, string Status, int? Recorded, int? Of, bool Late, DateTimeOffset? SubmittedAt, int? DaysLate, bool Missing, int? Returns, bool ApprovalLate, int? ApprovalDaysLate)
{
    private static readonly ConditionalWeakTable<CriteriaSet, HashSet<string>> Codes = [];

    public static Cell NotAsked(string period) => new(period, "notAsked", null, null, false, null, null, false, null, false, null);

    /// <param name="report">The unit's report; null before its first figure.</param>
    /// <param name="until">The instant that is looked at; that of closing, where the period was closed before.</param>
    internal static Cell For(Period period, SetRecord set, ReportTrail? report, long position, DateTimeOffset until)
    {
        var started = report?.IsOpenAt(position) == true ? report : null;
        var submitted = started?.FirstSubmittedAt(position);
        var codes = Codes.GetValue((started?.VersionOf(set, position) ?? set.On(period.FiguresAsOf)).Set, s => [.. s.Indicators.Select(i => i.Code)]);
        var (late, approvalLate) = (After(period.DueUnits, submitted), After(period.DueDepartment, started?.FirstApprovedAt(position)));
        return new(
            period.Code, ReportView.NameOf(started?.StatusAt(position) ?? ReportStatus.Open), started?.RecordedAt(position, codes) ?? 0, codes.Count, late is not null, submitted, late,
            started?.IsAwaitedAt(position) ?? true, started?.ReturnsAt(position) ?? 0, approvalLate is not null, approvalLate);

        int? After(DateOnly? due, DateTimeOffset? done) => due is { } day && VietnamTime.DayOf(done ?? until).DayNumber - day.DayNumber is > 0 and var days ? days : null;
    }
}

/// <summary>A period in sum.</summary>
/// <param name="Due">The last day that counts for the units.</param>
/// <param name="DueDepartment">The last day that counts for the department onward.</param>
/// <param name="Asked">Units that report in it.</param>
/// <param name="Missing">Units that have yet to hand in.</param>
/// <param name="Late">Units that are late, whether they have handed in by now or not.</param>
/// <param name="ApprovalLate">Units whose report was not approved by the department's last day.</param>
/// <param name="Recorded">Figures recorded, of <paramref name="Of"/>.</param>
public sealed record PeriodTotals(
    string Period, DateOnly FiguresAsOf, DateOnly? Due, DateOnly? DueDepartment, bool Closed, int Asked, int Open, int Submitted, int Returned, int Verified, int Approved, int Missing, int Late,
    int ApprovalLate, int Recorded, int Of)
{
    internal static PeriodTotals For(Period period, IReadOnlyCollection<Cell> cells)
    {
        int Count(string status) => cells.Count(c => c.Status == status);
        return new(
            period.Code, period.FiguresAsOf, period.DueUnits, period.DueDepartment, period.Closed, cells.Count, Count("open"), Count("submitted"), Count("returned"), Count("verified"),
            Count("approved"), cells.Count(c => c.Missing), cells.Count(c => c.Late), cells.Count(c => c.ApprovalLate), cells.Sum(c => c.Recorded ?? 0), cells.Sum(c => c.Of ?? 0));
    }
}

/// <summary>A period with the units that report in it and how far each is.</summary>
internal sealed record PeriodColumn(Period Period, IReadOnlyList<(UnitRef Unit, Cell Cell)> Cells)
{
    /// <param name="units">Units that report in it.</param>
    /// <param name="reports">The period's reports by unit.</param>
    public static PeriodColumn For(Period period, IEnumerable<UnitRef> units, SetRecord set, IReadOnlyDictionary<Guid, ReportTrail> reports, long position, DateTimeOffset until) =>
        new(period, [.. units.Select(unit => (unit, Cell.For(period, set, reports.GetValueOrDefault(unit.Id), position, until)))]);

    /// <summary>Units that report in the period and are the unit or lie below it, on the day of its figures.</summary>
    public static IEnumerable<UnitRef> Asked(UnitTree tree, Period period, Guid under) => Looking.Units(tree, under, period.Level, period.FiguresAsOf).Where(u => period.Asks(tree, u.Id));

    public PeriodTotals Totals => PeriodTotals.For(Period, [.. Cells.Select(c => c.Cell)]);
}

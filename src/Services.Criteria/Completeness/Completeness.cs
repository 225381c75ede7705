using Ntm.Contracts;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Completeness;

/// <summary>How far one unit is with one period.</summary>
/// <param name="Status">open, submitted, returned, verified, approved, or notAsked where the unit does not report in the period.</param>
/// <param name="Recorded">Indicators that have a figure.</param>
/// <param name="Of">Indicators of the version that the report is made by.</param>
/// <param name="Late">Not handed in, or handed in first, after 24:00 in Vietnam of the units' due day; false where the period has none.</param>
/// <param name="SubmittedAt">When it was handed in first; null while it was not.</param>
/// <param name="DaysLate">Days after the due day, of handing in or so far; null where it is not late.</param>
public sealed record Cell(string Period, string Status, int? Recorded, int? Of, bool Late, DateTimeOffset? SubmittedAt, int? DaysLate)
{
    public static Cell NotAsked(string period) => new(period, "notAsked", null, null, false, null, null);

    /// <param name="report">The unit's report; null before its first figure.</param>
    /// <param name="now">The instant that is looked at.</param>
    internal static Cell For(Period period, SetRecord set, ReportTrail? report, long position, DateTimeOffset now)
    {
        var started = report?.IsOpenAt(position) == true ? report : null;
        var (submitted, version) = (started?.FirstSubmittedAt(position), started?.VersionOf(set, position) ?? set.On(period.FiguresAsOf));
        var after = period.DueUnits is { } due ? VietnamTime.DayOf(submitted ?? now).DayNumber - due.DayNumber : 0;
        return new(
            period.Code, ReportView.NameOf(started?.StatusAt(position) ?? ReportStatus.Open), started?.RecordedAt(position) ?? 0, version.Set.Indicators.Count(), after > 0, submitted,
            after > 0 ? after : null);
    }
}

/// <summary>A period in sum.</summary>
/// <param name="Due">The last day that counts for the units.</param>
/// <param name="Asked">Units that report in it.</param>
/// <param name="Missing">Units that have not handed in.</param>
/// <param name="Late">Units that are late, whether they have handed in by now or not.</param>
/// <param name="Recorded">Figures recorded, of <paramref name="Of"/>.</param>
public sealed record PeriodTotals(
    string Period, DateOnly FiguresAsOf, DateOnly? Due, bool Closed, int Asked, int Open, int Submitted, int Returned, int Verified, int Approved, int Missing, int Late, int Recorded, int Of)
{
    internal static PeriodTotals For(Period period, IReadOnlyCollection<Cell> cells)
    {
        int Count(string status) => cells.Count(c => c.Status == status);
        return new(
            period.Code, period.FiguresAsOf, period.DueUnits, period.Closed, cells.Count, Count("open"), Count("submitted"), Count("returned"), Count("verified"), Count("approved"),
            cells.Count(c => c.SubmittedAt is null), cells.Count(c => c.Late), cells.Sum(c => c.Recorded ?? 0), cells.Sum(c => c.Of ?? 0));
    }
}

/// <summary>A period with the units that report in it and how far each is.</summary>
internal sealed record PeriodColumn(Period Period, IReadOnlyList<(UnitRef Unit, Cell Cell)> Cells)
{
    /// <param name="under">Unit below which, or which itself, is looked at.</param>
    /// <param name="reports">The period's reports by unit.</param>
    public static PeriodColumn For(UnitTree tree, Period period, Guid under, SetRecord set, IReadOnlyDictionary<Guid, ReportTrail> reports, long position, DateTimeOffset now) => new(
        period,
        [
            .. from unit in Looking.Units(tree, under, period.Level, period.FiguresAsOf)
               where period.Asks(tree, unit.Id)
               select (unit, Cell.For(period, set, reports.GetValueOrDefault(unit.Id), position, now)),
        ]);

    public PeriodTotals Totals => PeriodTotals.For(Period, [.. Cells.Select(c => c.Cell)]);
}

using Marten;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Consequences;

/// <summary>A report of an open period that is not approved yet.</summary>
/// <param name="Unit">Code of the unit on the day of the figures.</param>
/// <param name="Status">open, submitted, returned or verified.</param>
public sealed record OpenReport(Guid UnitId, string Unit, string Period, DateOnly FiguresAsOf, string Status);

/// <summary>A unit has yet to hand in its report of an open period.</summary>
/// <param name="Due">Last day for it; null where the period sets none. It may have passed.</param>
public sealed record Deadline(Guid UnitId, string Unit, string Period, DateOnly? Due);

/// <summary>What hangs on units: what is under way for them, and what they hold.</summary>
/// <param name="Dossiers">Those that have not ended.</param>
/// <param name="Titles">Those in force on the day.</param>
/// <param name="Unreachable">Reports, of closed periods and approved ones too, of units that after the act were never asked for them.</param>
public sealed record UnitConsequences(
    IReadOnlyList<OpenReport> Reports, IReadOnlyList<Deadline> Deadlines, IReadOnlyList<KnownDossier> Dossiers, IReadOnlyList<KnownTitle> Titles,
    IReadOnlyList<OpenReport> Unreachable)
{
    /// <summary>Looks for what hangs on the units on the day, before the act and after it: an act of a day that is past changes who reports.</summary>
    public static async Task<UnitConsequences> OfAsync(IQuerySession session, UnitTree before, UnitTree after, IReadOnlyCollection<Guid> units, DateOnly day, CancellationToken ct)
    {
        Guid[] ids = [.. units.Distinct()];
        var periods = await session.Query<Period>().ToListAsync(ct);
        var reports = await session.Query<Report>().Where(r => r.UnitId.IsOneOf(ids)).ToListAsync(ct);
        var dossiers = await session.Query<KnownDossier>().Where(d => d.UnitId.IsOneOf(ids) && !d.Ended).ToListAsync(ct);
        var titles = await session.Query<KnownTitle>().Where(t => t.UnitId.IsOneOf(ids)).ToListAsync(ct);
        return Of(before, after, ids, day, periods, reports, dossiers, titles);
    }

    internal static UnitConsequences Of(
        UnitTree before, UnitTree after, IReadOnlyCollection<Guid> units, DateOnly day, IReadOnlyCollection<Period> periods, IReadOnlyCollection<Report> reports,
        IEnumerable<KnownDossier> dossiers, IEnumerable<KnownTitle> titles)
    {
        var made = reports.GroupBy(r => (r.Period, r.UnitId)).ToDictionary(g => g.Key, g => g.First());
        var asked = (
            from period in periods
            from unit in units
            let asks = period.Asks(before, unit)
            let stays = period.Asks(after, unit)
            where asks || stays
            select (Period: period, Unit: unit, Report: made.GetValueOrDefault((period.Code, unit)), Lost: !stays)).ToList();
        var open = asked.Where(a => !a.Period.Closed).ToList();
        return new(
            [
                .. from a in open
                   where a.Report is { Status: not ReportStatus.Approved }
                   orderby a.Period.Code, a.Unit
                   select ReportOf(a.Period, a.Report!),
            ],
            [
                .. from a in open
                   where Report.IsAwaited(a.Report)
                   orderby a.Period.DueUnits ?? DateOnly.MaxValue, a.Period.Code, a.Unit
                   select new Deadline(a.Unit, after.Ref(a.Unit, a.Period.FiguresAsOf)!.Code, a.Period.Code, a.Period.DueUnits),
            ],
            [.. dossiers.Where(d => !d.Ended && units.Contains(d.UnitId)).OrderBy(d => d.Title, StringComparer.Ordinal).ThenBy(d => d.Id)],
            [.. titles.Where(t => units.Contains(t.UnitId) && t.InForce(day)).OrderBy(t => t.Title, StringComparer.Ordinal).ThenBy(t => t.Id)],
            [
                .. from a in asked
                   where a.Lost && a.Report is not null
                   orderby a.Period.Code, a.Unit
                   select ReportOf(a.Period, a.Report!),
            ]);

        OpenReport ReportOf(Period period, Report report) => new(
            report.UnitId, (before.On(report.UnitId, period.FiguresAsOf) is null ? after : before).Ref(report.UnitId, period.FiguresAsOf)!.Code, period.Code, period.FiguresAsOf, ReportView.NameOf(report.Status));
    }
}

using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>
/// Who brings files in and who reads them. Holding comes from having brought the content in, never from naming its hash: a reference
/// to what somebody else keeps opens nothing, and says nothing of whether it is there.
/// </summary>
internal static class EvidenceRights
{
    /// <summary>Whether the caller brings figures and files in for the unit: its own officers, and those above it for what reaches them on paper.</summary>
    public static bool EntersFor(this UnitTree tree, Actor actor, Guid unit, DateOnly day, DateOnly today) =>
        tree.Find(unit) is { } found
        && (tree.ActsAs(actor, ReportChain.EntryRoleOf(found.Level), unit, today)
            || tree.Oversees(actor, Roles.DistrictOfficer, unit, day, today) || tree.Oversees(actor, Roles.ProvinceOfficer, unit, day, today));

    /// <summary>Whether a reference by the unit is one to its own: it brought the content in, or a unit below it or its successor did.</summary>
    public static bool IsHeldBy(this EvidenceFile file, UnitTree tree, Guid unit, DateOnly day, DateOnly today) =>
        file.Holders.Any(h => tree.AnswersFor(h.UnitId, unit, today) || tree.Chain(h.UnitId, day).Any(above => above.Id == unit));

    /// <summary>The units of whose holding the caller may know.</summary>
    /// <param name="uses">Who refers to the file, with the day of the figures.</param>
    public static IReadOnlyList<EvidenceHolder> HoldersSeenBy(this EvidenceFile file, UnitTree tree, Actor actor, IEnumerable<(Guid Unit, DateOnly Day)> uses, DateOnly today)
    {
        var referring = uses.Where(u => file.IsHeldBy(tree, u.Unit, u.Day, today) && tree.MayRead(actor, u.Unit, u.Day, today)).ToList();
        return
        [
            .. file.Holders.Where(h => tree.MayRead(actor, h.UnitId, h.On, today)
                || referring.Exists(u => tree.AnswersFor(h.UnitId, u.Unit, today) || tree.Chain(h.UnitId, u.Day).Any(above => above.Id == u.Unit))),
        ];
    }

    /// <summary>The days that the reports speak of.</summary>
    public static async Task<List<(EvidenceUse Use, DateOnly Day)>> DatedAsync(IEnumerable<EvidenceUse> uses, PeriodBook periods, CancellationToken ct)
    {
        List<(EvidenceUse, DateOnly)> dated = [];
        foreach (var use in uses)
            if (await periods.FindAsync(use.Period, ct) is { } period) dated.Add((use, period.FiguresAsOf));
        return dated;
    }
}

using Ntm.Contracts;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>
/// Who is asked about a report, by the tree of the period's day: commune, district, province until 30 June 2025; commune, province after
/// (Law 72/2025/QH15).
/// </summary>
public sealed record ReportChain(UnitRef Unit, Guid? District, Guid Province)
{
    public static ReportChain? Of(UnitTree tree, Period period, string code)
    {
        return tree.Resolve(code, period.FiguresAsOf) is { } unit && period.Asks(tree, unit.Id) ? Of(tree, unit, period.FiguresAsOf) : null;
    }

    /// <summary>Who is asked about what a unit raised, by the tree of the record's day.</summary>
    public static ReportChain Of(UnitTree tree, Difficulty difficulty) => Of(tree, tree.Ref(difficulty.UnitId, difficulty.Day)!, difficulty.Day)!;

    /// <summary>Those above the unit on the day; null where it lies in no province.</summary>
    public static ReportChain? Of(UnitTree tree, UnitRef unit, DateOnly day)
    {
        var level = tree.Find(unit.Id)!.Level;
        var province = tree.ProvinceOf(unit.Id, day);
        return province is null ? null : new(unit, level == "commune" ? tree.Above(unit.Id, "district", day) : null, province.Value);
    }

    /// <summary>Role that enters figures for a unit of this level.</summary>
    public string EntryRole(UnitTree tree) => EntryRoleOf(tree.Find(Unit.Id)!.Level);

    public static string EntryRoleOf(string level) => level switch
    {
        "commune" => Roles.CommuneOfficer,
        "district" => Roles.DistrictOfficer,
        _ => Roles.ProvinceOfficer,
    };

    /// <summary>The role and unit whose turn it is; null when nobody is asked.</summary>
    public (string Role, Guid Unit)? Turn(ReportStatus status) => status switch
    {
        ReportStatus.Submitted when District is { } district => (Roles.DistrictOfficer, district),
        ReportStatus.Submitted or ReportStatus.Verified => (Roles.ProvinceOfficer, Province),
        _ => null,
    };

    /// <summary>Whether the caller is one of those above who check the report, in turn or not.</summary>
    public bool IsChecker(UnitTree tree, Actor actor, DateOnly today) =>
        (District is { } district && tree.ActsAs(actor, Roles.DistrictOfficer, district, today))
        || tree.ActsAs(actor, Roles.ProvinceOfficer, Province, today);

    /// <summary>What may come next, with who takes it.</summary>
    public IReadOnlyList<NextStep> NextSteps(Period period, ReportStatus status, string entryRole)
    {
        var href = $"/api/criteria/reports/{Uri.EscapeDataString(period.Code)}/{Unit.Code}";
        NextStep Step(string step, string role, Guid unit, DateOnly? due) => new(step, $"{href}/{step}", [role], unit, due);
        return status switch
        {
            ReportStatus.Open or ReportStatus.Returned => [Step("submit", entryRole, Unit.Id, period.DueUnits)],
            ReportStatus.Submitted when District is { } district =>
                [Step("verify", Roles.DistrictOfficer, district, period.DueDepartment), Step("return", Roles.DistrictOfficer, district, period.DueDepartment)],
            ReportStatus.Submitted or ReportStatus.Verified =>
                [Step("approve", Roles.ProvinceOfficer, Province, period.DueDepartment), Step("return", Roles.ProvinceOfficer, Province, period.DueDepartment)],
            _ => [Step("reopen", Roles.ProvinceOfficer, Province, null)],
        };
    }
}

using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>Who reads a session: whoever may appoint it, officers and chair of its province, those whom it names, the auditor.</summary>
internal static class SessionReaders
{
    /// <param name="province">Null of a council that is the country's.</param>
    /// <param name="persons">Members and who is invited.</param>
    /// <param name="procedure">What the first of its dossiers follows; all of them have the same bodies.</param>
    /// <param name="state">State of that dossier.</param>
    public static bool MayRead(this UnitTree tree, Actor actor, Guid? province, IEnumerable<string> persons, Procedure procedure, string state, DateOnly today)
    {
        return actor.Has(Roles.Auditor)
            || (province is not null && (Acts(Roles.ProvinceOfficer) || Acts(Roles.ProvinceChair)))
            || Takes(StepIds.Council)
            || (persons.Contains(actor.Person) && Takes(StepIds.Votes));

        bool Takes(string step) => procedure.Step(step)!.TakenBy(today, state).Any(term => term.Roles.Any(term.Of == "country" ? actor.Has : Acts));

        bool Acts(string role) => province is { } own && tree.ActsAs(actor, role, own, today);
    }
}

using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Inbox;

/// <summary>Keys of those who may be told something: one person, or the officers of one role at one unit or department.</summary>
public static class Recipient
{
    public static string Person(string person) => $"person/{person}";

    public static string Officers(Guid unit, string role, string? department = null) =>
        department is null ? $"unit/{unit}/{role}" : $"unit/{unit}/{role}/{department}";

    /// <summary>Whoever may take the step: the persons where they are named, else the officers of its roles.</summary>
    public static IEnumerable<string> OfStep(NextStep step, Guid concerned) => step.Persons is { } persons
        ? persons.Select(Person)
        : step.Roles.Select(role => Officers(step.Unit ?? concerned, role, step.Department));

    /// <summary>The unit's own officers. The statistics office writes provinces in 2, districts in 3, communes in 5 digits.</summary>
    public static string Concerned(UnitRef unit) => Officers(unit.Id, unit.Code.Length switch
    {
        2 => Roles.ProvinceOfficer,
        3 => Roles.DistrictOfficer,
        _ => Roles.CommuneOfficer,
    });

    /// <summary>Whose entries the caller reads: the person's, and those of each role at the unit or at one that it answers for.</summary>
    public static string[] Of(Actor actor, UnitTree tree, DateOnly today)
    {
        HashSet<string> keys = new(StringComparer.Ordinal) { Person(actor.Person) };
        foreach (var grant in actor.Grants)
        {
            if (tree.UnitOf(grant, today) is not { } granted) continue;
            foreach (var unit in tree.AnsweredBy(granted, today))
            {
                keys.Add(Officers(unit, grant.Role));
                if (grant.Department is { } department) keys.Add(Officers(unit, grant.Role, department));
            }
        }

        return [.. keys];
    }
}

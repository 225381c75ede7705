using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Inbox;

/// <summary>Keys of those who may be told something: one person, the officers of one role at one unit or department, or the holders of one role for the whole country.</summary>
public static class Recipient
{
    /// <summary>Roles that act for the whole country where a step names no unit: no unit has officers of the ministry.</summary>
    private static readonly string[] OfCountry = [Roles.Ministry, Roles.CouncilMember];

    public static string Person(string person) => $"person/{person}";

    public static string Officers(Guid unit, string role, string? department = null) =>
        department is null ? $"unit/{unit}/{role}" : $"unit/{unit}/{role}/{department}";

    public static string Everywhere(string role) => $"country/{role}";

    /// <summary>Whoever may take the step: the persons where they are named, else the officers of its roles; those of the country where the step is of no unit.</summary>
    public static IEnumerable<string> OfStep(NextStep step, Guid concerned) => step.Persons is { } persons
        ? persons.Select(Person)
        : step.Roles.Select(role => step.Unit is null && OfCountry.Contains(role) ? Everywhere(role) : Officers(step.Unit ?? concerned, role, step.Department));

    /// <summary>The officers of the unit itself, by its level.</summary>
    /// <param name="level">
    /// The level as the service's own register has it; null where it has not learned of the unit yet. Then the code tells it: the register
    /// takes no code of another level's length (2 digits for provinces, 3 for districts, 5 for communes), so both always say the same.
    /// </param>
    public static string Concerned(UnitRef unit, string? level) => Officers(unit.Id, (level, unit.Code.Length) switch
    {
        ("province", _) or (null, 2) => Roles.ProvinceOfficer,
        ("district", _) or (null, 3) => Roles.DistrictOfficer,
        _ => Roles.CommuneOfficer,
    });

    /// <summary>Whose entries the caller reads: the person's, those of each role at the unit or at one that it answers for, and of each role for the country.</summary>
    public static string[] Of(Actor actor, UnitTree tree, DateOnly today)
    {
        HashSet<string> keys = new(StringComparer.Ordinal) { Person(actor.Person) };
        foreach (var grant in actor.Grants)
        {
            if (grant.Code == Grant.Country) keys.Add(Everywhere(grant.Role));
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

using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

/// <summary>Names under which work is found: a person, or a role at a unit, a department or for the whole country.</summary>
public static class WorkKeys
{
    /// <summary>Whoever may take the step: the persons where they are named, else the officers of its roles.</summary>
    public static IEnumerable<string> Of(NextStep step, Guid concerned) => step.Persons is { } persons
        ? persons.SelectMany(p => step.Roles.Select(role => Person(role, p)))
        // Without a unit the country's officers are asked, or those of the unit concerned.
        : step.Unit is { } unit ? step.Roles.Select(role => Officers(role, unit, step.Department))
        : step.Roles.SelectMany(role => new[] { Everywhere(role), Officers(role, concerned, step.Department) });

    /// <summary>All names of the caller: also those at units that today's answer for.</summary>
    /// <param name="role">Only what this role is asked; null for all.</param>
    public static string[] Of(Actor actor, UnitTree tree, DateOnly today, string? role)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (var grant in actor.Grants.Where(g => role is null || g.Role == role))
        {
            keys.Add(Person(grant.Role, actor.Person));
            if (grant.Code == Grant.Country) keys.Add(Everywhere(grant.Role));
            if (tree.UnitOf(grant, today) is not { } granted) continue;
            foreach (var unit in tree.AnsweredBy(granted, today))
            {
                keys.Add(Officers(grant.Role, unit, null));
                if (grant.Department is { } department) keys.Add(Officers(grant.Role, unit, department));
            }
        }

        return [.. keys];
    }

    private static string Person(string role, string person) => $"{role}#{person}";

    private static string Everywhere(string role) => $"{role}@{Grant.Country}";

    private static string Officers(string role, Guid unit, string? department) => department is null ? $"{role}@{unit}" : $"{role}@{unit}:{department}";
}

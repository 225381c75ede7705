namespace Ntm.ServiceDefaults;

/// <summary>
/// What a caller may do for a unit on the record's day. Unit ids are compared, never codes; the tree is the one of that day;
/// for a unit that no longer exists its successor answers.
/// </summary>
public static class Rights
{
    /// <summary>Whether the caller holds the role for this very unit.</summary>
    public static bool ActsAs(this UnitTree tree, Actor actor, string role, Guid unit, DateOnly today, string? department = null) =>
        tree.GrantedUnits(actor, today, role, department).Any(granted => tree.AnswersFor(granted, unit, today));

    /// <summary>Whether the caller holds the role for the unit or one above it on the record's day.</summary>
    public static bool Oversees(this UnitTree tree, Actor actor, string role, Guid unit, DateOnly day, DateOnly today, string? department = null) =>
        tree.GrantedUnits(actor, today, role, department)
            .Select(granted => tree.AnsweredBy(granted, today)).Any(answered => tree.Chain(unit, day).Any(at => answered.Contains(at.Id)));

    /// <summary>Whether the caller may read what belongs to the unit: its own officers, those above, the auditor.</summary>
    public static bool MayRead(this UnitTree tree, Actor actor, Guid unit, DateOnly day, DateOnly today) =>
        tree.ReaderOf(actor, today)(unit, day);

    /// <summary>What <see cref="MayRead"/> says, for many units.</summary>
    public static Func<Guid, DateOnly, bool> ReaderOf(this UnitTree tree, Actor actor, DateOnly today)
    {
        if (actor.Has(Roles.Auditor)) return (_, _) => true;
        HashSet<Guid> answered = [.. actor.Grants.Select(g => tree.UnitOf(g, today)).OfType<Guid>().Distinct().SelectMany(unit => tree.AnsweredBy(unit, today))];
        return (unit, day) => tree.Chain(unit, day).Any(at => answered.Contains(at.Id));
    }

    /// <summary>All units that the caller may read on one day or another, for a first choice in the store; null for every unit.</summary>
    public static IReadOnlyCollection<Guid>? ReadableEver(this UnitTree tree, Actor actor, DateOnly today)
    {
        if (actor.Has(Roles.Auditor)) return null;
        var readable = actor.Grants.Select(g => tree.UnitOf(g, today)).OfType<Guid>().SelectMany(granted => tree.AnsweredBy(granted, today)).ToHashSet();
        int before;
        do
        {
            before = readable.Count;
            foreach (var unit in tree.All)
                if (unit.Versions.Any(v => v.Parent is { } parent && readable.Contains(parent))) readable.Add(unit.Id);
        }
        while (readable.Count > before);
        return readable;
    }

    private static IEnumerable<Guid> GrantedUnits(this UnitTree tree, Actor actor, DateOnly today, string role, string? department) =>
        from grant in actor.Grants
        where grant.Role == role && (department is null || grant.Department == department)
        let unit = tree.UnitOf(grant, today)
        where unit is not null
        select unit.Value;
}

using Ntm.Contracts;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>The register as it was known at a position, and as it is known now, which says who may read.</summary>
/// <param name="Position">Null for now.</param>
internal sealed record Known(UnitTree Tree, UnitTree Now, long? Position)
{
    /// <summary>Events beyond it have not happened.</summary>
    public long By => Position ?? ReportTrail.Now;
}

/// <summary>Looks at the register of an instant, and at the part of it that a question is about.</summary>
internal sealed class Looking(UnitRegister register, PastUnits past, AsOf asOf, TimeProvider clock)
{
    public static readonly string[] Levels = ["province", "district", "commune"];

    public DateOnly Today => clock.Today();

    /// <param name="instant">As the caller wrote it; null for now.</param>
    /// <param name="field">Where he wrote it.</param>
    public async Task<(Known? Known, Refusal? Refusal)> AtAsync(string? instant, CancellationToken ct, string field = "asOf")
    {
        var (position, refusal) = await asOf.ResolveAsync(instant, ct, field);
        if (refusal is not null) return (null, refusal);
        var now = await register.GetAsync(ct);
        return (new(position is { } at ? await past.AtAsync(at, ct) : now, now, position), null);
    }

    /// <summary>The unit that is asked about with all below it; the caller's own where none is named.</summary>
    /// <param name="code">Its code on the day.</param>
    public (UnitRef? Under, Refusal? Refusal) Under(Known known, Actor actor, string? code, DateOnly day)
    {
        if (code is null)
        {
            Guid[] own = [.. actor.Grants.Select(g => known.Now.UnitOf(g, Today)).OfType<Guid>().Distinct()];
            return own is [var only] && known.Tree.Ref(only, day) is { } unit ? (unit, null) : (null, Refusal.Malformed(
                "under", "under-needed", "Tài khoản không gắn với đúng một đơn vị: cần nêu under.", "The caller is not of exactly one unit: name under."));
        }

        return known.Tree.Resolve(code, day) is { } found ? (found, null) : (null, GetUnits.Unknown(code, day));
    }

    /// <summary>Units of the level in force on the day: the unit itself, or those below it, in the order of their codes.</summary>
    /// <param name="rural">Whether units that are urban on the day are left out, as in a period of rural units.</param>
    public static IReadOnlyList<UnitRef> Units(UnitTree tree, Guid under, string level, DateOnly day, bool rural = false) => tree.Find(under)?.Level == level
        ? tree.On(under, day) is null ? [] : [tree.Ref(under, day)!]
        : [.. tree.Below(under, level, day).Where(u => !rural || !ReportTypes.Rural.ExcludedKinds.Contains(u.Version.Kind)).Select(u => new UnitRef(u.Unit.Id, u.Version.Code, u.Version.FullName))];
}

using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>The province that a caller speaks for.</summary>
internal static class ProvinceOf
{
    /// <param name="code">The province's code; may be left out by who is the coordination office of one province only.</param>
    public static (UnitRef? Province, Refusal? Refusal) Caller(UnitTree tree, Actor actor, string? code, DateOnly day, DateOnly today)
    {
        var own = actor.Grants.Where(g => g.Role == Roles.ProvinceOfficer).Select(g => tree.UnitOf(g, today)).OfType<Guid>().Distinct().ToList();
        if (own.Count == 0) return (null, Refusal.Forbidden("Chỉ Văn phòng Điều phối của tỉnh làm việc này.", "Only a province's coordination office does this."));
        if (code is null && own.Count > 1)
            return (null, Refusal.Malformed("province", "province-needed", "Tài khoản thuộc nhiều tỉnh: cần nêu province.", "The caller has several provinces: name one."));
        var province = code is null ? tree.Ref(own[0], day) : tree.Resolve(code, day);
        if (province is null) return (null, Units.GetUnits.Unknown(code!, day));
        return tree.ActsAs(actor, Roles.ProvinceOfficer, province.Id, today)
            ? (province, null)
            : (null, Refusal.Forbidden("Chỉ Văn phòng Điều phối của chính tỉnh đó làm việc này.", "Only the coordination office of that very province does this."));
    }
}

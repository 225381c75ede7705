using System.Globalization;
using System.Text;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>Whose set it is: the nation's, or a province's.</summary>
internal static class SetScope
{
    private const string Province = "province-";

    /// <summary>Who may write sets at all.</summary>
    public static bool MayWriteSome(Actor actor) => actor.Has(Roles.Ministry) || actor.Has(Roles.Operator) || actor.Has(Roles.ProvinceOfficer);

    /// <summary>The ministry and the operator write national sets, a coordination office those of its province.</summary>
    public static bool MayWrite(UnitTree tree, Actor actor, string scope, Guid? province, DateOnly today) => scope == SetRules.National
        ? actor.Has(Roles.Ministry) || actor.Has(Roles.Operator)
        : province is { } unit && tree.ActsAs(actor, Roles.ProvinceOfficer, unit, today);

    /// <summary>The province of a scope: by its code on the day, else today's, or by its name as the data files write it (<c>ha-tinh</c>).</summary>
    public static Guid? ProvinceOf(UnitTree tree, string scope, DateOnly? day, DateOnly today)
    {
        if (scope == SetRules.National) return null;
        if (scope.StartsWith(Province, StringComparison.Ordinal))
        {
            var code = scope[Province.Length..];
            var unit = (day is { } on ? tree.Resolve(code, on) : null) ?? tree.Resolve(code, today);
            return unit is not null && tree.Find(unit.Id)!.Level == "province" ? unit.Id : null;
        }

        return tree.All.FirstOrDefault(u => u.Level == "province" && u.Versions.Any(v => SlugOf(v.Name) == scope))?.Id;
    }

    public static Guid? ProvinceOf(UnitTree tree, SetRecord record, DateOnly today) =>
        record.Province ?? ProvinceOf(tree, record.Scope, (record.Draft ?? record.Versions[0].Set).InForceFrom, today);

    private static string SlugOf(string name)
    {
        var letters = name.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            .Select(c => c is 'đ' or 'Đ' ? 'd' : c == ' ' ? '-' : char.ToLowerInvariant(c));
        return string.Concat(letters);
    }
}

using System.Globalization;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>A unit, or a village of a commune, comes into being.</summary>
internal static class CreateUnit
{
    public sealed record Body(
        string? Code, string? Name, string? FullName, string? Kind, string? Level, string? Parent, DateOnly? On, string? LegalBasis,
        IReadOnlyList<ClassifyUnit.Fact?>? Facts);

    /// <param name="Heir">Code of the commune that gets the village when this one ends; needed where its announced end names several.</param>
    public sealed record VillageBody(string? Code, string? Name, string? FullName, string? Kind, DateOnly? On, string? LegalBasis, string? Heir = null);

    public static void Plan(Act act, Body body)
    {
        var parent = body.Level == "province" ? null : act.Find(body.Parent, act.On, "parent");
        if (body.Level is null || !UnitKinds.Levels.Contains(body.Level))
        {
            act.Fault("level", "level-unknown", "Cấp là province, district, commune hoặc village.", "The level is province, district, commune or village.");
            return;
        }

        if (parent is null && body.Level != "province" && act.HasDay) return;
        if (act.Create(new(body.Code, body.Name, body.FullName, body.Kind), body.Level, parent?.Id, [], "") is not { } id) return;
        if (ClassifyUnit.FactsOf(act, body.Facts, "facts", required: false) is { Count: > 0 } facts)
            act.Record(id, new UnitClassified(facts, act.Basis, act.Person, act.Now), "");
    }

    public static void PlanVillage(Act act, VillageBody body)
    {
        var commune = act.Unit!;
        if (commune.Level != "commune")
        {
            act.Fault("unit", "parent-level", "Thôn, tổ dân phố thuộc cấp xã.", "A village belongs to a commune.", commune.Id);
            return;
        }

        var made = act.Create(new(body.Code ?? (act.HasDay ? NextCode(act, commune) : commune.Versions[^1].Code), body.Name, body.FullName, body.Kind), "village", commune.Id, [], "");
        if (made is { } id) act.GoesOver(id, commune, body.Heir, "heir");
    }

    /// <summary>The commune's code on the day and the lowest number that no unit ever had behind it.</summary>
    private static string NextCode(Act act, UnitState commune)
    {
        var code = commune.Versions.First(v => Act.IsInForce(v, act.On)).Code;
        var taken = act.Before.Values.SelectMany(u => u.Versions).Select(v => v.Code).Where(c => c.StartsWith(code, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, int.MaxValue).Select(n => string.Create(CultureInfo.InvariantCulture, $"{code}-{n:00}")).First(c => !taken.Contains(c));
    }
}

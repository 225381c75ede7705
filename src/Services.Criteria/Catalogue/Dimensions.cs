using Marten;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>Where a unit stands along a set's dimension.</summary>
/// <param name="Value">A region or the number of a commune group; null where nobody knows.</param>
/// <param name="Mark">seen, recalled, derived or unknown.</param>
public sealed record UnitLevel(string Dimension, string? Value, string Mark, string? Basis);

/// <summary>What the thresholds of a set may differ by.</summary>
public static class Dimensions
{
    public const string Region = UnitFacts.Region;
    public const string CommuneGroup = UnitFacts.CommuneGroup;

    /// <summary>Columns of the annexes of QĐ 318/QĐ-TTg and its kin.</summary>
    private static readonly string[] Regions =
    [
        "Trung du miền núi phía Bắc", "Đồng bằng sông Hồng", "Bắc Trung Bộ", "Duyên hải Nam Trung Bộ", "Tây Nguyên", "Đông Nam Bộ", "Đồng bằng sông Cửu Long",
    ];

    private static readonly string[] Groups = ["1", "2", "3"];

    /// <summary>The values that a unit can have along the dimension.</summary>
    public static IReadOnlyList<string> ValuesOf(string dimension) => dimension == CommuneGroup ? Groups : Regions;

    /// <summary>The number of a group, also where it is written as the sets do: <c>nhom-2</c>.</summary>
    public static string Normal(string at) => at.StartsWith("nhom-", StringComparison.Ordinal) ? at["nhom-".Length..] : at;

    public static UnitLevel Of(UnitTree tree, CriteriaSet set, Guid unit, DateOnly day) => tree.Fact(unit, set.Along, day) is { Value: { } value } fact
        ? new(set.Along, Normal(value), fact.Mark, fact.Basis)
        : new(set.Along, null, "unknown", null);

    /// <summary>The unit and those above it as the register had them at the position.</summary>
    public static async Task<UnitTree> KnownAsync(IQuerySession session, UnitTree now, Guid unit, long position, CancellationToken ct)
    {
        HashSet<Guid> ids = [unit];
        for (Queue<Guid> open = new(ids); open.TryDequeue(out var id);)
        {
            foreach (var parent in now.Find(id)?.Versions.Select(v => v.Parent).OfType<Guid>() ?? [])
                if (ids.Add(parent)) open.Enqueue(parent);
        }

        return (await UnitsAt.LoadAsync(session, ids, position, ct)).Tree;
    }
}

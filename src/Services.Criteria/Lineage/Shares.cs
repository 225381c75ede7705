using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

// Event names are the storage format: upcast, never edit.

/// <summary>What of a divided unit went into one successor.</summary>
/// <param name="People">Share of its inhabitants, 0 to 1, written <c>0.25</c> or <c>3120/9410</c>; null where this record does not speak of people.</param>
/// <param name="Land">Share of its area, written alike.</param>
public sealed record RecordedShare(Guid Unit, string? People, string? Land);

/// <summary>The province recorded how a divided unit was divided; of each kind that it speaks of the shares add up to exactly one. A later record corrects an earlier one.</summary>
public sealed record SharesRecorded(Guid From, DateOnly On, IReadOnlyList<RecordedShare> Shares, string Basis, string By, DateTimeOffset At);

/// <summary>How a divided unit was divided, as recorded last.</summary>
/// <param name="People">By successor; null until somebody recorded it.</param>
/// <param name="Land">By successor; null until somebody recorded it.</param>
public sealed record UnitShares(
    string Id, Guid From, DateOnly On, IReadOnlyDictionary<Guid, string>? People, IReadOnlyDictionary<Guid, string>? Land, string Basis, string By, DateTimeOffset At, long Version)
{
    public static string Key(Guid from, DateOnly on) => $"shares/{from}/{on:yyyy-MM-dd}";

    public static UnitShares? Fold(UnitShares? shares, string id, object e) => e is SharesRecorded r
        ? new(id, r.From, r.On, Of(r, s => s.People) ?? shares?.People, Of(r, s => s.Land) ?? shares?.Land, r.Basis, r.By, r.At, (shares?.Version ?? 0) + 1)
        : shares;

    private static Dictionary<Guid, string>? Of(SharesRecorded e, Func<RecordedShare, string?> kind) =>
        e.Shares.All(s => kind(s) is not null) ? e.Shares.ToDictionary(s => s.Unit, s => kind(s)!) : null;
}

public sealed partial class UnitSharesProjection : SingleStreamProjection<UnitShares, string>
{
    public UnitSharesProjection() => IncludeType<SharesRecorded>();

    public override UnitShares? Evolve(UnitShares? snapshot, string id, IEvent e) => UnitShares.Fold(snapshot, id, e.Data);
}

/// <summary>Which part of a unit went where: all of it, what was recorded, what the source's words say, or unknown.</summary>
internal sealed class ShareBook(IEnumerable<UnitShares> recorded)
{
    private readonly Dictionary<(Guid, DateOnly), UnitShares> recorded = recorded.ToDictionary(s => (s.From, s.On));

    public UnitShares? RecordOf(Guid from, DateOnly on) => recorded.GetValueOrDefault((from, on));

    /// <summary>The share of the passing; null where it cannot be divided from the data at hand.</summary>
    /// <param name="all">All that the unit passed into on that day, the passing among them.</param>
    /// <param name="kind"><see cref="Rules.People"/> or <see cref="Rules.Land"/>.</param>
    public Fraction? Of(IReadOnlyList<Passing> all, Passing passing, string kind)
    {
        if (all.Count == 1) return Fraction.One;
        var record = RecordOf(passing.From, passing.On);
        if ((kind == Rules.People ? record?.People : record?.Land) is { } shares) return Fraction.Share(shares.GetValueOrDefault(passing.Into)) ?? Fraction.Zero;
        return CarryingFile.Said(passing.Part, kind);
    }
}

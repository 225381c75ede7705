using Ntm.Contracts;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Assessments;

/// <summary>A set as it measures the units of one region or group: what decides each indicator, worked out once for many units.</summary>
internal sealed class Yardstick
{
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);

    /// <param name="at">Where the units stand along the set's dimension; null where nobody knows.</param>
    public Yardstick(CriteriaSet set, string? at)
    {
        Set = set;
        Criteria = [.. set.Criteria.OrderBy(c => c.No).Select(c => (c, (IReadOnlyList<Measure>)[.. c.Indicators.Select(i => MeasureOf(i))]))];

        Measure MeasureOf(Indicator i)
        {
            slots[i.Code] = slots.Count;
            return new(i, slots[i.Code], Threshold.Of(i, at), Threshold.LeavesOpen(i, at), Threshold.Describe(i, at), i.LegalSource ?? set.LegalText);
        }
    }

    /// <param name="Slot">Place of its figure among those of <see cref="Slots"/>.</param>
    /// <param name="LeavesOpen">Whether an authority has to judge.</param>
    public sealed record Measure(Indicator Indicator, int Slot, ReportedValue? Bound, bool LeavesOpen, string? Rule, string LegalBasis);

    public CriteriaSet Set { get; }

    public IReadOnlyList<(Criterion Criterion, IReadOnlyList<Measure> Measures)> Criteria { get; }

    /// <summary>Codes of the indicators, each with its place.</summary>
    public IReadOnlyDictionary<string, int> Slots => slots;
}

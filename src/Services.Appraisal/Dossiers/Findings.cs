using Marten;
using Ntm.Appraisal.Eligibility;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>What a body says of criteria and indicators.</summary>
public static class Findings
{
    public const string Meets = "meets";
    public const string DoesNotMeet = "does-not-meet";
    public const string MustSupplement = "must-supplement";
    private const int Most = 500;
    private const int LongestCode = 40;

    /// <param name="Criterion">Number of the criterion; may be left out where the indicator is named.</param>
    /// <param name="Result">meets, does-not-meet or must-supplement; the latter two with a reason.</param>
    /// <param name="Evidence">Hashes of documents of the dossier.</param>
    public sealed record Item(int? Criterion, string? Indicator, string? Result, string? Reason = null, IReadOnlyList<string?>? Evidence = null);

    /// <summary>The findings as they are recorded.</summary>
    /// <param name="set">The set's version that the dossier is measured by; null where it was not learned, then any criterion may be named.</param>
    public static IReadOnlyList<Finding> Read(this Faults faults, Dossier dossier, SetState? set, IReadOnlyList<Item?>? items)
    {
        faults.Unless(items is { Count: > 0 and <= Most }, "findings", $"Cần từ 1 đến {Most} mục.", $"From 1 to {Most} items are needed.");
        List<Finding> read = [];
        foreach (var item in (items ?? []).Take(Most))
        {
            var at = $"findings[{read.Count}]";
            var (indicator, reason) = (Prose.Clean(item?.Indicator), Prose.Clean(item?.Reason));
            var known = set?.Indicators.FirstOrDefault(i => i.Code == indicator);
            var criterion = item?.Criterion ?? known?.Criterion;
            faults
                .Unless(criterion is not null || indicator is not null, at, "Nêu tiêu chí hoặc chỉ tiêu.", "Name the criterion or the indicator.")
                .Readable(indicator, $"{at}.indicator", required: false, LongestCode, lines: false)
                .Unless(indicator is null || set is null || known is not null, $"{at}.indicator", "Bộ tiêu chí không có chỉ tiêu này.", "The set has no such indicator.")
                .Unless(criterion is null || set is null || set.Indicators.Any(i => i.Criterion == criterion), $"{at}.criterion", "Bộ tiêu chí không có tiêu chí này.", "The set has no such criterion.")
                .Unless(known is null || criterion == known.Criterion, $"{at}.criterion", "Chỉ tiêu thuộc tiêu chí khác.", "The indicator is of another criterion.")
                .Unless(item?.Result is Meets or DoesNotMeet or MustSupplement, $"{at}.result", "Phải là meets, does-not-meet hoặc must-supplement.", "Must be meets, does-not-meet or must-supplement.")
                .Readable(reason, $"{at}.reason", required: item?.Result is DoesNotMeet or MustSupplement)
                .Unless(!read.Exists(f => f.Criterion == criterion && f.Indicator == indicator), at, "Được nêu hai lần.", "It is named twice.");
            read.Add(new(criterion, indicator, item?.Result ?? "", reason, faults.Held(dossier, item?.Evidence, $"{at}.evidence")));
        }

        return read;
    }

    /// <summary>The version of the set that the dossier has pinned; null where it was not learned.</summary>
    public static async Task<SetState?> SetOfAsync(this Dossier dossier, IQuerySession session, CancellationToken ct) =>
        (await session.Query<KnownSet>().Where(k => k.Set.Id == dossier.Basis.Set).ToListAsync(ct))
            .Select(k => k.Set).FirstOrDefault(s => (s.Version ?? 1) == (dossier.Basis.SetVersion ?? 1));
}

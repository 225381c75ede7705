using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A condition and how it stands: met, notMet or unknown.</summary>
public sealed record JudgedCondition(Condition Condition, string Status);

/// <summary>An indicator that is not met by approved figures: notReported, notMet or undetermined, with the rule that says so.</summary>
public sealed record MissingIndicator(string Indicator, string Reason, string? Rule);

/// <summary>Whether a unit may be proposed for a title, and what is missing (QĐ 18/2022/QĐ-TTg, art. 4(1)).</summary>
public sealed record EligibilityResult(bool Eligible, IReadOnlyList<JudgedCondition> Conditions, IReadOnlyList<MissingIndicator> Missing)
{
    public const string Met = "met";
    public const string NotMet = "notMet";
    public const string Unknown = "unknown";

    public static EligibilityResult Judge(Procedure procedure, EligibilityFacts facts)
    {
        var missing = MissingFrom(facts);
        var conditions = procedure.Conditions
            .Select(c => new JudgedCondition(c, c.Id == Condition.Criteria ? OfCriteria(facts.SetRetired ? null : facts.Set, missing) : OfConfirmation(c, facts.Confirmations)))
            .ToList();
        return new(conditions.TrueForAll(c => !c.Condition.Required || c.Status == Met), conditions, missing);
    }

    private static List<MissingIndicator> MissingFrom(EligibilityFacts facts)
    {
        if (facts.Set is not { } set) return [];
        var assessed = (facts.Assessment?.Assessment.Indicators ?? []).ToDictionary(i => i.Code, StringComparer.Ordinal);
        return
        [
            .. from indicator in set.Indicators
               let result = assessed.GetValueOrDefault(indicator.Code)
               where result?.Status != Met
               select new MissingIndicator(indicator.Code, result?.Status ?? "notReported", result?.Rule),
        ];
    }

    /// <summary>A set whose text is not wholly known, or that was retired before the day, decides nothing.</summary>
    private static string OfCriteria(SetState? set, List<MissingIndicator> missing) => set switch
    {
        not { Complete: true, Indicators.Count: > 0 } => Unknown,
        _ when missing.Count == 0 => Met,
        _ when missing.TrueForAll(m => m.Reason == "undetermined") => Unknown,
        _ => NotMet,
    };

    private static string OfConfirmation(Condition condition, IReadOnlyList<Confirmation> confirmations)
    {
        if (confirmations.FirstOrDefault(c => c.Condition == condition.Id) is not { } confirmed) return Unknown;
        if (!confirmed.Met) return NotMet;
        if (condition.Minimum is not { } minimum) return Met;
        return confirmed.Value is not { } value ? Unknown : value >= minimum ? Met : NotMet;
    }
}

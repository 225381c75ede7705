using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A condition and how it stands: met, notMet or unknown.</summary>
/// <param name="RuleMark">The least sure mark among the rules that the condition was judged by: unknown, recalled, judged or seen; null where it is not a set that decides.</param>
/// <param name="TextMark">The least sure mark among the texts of its indicators.</param>
/// <param name="Confirmed">The confirmation that it was judged by; null where none was given, and where it is a set that decides.</param>
public sealed record JudgedCondition(Condition Condition, string Status, string? RuleMark = null, string? TextMark = null, Confirmation? Confirmed = null)
{
    /// <summary>What the condition rests on that was not read in a source: the law that requires it, the rules, the texts.</summary>
    public IEnumerable<Unsure> NotSeen => new Unsure[] { new(Condition.Id, "law", Condition.Mark), new(Condition.Id, "rule", RuleMark ?? ""), new(Condition.Id, "text", TextMark ?? "") }
        .Where(u => u.Mark is not ("" or "seen" or "judged"));
}

/// <summary>A part of a finding that rests on a value that is not <c>seen</c>.</summary>
/// <param name="Condition">Id of the condition.</param>
/// <param name="What">law, rule or text.</param>
/// <param name="Mark">seen-pred, recalled, derived or unknown.</param>
public sealed record Unsure(string Condition, string What, string Mark);

/// <summary>An indicator that is not met by approved figures: notReported, notMet or undetermined, with the rule that says so.</summary>
/// <param name="Mark">seen, recalled, unknown or judged: how sure that rule is.</param>
/// <param name="TextMark">seen or recalled: how sure the indicator's text is; null in what was announced before texts had marks.</param>
public sealed record MissingIndicator(string Indicator, string Reason, string? Rule, string? Mark = null, string? TextMark = null);

/// <summary>Whether a unit may be proposed for a title, and what is missing (QĐ 18/2022/QĐ-TTg, art. 4(1)).</summary>
public sealed record EligibilityResult(bool Eligible, IReadOnlyList<JudgedCondition> Conditions, IReadOnlyList<MissingIndicator> Missing)
{
    public const string Met = "met";
    public const string NotMet = "notMet";
    public const string Unknown = "unknown";

    /// <summary>Everything in it that rests on a value that is not <c>seen</c>.</summary>
    public IReadOnlyList<Unsure> NotSeen => [.. Conditions.SelectMany(c => c.NotSeen)];

    public static EligibilityResult Judge(Procedure procedure, EligibilityFacts facts)
    {
        var missing = MissingFrom(facts);
        var conditions = procedure.Conditions
            .Select(c => c.Id == Condition.Criteria ? OfCriteria(c, facts, missing) : OfConfirmation(c, facts.Confirmations.FirstOrDefault(x => x.Condition == c.Id)))
            .ToList();
        return new(conditions.TrueForAll(c => !c.Condition.Required || c.Status == Met), conditions, missing);
    }

    private static List<MissingIndicator> MissingFrom(EligibilityFacts facts)
    {
        if (facts.Set is not { } set) return [];
        return
        [
            .. from r in ResultsOf(set, facts)
               where r.Result?.Status != Met
               select new MissingIndicator(r.Indicator.Code, r.Result?.Status ?? "notReported", r.Result?.Rule, MarkOf(r), TextMarkOf(r)),
        ];
    }

    private static IEnumerable<(SetIndicator Indicator, AssessedIndicator? Result)> ResultsOf(SetState set, EligibilityFacts facts)
    {
        var assessed = (facts.Assessment?.Assessment.Indicators ?? []).ToDictionary(i => i.Code, StringComparer.Ordinal);
        return set.Indicators.Select(i => (i, assessed.GetValueOrDefault(i.Code)));
    }

    private static string MarkOf((SetIndicator Indicator, AssessedIndicator? Result) r) => r.Result?.Mark ?? r.Indicator.Mark;

    private static string? TextMarkOf((SetIndicator Indicator, AssessedIndicator? Result) r) => r.Result?.TextMark ?? r.Indicator.TextMark;

    private static JudgedCondition OfCriteria(Condition condition, EligibilityFacts facts, List<MissingIndicator> missing)
    {
        var results = facts.Set is { } set ? ResultsOf(set, facts).ToList() : [];
        return new(
            condition, OfCriteria(facts.SetRetired || facts.Governing is { Complete: false } ? null : facts.Set, missing),
            results.Select(MarkOf).MinBy(m => Array.IndexOf(LeastSureFirst, m)), results.Select(TextMarkOf).OfType<string>().MinBy(m => Array.IndexOf(LeastSureFirst, m)));
    }

    private static readonly string[] LeastSureFirst = ["unknown", "recalled", "judged", "seen"];

    /// <summary>A set whose text is not wholly known on the day, or that was retired before it, decides nothing.</summary>
    private static string OfCriteria(SetState? set, List<MissingIndicator> missing) => set switch
    {
        not { Complete: true, Indicators.Count: > 0 } => Unknown,
        _ when missing.Count == 0 => Met,
        _ when missing.TrueForAll(m => m.Reason == "undetermined") => Unknown,
        _ => NotMet,
    };

    private static JudgedCondition OfConfirmation(Condition condition, Confirmation? confirmed) => new(condition, StatusOf(condition, confirmed), Confirmed: confirmed);

    private static string StatusOf(Condition condition, Confirmation? confirmed)
    {
        if (confirmed is null) return Unknown;
        if (!confirmed.Met) return NotMet;
        if (condition.Minimum is not { } minimum) return Met;
        return confirmed.Value is not { } value ? Unknown : value >= minimum ? Met : NotMet;
    }
}

using System.Numerics;
using System.Text.Json.Serialization;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The answers to one question of a form, over all households that answered it.</summary>
/// <param name="Overall">Whether it asks for the satisfaction as a whole.</param>
public sealed record SurveyQuestion(int No, string? Topic, int Satisfied, int NotSatisfied, int Other, bool Overall)
{
    [JsonIgnore]
    public int Answers => Satisfied + NotSatisfied + Other;
}

/// <summary>A part of the unit: a village (thôn), or a commune of a district.</summary>
/// <param name="Code">Code of the commune on the dossier's day; null for a village, and in what was recorded before it was asked for.</param>
public sealed record SurveyPart(
    string Name, int Households, int Asked, int Answered, IReadOnlyList<SurveyQuestion> Questions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code = null);

/// <summary>A summary of a survey of satisfaction (lấy ý kiến hài lòng): what was counted and what follows from it by the procedure's rules.</summary>
/// <param name="Form">Version of the form (phiếu).</param>
/// <param name="Due">Last day of the summary, by the procedure; null where it is not set.</param>
/// <param name="Late">Whether the summary came after it; null where no last day is set.</param>
public sealed record Survey(
    string Form, DateOnly From, DateOnly To, int Households, int Asked, int Answered, IReadOnlyList<SurveyQuestion> Questions, IReadOnlyList<SurveyPart> Parts,
    string Result, IReadOnlyList<SurveyRuleResult> Rules, DateOnly? Due, bool? Late, IReadOnlyList<string> Documents);

/// <summary>How one rule came out.</summary>
/// <param name="Rule">sample, per-question, mean or overall; sample-per-part where the procedure has a share for each part.</param>
/// <param name="Share">The share demanded; null where it is not set.</param>
/// <param name="Result">passed, failed or unknown.</param>
/// <param name="Reached">The share that was reached, of the lowest question or part where there are several; null where it cannot be told.</param>
/// <param name="Question">Number of that question.</param>
/// <param name="Part">Name of the part that it is of.</param>
public sealed record SurveyRuleResult(string Rule, string? Share, string Mark, string Result, string? Reached, int? Question, string? Part);

/// <summary>What a survey comes out as: exact fractions, no percentage is ever rounded. Pure.</summary>
public static class SurveyResult
{
    public const string Passed = "passed";
    public const string Failed = "failed";
    public const string Unknown = "unknown";

    /// <summary>Failed where one rule is, whatever else is not known; passed where at least one is set and all that are set are reached; else unknown.</summary>
    public static (string Result, IReadOnlyList<SurveyRuleResult> Rules) Of(
        SurveyRules rules, int households, int answered, IReadOnlyList<SurveyQuestion> questions, IReadOnlyList<SurveyPart> parts)
    {
        SurveyQuestion[] single = [.. questions.Where(q => !q.Overall)];
        SurveyRuleResult[] results =
        [
            Judge("sample", rules.MinSampleShare, Fraction.Of(answered, households)),
            PerQuestion(rules, single, parts),
            Judge("mean", rules.MinMeanShare, Mean(single)),
            questions.FirstOrDefault(q => q.Overall) is { } overall
                ? Judge("overall", rules.MinOverall, Fraction.Of(overall.Satisfied, overall.Answers)) with { Question = overall.No }
                : Judge("overall", rules.MinOverall, null),
            .. rules.MinPartSampleShare is { } ofPart
                ? [Lowest("sample-per-part", ofPart, [.. parts.Select(p => ((string?)p.Name, (int?)null, Fraction.Of(p.Answered, p.Households)))])]
                : Array.Empty<SurveyRuleResult>(),
        ];
        SurveyRuleResult[] set = [.. results.Where(r => r.Share is not null)];
        var result = Array.Exists(set, r => r.Result == Failed) ? Failed : set.Length > 0 && Array.TrueForAll(set, r => r.Result == Passed) ? Passed : Unknown;
        return (result, results);
    }

    /// <summary>The lowest question counts; where each part must reach the share, the lowest of any part.</summary>
    private static SurveyRuleResult PerQuestion(SurveyRules rules, SurveyQuestion[] questions, IReadOnlyList<SurveyPart> parts)
    {
        (string? Part, SurveyQuestion Question)[] asked = rules.Scope == SurveyRules.EachPart
            ? [.. parts.SelectMany(p => p.Questions.Where(q => !q.Overall).Select(q => ((string?)p.Name, q)))]
            : [.. questions.Select(q => ((string?)null, q))];
        return Lowest("per-question", rules.MinSharePerQuestion, [.. asked.Select(a => (a.Part, (int?)a.Question.No, Fraction.Of(a.Question.Satisfied, a.Question.Answers)))]);
    }

    /// <summary>One share below the rule fails it, whatever is not known of others; else one that is not known leaves it open.</summary>
    private static SurveyRuleResult Lowest(string rule, SurveyRule demanded, IReadOnlyList<(string? Part, int? Question, Fraction? Share)> rated)
    {
        var known = rated.Where(r => r.Share is not null).ToArray();
        if (known.Length == 0) return Judge(rule, demanded, null);
        var lowest = known.Aggregate((least, next) => next.Share!.Value.IsBelow(least.Share!.Value) ? next : least);
        var judged = Judge(rule, demanded, lowest.Share) with { Question = lowest.Question, Part = lowest.Part };
        return known.Length == rated.Count || judged.Result == Failed ? judged : Judge(rule, demanded, null);
    }

    private static Fraction? Mean(SurveyQuestion[] questions)
    {
        if (questions.Length == 0 || Array.Exists(questions, q => q.Answers == 0)) return null;
        var sum = questions.Aggregate(new Fraction(0, 1), (total, q) => total.Plus(new(q.Satisfied, q.Answers)));
        return new Fraction(sum.Part, sum.Whole * questions.Length).Reduced();
    }

    private static SurveyRuleResult Judge(string rule, SurveyRule demanded, Fraction? reached) => new(
        rule, demanded.Share?.ToString(), demanded.Mark,
        demanded.Share is { } share && reached is { } value ? value.Reaches(share) ? Passed : Failed : Unknown, reached?.ToString(), null, null);

    private readonly record struct Fraction(BigInteger Part, BigInteger Whole)
    {
        /// <summary>Of nothing there is no share.</summary>
        public static Fraction? Of(int part, int whole) => whole > 0 ? new(part, whole) : null;

        public bool Reaches(Share share) => Part * share.Whole >= share.Part * Whole;

        public bool IsBelow(Fraction other) => Part * other.Whole < other.Part * Whole;

        public Fraction Plus(Fraction other) => new Fraction((Part * other.Whole) + (other.Part * Whole), Whole * other.Whole).Reduced();

        public Fraction Reduced() => BigInteger.GreatestCommonDivisor(Part, Whole) is { IsZero: false } by ? new(Part / by, Whole / by) : this;

        public override string ToString() => $"{Part}/{Whole}";
    }
}

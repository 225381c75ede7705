using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts;

namespace Ntm.Criteria.Tests;

/// <summary>Random histories of reports against a reference that asks the whole history anew for every answer.</summary>
public sealed class AssessmentModelTests
{
    private static readonly string[] Periods = ["2024-Q3", "2024-Q4", "2025-Q1"];
    private static readonly string[] Indicators = ["3.1", "8.4", "10"];
    private static readonly DateOnly FirstDay = new(2024, 9, 28);

    private enum Act
    {
        Record,
        Correct,
        Submit,
        Return,
        Judge,
        Approve,
        Reopen,
    }

    private sealed record Step(Act Act, string Period, string Indicator, int Number, DateOnly ValidOn)
    {
        public ReportedValue Value => Indicator == "8.4" ? ReportedValue.Of(Number % 2 == 0) : ReportedValue.Of(70m + Number);
    }

    private static readonly Gen<Step> AnyStep =
        from act in Gen.Frequency((6, Gen.Constant(Act.Record)), (3, Gen.Constant(Act.Correct)), (1, Gen.Constant(Act.Submit)), (2, Gen.Constant(Act.Return)), (3, Gen.Constant(Act.Judge)), (3, Gen.Constant(Act.Approve)), (2, Gen.Constant(Act.Reopen)))
        from period in Gen.Elements(Periods)
        from indicator in act == Act.Judge ? Gen.Constant("10") : Gen.Elements(Indicators)
        from number in Gen.Choose(0, 20)
        from day in Gen.Choose(0, 5)
        select new Step(act, period, indicator, number, FirstDay.AddDays(day));

    [Property(MaxTest = 1000, Replay = "2024,1231")]
    public Property Every_indicator_is_what_the_whole_history_says() => Prop.ForAll(
        AnyStep.ArrayOf().Select(Legal).ToArbitrary(), Gen.Choose(-1, 6).Select(d => FirstDay.AddDays(d)).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(),
        (history, day, approvedOnly) =>
        {
            var log = history.Aggregate(new Log(), Apply);
            var assessment = log.Assess(Given.Set, day, approvedOnly);
            Assert.Equal(
                Assessments.Reference.Of(Given.Set, "Bắc Trung Bộ", log.Events, day, approvedOnly), assessment.Criteria.SelectMany(c => c.Indicators));
            var assessed = assessment.Criteria.SelectMany(c => c.Indicators).Where(i => Indicators.Contains(i.Code))
                .Select(i => (i.Code, i.Status, i.Value, i.Approved, i.Period)).ToList();
            var expected = Indicators.Select(i => Expected(history, i, day, approvedOnly)).ToList();
            return (assessed.SequenceEqual(expected)
                    && assessment.Met == expected.Count(e => e.Status == "met")
                    && assessment.NotMet == expected.Count(e => e.Status == "notMet")
                    && assessment.Undetermined == expected.Count(e => e.Status == "undetermined"))
                .Label($"expected {string.Join(", ", expected)} but was {string.Join(", ", assessed)}")
                .Classify(expected.Any(e => e.Approved), "with an approved value");
        });

    /// <summary>The history without the steps that the decisions would refuse.</summary>
    private static List<Step> Legal(IEnumerable<Step> steps)
    {
        var history = new List<Step>();
        foreach (var step in steps)
        {
            var before = history.Where(s => s.Period == step.Period).ToList();
            var approved = before.FindLast(s => s.Act is Act.Approve or Act.Reopen) is { Act: Act.Approve };
            var figures = before.Where(s => s.Act is Act.Record or Act.Correct).ToList();
            var allowed = step.Act switch
            {
                Act.Record => !approved,
                Act.Correct or Act.Return => !approved && figures.Exists(f => f.Indicator == step.Indicator),
                Act.Submit => !approved && figures.Count > 0,
                Act.Judge => !approved && figures.Exists(f => f.Indicator == "10"),
                Act.Approve => !approved && figures.Count > 0,
                _ => approved,
            };
            if (allowed) history.Add(step);
        }

        return history;
    }

    private static Log Apply(Log log, Step step) => step.Act switch
    {
        Act.Record => log.Recorded(step.Period, step.Indicator, step.Value, step.ValidOn),
        Act.Correct => log.Corrected(step.Period, step.Indicator, step.Value, step.ValidOn),
        Act.Submit => log.Submitted(step.Period),
        Act.Return => log.Returned(step.Period, step.Indicator),
        Act.Judge => log.Judged(step.Period, step.Indicator, step.Number % 2 == 0),
        Act.Approve => log.Approved(step.Period),
        _ => log.Reopened(step.Period),
    };

    private static (string Code, string Status, ReportedValue? Value, bool Approved, string? Period) Expected(List<Step> history, string indicator, DateOnly day, bool approvedOnly)
    {
        var figure = history.FindLast(s =>
            s.Act is Act.Record or Act.Correct && s.Indicator == indicator && s.ValidOn <= day && (!approvedOnly || IsApproved(history, s)));
        if (figure is null) return (indicator, "notReported", null, false, null);
        var met = indicator switch
        {
            "3.1" => figure.Number >= 10,
            "8.4" => figure.Number % 2 == 0,
            _ => JudgementOf(history, figure, approvedOnly) is { } judgement ? judgement.Number % 2 == 0 : (bool?)null,
        };
        return (indicator, met switch { true => "met", false => "notMet", null => "undetermined" }, figure.Value, IsApproved(history, figure), figure.Period);
    }

    private static bool IsApproved(List<Step> history, Step figure) => Standing(history, figure).Any(s => s.Act == Act.Approve);

    /// <summary>The last word on the figure; where approval is asked for, the last one that an approval covers.</summary>
    private static Step? JudgementOf(List<Step> history, Step figure, bool approvedOnly)
    {
        var standing = Standing(history, figure).ToList();
        var end = approvedOnly ? standing.FindLastIndex(s => s.Act == Act.Approve) : standing.Count;
        return standing.Take(end).LastOrDefault(s => s.Act == Act.Judge && s.Indicator == figure.Indicator);
    }

    /// <summary>What happened to the report while this figure stood in it.</summary>
    private static IEnumerable<Step> Standing(List<Step> history, Step figure) => history
        .Skip(history.FindIndex(s => ReferenceEquals(s, figure)) + 1)
        .Where(s => s.Period == figure.Period)
        .TakeWhile(s => s.Act is not (Act.Record or Act.Correct) || s.Indicator != figure.Indicator);
}

using System.Text.Json.Serialization;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;

namespace Ntm.Central.Publishing;

/// <summary>One figure of an approved report. Who entered it is not published.</summary>
public sealed record PublishedFigure(
    string Indicator, ReportedValue Value, DateOnly ValidOn, DateTimeOffset RecordedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mark = null);

/// <summary>A report as the province approved it.</summary>
public sealed record PublishedReport(
    Guid UnitId, string Code, string Name, string Set, string Period, DateOnly FiguresAsOf, long? ApprovedVersion,
    IReadOnlyList<PublishedFigure> Figures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Demonstration)
{
    public static PublishedReport Of(ReportApproved e) => new(
        e.Report.Unit.Id, e.Report.Unit.Code, e.Report.Unit.Name, e.Report.Set, e.Report.Period, e.Report.FiguresAsOf, e.Report.ApprovedVersion,
        [.. e.Report.Figures
            .OrderBy(f => f.Indicator.Length).ThenBy(f => f.Indicator, StringComparer.Ordinal)
            .Select(f => new PublishedFigure(f.Indicator, f.Value, f.ValidOn, f.RecordedAt, f.Mark))],
        e.Report.SetVersion,
        e.Origin.Demonstration);
}

/// <summary>One indicator of an approved assessment.</summary>
public sealed record PublishedIndicator(
    string Code, int Criterion, string Status, ReportedValue? Value, string? Rule, string? LegalBasis, string Mark, Guid? EventId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TextMark = null);

/// <summary>A unit against a set, by approved values only.</summary>
public sealed record PublishedAssessment(
    Guid UnitId, string Code, string Name, string Set, int Met, int NotMet, int NotReported, int Undetermined, int CriteriaMet, int CriteriaTotal,
    IReadOnlyList<PublishedIndicator> Indicators,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Dimension,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AtMark,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Demonstration)
{
    public static PublishedAssessment Of(AssessmentChanged e)
    {
        var a = e.Assessment;
        return new(
            a.Unit.Id, a.Unit.Code, a.Unit.Name, a.Set, a.Met, a.NotMet, a.NotReported, a.Undetermined, a.CriteriaMet, a.CriteriaTotal,
            [.. a.Indicators
                .OrderBy(i => i.Criterion).ThenBy(i => i.Code.Length).ThenBy(i => i.Code, StringComparer.Ordinal)
                .Select(i => new PublishedIndicator(i.Code, i.Criterion, i.Status, i.Value, i.Rule, i.LegalBasis, i.Mark, i.EventId, i.TextMark))],
            a.SetVersion, a.Dimension, a.At, a.AtMark,
            e.Origin.Demonstration);
    }
}

public sealed record PublishedDecision(string Number, DateOnly Date, string LegalBasis);

/// <summary>An entry of the register of recognitions.</summary>
/// <param name="Year">Year of the title; null where the decision does not name it.</param>
public sealed record PublishedRecognition(
    Guid UnitId, string Code, string Name, string Title, PublishedDecision Decision, DateOnly From, DateOnly? To, string Status,
    DateOnly? PublishedOn, string? PublishedWhere,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Year,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Demonstration)
{
    public static PublishedRecognition Of(RecognitionChanged e)
    {
        var r = e.Recognition;
        return new(
            r.Unit.Id, r.Unit.Code, r.Unit.Name, r.Title, new(r.DecisionNumber, r.DecisionDate, r.LegalBasis), r.From, r.To, r.Status,
            r.PublishedOn, r.PublishedWhere, r.Year ?? r.Inherited?.Year, e.Origin.Demonstration);
    }
}

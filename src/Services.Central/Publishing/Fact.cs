using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Central.Publishing;

/// <summary>What is published of a learned fact: under which key, at which version, valid for which day.</summary>
/// <param name="Key">Starts with the unit's id; the code may belong to another unit tomorrow.</param>
/// <param name="Version">
/// Grows for each key. A report has one stream, so it is the version of that. Assessments and recognitions of one key come from
/// several streams (reports of other periods, later dossiers), so theirs is the position in the owner's store.
/// </param>
/// <param name="Content">One of the published records; its canonical JSON is what goes out.</param>
public sealed record Fact(string Kind, string Key, long Version, Origin Origin, DateOnly ValidOn, object Content)
{
    /// <summary>The fact behind a learned event; null when the event is not for publishing (units).</summary>
    public static Fact? Of(object learned) => learned switch
    {
        ReportApproved { Origin: var origin, Report: var r } e => new(
            Kinds.ReportApproved, $"{r.Unit.Id}/{r.Set}/{r.Period}", origin.Version, origin, r.FiguresAsOf, PublishedReport.Of(e)),
        AssessmentChanged { Origin: var origin, Assessment: var a } e => new(
            Kinds.Assessment, $"{a.Unit.Id}/{a.Set}", origin.Position, origin, VietnamTime.DayOf(origin.RecordedAt), PublishedAssessment.Of(e)),
        RecognitionChanged { Origin: var origin, Recognition: var r } e => new(
            Kinds.Recognition, $"{r.Unit.Id}/{r.Title}", origin.Position, origin, r.DecisionDate, PublishedRecognition.Of(e)),
        _ => null,
    };
}

/// <summary>Kinds of changes and the learned events that carry them.</summary>
public static class Kinds
{
    public const string ReportApproved = "report.approved";
    public const string Assessment = "assessment";
    public const string Recognition = "recognition";

    public static readonly IReadOnlyDictionary<string, Type> Events = new Dictionary<string, Type>(StringComparer.Ordinal)
    {
        [ReportApproved] = typeof(ReportApproved),
        [Assessment] = typeof(AssessmentChanged),
        [Recognition] = typeof(RecognitionChanged),
    };
}

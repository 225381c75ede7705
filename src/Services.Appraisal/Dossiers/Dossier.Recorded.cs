using System.Collections.Immutable;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A department's last opinion; earlier ones stay in the stream.</summary>
public sealed record GivenOpinion(DepartmentOpinion Opinion, string By, DateTimeOffset At);

/// <summary>What recorded steps put into the dossier.</summary>
public sealed partial record Dossier
{
    public ImmutableList<DossierDocument> Documents { get; init; } = [];

    public ImmutableList<Remark> Remarks { get; init; } = [];

    /// <summary>The last meeting: it counts, whatever an earlier one said.</summary>
    public Meeting? Meeting { get; init; }

    public Survey? Survey { get; init; }

    /// <summary>The last check of completeness.</summary>
    public Completeness? Completeness { get; init; }

    /// <summary>The last report of the appraisal.</summary>
    public AppraisalReport? Report { get; init; }

    /// <summary>The last opinion of each department.</summary>
    public ImmutableList<GivenOpinion> Opinions { get; init; } = [];

    /// <summary>Who brought in documents or answered remarks, but for what members of the council did while it sat.</summary>
    public ImmutableList<string> Contributors { get; init; } = [];

    public bool HasTaken(string step) => Steps.Exists(s => s.Step == step);

    public Dossier Apply(DocumentAttached e) => Contributed(e.By) with { Documents = Documents.Add(new(e.Kind, e.Sha256, e.Size, e.MediaType, e.Name, e.By, e.At)) };

    public Dossier Apply(PaperRecorded e) => Took(e.Step, State, e.By, e.At, e.Paper);

    public Dossier Apply(NoticePosted e) => Took(e.Step, State, e.By, e.At, e.Notice);

    /// <summary>A complaint is a step of its own; a remark belongs to the notice that it answers.</summary>
    public Dossier Apply(RemarkReceived e) => (e.Step == StepIds.Complaint ? Took(e.Step, State, e.By, e.At, new { e.No, e.On }) : this) with
    {
        Remarks = Remarks.Add(new(e.Step, e.No, e.Of, e.Text, e.On, e.By, e.At, null)),
    };

    public Dossier Apply(RemarkAnswered e) => Contributed(e.By) with
    {
        Remarks = [.. Remarks.Select(r => r.Step == e.Step && r.No == e.No ? r with { Answer = new(e.Answer, e.By, e.At) } : r)],
    };

    public Dossier Apply(MeetingHeld e) => Took(StepIds.Meeting, State, e.By, e.At, e.Meeting) with { Meeting = e.Meeting };

    public Dossier Apply(CompletenessChecked e) => Took(StepIds.Completeness, State, e.By, e.At, e.Completeness) with { Completeness = e.Completeness };

    public Dossier Apply(DossierVerified e) => Took(StepIds.Verification, State, e.By, e.At, e.Verification);

    public Dossier Apply(SurveyStarted e) => this with { Steps = Steps.Add(new(StepIds.SurveyStart, e.At, e.By, State, null, e.Date)) };

    public Dossier Apply(SurveySummarised e) => Took(StepIds.Survey, State, e.By, e.At, e.Survey) with { Survey = e.Survey };

    public Dossier Apply(OpinionGiven e) => Took(StepIds.Opinions, State, e.By, e.At, e.Opinion) with
    {
        Opinions = [.. Opinions.Where(o => o.Opinion.Department != e.Opinion.Department), new(e.Opinion, e.By, e.At)],
    };

    public Dossier Apply(FieldVisited e) => Took(StepIds.FieldVisit, State, e.By, e.At, e.Visit);

    public Dossier Apply(AppraisalReported e) => Took(StepIds.Report, State, e.By, e.At, e.Report) with { Report = e.Report };

    public Dossier Apply(DossierWithdrawn e) => Took(StepIds.Withdraw, e.To, e.By, e.At, new { e.Reason });

    public Dossier Apply(DossierRefused e) => Took(StepIds.Refuse, e.To, e.By, e.At, new { e.Reason, e.Items });

    private Dossier Contributed(string by) => Council?.Has(by) == true || Contributors.Contains(by) ? this : this with { Contributors = Contributors.Add(by) };

    private Dossier WhenRecorded(object e) => e switch
    {
        DocumentAttached x => Apply(x),
        PaperRecorded x => Apply(x),
        NoticePosted x => Apply(x),
        RemarkReceived x => Apply(x),
        RemarkAnswered x => Apply(x),
        MeetingHeld x => Apply(x),
        CompletenessChecked x => Apply(x),
        DossierVerified x => Apply(x),
        SurveyStarted x => Apply(x),
        SurveySummarised x => Apply(x),
        OpinionGiven x => Apply(x),
        FieldVisited x => Apply(x),
        AppraisalReported x => Apply(x),
        DossierWithdrawn x => Apply(x),
        DossierRefused x => Apply(x),
        _ => throw new ArgumentException($"A dossier does not know {e.GetType().Name}.", nameof(e)),
    };
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The last opinion of a department or of a central body; earlier ones stay in the stream.</summary>
/// <param name="Step"><c>central-opinions</c> of a central body; null of a department of the province.</param>
public sealed record GivenOpinion(
    DepartmentOpinion Opinion, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Step = null)
{
    /// <summary>Whether the later opinion is of the same department or body, and so stands instead of this one.</summary>
    public bool GivesWayTo(OpinionGiven later) => Step == later.Step && string.Equals(Opinion.Department, later.Opinion.Department, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The last vote of a level above on the proposal.</summary>
/// <param name="Step"><c>district-vote</c> or <c>province-vote</c>.</param>
public sealed record LevelVote(string Step, Meeting Meeting);

/// <summary>What recorded steps put into the dossier.</summary>
public sealed partial record Dossier
{
    public ImmutableList<DossierDocument> Documents { get; init; } = [];

    public ImmutableList<Remark> Remarks { get; init; } = [];

    /// <summary>The last meeting: it counts, whatever an earlier one said.</summary>
    public Meeting? Meeting { get; init; }

    /// <summary>The last vote of each level above, before the council's.</summary>
    public ImmutableList<LevelVote> LevelVotes { get; init; } = [];

    public Survey? Survey { get; init; }

    /// <summary>The last check of completeness.</summary>
    public Completeness? Completeness { get; init; }

    /// <summary>The last report of the appraisal.</summary>
    public AppraisalReport? Report { get; init; }

    /// <summary>The last opinion of each department and of each central body.</summary>
    public ImmutableList<GivenOpinion> Opinions { get; init; } = [];

    /// <summary>The last meeting of the step.</summary>
    public Meeting? MeetingOf(string step) => step == StepIds.Meeting ? Meeting : LevelVotes.Find(v => v.Step == step)?.Meeting;

    /// <summary>The last outcome, <c>for</c> or <c>against</c>, of each step that a province added.</summary>
    public ImmutableDictionary<string, string> Outcomes { get; init; } = ImmutableDictionary<string, string>.Empty;
    /// <summary>Who brought in documents or answered remarks, but for what members of the council did while it sat.</summary>
    public ImmutableList<string> Contributors { get; init; } = [];

    public bool HasTaken(string step) => Steps.Exists(s => s.Step == step);

    public Dossier Apply(DocumentAttached e) => Contributed(e.By) with { Documents = Documents.Add(new(e.Kind, e.Sha256, e.Size, e.MediaType, e.Name, e.By, e.At)) };

    public Dossier Apply(PaperRecorded e) => Took(e.Step, State, e.By, e.At, e.Paper) with
    {
        Outcomes = e.Paper.Outcome is { } outcome ? Outcomes.SetItem(e.Step, outcome) : Outcomes,
    };

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

    public Dossier Apply(MeetingHeld e) => e.Step is { } step
        ? Took(step, State, e.By, e.At, e.Meeting) with { LevelVotes = [.. LevelVotes.Where(v => v.Step != step), new(step, e.Meeting)] }
        : Took(StepIds.Meeting, State, e.By, e.At, e.Meeting) with { Meeting = e.Meeting };

    public Dossier Apply(CompletenessChecked e) => Took(StepIds.Completeness, State, e.By, e.At, e.Completeness) with { Completeness = e.Completeness };

    public Dossier Apply(DossierVerified e) => Took(StepIds.Verification, State, e.By, e.At, e.Verification);

    public Dossier Apply(SurveyStarted e) => this with { Steps = Steps.Add(new(StepIds.SurveyStart, e.At, e.By, State, null, e.Date)) };

    public Dossier Apply(SurveySummarised e) => Took(StepIds.Survey, State, e.By, e.At, e.Survey) with { Survey = e.Survey };

    public Dossier Apply(OpinionGiven e) => Took(e.Step ?? StepIds.Opinions, State, e.By, e.At, e.Opinion) with
    {
        Opinions = [.. Opinions.Where(o => !o.GivesWayTo(e)), new(e.Opinion, e.By, e.At, e.Step)],
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

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A step that was taken, by whom and when, with the facts it recorded.</summary>
/// <param name="On">Day from which time is counted, where it is not the day of the recording.</param>
public sealed record TakenStep(
    string Step, DateTimeOffset At, string By, string To, object? Facts, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? On = null);

/// <summary>The appraisal council of a dossier.</summary>
/// <param name="Session">The session at which it votes; null where it votes on this dossier alone.</param>
public sealed record Council(
    string Chair, IReadOnlyList<CouncilMember> Members, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CouncilSession? Session = null)
{
    public bool Has(string person) => Members.Any(m => m.Person == person);

    /// <summary>Whether the person is a member who votes; who is invited does not.</summary>
    public bool HasVoter(string person) => Members.Any(m => m.Person == person && m.Voting != false);
}

/// <summary>Who of a council takes part in the vote on one dossier.</summary>
/// <param name="Recused">Persons who do not vote on it.</param>
/// <param name="Present">Persons who attend the session; null before the attendance was taken, and without a session.</param>
public sealed record Sitting(ImmutableList<string> Recused, ImmutableList<string>? Present)
{
    public static readonly Sitting Begun = new([], null);
}

/// <summary>One vote of a council member.</summary>
/// <param name="Vote">Empty of a secret vote.</param>
/// <param name="Sealed">The choice of a secret vote under the session's key.</param>
public sealed record Ballot(
    string Person, string Vote, string? Remark, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Sealed = null);

/// <summary>A signed decision of recognition.</summary>
/// <param name="Year">Year of the title; null where the decision does not name it.</param>
public sealed record SignedDecision(
    string Number, DateOnly Date, string LegalBasis, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Year = null);

/// <summary>A unit's dossier (hồ sơ) for one title, on its way along one version of the procedure.</summary>
public sealed partial record Dossier(
    string Id, Guid Number, UnitRef Unit, Guid Province, DateOnly Day, string Title, string Procedure, string ProcedureVersion, DossierBasis Basis,
    string State, DateTimeOffset Since, ImmutableList<TakenStep> Steps, ImmutableList<string> Preparers)
{
    /// <summary>Whether the dossier is a province's own.</summary>
    [JsonIgnore]
    public bool IsOfProvince => Unit.Id == Province;

    /// <summary>The district of the dossier's day; null where there was none.</summary>
    public Guid? District { get; init; }

    public Council? Council { get; init; }

    /// <summary>Null where the council votes on this dossier alone and nobody is recused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Sitting? Sitting { get; init; }

    public ImmutableList<Ballot> Ballots { get; init; } = [];

    public Tally? Tally { get; init; }

    public SignedDecision? Decision { get; init; }

    /// <summary>Corrections of what was pinned, in the order in which they were told.</summary>
    public ImmutableList<BasisFlag> Flags { get; init; } = [];

    /// <summary>Pinned reports that were approved anew, at the versions that flags have told of.</summary>
    public ImmutableList<ReportUsed> ToldReports { get; init; } = [];

    public static string Key(Guid dossier) => $"dossier/{dossier}";

    public static Dossier Create(DossierOpened e) => new(
        Key(e.Dossier), e.Dossier, e.Unit, e.Province, e.Day, e.Title, e.Procedure, e.ProcedureVersion, e.Basis,
        e.To, e.At, [new(StepIds.Open, e.At, e.By, e.To, null)], [e.By])
    {
        District = e.District,
    };

    public Dossier Apply(DossierSubmitted e) => Took(StepIds.Submit, e.To, e.By, e.At, null) with
    {
        Preparers = Preparers.Contains(e.By) ? Preparers : Preparers.Add(e.By),
    };

    public Dossier Apply(DossierAccepted e) => Took(StepIds.Accept, e.To, e.By, e.At, null);

    public Dossier Apply(DossierReturned e) => Took(StepIds.Return, e.To, e.By, e.At, new { e.Reason, e.Items });

    public Dossier Apply(CouncilNamed e) => Took(StepIds.Council, e.To, e.By, e.At, new Council(e.Chair, e.Members, e.Session)) with
    {
        Council = new(e.Chair, e.Members, e.Session),
        Sitting = e.Session is null ? null : Sitting.Begun,
        Ballots = [],
    };

    public Dossier Apply(CouncilDissolved e) => Took(StepIds.Dissolve, e.To, e.By, e.At, e.Reason is { } reason ? new { Reason = reason } : null) with
    {
        Council = null,
        Sitting = null,
        Ballots = [],
        Flags = [.. Flags.Select(f => f.Reopened())],
    };

    public Dossier Apply(CouncilMemberRecused e) => this with { Sitting = new((Sitting ?? Sitting.Begun).Recused.Add(e.Member), Sitting?.Present) };

    public Dossier Apply(CouncilAttendanceTaken e) => this with { Sitting = Sitting! with { Present = [.. e.Present] } };

    public Dossier Apply(VoteCast e) => Took(StepIds.Votes, e.To, e.By, e.At, new { e.Vote, e.Remark }) with
    {
        Ballots = Ballots.Add(new(e.By, e.Vote, e.Remark)),
    };

    public Dossier Apply(SecretVoteCast e) => Took(StepIds.Votes, e.To, e.By, e.At, null) with
    {
        Ballots = Ballots.Add(new(e.By, "", null, e.Sealed)),
    };

    public Dossier Apply(VoteClosed e) => Took(StepIds.CloseVotes, e.To, e.By, e.At, e.Tally) with
    {
        Tally = e.Tally,
    };

    public Dossier Apply(DecisionSigned e) => Took(StepIds.Decision, e.To, e.By, e.At, new SignedDecision(e.Number, e.Date, e.LegalBasis, e.Year)) with
    {
        Decision = new(e.Number, e.Date, e.LegalBasis, e.Year),
    };

    public Dossier Apply(DossierPublished e) => Took(StepIds.Publication, e.To, e.By, e.At, new { e.Date, e.Where });

    public Dossier Apply(BasisChanged e) => this with
    {
        Flags = Flags.AddRange(e.Corrections.Select((c, n) => new BasisFlag(
            Flags.Count + n + 1, c.Kind, c.Item, c.Then, c.Now, e.Position, e.At, null, By: c.By, ThenVersion: c.ThenVersion, NowVersion: c.NowVersion))),
        ToldReports = e.Reports is { } reports ? [.. reports] : ToldReports,
    };

    public Dossier Apply(BasisFlagAnswered e) => this with
    {
        // While a council sits, nobody but its members answers.
        Flags = [.. Flags.Select(f => f.No == e.No ? f.With(new(e.Answer, e.Reason, e.By, e.At, Council is null ? null : true)) : f)],
    };

    public Dossier Apply(DossierTransferred e) => Took(TransferDossier.Step, State, e.By, e.At, new { e.FromVersion, e.ToVersion, e.Rule, e.LegalBasis }) with
    {
        ProcedureVersion = e.ToVersion,
    };

    /// <summary>The dossier that its events tell of, from the first.</summary>
    public static Dossier Fold(IEnumerable<object> events) =>
        events.Aggregate((Dossier?)null, (dossier, e) => dossier is null ? Create((DossierOpened)e) : dossier.When(e)) ?? throw new ArgumentException("A dossier has events.", nameof(events));

    /// <summary>The dossier after an event that was just decided, for the answer to the command.</summary>
    public Dossier When(object e) => e switch
    {
        DossierSubmitted x => Apply(x),
        DossierAccepted x => Apply(x),
        DossierReturned x => Apply(x),
        CouncilNamed x => Apply(x),
        VoteCast x => Apply(x),
        CouncilDissolved x => Apply(x),
        CouncilMemberRecused x => Apply(x),
        CouncilAttendanceTaken x => Apply(x),
        SecretVoteCast x => Apply(x),
        VoteClosed x => Apply(x),
        DecisionSigned x => Apply(x),
        DossierPublished x => Apply(x),
        DossierTransferred x => Apply(x),
        BasisChanged x => Apply(x),
        BasisFlagAnswered x => Apply(x),
        _ => WhenRecorded(e),
    };

    /// <summary>The time a step is counted from is the change of the state, not every vote in it.</summary>
    private Dossier Took(string step, string to, string by, DateTimeOffset at, object? facts) => this with
    {
        State = to,
        Since = to == State ? Since : at,
        Steps = Steps.Add(new(step, at, by, to, facts)),
    };
}

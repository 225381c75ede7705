using System.Text.Json.Serialization;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The procedure that the dossier follows.</summary>
public sealed record ProcedureUsed(string Id, string Version);

/// <summary>What the dossier has pinned, and beside it what stands.</summary>
/// <param name="Differences">What is not any more as it was pinned; not told in the answer to a command.</param>
public sealed record BasisView(
    string Set, long? ReportVersion, IReadOnlyList<ReportUsed> Reports, long? AssessmentPosition,
    IReadOnlyList<PinnedConfirmation> Confirmations, IReadOnlyList<string> Persons, IReadOnlyList<string> Entered,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<BasisDifference>? Differences)
{
    public static BasisView Of(DossierBasis b, IReadOnlyList<BasisDifference>? differences) =>
        new(b.Set, b.ReportVersion, b.Reports, b.AssessmentPosition, b.Confirmations, b.Persons, b.Entered, b.SetVersion, differences);
}

/// <summary>The last survey, and beside it what the Front confirmed and the dossier has pinned.</summary>
/// <param name="Confirmed">Whether the condition was confirmed as met; null where it is not pinned.</param>
/// <param name="Value">The rate that was confirmed, in percent.</param>
/// <param name="Differs">Whether the survey comes out otherwise; null where either says nothing.</param>
public sealed record SurveyView(Survey Summary, bool? Confirmed, decimal? Value, bool? Differs)
{
    public static SurveyView? Of(Dossier dossier)
    {
        if (dossier.Survey is not { } survey) return null;
        var pinned = dossier.Basis.Confirmations.FirstOrDefault(c => c.Condition == "satisfaction");
        return new(survey, pinned?.Met, pinned?.Value, pinned is null || survey.Result == SurveyResult.Unknown ? null : pinned.Met != (survey.Result == SurveyResult.Passed));
    }
}

/// <summary>A dossier as it is answered.</summary>
/// <param name="Day">The dossier's own day: unit code, name and procedure are those of that day.</param>
/// <param name="LevelVotes">The last vote of each level above before the council's.</param>
/// <param name="Opinions">The last of each department and of each central body.</param>
/// <param name="Vote">The count; null before it.</param>
/// <param name="Explained">The vote with its exact fractions, so far or as it was counted; null before there is a council.</param>
/// <param name="AsOfPosition">Store position that the answer stands for, in an answer to <c>asOf</c>.</param>
public sealed record DossierView(
    Guid Id, string Unit, Guid UnitId, string UnitName, string Title, DateOnly Day, ProcedureUsed Procedure, string State, long Version,
    BasisView Basis, IReadOnlyList<BasisFlag> Flags, Council? Council, Tally? Vote, VoteExplained? Explained, SignedDecision? Decision,
    DocumentsView Documents, IReadOnlyList<Remark> Remarks, Meeting? Meeting, IReadOnlyList<LevelVote> LevelVotes, SurveyView? Survey, IReadOnlyList<GivenOpinion> Opinions,
    IReadOnlyList<TakenStep> Steps, IReadOnlyList<NextStep> NextSteps, long? AsOfPosition, bool Demonstration);

/// <summary>Makes views by the version of the procedure that each dossier follows; roles are those of the day, due days those of the calendar.</summary>
public sealed class DossierViews(ProcedureBook book, Demonstration demonstration)
{
    public DossierView Of(
        Dossier dossier, long version, DateOnly today, KnownCalendar? calendar, long? asOfPosition = null, IReadOnlyList<BasisDifference>? differences = null) => new(
        dossier.Number, dossier.Unit.Code, dossier.Unit.Id, dossier.Unit.Name, dossier.Title, dossier.Day,
        new(dossier.Procedure, dossier.ProcedureVersion), dossier.State, version,
        BasisView.Of(dossier.Basis, differences), dossier.Flags, dossier.Council, dossier.Tally,
        dossier.Council is null ? null : VoteExplained.Of(book.CaseOf(dossier), dossier.Tally), dossier.Decision,
        DocumentsView.Of(dossier, book.Version(dossier.Procedure, dossier.ProcedureVersion)), dossier.Remarks, dossier.Meeting, dossier.LevelVotes, SurveyView.Of(dossier), dossier.Opinions,
        dossier.Steps,
        [
            .. dossier.NextSteps(book.Version(dossier.Procedure, dossier.ProcedureVersion), today, calendar),
            .. dossier.FlagSteps(book.Version(dossier.Procedure, dossier.ProcedureVersion), today),
        ],
        asOfPosition, demonstration.On);
}

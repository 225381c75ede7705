using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.Contracts.Pilots;

namespace Ntm.Contracts;

/// <summary>Who owns and who listens to what. One step declares all of it on the broker before any service runs.</summary>
public static class Topology
{
    public static readonly IReadOnlyList<string> Services = ["criteria", "appraisal", "pilots", "notifications", "central"];

    /// <summary>Contracts by the service that announces them.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<Type>> Owners = new Dictionary<string, IReadOnlyList<Type>>(StringComparer.Ordinal)
    {
        ["criteria"] =
        [
            typeof(UnitChanged), typeof(SetPublished), typeof(SetAmended), typeof(SetAdapted), typeof(SetRetired), typeof(RegisterImported), typeof(AssessmentChanged),
            typeof(ReportSubmitted), typeof(ReportReturned), typeof(ReportVerified), typeof(ReportApproved), typeof(ReportReopened),
            typeof(PeriodOpened), typeof(PeriodClosing), typeof(PeriodDuePassed), typeof(PeriodDueMoved), typeof(PeriodClosed), typeof(DifficultyChanged),
            typeof(CalendarChanged),
        ],
        ["appraisal"] =
        [
            typeof(DossierMoved), typeof(DossierFlagged), typeof(RecognitionChanged), typeof(UnitEligible), typeof(UnitNoLongerEligible),
            typeof(BallotCalled), typeof(BallotOpened), typeof(BallotClosed), typeof(BallotDissolved),
        ],
        ["pilots"] = [typeof(PilotModelProposed)],
    };

    /// <summary>Contracts by the service that listens; each has one queue of its own name.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<Type>> Listeners = new Dictionary<string, IReadOnlyList<Type>>(StringComparer.Ordinal)
    {
        ["criteria"] = [typeof(DossierMoved), typeof(RecognitionChanged)],
        ["appraisal"] =
        [
            typeof(UnitChanged), typeof(SetPublished), typeof(SetAmended), typeof(SetAdapted), typeof(SetRetired), typeof(RegisterImported), typeof(AssessmentChanged),
            typeof(CalendarChanged),
        ],
        ["pilots"] = [typeof(UnitChanged), typeof(SetPublished), typeof(SetAmended), typeof(SetAdapted), typeof(SetRetired), typeof(RegisterImported)],
        ["notifications"] =
        [
            typeof(UnitChanged), typeof(SetPublished), typeof(SetAmended), typeof(SetAdapted), typeof(SetRetired), typeof(RegisterImported),
            typeof(ReportSubmitted), typeof(ReportReturned), typeof(ReportVerified), typeof(ReportApproved), typeof(ReportReopened),
            typeof(PeriodOpened), typeof(PeriodClosing), typeof(PeriodDuePassed), typeof(PeriodDueMoved), typeof(PeriodClosed), typeof(DifficultyChanged),
            typeof(DossierMoved), typeof(DossierFlagged), typeof(RecognitionChanged), typeof(UnitEligible), typeof(UnitNoLongerEligible), typeof(PilotModelProposed),
            typeof(BallotCalled), typeof(BallotOpened), typeof(BallotClosed), typeof(BallotDissolved),
        ],
        ["central"] =
        [
            typeof(UnitChanged), typeof(SetPublished), typeof(SetAmended), typeof(SetAdapted), typeof(SetRetired), typeof(RegisterImported), typeof(ReportApproved),
            typeof(AssessmentChanged), typeof(RecognitionChanged),
        ],
    };

    /// <summary>
    /// Facts that each have an effect of their own (a notice to a person): while an older one of the same source stream is parked, what
    /// follows it waits. All other facts carry the whole state of their thing, so a newer one is applied and makes the parked one old.
    /// </summary>
    private static readonly HashSet<Type> InTurn =
    [
        typeof(ReportSubmitted), typeof(ReportReturned), typeof(ReportVerified), typeof(ReportApproved), typeof(ReportReopened),
        typeof(PeriodOpened), typeof(PeriodClosing), typeof(PeriodDuePassed), typeof(PeriodDueMoved), typeof(PeriodClosed), typeof(DifficultyChanged),
        typeof(DossierMoved), typeof(DossierFlagged), typeof(RecognitionChanged), typeof(UnitEligible), typeof(UnitNoLongerEligible), typeof(PilotModelProposed),
        typeof(BallotCalled), typeof(BallotOpened), typeof(BallotClosed), typeof(BallotDissolved),
    ];

    private static readonly Dictionary<string, Type> ByExchange = Owners.Values.SelectMany(c => c).ToDictionary(c => $"{c.Namespace}:{c.Name}", StringComparer.Ordinal);

    private static readonly Dictionary<Type, string> Names = Owners.SelectMany(o => o.Value.Select(c => (Contract: c, Name: $"{o.Key}.{Words(c)}"))).ToDictionary(c => c.Contract, c => c.Name);

    private static readonly Dictionary<string, Type> ByName = Names.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal);

    /// <summary>Whether a fact waits while an older one of its source stream is parked, of whichever contract that waits too.</summary>
    public static bool WaitsBehindParked(Type contract) => InTurn.Contains(contract);

    /// <summary>Contracts whose facts of one source stream are taken in one after another, this one among them; none for one that is applied anyway.</summary>
    public static IReadOnlyList<Type> InTurnWith(Type contract) =>
        InTurn.Contains(contract) ? [.. Owners.Values.First(contracts => contracts.Contains(contract)).Where(InTurn.Contains)] : [];

    /// <summary>The contract of a name such as <c>Ntm.Contracts.Criteria:UnitChanged</c>; null when there is none.</summary>
    public static Type? ContractOf(string name) => ByExchange.GetValueOrDefault(name);

    /// <summary>The contract of a name such as <c>criteria.unit-changed</c>; null when there is none.</summary>
    public static Type? Named(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Queue on which a service takes the facts it listens to.</summary>
    public static string QueueOf(string service) => service;

    /// <summary>Queue on which an owner takes requests to send its facts again.</summary>
    public static string ReplayQueueOf(string owner) => $"{owner}-replay";

    /// <summary>Name under which a fact is kept in a consumer's store, e.g. <c>criteria.report-approved</c>.</summary>
    public static string NameOf(Type contract) => Names[contract];

    private static string Words(Type contract) =>
        string.Concat(contract.Name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}

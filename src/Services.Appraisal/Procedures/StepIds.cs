namespace Ntm.Appraisal.Procedures;

/// <summary>What the code can do; which of it a title asks for, when and of whom stands in the file.</summary>
public static class StepIds
{
    public const string Open = "open";
    public const string Submit = "submit";
    public const string Accept = "accept";
    public const string Return = "return";
    public const string Council = "council";
    public const string Votes = "votes";
    public const string CloseVotes = "votes/close";
    public const string Decision = "decision";
    public const string Publication = "publication";
    public const string Withdraw = "withdraw";
    public const string Refuse = "refuse";
    public const string Dissolve = "dissolve";
    public const string Register = "register";
    public const string SelfAssessment = "self-assessment";
    public const string Consultation = "consultation";
    public const string Meeting = "meeting";
    public const string Completeness = "completeness";
    public const string Verification = "verification";
    public const string Survey = "survey";

    /// <summary>The beginning of a survey, which its time is counted from; recorded within the step <see cref="Survey"/>.</summary>
    public const string SurveyStart = "survey.start";
    public const string List = "list";
    public const string DistrictVote = "district-vote";
    public const string ProvinceVote = "province-vote";
    public const string Forward = "forward";
    public const string Opinions = "opinions";
    public const string CentralOpinions = "central-opinions";
    public const string FieldVisit = "field-visit";
    public const string Report = "report";
    public const string Complaint = "complaint";

    /// <summary>What a step records that a province added under an id of its own: a paper with its outcome.</summary>
    public const string Paper = "paper";

    /// <summary>Steps that record something and stay in the state.</summary>
    public static readonly IReadOnlyList<string> Recorded =
    [
        Register, SelfAssessment, Consultation, Meeting, Completeness, Verification, Survey, List, DistrictVote, ProvinceVote, Forward, Opinions, CentralOpinions, FieldVisit,
        Report, Complaint,
    ];

    /// <summary>Meetings that vote on the proposal: of the unit itself, and of each level above before the council's.</summary>
    public static readonly IReadOnlyList<string> Meetings = [Meeting, DistrictVote, ProvinceVote];

    /// <summary>Steps that lead off the way to the title: they may be taken, and nobody waits for them.</summary>
    public static readonly IReadOnlyList<string> Exits = [Withdraw, Refuse, Dissolve];

    public static readonly IReadOnlyList<string> All =
        [Open, Submit, Accept, Return, Council, Votes, CloseVotes, Decision, Publication, .. Exits, .. Recorded];

    /// <summary>Steps by which the unit prepares what is appraised; who took them approves none of it.</summary>
    public static readonly IReadOnlyList<string> Preparing = [Register, SelfAssessment];

    /// <summary>Steps beside the preparing ones that put up or judge what the council votes on; who took them is not on it.</summary>
    public static readonly IReadOnlyList<string> Judging =
        [Accept, Consultation, Meeting, Completeness, Verification, SurveyStart, Survey, List, Forward, DistrictVote, ProvinceVote, Opinions, CentralOpinions, FieldVisit, Report];
}

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

    public static readonly IReadOnlyList<string> All = [Open, Submit, Accept, Return, Council, Votes, CloseVotes, Decision, Publication];
}

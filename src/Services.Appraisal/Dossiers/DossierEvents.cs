using System.Text.Json.Serialization;
using Ntm.Appraisal.Eligibility;
using Ntm.Contracts;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A confirmation that the dossier rests on, at its exact version.</summary>
public sealed record PinnedConfirmation(string Condition, long Version, bool Met, decimal? Value, DateOnly ValidOn, string By);

/// <summary>What the dossier rests on, pinned when it was opened: later corrections do not change it.</summary>
/// <param name="AssessmentPosition">Position in Criteria's store that the figures stand for.</param>
/// <param name="Persons">Ids of those who entered, judged, verified or approved the figures.</param>
/// <param name="Entered">Ids of those among them who entered figures.</param>
/// <param name="SetVersion">Version of the set that the figures were measured by; null in what was recorded before it was pinned.</param>
public sealed record DossierBasis(
    string Set, long? ReportVersion, IReadOnlyList<ReportUsed> Reports, long? AssessmentPosition,
    IReadOnlyList<PinnedConfirmation> Confirmations, IReadOnlyList<string> Persons, IReadOnlyList<string> Entered,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SetVersion = null);

/// <summary>A member of the appraisal council: the person counts, the client id is how he was named.</summary>
/// <param name="Body">The body that he stands for; null where the council was named without bodies.</param>
/// <param name="Voting">False for who is invited (khách mời); null where nobody is, then everybody votes.</param>
public sealed record CouncilMember(
    string Person, string Client,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Body = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Voting = null);

/// <summary>The session (phiên họp) at which a council votes on several dossiers.</summary>
/// <param name="Ballot"><c>open</c> or <c>secret</c>.</param>
public sealed record CouncilSession(Guid Id, string Ballot, string Secretary)
{
    public const string Open = "open";
    public const string Secret = "secret";
}

/// <summary>What has to be mended in a returned dossier.</summary>
public sealed record ReturnedItem(string? Indicator, string Reason);

/// <summary>The count of a closed vote.</summary>
/// <param name="Quorum">The share demanded; null where the procedure sets none.</param>
/// <param name="Pass">The share demanded; null where the procedure sets none and the chair stated the result.</param>
/// <param name="Basis">What a stated result rests on.</param>
/// <param name="Members">Those whom the vote counts on: the voting members, recused ones too.</param>
/// <param name="Present">Who voted; in a session, who of <paramref name="Members"/> attended and was not recused.</param>
/// <param name="QuorumOf">What the quorum is a share of; null in what was recorded before it was told.</param>
/// <param name="PassOf">What the share is a share of; null in what was recorded before it was told.</param>
public sealed record Tally(
    int Members, int Present, int For, int Against, int Abstain, bool Passed, string? Quorum, string? Pass,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Basis = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? QuorumOf = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PassOf = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? QuorumBy = null)
{
    /// <summary>Votes cast, abstentions included.</summary>
    [JsonIgnore]
    public int Cast => For + Against + Abstain;
}

// Event names are the storage format: upcast, never edit. "To" is the state that the procedure's version led to.
public sealed record DossierOpened(
    Guid Dossier, UnitRef Unit, Guid Province, DateOnly Day, string Title, string Procedure, string ProcedureVersion, DossierBasis Basis,
    string To, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? District = null);

public sealed record DossierSubmitted(string To, string By, DateTimeOffset At);

public sealed record DossierAccepted(string To, string By, DateTimeOffset At);

public sealed record DossierReturned(string Reason, IReadOnlyList<ReturnedItem> Items, string To, string By, DateTimeOffset At);

/// <param name="Session">The session at which the council votes; null where it votes on this dossier alone.</param>
public sealed record CouncilNamed(
    string Chair, IReadOnlyList<CouncilMember> Members, string To, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CouncilSession? Session = null);

/// <summary>The council was dissolved before the count: the dossier is where it was before its council was named.</summary>
/// <param name="Reason">Null where a session was dissolved, which says why itself.</param>
public sealed record CouncilDissolved(
    string To, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);

/// <summary>A member does not vote on this dossier (từ chối tham gia biểu quyết). Why is for the council's minutes alone.</summary>
/// <param name="Reason">Null where the council votes in a session, which says why itself.</param>
public sealed record CouncilMemberRecused(
    string Member, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);

/// <summary>Who attends the session that votes on this dossier; the last list counts.</summary>
public sealed record CouncilAttendanceTaken(IReadOnlyList<string> Present, string By, DateTimeOffset At);

public sealed record VoteCast(string Vote, string? Remark, string To, string By, DateTimeOffset At);

/// <summary>A member voted in secret.</summary>
/// <param name="Sealed">The choice under the session's key, of one length whatever it is; unreadable once that key is destroyed.</param>
public sealed record SecretVoteCast(byte[] Sealed, string To, string By, DateTimeOffset At);

public sealed record VoteClosed(Tally Tally, string To, string By, DateTimeOffset At);

/// <param name="Year">Year of the title; null where the decision does not name it.</param>
public sealed record DecisionSigned(
    string Number, DateOnly Date, string LegalBasis, string To, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Year = null);

/// <summary>An open dossier goes on under another version of its procedure, in the state in which it was.</summary>
public sealed record DossierTransferred(string FromVersion, string ToVersion, string Rule, string LegalBasis, string By, DateTimeOffset At);

public sealed record DossierPublished(DateOnly Date, string Where, string To, string By, DateTimeOffset At);

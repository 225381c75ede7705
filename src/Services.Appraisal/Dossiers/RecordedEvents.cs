using System.Text.Json.Serialization;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A document that lies in the dossier; steps name it by its hash.</summary>
/// <param name="Kind">Kind that a step demands, or <c>evidence</c> or <c>other</c>.</param>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Size">Bytes.</param>
/// <param name="MediaType">Told by the content.</param>
public sealed record DossierDocument(string Kind, string Sha256, long Size, string MediaType, string Name, string By, DateTimeOffset At);

/// <summary>
/// A paper of a step (văn bản): the registration (đăng ký), the self-assessment (tự đánh giá), the letter to the province (tờ trình), or
/// what a step that a province added puts down.
/// </summary>
/// <param name="Date">Day of the paper.</param>
/// <param name="Documents">Hashes of documents of the dossier.</param>
/// <param name="Outcome">Of a province's own step: <c>for</c> the dossier or <c>against</c> it; null where it comes to none.</param>
public sealed record Paper(
    DateOnly Date, string? Number, string? Summary, IReadOnlyList<string> Documents, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Outcome = null);

/// <summary>Where and when something was posted (niêm yết); both days are in it.</summary>
public sealed record Posting(string Where, DateOnly From, DateOnly To);

/// <summary>A public notice: of the report (lấy ý kiến) or of the list (công bố danh sách).</summary>
public sealed record Notice(IReadOnlyList<Posting> Places, IReadOnlyList<string> Documents);

/// <summary>What somebody said to a notice, or complained of; it stands until it is answered.</summary>
/// <param name="Step">Step that it belongs to: consultation, list or complaint.</param>
/// <param name="No">Number within its step, from 1.</param>
/// <param name="Of">Who said it, as far as told.</param>
/// <param name="On">Day on which it was said.</param>
public sealed record Remark(string Step, int No, string? Of, string Text, DateOnly On, string By, DateTimeOffset At, RemarkAnswer? Answer);

public sealed record RemarkAnswer(string Answer, string By, DateTimeOffset At);

/// <summary>A meeting that votes on the proposal (họp đề nghị), of the unit or of a level above.</summary>
/// <param name="Attending">Base of the share.</param>
/// <param name="Passed">Null where the procedure sets no share.</param>
/// <param name="Share">The share demanded; null where the procedure sets none.</param>
/// <param name="Ballot"><c>secret</c> or <c>open</c>; null where nobody said it.</param>
public sealed record Meeting(
    DateOnly Date, int Attending, int For, int Against, int Abstain, bool? Passed, string? Share, IReadOnlyList<string> Documents,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Ballot = null);

/// <summary>Whether the dossier is complete (kiểm tra tính đầy đủ), or what it lacks.</summary>
public sealed record Completeness(DateOnly Date, bool Complete, IReadOnlyList<string> Lacking, IReadOnlyList<string> Documents);

/// <summary>What was found of a criterion or an indicator.</summary>
/// <param name="Criterion">Number of the criterion in the set.</param>
/// <param name="Indicator">Code of the indicator; null where it is the whole criterion.</param>
/// <param name="Result">meets, does-not-meet or must-supplement.</param>
/// <param name="Evidence">Hashes of documents of the dossier.</param>
public sealed record Finding(int? Criterion, string? Indicator, string Result, string? Reason, IReadOnlyList<string> Evidence);

/// <summary>The verification by the level between (thẩm tra).</summary>
public sealed record Verification(DateOnly Date, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Documents);

/// <summary>An opinion, criterion by criterion: of a department of the province (ý kiến của sở) or of a central body.</summary>
/// <param name="Department">Code of the department; of a central body, its name.</param>
public sealed record DepartmentOpinion(string Department, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Documents);

/// <summary>A visit on the spot (kiểm tra thực tế).</summary>
public sealed record FieldVisit(DateOnly Date, IReadOnlyList<string> Participants, string Findings, IReadOnlyList<string> Documents);

/// <summary>The report of the appraisal (báo cáo thẩm định).</summary>
/// <param name="Recommendation">propose, must-supplement or not-propose.</param>
public sealed record AppraisalReport(DateOnly Date, string Recommendation, string Summary, IReadOnlyList<string> Documents);

// Event names are the storage format: upcast, never edit. What is recorded stays in the state in which the dossier is.
public sealed record DocumentAttached(string Kind, string Sha256, long Size, string MediaType, string Name, string By, DateTimeOffset At);

public sealed record PaperRecorded(string Step, Paper Paper, string By, DateTimeOffset At);

public sealed record NoticePosted(string Step, Notice Notice, string By, DateTimeOffset At);

public sealed record RemarkReceived(string Step, int No, string? Of, string Text, DateOnly On, string By, DateTimeOffset At);

public sealed record RemarkAnswered(string Step, int No, string Answer, string By, DateTimeOffset At);

/// <param name="Step">Step of a level above; null of the unit's own meeting.</param>
public sealed record MeetingHeld(
    Meeting Meeting, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Step = null);

public sealed record CompletenessChecked(Completeness Completeness, string By, DateTimeOffset At);

public sealed record DossierVerified(Verification Verification, string By, DateTimeOffset At);

/// <param name="Date">First day of collecting; the last start counts.</param>
public sealed record SurveyStarted(DateOnly Date, string By, DateTimeOffset At);

public sealed record SurveySummarised(Survey Survey, string By, DateTimeOffset At);

/// <param name="Step"><c>central-opinions</c> of a central body; null of a department of the province.</param>
public sealed record OpinionGiven(
    DepartmentOpinion Opinion, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Step = null);

public sealed record FieldVisited(FieldVisit Visit, string By, DateTimeOffset At);

public sealed record AppraisalReported(AppraisalReport Report, string By, DateTimeOffset At);

public sealed record DossierWithdrawn(string Reason, string To, string By, DateTimeOffset At);

public sealed record DossierRefused(
    string Reason, string To, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ReturnedItem>? Items = null);

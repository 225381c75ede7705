using System.Text.Json.Serialization;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>A title that a unit may be recognised with (danh hiệu), whether or not its procedure is known yet.</summary>
/// <param name="Kinds">The only kinds of unit of the tier that it is for, e.g. <c>thi_xa</c>; null for all.</param>
public sealed record KnownTitle(string Id, string Tier, string NameVi, string NameEn, IReadOnlyList<string>? Kinds = null);

/// <summary>An act that the procedure rests on.</summary>
public sealed record LegalAct(string Number, DateOnly Date, string? Note, string Mark);

/// <summary>Whether dossiers that are open under an earlier version move to this one; null where the law was not read.</summary>
/// <param name="Rule"><c>keep</c>: they end under the version that they began under; <c>transfer</c>: the province may move them; null: not set.</param>
/// <param name="LegalRef">The act that says so.</param>
public sealed record Transition(string? Rule, string Mark, string? LegalRef = null)
{
    public const string Keep = "keep";
    public const string Transfer = "transfer";
}

/// <summary>Who confirms a condition: a role of the province that the unit lies in or is.</summary>
/// <param name="Of"><c>country</c> where it is a role of the country instead; null else.</param>
public sealed record Confirmer(string Role, string? Department, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Of = null)
{
    public const string Country = "country";
}

/// <summary>A condition of recognition (QĐ 18/2022/QĐ-TTg, art. 4).</summary>
/// <param name="Minimum">Least value in percent; null where unknown, then the confirmer's own finding counts.</param>
public sealed record Condition(
    string Id, bool Required, string NameVi, string NameEn, string RequiredVi, string RequiredEn,
    decimal? Minimum, Confirmer? ConfirmedBy, string LegalRef, string Mark)
{
    public const string Criteria = "criteria";
}

/// <summary>A state that a dossier can be in.</summary>
/// <param name="End">Whether the dossier ends in it.</param>
public sealed record ProcedureState(string Id, string NameVi, string NameEn, bool End = false);

/// <summary>The law's time for a step; a null value shows as not set, never as an invented day.</summary>
/// <param name="Value">Number of days of the kind; null where not known, and for <c>before_date</c>.</param>
/// <param name="Kind"><c>working_days</c>, <c>calendar_days</c>, <c>excl_weekend</c> or <c>before_date</c>.</param>
/// <param name="From">Step that it is counted from, or <c>step.start</c>; null: from when the state was reached.</param>
/// <param name="OnReturn">What a return does to it: <c>pause</c>, <c>restart</c>; null where not known.</param>
/// <param name="Before">Of <c>before_date</c>: month and day, <c>MM-dd</c>; the day before it is the last (trước ngày).</param>
/// <param name="Note">What is known beside it, in Vietnamese / English.</param>
public sealed record Deadline(
    int? Value, string? Kind, string Mark, string? From = null, string? OnReturn = null, string? Before = null, string? LegalRef = null, string? Note = null)
{
    /// <summary>Whether the law's value is known.</summary>
    [JsonIgnore]
    public bool IsSet => Value is not null || Before is not null;
}

/// <summary>A share of votes that must be reached.</summary>
/// <param name="Share">Null where the law's value is not known: then the finding of who closes the vote counts.</param>
/// <param name="Of">
/// The base: voting <c>members</c> of the council, recused ones too, those not recused who are <c>present</c> (in a session, who attended;
/// else who voted), or the votes <c>cast</c>, abstentions included.
/// </param>
public sealed record VoteRule(Share? Share, string? Of, string Mark, string? LegalRef = null)
{
    public const string Members = "members";
    public const string Present = "present";
    public const string Cast = "cast";

    /// <summary>Whether the share is reached; null where it is not set.</summary>
    public bool? IsReached(int count, VoteBase counted) => Share?.IsReached(count, counted.Of(Of));
}

/// <summary>Counts that the share of a vote may be taken of.</summary>
public sealed record VoteBase(int Members, int Present, int Cast)
{
    public int Of(string? rule) => rule switch { VoteRule.Members => Members, VoteRule.Cast => Cast, _ => Present };
}

/// <summary>Who takes a step in a span of time; both days are in it, null is without bound.</summary>
/// <param name="Roles">Empty where nobody knows, or where the body has no role here.</param>
/// <param name="Of">Whose officers: the <c>unit</c>, its <c>district</c> or <c>province</c>, the <c>country</c>.</param>
/// <param name="BodyVi">The body as the law names it; null where not known.</param>
/// <param name="States">States of the dossier in which they take it; null: in all from which the step may be taken.</param>
/// <param name="Department">Of departments: code of the only one that takes it, as rights name it; null for any.</param>
public sealed record ActorTerm(
    DateOnly? From, DateOnly? To, IReadOnlyList<string> Roles, string? Of, string? BodyVi, string? BodyEn, string? LegalRef, string Mark,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? States = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Department = null)
{
    public bool Covers(DateOnly day) => (From ?? DateOnly.MinValue) <= day && day <= (To ?? DateOnly.MaxValue);
}

/// <summary>A document that a step demands (hồ sơ).</summary>
/// <param name="Copies">Number of sets; null where not known.</param>
/// <param name="FormCode">Code of the form (mẫu); null where not known.</param>
/// <param name="Required">Whether the step is refused while the dossier has no document of the kind; else it is only shown as missing.</param>
public sealed record DemandedDocument(string Kind, string NameVi, string NameEn, int? Copies, string? FormCode, string? LegalRef, string Mark, bool? Required = null);

/// <summary>Whether the steps after a recorded one wait for it (bắt buộc); null where the law was not read, and then they do not.</summary>
public sealed record Requirement(bool? Value, string Mark, string? LegalRef = null);

/// <summary>Whether the steps after a recorded one wait while its last finding is against the dossier; null where not known, and then they do not.</summary>
/// <param name="Supplement">Of a report: whether one that asks for more (must-supplement) stops them; left out, it does as any other that does not propose.</param>
public sealed record Blocking(
    bool? Value, string Mark, string? LegalRef = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Requirement? Supplement = null);

/// <summary>How often a step may be taken in one dossier; null where not known, and then without limit.</summary>
public sealed record Times(int? Value, string Mark, string? LegalRef = null);

/// <summary>The fewest votes with which a secret ballot is counted; null where not known, and then two (house rule).</summary>
public sealed record FewestVotes(int? Value, string Mark, string? LegalRef = null);

/// <summary>A share that a survey must reach; null where the law's value is not known.</summary>
public sealed record SurveyRule(Share? Share, string Mark, string? LegalRef = null);

/// <summary>By what a survey of satisfaction passes (HD 90/HD-MTTW-BTT).</summary>
/// <param name="Form">Version of the form; null where not known.</param>
/// <param name="Scope">Where each question must reach its share: in the <c>unit</c> as a whole, or in <c>each-part</c> of it (each commune of a district).</param>
/// <param name="MinSampleShare">Households that answered, of all households.</param>
/// <param name="MinSharePerQuestion">Satisfied of those who answered, for every question.</param>
/// <param name="MinMeanShare">Mean of these shares over the questions that are not the overall one.</param>
/// <param name="MinOverall">The same share of the overall question.</param>
/// <param name="Mark">How sure form and scope are; null where they are as sure as the step.</param>
/// <param name="MinPartSampleShare">Households that answered, of all households of each part (village, of a district commune); null where no such rule is known.</param>
public sealed record SurveyRules(
    string? Form, string Scope, SurveyRule MinSampleShare, SurveyRule MinSharePerQuestion, SurveyRule MinMeanShare, SurveyRule MinOverall,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mark = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SurveyRule? MinPartSampleShare = null)
{
    public const string Unit = "unit";
    public const string EachPart = "each-part";
}

/// <summary>A department by the code that rights name it by, and the names under which sets of criteria put it in charge.</summary>
public sealed record DepartmentInCharge(string Code, IReadOnlyList<string> NamesVi, string Mark);

/// <summary>A way in which a step ends in a refusal.</summary>
/// <param name="To">State or step that it leads back to; null where not known.</param>
public sealed record StepRefusal(string ReasonVi, string ReasonEn, string? To, string? LegalRef, string Mark);

/// <summary>A step that is taken by a command: who takes it, from which states, to which. A recorded one stays in the state.</summary>
/// <param name="Roles">Who takes it at any time; empty where <paramref name="Actors"/> tell by day.</param>
/// <param name="Of">Whose officers: the <c>unit</c> itself, its <c>province</c>, or the <c>country</c>; null where <paramref name="Actors"/> tell.</param>
/// <param name="Persons">Named persons among the roles: <c>council</c>, <c>chair</c>, or null for any.</param>
/// <param name="RefusedTo">State after a lost vote.</param>
/// <param name="Recuses">Who may not approve: those of the <c>dossier</c>, of the <c>figures</c>, of the whole <c>basis</c>. House rule.</param>
/// <param name="Actors">Who takes it, by the day on which it is taken; null where it is the same at all times.</param>
/// <param name="After">Steps that come before it. Those that lead on must have been taken; recorded ones where they are required; those on paper are not asked for.</param>
/// <param name="Ballot">
/// Of the step <c>votes</c> and of a meeting: <c>secret</c> or <c>open</c>; null where not known, then who calls the session or records the meeting says it.
/// </param>
/// <param name="LeadsTo">State that it leads to; null for a recorded step.</param>
/// <param name="Records">What a recorded step puts down, <c>paper</c> where a province added it; null for a step that leads on.</param>
/// <param name="Required">Of a recorded step: whether later ones wait for it.</param>
/// <param name="Blocks">Of a meeting, a survey, a check of completeness, a report or a province's own step: whether steps that lead on wait while it is negative.</param>
/// <param name="Times">How often it may be taken; null without limit.</param>
/// <param name="Survey">Of a survey: by what it passes.</param>
/// <param name="Departments">Of opinions: departments by code, for the criteria that they are in charge of.</param>
/// <param name="FewestSecret">Of the step <c>votes/close</c>: with how few votes a secret ballot is counted; null for two.</param>
public sealed record ProcedureStep(
    string Id, string NameVi, string NameEn, string? ProcessRef, IReadOnlyList<string> Roles, string? Of, string? Persons,
    IReadOnlyList<string> From, [property: JsonPropertyName("to")] string? LeadsTo, string? RefusedTo, IReadOnlyList<string> Recuses, Deadline Deadline,
    VoteRule? Quorum, VoteRule? Pass, string? LegalRef, string Mark,
    IReadOnlyList<ActorTerm>? Actors = null, IReadOnlyList<string>? After = null, IReadOnlyList<DemandedDocument>? Documents = null,
    IReadOnlyList<StepRefusal>? Refusals = null, string? Records = null, Requirement? Required = null, Times? Times = null, SurveyRules? Survey = null,
    IReadOnlyList<DepartmentInCharge>? Departments = null, string? Note = null, string? Ballot = null, Blocking? Blocks = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FewestVotes? FewestSecret = null)
{
    /// <summary>State that it leads to; empty for a recorded step, which leads nowhere.</summary>
    [JsonIgnore]
    public string To => LeadsTo ?? "";

    [JsonIgnore]
    public bool IsRecorded => Records is not null;

    /// <summary>Whether a province added it, under an id of its own.</summary>
    [JsonIgnore]
    public bool IsOwn => Records == StepIds.Paper;

    /// <summary>Where it is taken, below the dossier.</summary>
    [JsonIgnore]
    public string Path => IsOwn ? $"steps/{Id}" : Id;

    /// <summary>Who takes the step on the day, the first of several who may; nobody where none of them is known.</summary>
    public (IReadOnlyList<string> Roles, string Of) TakenBy(DateOnly day) =>
        Actors?.Where(a => a.Covers(day)).OrderBy(a => a.Roles.Count == 0).FirstOrDefault() is { } term ? (term.Roles, term.Of!) : (Roles, Of!);

    /// <summary>Who takes the step on the day from the state; from a state that does not allow it, whoever takes it from any.</summary>
    public IReadOnlyList<(IReadOnlyList<string> Roles, string Of, string? Department)> TakenBy(DateOnly day, string state) => Actors is null
        ? [(Roles, Of!, null)]
        : [.. Actors.Where(a => a.Covers(day) && (a.States?.Contains(state) != false || !From.Contains(state))).Select(a => (a.Roles, a.Of!, a.Department))];
}

/// <summary>A step of the law that is taken on paper: no command records it, so nothing waits for it here.</summary>
/// <param name="Ballot"><c>secret</c> or <c>open</c>; null where not known or where nobody votes.</param>
public sealed record PaperStep(
    string Id, string NameVi, string NameEn, string? ProcessRef, IReadOnlyList<ActorTerm> Actors, IReadOnlyList<string> After, Deadline Deadline,
    string? LegalRef, string Mark, IReadOnlyList<DemandedDocument>? Documents = null, VoteRule? Quorum = null, VoteRule? Pass = null, string? Ballot = null,
    IReadOnlyList<StepRefusal>? Refusals = null, string? Note = null)
{
    /// <summary>Who takes the step on the day; nobody where it is not known.</summary>
    public (IReadOnlyList<string> Roles, string Of) TakenBy(DateOnly day) =>
        Actors.FirstOrDefault(a => a.Covers(day)) is { } term ? (term.Roles, term.Of ?? "") : ([], "");
}

/// <summary>A ground on which the title is revoked: shares of the criteria, or of the units below.</summary>
/// <param name="FailedGe">At least this share of the criteria failed.</param>
/// <param name="FailedLt">And less than this.</param>
/// <param name="UnitsRevokedGe">At least this share of the units below lost their title.</param>
/// <param name="IncludesAny">And among the failed criteria one of these, by their Vietnamese names.</param>
public sealed record RevocationGround(Share? FailedGe, Share? FailedLt, Share? UnitsRevokedGe, IReadOnlyList<string>? IncludesAny, string? LegalRef, string Mark);

/// <summary>How the title is revoked (thu hồi), as far as the law is known; nothing here revokes by itself.</summary>
/// <param name="MeasureSet">Set of criteria that the failed share is measured by.</param>
/// <param name="FallTo">The title that stays; null where not known.</param>
public sealed record Revocation(string? MeasureSet, IReadOnlyList<RevocationGround> Any, IReadOnlyList<PaperStep> Steps, string? FallTo, string? LegalRef, string Mark);

/// <summary>A value of an effective procedure that a province's file sets.</summary>
/// <param name="Path">JSON path in the effective procedure.</param>
/// <param name="File">The file, below <c>data/procedures</c>.</param>
public sealed record OverlaidValue(string Path, string File, LegalAct Decision);

/// <summary>What a province set over the national procedure.</summary>
/// <param name="Province">Code of the province.</param>
public sealed record AppliedOverlay(string Id, string Province, DateOnly ValidFrom, DateOnly? ValidTo, IReadOnlyList<OverlaidValue> Values)
{
    /// <summary>Whether it sets the member of the procedure, or anything in it.</summary>
    public bool Sets(string member) => Values.Any(v => v.Path == $"$.{member}" || v.Path.StartsWith($"$.{member}.", StringComparison.Ordinal));
}

/// <summary>One version of the way to a title, read from <c>data/procedures</c>.</summary>
/// <param name="Id">Name of the procedure; several versions share it.</param>
/// <param name="Set">Set of criteria that the title is measured by.</param>
/// <param name="Steps">Steps taken by commands.</param>
/// <param name="PaperSteps">Steps of the law that no command takes.</param>
public sealed record Procedure(
    [property: JsonPropertyName("procedure")] string Id,
    string Title, string Version, string Tier, string Set, DateOnly ValidFrom, DateOnly? ValidTo, IReadOnlyList<LegalAct> Legal, Transition Transition,
    IReadOnlyList<Condition> Conditions, IReadOnlyList<ProcedureState> States, IReadOnlyList<ProcedureStep> Steps,
    IReadOnlyList<PaperStep>? PaperSteps = null, Revocation? Revocation = null)
{
    /// <summary>The province's file that this is the effective procedure with; null for the national one.</summary>
    [JsonIgnore]
    public AppliedOverlay? Overlay { get; init; }

    public ProcedureStep? Step(string id) => Steps.FirstOrDefault(s => s.Id == id);

    public Condition? Condition(string id) => Conditions.FirstOrDefault(c => c.Id == id);

    public bool InForce(DateOnly day) => ValidFrom <= day && day <= (ValidTo ?? DateOnly.MaxValue);

    public bool IsEnd(string state) => States.Any(s => s.Id == state && s.End);

    public Text StateName(string id)
    {
        var state = States.First(s => s.Id == id);
        return new(state.NameVi, state.NameEn);
    }

    /// <summary>The recorded steps that come before the step, also where others recorded or on paper stand between.</summary>
    public IReadOnlyList<ProcedureStep> RecordedBefore(ProcedureStep step)
    {
        List<string> before = [.. step.After ?? []];
        for (var i = 0; i < before.Count; i++)
        {
            var further = Step(before[i]) is { } found ? found.IsRecorded ? found.After : null : PaperSteps?.FirstOrDefault(p => p.Id == before[i])?.After;
            foreach (var id in further ?? [])
                if (!before.Contains(id)) before.Add(id);
        }

        return [.. Steps.Where(s => s.IsRecorded && s.Id != step.Id && before.Contains(s.Id))];
    }

    /// <summary>Steps that the state allows, in the order of the file.</summary>
    public IEnumerable<ProcedureStep> StepsFrom(string state) => Steps.Where(s => s.From.Contains(state));
}

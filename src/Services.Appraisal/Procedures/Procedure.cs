using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>A title that a unit may be recognised with (danh hiệu), whether or not its procedure is known yet.</summary>
public sealed record KnownTitle(string Id, string Tier, string NameVi, string NameEn);

/// <summary>An act that the procedure rests on.</summary>
public sealed record LegalAct(string Number, DateOnly Date, string? Note, string Mark);

/// <summary>Whether dossiers filed after the procedure's time still follow it; null where the law was not read.</summary>
public sealed record Transition(string? Rule, string Mark);

/// <summary>Who confirms a condition: a role of the province above the unit.</summary>
public sealed record Confirmer(string Role, string? Department);

/// <summary>A condition of recognition (QĐ 18/2022/QĐ-TTg, art. 4).</summary>
/// <param name="Minimum">Least value in percent; null where unknown, then the confirmer's own finding counts.</param>
public sealed record Condition(
    string Id, bool Required, string NameVi, string NameEn, string RequiredVi, string RequiredEn,
    decimal? Minimum, Confirmer? ConfirmedBy, string LegalRef, string Mark)
{
    public const string Criteria = "criteria";
}

/// <summary>A state that a dossier can be in.</summary>
public sealed record ProcedureState(string Id, string NameVi, string NameEn);

/// <summary>The law's time for a step; a null value shows as not set, never as an invented day.</summary>
public sealed record Deadline(int? Value, string? Kind, string Mark);

/// <summary>A share of votes that must be reached.</summary>
/// <param name="Of">The base: <c>members</c> of the council, or those <c>present</c>, which is who voted.</param>
public sealed record VoteRule(Share Share, string Of, string Mark)
{
    public bool IsReached(int count, int members, int present) => Share.IsReached(count, Of == "members" ? members : present);
}

/// <summary>A step of the procedure: who takes it, from which states, to which.</summary>
/// <param name="Of">Whose officers take it: the <c>unit</c> itself or its <c>province</c>.</param>
/// <param name="Persons">Named persons among the roles: <c>council</c>, <c>chair</c>, or null for any.</param>
/// <param name="RefusedTo">State after a lost vote.</param>
/// <param name="Recuses">Who may not approve: those of the <c>dossier</c>, of the <c>figures</c>, of the whole <c>basis</c>. House rule.</param>
public sealed record ProcedureStep(
    string Id, string NameVi, string NameEn, string? ProcessRef, IReadOnlyList<string> Roles, string Of, string? Persons,
    IReadOnlyList<string> From, string To, string? RefusedTo, IReadOnlyList<string> Recuses, Deadline Deadline,
    VoteRule? Quorum, VoteRule? Pass, string? LegalRef, string Mark);

/// <summary>One version of the way to a title, read from <c>data/procedures</c>.</summary>
/// <param name="Id">Name of the procedure; several versions share it.</param>
/// <param name="Set">Set of criteria that the title is measured by.</param>
public sealed record Procedure(
    [property: System.Text.Json.Serialization.JsonPropertyName("procedure")] string Id,
    string Title, string Version, string Tier, string Set, DateOnly ValidFrom, DateOnly? ValidTo, IReadOnlyList<LegalAct> Legal, Transition Transition,
    IReadOnlyList<Condition> Conditions, IReadOnlyList<ProcedureState> States, IReadOnlyList<ProcedureStep> Steps)
{
    public ProcedureStep? Step(string id) => Steps.FirstOrDefault(s => s.Id == id);

    public Condition? Condition(string id) => Conditions.FirstOrDefault(c => c.Id == id);

    public bool InForce(DateOnly day) => ValidFrom <= day && day <= (ValidTo ?? DateOnly.MaxValue);

    public Text StateName(string id)
    {
        var state = States.First(s => s.Id == id);
        return new(state.NameVi, state.NameEn);
    }

    /// <summary>Steps that the state allows, in the order of the file.</summary>
    public IEnumerable<ProcedureStep> StepsFrom(string state) => Steps.Where(s => s.From.Contains(state));
}

using System.Text.Json.Serialization;

namespace Ntm.Contracts.Appraisal;

/// <summary>A dossier (hồ sơ) when it moved along its procedure.</summary>
/// <param name="State">State of the dossier; the last step taken, or <c>refused</c>, <c>returned</c>, <c>published</c>.</param>
/// <param name="Step">The step that was just taken.</param>
/// <param name="From">State before the step; null of a dossier that was just opened, and in what was announced before this was told.</param>
/// <param name="Due">Nearest last day (hạn) among the steps that are waited for, also where a session asks for them; null where none is known.</param>
/// <param name="CalendarVersion">Version of the calendar of days off that <paramref name="Due"/> was computed with; null where it goes by none.</param>
/// <param name="StepNameVi">Name of the step in Vietnamese where a province added it; null for one that everybody knows by <paramref name="Step"/>.</param>
/// <param name="StepNameEn">The same in English.</param>
public sealed record DossierState(
    Guid Id, UnitRef Unit, string Title, string State, string Step, long Version, IReadOnlyList<NextStep> NextSteps,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? From = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? Due = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? CalendarVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StepNameVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StepNameEn = null);

/// <summary>A dossier was opened or took a step.</summary>
public sealed record DossierMoved(Origin Origin, DossierState Dossier) : IIntegrationEvent;

/// <summary>What a decision says, as far as a correction can change it.</summary>
public sealed record DecisionWording(string Number, DateOnly Date, string LegalBasis, string UnitName);

/// <summary>A later decision that corrects a clerical error of another (đính chính).</summary>
/// <param name="Reason">The error, in the words of the decision.</param>
/// <param name="Was">What had stood until then.</param>
public sealed record DecisionCorrection(string Number, DateOnly Date, string LegalBasis, string Reason, DecisionWording Was);

/// <summary>The titles of predecessors that an acknowledgement (thừa nhận) rests on.</summary>
/// <param name="Year">Year of the title; null where neither the decision nor a known rule says it.</param>
/// <param name="Entries">Ids of the predecessors' entries.</param>
public sealed record TitleInheritance(int? Year, IReadOnlyList<Guid> Entries);

/// <summary>Another unit's acknowledged title took the place of this one.</summary>
/// <param name="On">First day on which it did.</param>
/// <param name="Entry">Id of that unit's entry.</param>
public sealed record TitleSuccession(UnitRef Unit, DateOnly On, Guid Entry);

/// <summary>An entry of the register of recognitions.</summary>
/// <param name="Dossier">Id of the entry: of the dossier that won the title; of an acknowledged title, an id of its own.</param>
/// <param name="From">Day of the decision: the title is in force from then.</param>
/// <param name="To">Last day in force; null while in force.</param>
/// <param name="Status">in-force, revoked or succeeded.</param>
/// <param name="Issuer">province-chair or prime-minister; null in what was recorded before issuers were told.</param>
/// <param name="Corrections">Later decisions that corrected this one, the first first; what stands is what they say. Null for none.</param>
/// <param name="Inherited">What an acknowledged title rests on; null for a title that was won.</param>
/// <param name="Successions">By which units' titles this one was succeeded; null for none.</param>
/// <param name="Year">Of a title that was won: its year; null where the decision does not name it. Of an acknowledged one <paramref name="Inherited"/> tells it.</param>
public sealed record RecognitionState(
    Guid Dossier, UnitRef Unit, string Title, string DecisionNumber, DateOnly DecisionDate, string LegalBasis,
    DateOnly From, DateOnly? To, string Status, DateOnly? PublishedOn, string? PublishedWhere,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Issuer = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DecisionCorrection>? Corrections = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TitleInheritance? Inherited = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TitleSuccession>? Successions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Year = null);

/// <summary>A title was recognised or acknowledged by decision, announced, corrected, revoked or succeeded.</summary>
/// <param name="Change">recognised, acknowledged, announced, corrected or succeeded; null in what was announced before this was told.</param>
public sealed record RecognitionChanged(
    Origin Origin, RecognitionState Recognition, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Change = null) : IIntegrationEvent;

/// <summary>A correction below what a dossier has pinned, as its council sees it.</summary>
/// <param name="No">Number in the dossier, from 1.</param>
/// <param name="Kind">figure, confirmation or report.</param>
/// <param name="Item">Code of the indicator, id of the condition or period of the report.</param>
/// <param name="Answer">material or immaterial, as was answered last; null while nobody has answered.</param>
public sealed record DossierFlag(int No, string Kind, string Item, string? Answer);

/// <summary>All flags of a dossier, with whom they wait for.</summary>
/// <param name="Raised">Numbers of those that were just raised, or laid before a council that was just named; empty where one was answered.</param>
/// <param name="Answered">Number of the one that was just answered; null where some were raised.</param>
/// <param name="Council">Ids of the council's members with its chair; empty before there is one.</param>
/// <param name="NextSteps">The answers that are waited for.</param>
public sealed record DossierFlagsState(
    Guid Dossier, UnitRef Unit, string Title, string State, IReadOnlyList<DossierFlag> Flags, IReadOnlyList<int> Raised, int? Answered,
    IReadOnlyList<string> Council, IReadOnlyList<NextStep> NextSteps);

/// <summary>What a dossier rests on was corrected, or a council answered such a correction.</summary>
public sealed record DossierFlagged(Origin Origin, DossierFlagsState Flags) : IIntegrationEvent;

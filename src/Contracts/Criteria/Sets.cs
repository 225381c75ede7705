using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ntm.Contracts.Criteria;

/// <summary>A figure along a set's dimension.</summary>
/// <param name="At">A region, or the number of a commune group.</param>
public sealed record SetThreshold(string At, ReportedValue Value);

/// <summary>One indicator (chỉ tiêu) of a published set. What was announced before there were more members has null there.</summary>
/// <param name="Mark">seen, recalled or unknown: how sure its figure is.</param>
/// <param name="TextMark">seen or recalled: how sure its text is.</param>
/// <param name="ValueType">yesno, percent, number, amount, score or text.</param>
/// <param name="Comparison">≥, ≤, = or <c>meets</c>.</param>
/// <param name="Threshold">The figure where none of <paramref name="Thresholds"/> holds; null where unknown.</param>
/// <param name="Thresholds">Figures along the set's dimension.</param>
/// <param name="Delegated">Whether the law leaves the figure to the province.</param>
/// <param name="EvidenceMark">seen or recalled; null where the evidence is not known.</param>
public sealed record SetIndicator(
    string Code, int Criterion, string TextVi, string TextEn, string Mark,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TextMark = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ValueType = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Comparison = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReportedValue? Threshold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SetThreshold>? Thresholds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Delegated = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DelegatedToMinistryVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DepartmentVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EvidenceVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EvidenceEn = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EvidenceMark = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LegalSource = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Confidence = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Refs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <summary>A criterion (tiêu chí) of a published set, without its indicators.</summary>
public sealed record SetCriterion(int No, string NameVi, string NameEn, string? GroupVi);

/// <summary>An act that a set rests on.</summary>
public sealed record SetAct(string Number, DateOnly? Date, string? Issuer, string? TitleVi);

/// <summary>The version that a province's set goes out from.</summary>
public sealed record SetBase(string Set, int Version);

/// <summary>The end of a set.</summary>
/// <param name="LastDay">Last day on which it is in force.</param>
public sealed record SetEnd(SetAct Act, DateOnly LastDay, string? Reason);

/// <summary>One version of a set of criteria (bộ tiêu chí). What was announced before there were more members has null there.</summary>
/// <param name="Complete">False when the set's text is not wholly known: no title can rest on it.</param>
/// <param name="Version">Number of the version; null as 1.</param>
/// <param name="Scope"><c>national</c>, or whose province's it is.</param>
/// <param name="Province">Id of that province.</param>
/// <param name="Dimension">region or communeGroup: what its figures differ by.</param>
/// <param name="Source">seen or recalled: how sure its text is.</param>
/// <param name="Act">The amending act of a version from 2 on.</param>
/// <param name="Amends">National set that it is a province's version of.</param>
/// <param name="Base">The exact version where that is known.</param>
public sealed record SetState(
    string Id, string TitleVi, string TitleEn, string Tier, string Period, bool Complete, DateOnly? InForceFrom, DateOnly? InForceTo,
    IReadOnlyList<SetIndicator> Indicators,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Version = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Scope = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Province = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Dimension = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SetAct>? LegalBasis = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SetAct? Act = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Amends = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SetBase? Base = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ExpectedCriteria = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ExpectedIndicators = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? InForceToSource = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SpecialRuleVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Refs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Preconditions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? CommuneGroups = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SetCriterion>? Criteria = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SetEnd? Retired = null);

/// <summary>A set of criteria was published: its first version.</summary>
public sealed record SetPublished(Origin Origin, SetState Set) : IIntegrationEvent;

/// <summary>A further version of a set was published.</summary>
public sealed record SetAmended(Origin Origin, SetState Set) : IIntegrationEvent;

/// <summary>A province published its own version of a national set.</summary>
public sealed record SetAdapted(Origin Origin, SetState Set) : IIntegrationEvent;

/// <summary>A set was retired.</summary>
public sealed record SetRetired(Origin Origin, SetState Set) : IIntegrationEvent;

using System.Text.Json.Serialization;

namespace Ntm.Contracts;

/// <summary>Where an integration event comes from: the domain event in its owner's store.</summary>
/// <param name="Service">The owning service, e.g. <c>criteria</c>.</param>
/// <param name="Stream">Key of the source stream.</param>
/// <param name="Version">Version of the source stream after the domain event.</param>
/// <param name="Position">Position of the domain event in the owner's store; a consumer drops what is not newer than its last.</param>
/// <param name="EventId">Id of the domain event.</param>
/// <param name="RecordedAt">The instant the fact was recorded.</param>
/// <param name="Person">Id of the person who acted; never a name.</param>
/// <param name="Client">Id of the client that acted.</param>
/// <param name="Demonstration">True when the fact was made up by the demonstration.</param>
/// <param name="Correlation">Id of the request that everything began with; null where the fact is older than this member.</param>
public sealed record Origin(
    string Service,
    string Stream,
    long Version,
    long Position,
    Guid EventId,
    DateTimeOffset RecordedAt,
    string Person,
    string Client,
    bool Demonstration,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Correlation = null);

/// <summary>A fact that a service announces to the others, with the whole state that it is about. Additive only.</summary>
public interface IIntegrationEvent
{
    Origin Origin { get; }
}

/// <summary>A unit as it was called on the day of the record.</summary>
/// <param name="Id">The unit's own id; never changes.</param>
/// <param name="Code">Code of the General Statistics Office on that day; codes are reused.</param>
/// <param name="Name">Full Vietnamese name on that day.</param>
public sealed record UnitRef(Guid Id, string Code, string Name);

/// <summary>A step that the procedure allows next, and who may take it.</summary>
/// <param name="Step">Name of the step, e.g. <c>approve</c>.</param>
/// <param name="Href">Path of the call.</param>
/// <param name="Roles">Roles that may take it.</param>
/// <param name="Unit">Unit (or organisation's province) whose officers of those roles are asked; null: the country's, of roles that act for it, else those of the unit concerned.</param>
/// <param name="Due">Last day for it; null where the law's value is not set.</param>
/// <param name="Department">Code of the department where the role is a department's; else null.</param>
/// <param name="Persons">Ids of the persons asked where they are named (a council); else null.</param>
/// <param name="Required">False for a step that may be taken and that nobody waits for, true for a recorded one that later steps wait for; null for a step that leads on.</param>
/// <param name="CalendarVersion">Version of the calendar of working days that <paramref name="Due"/> was computed with; null where none was.</param>
/// <param name="NameVi">Name in Vietnamese of a step that a province added; null for one that everybody knows by <paramref name="Step"/>.</param>
/// <param name="NameEn">The same in English.</param>
public sealed record NextStep(
    string Step,
    string Href,
    IReadOnlyList<string> Roles,
    Guid? Unit = null,
    DateOnly? Due = null,
    string? Department = null,
    IReadOnlyList<string>? Persons = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? CalendarVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Required = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NameVi = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NameEn = null);

/// <summary>Asks the owner of facts to send them again, to one consumer alone.</summary>
/// <param name="Consumer">Service that is new or was emptied; the facts go to its queue.</param>
/// <param name="Owner">Service whose facts are wanted.</param>
/// <param name="Request">Id of this request; comes back with the end of the replay.</param>
public sealed record ReplayRequested(string Consumer, string Owner, Guid Request = default);

/// <summary>Told from time to time while the owner looks for facts to send again, so that a replay that sends nothing for long is not asked for anew.</summary>
/// <param name="Consumer">Service that asked.</param>
/// <param name="Owner">Service that is at it.</param>
/// <param name="Request">Id of the request that it answers.</param>
/// <param name="Position">Position in the owner's store up to which it has looked.</param>
public sealed record ReplayUnderWay(string Consumer, string Owner, Guid Request, long Position);

/// <summary>The last message of a replay: what the owner announces to all comes after it.</summary>
/// <param name="Consumer">Service that asked.</param>
/// <param name="Owner">Service whose facts were sent.</param>
/// <param name="Request">Id of the request that it answers.</param>
/// <param name="Position">Position in the owner's store up to which everything was sent.</param>
public sealed record ReplayCompleted(string Consumer, string Owner, Guid Request, long Position);

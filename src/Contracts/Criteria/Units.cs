using System.Text.Json.Serialization;

namespace Ntm.Contracts.Criteria;

/// <summary>Facts of a unit over one span of days.</summary>
/// <param name="Code">General Statistics Office code in force over the span.</param>
/// <param name="Name">Short name, e.g. "Thạch Hạ".</param>
/// <param name="FullName">Name with its kind, e.g. "Xã Thạch Hạ".</param>
/// <param name="Kind">tinh, thanh_pho, thi_xa, huyen, xa, phuong, thi_tran, dac_khu, thon or to_dan_pho.</param>
/// <param name="Parent">Unit above it over the span; null for a province.</param>
/// <param name="From">First day; null when older than the sources.</param>
/// <param name="To">Last day, inclusive; null while in force.</param>
/// <param name="LegalBasis">Decision behind it, as far as known.</param>
/// <param name="Mark">seen, recalled, derived or unknown.</param>
public sealed record UnitVersion(
    string Code, string Name, string FullName, string Kind, Guid? Parent, DateOnly? From, DateOnly? To, string? LegalBasis, string Mark);

/// <summary>A unit that came before or after another.</summary>
/// <param name="Unit">Id of the other unit.</param>
/// <param name="On">First day of the new state.</param>
/// <param name="Part">What of it went over; <c>whole</c> or the words of the source.</param>
public sealed record UnitLink(Guid Unit, DateOnly On, string Part);

/// <summary>What a unit was found to be over a span of days, beside its name and parent: no two facts of one name overlap.</summary>
/// <param name="Name">region, communeGroup, mountainous, coastal, population, areaKm2.</param>
/// <param name="Value">Invariant text (<c>true</c>, <c>28.23</c>, <c>Bắc Trung Bộ</c>); null where it is known that nobody knows. Without a fact nothing is said.</param>
/// <param name="From">First day; null for as long as the unit exists.</param>
/// <param name="To">Last day, inclusive; null while it holds.</param>
/// <param name="Basis">Decision or source behind it.</param>
/// <param name="Mark">seen, recalled, derived or unknown.</param>
public sealed record UnitFact(string Name, string? Value, DateOnly? From, DateOnly? To, string? Basis, string Mark);

/// <summary>A unit with its whole history.</summary>
/// <param name="Level">province, district, commune or village.</param>
/// <param name="Region">Region that decides thresholds 2021–2025, e.g. "Bắc Trung Bộ"; a fact of that name goes before it.</param>
/// <param name="Facts">Classification by day; null as none in what was announced before there were any.</param>
public sealed record UnitState(
    Guid Id, string Level, string? Region, IReadOnlyList<UnitVersion> Versions, IReadOnlyList<UnitLink> Predecessors, IReadOnlyList<UnitLink> Successors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<UnitFact>? Facts = null);

/// <summary>A unit was created, renamed, reclassified, moved, classified, enlarged, reduced, merged, split or dissolved.</summary>
public sealed record UnitChanged(Origin Origin, UnitState Unit) : IIntegrationEvent;

/// <summary>The data files were loaded; a consumer that knows this many units and sets knows them all.</summary>
public sealed record RegisterImported(Origin Origin, int Units, int Sets) : IIntegrationEvent;

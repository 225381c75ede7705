namespace Ntm.Contracts.Criteria;

/// <summary>Facts of a unit over one span of days.</summary>
/// <param name="Code">General Statistics Office code in force over the span.</param>
/// <param name="Name">Short name, e.g. "Thạch Hạ".</param>
/// <param name="FullName">Name with its kind, e.g. "Xã Thạch Hạ".</param>
/// <param name="Kind">tinh, thanh_pho, thi_xa, huyen, xa, phuong or thi_tran.</param>
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

/// <summary>A unit with its whole history.</summary>
/// <param name="Level">province, district or commune.</param>
/// <param name="Region">Region that decides thresholds 2021–2025, e.g. "Bắc Trung Bộ".</param>
public sealed record UnitState(
    Guid Id, string Level, string? Region, IReadOnlyList<UnitVersion> Versions, IReadOnlyList<UnitLink> Predecessors, IReadOnlyList<UnitLink> Successors);

/// <summary>A unit was created, renamed, reclassified, moved, merged or dissolved.</summary>
public sealed record UnitChanged(Origin Origin, UnitState Unit) : IIntegrationEvent;

/// <summary>The data files were loaded; a consumer that knows this many units and sets knows them all.</summary>
public sealed record RegisterImported(Origin Origin, int Units, int Sets) : IIntegrationEvent;

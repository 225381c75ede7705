using Ntm.Contracts.Criteria;

namespace Ntm.Criteria.Units;

// Event names are the storage format: upcast, never edit.

/// <summary>A unit came into being, or is known from that day on.</summary>
/// <param name="From">First day; null when older than the sources.</param>
/// <param name="Mark">seen, recalled, derived or unknown.</param>
public sealed record UnitCreated(
    Guid Id, string Level, string? Region, string Code, string Name, string FullName, string Kind, Guid? Parent, DateOnly? From,
    IReadOnlyList<UnitLink> Predecessors, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit got another kind, and with it another full name or short name (e.g. xã → phường).</summary>
public sealed record UnitReclassified(
    string Name, string FullName, string Kind, DateOnly From, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit got another parent.</summary>
public sealed record UnitMoved(Guid? Parent, DateOnly From, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit took others in, whole or in part, and stayed itself.</summary>
public sealed record UnitEnlarged(IReadOnlyList<UnitLink> Predecessors, DateOnly From, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit went over into others and ended.</summary>
public sealed record UnitMerged(IReadOnlyList<UnitLink> Successors, DateOnly LastDay, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit ended; successors answer for it where the law names any.</summary>
public sealed record UnitDissolved(IReadOnlyList<UnitLink> Successors, DateOnly LastDay, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit got another name or another code, and stayed itself.</summary>
public sealed record UnitRenamed(
    string Code, string Name, string FullName, DateOnly From, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>What a unit is was found or decided: its region, commune group, terrain, population. A later finding on the same days goes before an earlier one.</summary>
public sealed record UnitClassified(IReadOnlyList<UnitFact> Facts, string? LegalBasis, string By, DateTimeOffset At);

/// <summary>A unit gave a part to others and stayed itself.</summary>
public sealed record UnitReduced(IReadOnlyList<UnitLink> Successors, DateOnly From, string? LegalBasis, string Mark, string By, DateTimeOffset At);

/// <summary>A unit was divided among others and ended.</summary>
public sealed record UnitSplit(IReadOnlyList<UnitLink> Successors, DateOnly LastDay, string? LegalBasis, string Mark, string By, DateTimeOffset At);

using System.Text.Json.Serialization;

namespace Ntm.Criteria.Catalogue;

// Event names are the storage format: upcast, never edit. A set is a stream; what was published never changes.

/// <summary>A set was drafted (dự thảo).</summary>
/// <param name="Province">Province whose set it is; null for a national one.</param>
public sealed record SetDrafted(CriteriaSet Set, Guid? Province, string By, DateTimeOffset At);

/// <summary>A draft was written anew.</summary>
public sealed record SetDraftChanged(CriteriaSet Set, string By, DateTimeOffset At);

/// <summary>The first version of a set was published (ban hành).</summary>
public sealed record CriteriaSetPublished(
    CriteriaSet Set, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Province = null);

/// <summary>A further version of a set was published under an amending act (sửa đổi, bổ sung).</summary>
/// <param name="Version">Number of the version, from 2 on.</param>
/// <param name="Set">The whole set as it reads from then on.</param>
/// <param name="Base">The version that a province's set goes out from; null for a set of its own, and in what was recorded before amendments named it.</param>
/// <param name="Correction">Whether an act that was recorded already is read anew: its text completed or corrected (đính chính).</param>
public sealed record SetAmended(
    int Version, CriteriaSet Set, LegalAct Act, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SetBase? Base = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Correction = null);

/// <summary>A province published its own version of a national set (bộ tiêu chí của tỉnh).</summary>
public sealed record SetAdapted(CriteriaSet Set, SetBase Base, Guid Province, string By, DateTimeOffset At);

/// <summary>A set was retired (bãi bỏ).</summary>
/// <param name="LastDay">Last day on which it is in force.</param>
public sealed record SetRetired(LegalAct Act, DateOnly LastDay, string? Reason, string By, DateTimeOffset At);

/// <summary>The published version that a province's set goes out from.</summary>
public sealed record SetBase(string Set, int Version);

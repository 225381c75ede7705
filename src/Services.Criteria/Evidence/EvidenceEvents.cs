namespace Ntm.Criteria.Evidence;

/// <summary>A unit brought a file in that was not kept yet.</summary>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Size">Bytes.</param>
/// <param name="UnitId">The unit that it was brought in for.</param>
/// <param name="On">Day under whose tree the unit was named.</param>
/// <param name="Name">The file's name, as a name alone.</param>
public sealed record EvidenceStored(string Sha256, long Size, string MediaType, Guid UnitId, DateOnly On, string Name, string By, DateTimeOffset At);

/// <summary>A further unit brought in what was kept already: both hold it.</summary>
public sealed record EvidenceShared(Guid UnitId, DateOnly On, string Name, string By, DateTimeOffset At);

/// <summary>The content was removed: no report ever referred to it.</summary>
public sealed record EvidenceRemoved(DateTimeOffset At);

namespace Ntm.Contracts.Criteria;

/// <summary>One indicator (chỉ tiêu) of a published set, as far as other services need it.</summary>
public sealed record SetIndicator(string Code, int Criterion, string TextVi, string TextEn, string Mark);

/// <summary>A published set of criteria (bộ tiêu chí).</summary>
/// <param name="Complete">False when the set's text is not wholly known: no title can rest on it.</param>
public sealed record SetState(
    string Id, string TitleVi, string TitleEn, string Tier, string Period, bool Complete, DateOnly? InForceFrom, DateOnly? InForceTo,
    IReadOnlyList<SetIndicator> Indicators);

/// <summary>A set of criteria was published.</summary>
public sealed record SetPublished(Origin Origin, SetState Set) : IIntegrationEvent;

namespace Ntm.Contracts.Appraisal;

/// <summary>A dossier on which a council votes; the counts are null until it is closed, and where the dossier left the vote.</summary>
/// <param name="Members">Those whom the vote counts on: voting members who are not recused from this dossier.</param>
/// <param name="Present">Those of them who attend; without a session, who voted.</param>
public sealed record BallotDossier(Guid Dossier, UnitRef Unit, string Title, bool? Passed, int? Members, int? Present, int? For, int? Against, int? Abstain);

/// <summary>A vote of an appraisal council (Hội đồng thẩm định). Nobody's choice is told, of an open ballot neither.</summary>
/// <param name="Session">The session (phiên họp); null where the council votes on one dossier alone.</param>
/// <param name="Province">The session's province; null without a session.</param>
/// <param name="Ballot">open or secret.</param>
/// <param name="Chair">Id of the person in the chair.</param>
/// <param name="Asked">Ids of the voting members; of a session, of those who attend.</param>
/// <param name="ClosedAt">Null while the vote is open.</param>
public sealed record BallotState(
    Guid? Session, UnitRef? Province, string Ballot, string Chair, IReadOnlyList<string> Asked, DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt,
    IReadOnlyList<BallotDossier> Dossiers);

/// <summary>A vote is open: the council was named for one dossier, or a session took its attendance.</summary>
public sealed record BallotOpened(Origin Origin, BallotState Ballot) : IIntegrationEvent;

/// <summary>A vote is closed and counted.</summary>
public sealed record BallotClosed(Origin Origin, BallotState Ballot) : IIntegrationEvent;

namespace Ntm.Contracts.Appraisal;

/// <summary>A dossier on which a council votes in a session; the counts are null until it is closed, and where the dossier left the vote.</summary>
/// <param name="Members">Those whom the vote counts on: voting members who are not recused from this dossier.</param>
/// <param name="Present">Those of them who attend.</param>
public sealed record BallotDossier(Guid Dossier, UnitRef Unit, string Title, bool? Passed, int? Members, int? Present, int? For, int? Against, int? Abstain);

/// <summary>A session of an appraisal council (phiên họp Hội đồng). Nobody's choice is told, of an open ballot neither.</summary>
/// <param name="Ballot">open or secret.</param>
/// <param name="Chair">Id of the person in the chair.</param>
/// <param name="Asked">Ids of the voting members who attend.</param>
/// <param name="ClosedAt">Null while the vote is open.</param>
public sealed record BallotState(
    Guid Session, UnitRef Province, string Ballot, string Chair, IReadOnlyList<string> Asked, DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt,
    IReadOnlyList<BallotDossier> Dossiers);

/// <summary>The vote of a session is open.</summary>
public sealed record BallotOpened(Origin Origin, BallotState Ballot) : IIntegrationEvent;

/// <summary>The vote of a session is closed and counted.</summary>
public sealed record BallotClosed(Origin Origin, BallotState Ballot) : IIntegrationEvent;

namespace Ntm.Contracts.Appraisal;

/// <summary>A dossier on which a council votes; the counts are null until it is closed, and where the dossier left the vote.</summary>
/// <param name="Members">Those whom the vote counts on: the voting members, those recused from this dossier too.</param>
/// <param name="Present">Those of them who attend and are not recused; without a session, who voted.</param>
public sealed record BallotDossier(Guid Dossier, UnitRef Unit, string Title, bool? Passed, int? Members, int? Present, int? For, int? Against, int? Abstain);

/// <summary>A vote of an appraisal council (Hội đồng thẩm định). Nobody's choice is told, of an open ballot neither.</summary>
/// <param name="Session">The session (phiên họp); null where the council votes on one dossier alone.</param>
/// <param name="Province">The session's province; null without a session, and of a council that is the country's.</param>
/// <param name="Ballot">open or secret.</param>
/// <param name="Chair">Id of the person in the chair.</param>
/// <param name="Asked">
/// Ids of those who are asked now: before the attendance of a session, who takes it; then the voting members who attend, of a later list those
/// whom it added; without a session, all voting members.
/// </param>
/// <param name="OpenedAt">Null before the attendance was taken.</param>
/// <param name="ClosedAt">Null while the vote is open; of a dissolved session, when it was dissolved.</param>
public sealed record BallotState(
    Guid? Session, UnitRef? Province, string Ballot, string Chair, IReadOnlyList<string> Asked, DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt,
    IReadOnlyList<BallotDossier> Dossiers);

/// <summary>A council was appointed to a session: its attendance is to be taken.</summary>
public sealed record BallotCalled(Origin Origin, BallotState Ballot) : IIntegrationEvent;

/// <summary>A session was dissolved before its count: its votes count no more, and its dossiers are where they were before it.</summary>
public sealed record BallotDissolved(Origin Origin, BallotState Ballot) : IIntegrationEvent;

/// <summary>A vote is open: the council was named for one dossier, or a session took its attendance, or took it anew and added somebody.</summary>
public sealed record BallotOpened(Origin Origin, BallotState Ballot) : IIntegrationEvent;

/// <summary>A vote is closed and counted.</summary>
public sealed record BallotClosed(Origin Origin, BallotState Ballot) : IIntegrationEvent;

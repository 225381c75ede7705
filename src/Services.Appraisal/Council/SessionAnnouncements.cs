using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Council;

/// <summary>A session's vote is announced when it is open and when it is closed; nobody's choice is in either.</summary>
internal static class SessionAnnouncements
{
    public static IntegrationMap AnnounceSessions(this IntegrationMap map) => map
        .On<SessionAttendanceTaken>(async (e, session, ct) =>
        {
            var sitting = await AtAsync(e, session, ct);
            // Taken anew, the attendance opens nothing.
            return sitting.OpenedAt == e.Data.At ? [new BallotOpened(map.OriginOf(e), StateOf(sitting))] : [];
        })
        .On<SessionClosed>(async (e, session, ct) => [new BallotClosed(map.OriginOf(e), StateOf(await AtAsync(e, session, ct)))]);

    private static async Task<Session> AtAsync(IEvent e, IQuerySession session, CancellationToken ct) =>
        await session.Events.AggregateStreamAsync<Session>(e.StreamKey!, version: e.Version, token: ct)
        ?? throw new InvalidOperationException($"The stream {e.StreamKey} has no session at version {e.Version}.");

    internal static BallotState StateOf(Session session) => new(
        session.Number, session.Province, session.Ballot, session.Chair,
        [.. session.Members.Where(m => m.Voting != false && session.Present?.Contains(m.Person) == true).Select(m => m.Person)], session.OpenedAt, session.ClosedAt,
        [.. session.Dossiers.Select(d => DossierOf(d, session.TallyOf(d.Dossier)))]);

    private static BallotDossier DossierOf(SessionDossier d, Tally? tally) =>
        new(d.Dossier, d.Unit, d.Title, tally?.Passed, tally?.Members, tally?.Present, tally?.For, tally?.Against, tally?.Abstain);
}

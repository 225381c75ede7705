using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Council;

/// <summary>
/// A session is announced once for all its dossiers: to those who take the attendance, to those who may vote, and when it has ended. Nobody's
/// choice is in any of it.
/// </summary>
internal static class SessionAnnouncements
{
    public static IntegrationMap AnnounceSessions(this IntegrationMap map) => map
        .On<SessionAppointed>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([new BallotCalled(map.OriginOf(e), Called(Session.Create(e.Data)))]), typeof(BallotCalled))
        .On<SessionAttendanceTaken>(
            async (e, session, ct) =>
            {
                var (before, after) = (await AtAsync(e, e.Version - 1, session, ct), await AtAsync(e, e.Version, session, ct));
                return Added(before, after) is { } opened ? [new BallotOpened(map.OriginOf(e), opened)] : [];
            },
            typeof(BallotOpened))
        .On<SessionClosed>(async (e, session, ct) => [new BallotClosed(map.OriginOf(e), StateOf(await AtAsync(e, e.Version, session, ct)))], typeof(BallotClosed))
        .On<SessionDissolved>(
            async (e, session, ct) =>
            {
                var sitting = await AtAsync(e, e.Version, session, ct);
                return [new BallotDissolved(map.OriginOf(e), sitting.Present is null ? Called(sitting) : StateOf(sitting))];
            },
            typeof(BallotDissolved));

    private static async Task<Session> AtAsync(IEvent e, long version, IQuerySession session, CancellationToken ct) =>
        await session.Events.AggregateStreamAsync<Session>(e.StreamKey!, version: version, token: ct)
        ?? throw new InvalidOperationException($"The stream {e.StreamKey} has no session at version {version}.");

    /// <summary>Before the attendance, those who take it are asked.</summary>
    internal static BallotState Called(Session session) => StateOf(session) with { Asked = [.. new[] { session.Secretary, session.Chair }.Distinct(StringComparer.Ordinal)] };

    /// <summary>Whom a list adds to those who may vote; null where it adds nobody: who was told before is not told again.</summary>
    internal static BallotState? Added(Session before, Session after)
    {
        var state = StateOf(after);
        string[] added = [.. state.Asked.Where(p => before.Present?.Contains(p) != true)];
        return added.Length == 0 ? null : state with { Asked = added };
    }

    internal static BallotState StateOf(Session session) => new(
        session.Number, session.Province, session.Ballot, session.Chair,
        [.. session.Members.Where(m => m.Voting != false && session.Present?.Contains(m.Person) == true).Select(m => m.Person)], session.OpenedAt, session.ClosedAt ?? session.Dissolved?.At,
        [.. session.Dossiers.Select(d => DossierOf(d, session.TallyOf(d.Dossier)))]);

    private static BallotDossier DossierOf(SessionDossier d, Tally? tally) =>
        new(d.Dossier, d.Unit, d.Title, tally?.Passed, tally?.Members, tally?.Present, tally?.For, tally?.Against, tally?.Abstain);
}

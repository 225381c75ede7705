using System.Text.Json;
using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// Every step of a dossier is announced, with who must act next; what may be recorded beside asks nobody. What is no step is announced
/// where it changes who is waited for.
/// </summary>
internal static class DossierAnnouncements
{
    public static IntegrationMap AnnounceDossiers(this IntegrationMap map, ProcedureBook book)
    {
        Task<IReadOnlyList<IIntegrationEvent>> Moved(IEvent e, string step, IQuerySession session, CancellationToken ct) => MovedAsync(map, book, e, step, false, session, ct);
        Task<IReadOnlyList<IIntegrationEvent>> Beside(IEvent e, string step, IQuerySession session, CancellationToken ct) => MovedAsync(map, book, e, step, true, session, ct);
        return map
            .On<DossierOpened>((e, session, ct) => Moved(e, StepIds.Open, session, ct))
            .On<DossierSubmitted>((e, session, ct) => Moved(e, StepIds.Submit, session, ct))
            .On<DossierAccepted>((e, session, ct) => Moved(e, StepIds.Accept, session, ct))
            .On<DossierReturned>((e, session, ct) => Moved(e, StepIds.Return, session, ct))
            .On<CouncilNamed>((e, session, ct) => Moved(e, StepIds.Council, session, ct))
            .On<CouncilDissolved>((e, session, ct) => Moved(e, StepIds.Dissolve, session, ct))
            .On<VoteCast>((e, session, ct) => Moved(e, StepIds.Votes, session, ct))
            .On<VoteClosed>((e, session, ct) => Moved(e, StepIds.CloseVotes, session, ct))
            .On<DecisionSigned>((e, session, ct) => Moved(e, StepIds.Decision, session, ct))
            .On<DossierPublished>((e, session, ct) => Moved(e, StepIds.Publication, session, ct))
            .On<DossierTransferred>((e, session, ct) => Moved(e, TransferDossier.Step, session, ct))
            .On<PaperRecorded>((e, session, ct) => Moved(e, e.Data.Step, session, ct))
            .On<NoticePosted>((e, session, ct) => Moved(e, e.Data.Step, session, ct))
            .On<RemarkReceived>((e, session, ct) => e.Data.Step == StepIds.Complaint ? Moved(e, StepIds.Complaint, session, ct) : Beside(e, e.Data.Step, session, ct))
            .On<RemarkAnswered>((e, session, ct) => Beside(e, e.Data.Step, session, ct))
            .On<DocumentAttached>((e, session, ct) => Beside(e, AttachDocument.Step, session, ct))
            .On<MeetingHeld>((e, session, ct) => Moved(e, StepIds.Meeting, session, ct))
            .On<CompletenessChecked>((e, session, ct) => Moved(e, StepIds.Completeness, session, ct))
            .On<DossierVerified>((e, session, ct) => Moved(e, StepIds.Verification, session, ct))
            .On<SurveySummarised>((e, session, ct) => Moved(e, StepIds.Survey, session, ct))
            .On<OpinionGiven>((e, session, ct) => Moved(e, StepIds.Opinions, session, ct))
            .On<FieldVisited>((e, session, ct) => Moved(e, StepIds.FieldVisit, session, ct))
            .On<AppraisalReported>((e, session, ct) => Moved(e, StepIds.Report, session, ct))
            .On<DossierWithdrawn>((e, session, ct) => Moved(e, StepIds.Withdraw, session, ct))
            .On<DossierRefused>((e, session, ct) => Moved(e, StepIds.Refuse, session, ct));
    }

    /// <param name="beside">Whether it is told only where it changed who is waited for.</param>
    private static async Task<IReadOnlyList<IIntegrationEvent>> MovedAsync(
        IntegrationMap map, ProcedureBook book, IEvent e, string step, bool beside, IQuerySession session, CancellationToken ct)
    {
        var dossier = await session.Events.AggregateStreamAsync<Dossier>(e.StreamKey!, version: e.Version, token: ct)
            ?? throw new InvalidOperationException($"The stream {e.StreamKey} has no dossier at version {e.Version}.");
        // A session tells its members itself: a ballot on sixty dossiers is not sixty pieces of news.
        if (step == StepIds.Votes && dossier.Council?.Session is not null) return [];
        var calendar = await KnownCalendar.LoadAsync(session, ct);
        var next = Waited(dossier);
        if (beside && await session.Events.AggregateStreamAsync<Dossier>(e.StreamKey!, version: e.Version - 1, token: ct) is { } before && Written(Waited(before)) == Written(next)) return [];
        var moved = new DossierMoved(map.OriginOf(e), new(dossier.Number, dossier.Unit, dossier.Title, dossier.State, step, e.Version, next));
        return (step, dossier.Council) switch
        {
            (StepIds.Council, { Session: null } council) => [moved, new BallotOpened(map.OriginOf(e), BallotOf(dossier, council, null))],
            (StepIds.CloseVotes, { Session: null } council) => [moved, new BallotClosed(map.OriginOf(e), BallotOf(dossier, council, dossier.Since))],
            _ => [moved],
        };

        NextStep[] Waited(Dossier at) =>
            [.. at.NextSteps(book.Version(at.Procedure, at.ProcedureVersion), VietnamTime.DayOf(e.Timestamp), calendar).Where(s => s.Required != false)];
    }

    private static string Written(NextStep[] steps) => JsonSerializer.Serialize(steps, NtmJson.Stored);

    /// <summary>The vote of a council that was named for this dossier alone.</summary>
    internal static BallotState BallotOf(Dossier dossier, Council council, DateTimeOffset? closed)
    {
        var tally = closed is null ? null : dossier.Tally;
        return new(
            null, null, CouncilSession.Open, council.Chair, [.. council.Members.Select(m => m.Person)],
            dossier.Steps.FindLast(s => s.Step == StepIds.Council)!.At, closed,
            [new(dossier.Number, dossier.Unit, dossier.Title, tally?.Passed, tally?.Members, tally?.Present, tally?.For, tally?.Against, tally?.Abstain)]);
    }
}

using JasperFx.Events;
using Marten;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Dossiers;

/// <summary>Every step of a dossier is announced, with who must act next; what may be recorded beside asks nobody.</summary>
internal static class DossierAnnouncements
{
    public static IntegrationMap AnnounceDossiers(this IntegrationMap map, ProcedureBook book)
    {
        Task<IReadOnlyList<IIntegrationEvent>> Moved(IEvent e, string step, IQuerySession session, CancellationToken ct) => MovedAsync(map, book, e, step, session, ct);
        Task<IReadOnlyList<IIntegrationEvent>> Recorded(IEvent e, string step, IQuerySession session, CancellationToken ct) => RecordedAsync(map, book, e, step, session, ct);
        Type[] moved = [typeof(DossierMoved), typeof(DossierFlagged), typeof(BallotOpened), typeof(BallotClosed)];
        return map
            .On<DossierOpened>((e, session, ct) => Moved(e, StepIds.Open, session, ct), moved)
            .On<DossierSubmitted>((e, session, ct) => Moved(e, StepIds.Submit, session, ct), moved)
            .On<DossierAccepted>((e, session, ct) => Moved(e, StepIds.Accept, session, ct), moved)
            .On<DossierReturned>((e, session, ct) => Moved(e, StepIds.Return, session, ct), moved)
            .On<CouncilNamed>((e, session, ct) => Moved(e, StepIds.Council, session, ct), moved)
            .On<CouncilDissolved>((e, session, ct) => Moved(e, StepIds.Dissolve, session, ct), moved)
            .On<VoteCast>((e, session, ct) => Moved(e, StepIds.Votes, session, ct), moved)
            .On<VoteClosed>((e, session, ct) => Moved(e, StepIds.CloseVotes, session, ct), moved)
            .On<DecisionSigned>((e, session, ct) => Moved(e, StepIds.Decision, session, ct), moved)
            .On<DossierPublished>((e, session, ct) => Moved(e, StepIds.Publication, session, ct), moved)
            .On<DossierTransferred>((e, session, ct) => Moved(e, TransferDossier.Step, session, ct), moved)
            .On<PaperRecorded>((e, session, ct) => Recorded(e, e.Data.Step, session, ct), typeof(DossierMoved))
            .On<NoticePosted>((e, session, ct) => Recorded(e, e.Data.Step, session, ct), typeof(DossierMoved))
            .On<RemarkReceived>((e, session, ct) => Recorded(e, e.Data.Step, session, ct), typeof(DossierMoved))
            .On<RemarkAnswered>((e, session, ct) => Recorded(e, $"{e.Data.Step}/answer", session, ct), typeof(DossierMoved))
            .On<DocumentAttached>((e, session, ct) => Recorded(e, "documents", session, ct), typeof(DossierMoved))
            .On<MeetingHeld>((e, session, ct) => Recorded(e, e.Data.Step ?? StepIds.Meeting, session, ct), typeof(DossierMoved))
            .On<CompletenessChecked>((e, session, ct) => Recorded(e, StepIds.Completeness, session, ct), typeof(DossierMoved))
            .On<DossierVerified>((e, session, ct) => Recorded(e, StepIds.Verification, session, ct), typeof(DossierMoved))
            .On<SurveyStarted>((e, session, ct) => Recorded(e, StepIds.SurveyStart, session, ct), typeof(DossierMoved))
            .On<SurveySummarised>((e, session, ct) => Recorded(e, StepIds.Survey, session, ct), typeof(DossierMoved))
            .On<OpinionGiven>((e, session, ct) => Recorded(e, e.Data.Step ?? StepIds.Opinions, session, ct), typeof(DossierMoved))
            .On<FieldVisited>((e, session, ct) => Recorded(e, StepIds.FieldVisit, session, ct), typeof(DossierMoved))
            .On<AppraisalReported>((e, session, ct) => Recorded(e, StepIds.Report, session, ct), typeof(DossierMoved))
            .On<DossierWithdrawn>((e, session, ct) => Moved(e, StepIds.Withdraw, session, ct), moved)
            .On<DossierRefused>((e, session, ct) => Moved(e, StepIds.Refuse, session, ct), moved);
    }

    private static async Task<IReadOnlyList<IIntegrationEvent>> MovedAsync(
        IntegrationMap map, ProcedureBook book, IEvent e, string step, IQuerySession session, CancellationToken ct)
    {
        var (before, dossier) = await CourseAsync(e, session, ct);
        // A session tells its members itself: an act on sixty dossiers is not sixty pieces of news.
        if (step == StepIds.Votes && dossier.Council?.Session is not null) return [];
        var inSession = step == StepIds.Council ? dossier.Council?.Session is not null : e.Data is CouncilDissolved { Reason: null };
        var waiting = Waiting(dossier, book, e, await CalendarAsync(map, e, ct));
        var moved = Of(map, book, e, step, before, dossier, waiting, inSession ? [] : waiting);
        // A council has all flags before it, also those that the office has answered.
        int[] flags = step == StepIds.Council && !inSession ? [.. dossier.Flags.Select(f => f.No)] : [];
        IIntegrationEvent[] flagged = flags.Length == 0 ? [] : [FlagAnnouncements.FlaggedOf(map, book, e, dossier, flags)];
        return (step, dossier.Council) switch
        {
            (StepIds.Council, { Session: null } council) => [moved, new BallotOpened(map.OriginOf(e), BallotOf(dossier, council, null)), .. flagged],
            (StepIds.Council, _) => [moved, .. flagged],
            (StepIds.CloseVotes, { Session: null } council) => [moved, new BallotClosed(map.OriginOf(e), BallotOf(dossier, council, dossier.Since))],
            _ => [moved],
        };
    }

    /// <summary>The vote of a council that was named for this dossier alone; it is open, since a secret one needs a session.</summary>
    internal static BallotState BallotOf(Dossier dossier, Council council, DateTimeOffset? closed)
    {
        var tally = closed is null ? null : dossier.Tally;
        return new(
            null, null, CouncilSession.Open, council.Chair, [.. council.Members.Select(m => m.Person)],
            dossier.Steps.FindLast(s => s.Step == StepIds.Council)!.At, closed,
            [new(dossier.Number, dossier.Unit, dossier.Title, tally?.Passed, tally?.Members, tally?.Present, tally?.For, tally?.Against, tally?.Abstain)]);
    }

    /// <summary>What is recorded is told where it changes what is waited for; else nobody would be asked anything new by it.</summary>
    internal static async Task<IReadOnlyList<IIntegrationEvent>> RecordedAsync(
        IntegrationMap map, ProcedureBook book, IEvent e, string step, IQuerySession session, CancellationToken ct)
    {
        var calendar = await CalendarAsync(map, e, ct);
        var (before, dossier) = await CourseAsync(e, session, ct);
        var (then, now) = (before is null ? [] : Waiting(before, book, e, calendar), Waiting(dossier, book, e, calendar));
        return then.Select(s => s.Href).SequenceEqual(now.Select(s => s.Href), StringComparer.Ordinal) ? [] : [Of(map, book, e, step, before, dossier, now, now)];
    }

    /// <summary>The calendar as this service knew it at the event: one that changes later moves no day that was announced.</summary>
    private static Task<KnownCalendar?> CalendarAsync(IntegrationMap map, IEvent e, CancellationToken ct) => KnownCalendar.LoadAsync(map.Part<AsOf>(), e.Sequence, ct);

    /// <param name="waiting">All that is waited for, whose nearest last day is told.</param>
    /// <param name="asked">What of it this asks for; what a session asks for, it asks itself.</param>
    private static DossierMoved Of(
        IntegrationMap map, ProcedureBook book, IEvent e, string step, Dossier? before, Dossier dossier, IReadOnlyList<NextStep> waiting, IReadOnlyList<NextStep> asked)
    {
        var own = book.Version(dossier.Procedure, dossier.ProcedureVersion).Step(step) is { IsOwn: true } added ? added : null;
        var nearest = waiting.Where(s => s.Due is not null).MinBy(s => s.Due);
        return new(
            map.OriginOf(e),
            new(dossier.Number, dossier.Unit, dossier.Title, dossier.State, step, e.Version, asked, before?.State, nearest?.Due, nearest?.CalendarVersion, own?.NameVi, own?.NameEn));
    }

    /// <summary>The dossier before the event, null of its first, and with it.</summary>
    private static async Task<(Dossier? Before, Dossier After)> CourseAsync(IEvent e, IQuerySession session, CancellationToken ct)
    {
        object[] events = [.. (await session.Events.FetchStreamAsync(e.StreamKey!, version: e.Version, token: ct)).Select(x => x.Data)];
        var before = events.Length > 1 ? Dossier.Fold(events[..^1]) : null;
        return (before, before?.When(events[^1]) ?? Dossier.Fold(events));
    }

    private static NextStep[] Waiting(Dossier dossier, ProcedureBook book, IEvent e, KnownCalendar? calendar) =>
        [.. dossier.NextSteps(book.Version(dossier.Procedure, dossier.ProcedureVersion), VietnamTime.DayOf(e.Timestamp), calendar).Where(s => s.Required != false)];
}

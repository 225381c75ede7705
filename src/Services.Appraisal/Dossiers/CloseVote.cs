using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The chair closes the vote: quorum and share as the procedure's file says, over exact fractions. Present is who voted, abstentions
/// included; in a session, who attended. Where the share is not set, the chair states the result and what it rests on. A lost vote ends
/// the dossier; the unit may open another.
/// </summary>
public static class CloseVote
{
    /// <param name="Passed">The result, where the procedure sets no share; else left out.</param>
    /// <param name="Basis">What the stated result rests on.</param>
    public sealed record Body(bool? Passed = null, string? Basis = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseUnanswered() is { } unanswered) return unanswered;
        var counted = dossier.Counted();
        var (members, present) = (counted.Members, counted.Present);
        if (!dossier.IsQuorate(step))
        {
            var quorum = step.Quorum!;
            return Refusal.Conflict(
                "quorum-not-reached",
                $"Mới có {present}/{members} thành viên {(dossier.Sitting is null ? "bỏ phiếu" : $"có mặt, {counted.Cast} phiếu")}; cần ít nhất {(quorum.Share is null ? "1" : quorum.Share)} ({MarkNames.Of(quorum.Mark).Vi}).",
                $"{present} of {members} members {(dossier.Sitting is null ? "have voted" : $"are present, {counted.Cast} have voted")}; at least {(quorum.Share is null ? "1" : quorum.Share)} are needed ({MarkNames.Of(quorum.Mark).En}).");
        }

        if (dossier.Ballots.Count == 0) return Refusal.Conflict("nobody-voted", "Chưa ai bỏ phiếu.", "Nobody has voted.");

        int Count(string vote) => dossier.Ballots.Count(b => b.Vote == vote);
        var reached = step.Pass!.IsReached(Count(CastVote.For), counted);
        var basis = Prose.Clean(body.Basis);
        var faults = reached is null
            ? new Faults().Required(body.Passed, "passed").Readable(basis, "basis")
            : new Faults().Unless(body.Passed is null && basis is null, "passed", $"Quy trình đã có tỷ lệ ({step.Pass.Share}); không tự nêu kết quả.", $"The procedure sets the share ({step.Pass.Share}); the result is not stated.");
        if (faults.Refuse() is { } refusal) return refusal;

        var passed = reached ?? body.Passed!.Value;
        var tally = new Tally(
            members, present, Count(CastVote.For), Count(CastVote.Against), Count(CastVote.Abstain), passed, step.Quorum!.Share?.ToString(), step.Pass.Share?.ToString(), basis,
            step.Quorum.Of, step.Pass.Of);
        return Decision.Record(new VoteClosed(tally, passed ? step.To : step.RefusedTo!, by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body? body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(
            http, id, StepIds.CloseVotes, a => a.Dossier.RefuseBesideSession() is { } elsewhere ? elsewhere : Decide(a.Dossier, a.Step, body ?? new(), a.By, a.Now),
            async (a, decision, ct) =>
            {
                if (decision.Events is [VoteClosed { Tally.Passed: false }]) await TitleHold.ReleaseAsync(a.Command, a.Dossier, ct);
                return null;
            });
}

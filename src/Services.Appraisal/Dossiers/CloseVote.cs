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
        if ((body.Passed is not null || body.Basis is not null || step.Pass!.Share is null) && dossier.Sitting?.Recused.Contains(by) == true) return ChairRecused;
        if (dossier.RefuseUnanswered() is { } unanswered) return unanswered;
        var counted = dossier.Counted();
        var (members, present) = (counted.Members, counted.Present);
        if (!dossier.IsQuorate(step))
        {
            var quorum = step.Quorum!;
            var voted = dossier.Council?.Session is null || dossier.IsSecret();
            return Refusal.Conflict(
                "quorum-not-reached",
                $"Mới có {dossier.InQuorum()}/{members} thành viên {(voted ? "bỏ phiếu" : $"có mặt, {counted.Cast} phiếu")}; cần ít nhất {(quorum.Share is null ? "1" : quorum.Share)} ({MarkNames.Of(quorum.Mark).Vi}).",
                $"{dossier.InQuorum()} of {members} members {(voted ? "have voted" : $"are present, {counted.Cast} have voted")}; at least {(quorum.Share is null ? "1" : quorum.Share)} are needed ({MarkNames.Of(quorum.Mark).En}).");
        }

        if (dossier.Ballots.Count == 0) return Refusal.Conflict("nobody-voted", "Chưa ai bỏ phiếu.", "Nobody has voted.");
        if (dossier.IsTooFewInSecret(step))
        {
            return Refusal.Conflict(
                "secret-too-few",
                $"Mới có {dossier.Ballots.Count} phiếu kín; kiểm phiếu lúc này sẽ lộ lựa chọn của người bỏ phiếu. Cần ít nhất {step.FewestInSecret()} phiếu ({MarkNames.Of(step.FewestSecret?.Mark ?? "internal").Vi}).",
                $"Only {dossier.Ballots.Count} voted in secret; the count would tell what they chose. At least {step.FewestInSecret()} votes are needed ({MarkNames.Of(step.FewestSecret?.Mark ?? "internal").En}).");
        }

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
            step.Quorum.Of, step.Pass.Of, dossier.IsSecret() ? VoteRule.Cast : null);
        return Decision.Record(new VoteClosed(tally, passed ? step.To : step.RefusedTo!, by, now));
    }

    /// <summary>A result that no share decides is the chair's own word: who is recused does not give it.</summary>
    private static Refusal ChairRecused { get; } = Refusal.Conflict(
        "chair-recused", "Chủ tịch Hội đồng đã từ chối tham gia nên không được nêu kết quả; phải kiện toàn Hội đồng.",
        "The chair is recused and does not state the result; the council must be appointed anew.");

    internal static Task<IResult> Handle(Guid id, Body? body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(
            http, id, StepIds.CloseVotes, a => a.Dossier.RefuseBesideSession() is { } elsewhere ? elsewhere : Decide(a.Dossier, a.Step, body ?? new(), a.By, a.Now),
            async (a, decision, ct) =>
            {
                if (decision.Events is [VoteClosed { Tally.Passed: false }]) await TitleHold.ReleaseAsync(a.Command, a.Dossier, ct);
                return null;
            });
}

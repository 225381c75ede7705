using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The chair closes the vote: quorum and share as the procedure's file says, over exact fractions. Present is who voted,
/// abstentions included. A lost vote ends the dossier; the unit may open another.
/// </summary>
public static class CloseVote
{
    public static Decision Decide(Dossier dossier, ProcedureStep step, string by, DateTimeOffset now)
    {
        int[] unanswered = [.. dossier.Flags.Where(f => f.Answer is null).Select(f => f.No)];
        if (unanswered.Length > 0)
        {
            var flags = string.Join(", ", unanswered);
            return Refusal.Conflict(
                "flags-unanswered",
                $"Số liệu đã ghim được đính chính sau khi lập hồ sơ; Hội đồng phải trả lời cờ số {flags} trước.",
                $"What the dossier rests on was corrected; the council must answer the flags {flags} first.") with
            {
                More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["flags"] = unanswered },
            };
        }

        var (members, present) = (dossier.Council!.Members.Count, dossier.Ballots.Count);
        if (!dossier.HasQuorum(step))
        {
            var quorum = step.Quorum!;
            return Refusal.Conflict(
                "quorum-not-reached",
                $"Mới có {present}/{members} thành viên bỏ phiếu; cần ít nhất {quorum.Share} ({quorum.Mark}).",
                $"{present} of {members} members have voted; at least {quorum.Share} are needed ({quorum.Mark}).");
        }

        int Count(string vote) => dossier.Ballots.Count(b => b.Vote == vote);
        var passed = step.Pass!.IsReached(Count(CastVote.For), members, present);
        var tally = new Tally(
            members, present, Count(CastVote.For), Count(CastVote.Against), Count(CastVote.Abstain), passed, step.Quorum!.Share.ToString(), step.Pass.Share.ToString());
        return Decision.Record(new VoteClosed(tally, passed ? step.To : step.RefusedTo!, by, now));
    }

    internal static Task<IResult> Handle(Guid id, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.CloseVotes, a => Decide(a.Dossier, a.Step, a.By, a.Now), async (a, decision, ct) =>
        {
            if (decision.Events is not [VoteClosed { Tally.Passed: false }]) return null;
            var hold = await a.Command.Session.Events.FetchForWriting<TitleHold>(TitleHold.Key(a.Dossier.Unit.Id, a.Dossier.Title), ct);
            hold.AppendOne(new TitleReleased(a.Dossier.Number, a.By, a.Now));
            return null;
        });
}

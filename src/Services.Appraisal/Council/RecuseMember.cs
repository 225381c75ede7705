using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>A member is recused from one dossier or from all, with a reason, before he voted: by himself, or by the chair
/// before the first attendance, while nobody knows who will vote (house rule).</summary>
public static class RecuseMember
{
    /// <param name="Member">The person, or the client by which he was named.</param>
    /// <param name="Dossier">Null for all dossiers of the session.</param>
    public sealed record Body(string? Member, Guid? Dossier, string? Reason);

    public static Refusal? May(Session session, string by, Body body) => PersonOf(body) is not { } member || member == by || session.Chair == by
        ? null
        : Refusal.Forbidden(
            "Chỉ thành viên đó, hoặc Chủ tịch Hội đồng trước khi ghi danh sách có mặt, được nêu việc từ chối.",
            "Only the member himself, or the chair before the attendance was taken, says that he is recused.",
            "recusal-of-another");

    public static SessionDecision Decide(SessionCase at, Body body)
    {
        var (person, reason) = (PersonOf(body), Prose.Clean(body.Reason));
        var faults = new Faults().Required(person, "member").Readable(reason, "reason")
            .Unless(
                person is null || at.Session.Member(person) is { Voting: not false }, "member", $"\"{person}\" không phải thành viên có quyền biểu quyết.", $"\"{person}\" is no voting member.")
            .Unless(
                body.Dossier is not { } named || at.Session.Dossiers.Any(d => d.Dossier == named), "dossier", "Phiên họp không có hồ sơ này.", "The session does not vote on that dossier.");
        if (faults.Refuse() is { } refusal) return refusal;
        if (person != at.By && at.Session.Present is not null)
        {
            return Refusal.Conflict(
                "attendance-taken", "Đã ghi danh sách có mặt: chỉ thành viên đó tự nêu việc từ chối.",
                "The attendance has been taken: only the member himself says that he is recused.");
        }

        Dossier[] asked = [.. at.Voting.Select(d => d.Dossier).Where(d => body.Dossier is not { } one || d.Number == one)];
        if (asked.Length == 0) return VoteInSession.NotVotedOn.Naming(at.Dossiers.Select(d => d.Dossier).Where(d => body.Dossier is not { } one || d.Number == one));
        Dossier[] voted = [.. asked.Where(d => d.Ballots.Exists(b => b.Person == person))];
        if (voted.Length > 0) return CastVote.AlreadyVoted(person!).Naming(voted);
        Dossier[] open = [.. asked.Where(d => !d.Sitting!.Recused.Contains(person!))];
        if (open.Length == 0) return AlreadyRecused(person!);
        Dossier[] last = [.. at.Voting.Where(d => open.Contains(d.Dossier) && d.Dossier.Entitled().Count(p => p != person) < Fewest(d)).Select(d => d.Dossier)];
        return last.Length > 0
            ? LastMember.Naming(last)
            : SessionDecision.Record(
                new SessionMemberRecused(person!, [.. open.Select(d => d.Number)], reason!, at.By, at.Now),
                open.Select(d => (d.Number, (object)new CouncilMemberRecused(person!, at.By, at.Now))));
    }

    /// <summary>With how few votes the count may be held.</summary>
    private static int Fewest(DossierCase at) => at.Dossier.IsSecret() ? at.Procedure.Step(StepIds.CloseVotes)!.FewestInSecret() : 1;

    internal static Refusal DoesNotVote(string person) =>
        Refusal.Conflict("recused", $"\"{person}\" đã từ chối tham gia nên không biểu quyết.", $"\"{person}\" is recused and does not vote.");

    internal static Refusal AlreadyRecused(string person) => Refusal.Conflict("recused", $"\"{person}\" đã từ chối tham gia.", $"\"{person}\" is recused already.");

    internal static Refusal LastMember { get; } = Refusal.Conflict(
        "last-member", "Không còn đủ người biểu quyết; phải kiện toàn Hội đồng.", "Too few would be left to vote; the council must be appointed anew.");

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, SessionRunner sessions) =>
        sessions.TakeAsync(http, id, (session, by) => May(session, by, body), (at, _, _) => Task.FromResult(Decide(at, body)));

    private static string? PersonOf(Body body) => Prose.Clean(body.Member) is { } member ? Actor.PersonOf(member) : null;
}

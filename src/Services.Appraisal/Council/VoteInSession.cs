using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>
/// A member votes on some or all dossiers of a session, all or none; on each of them once. In a secret ballot nothing but the sealed
/// choice is kept of what was sent, and it is kept nowhere else.
/// </summary>
public static class VoteInSession
{
    /// <param name="Remark">In an open ballot alone.</param>
    public sealed record VoteBody(Guid? Dossier, string? Vote, string? Remark);

    public sealed record Body(IReadOnlyList<VoteBody?>? Votes);

    /// <summary>What was taken; the choices are not said again.</summary>
    public sealed record Answer(Guid Session, IReadOnlyList<Guid> Dossiers, string By, DateTimeOffset At);

    public static Refusal? May(Session session, string by) => session.Member(by) is { Voting: false }
        ? Refusal.Forbidden("Khách mời không biểu quyết.", "Who is invited does not vote.", "invited")
        : null;

    /// <param name="seal">Seals a choice on a dossier; null in an open ballot.</param>
    public static SessionDecision Decide(SessionCase at, Body body, Func<Guid, string, byte[]>? seal)
    {
        var session = at.Session;
        if (session.Present is not { } present) return Refusal.Conflict("attendance-not-taken", "Thư ký chưa ghi danh sách có mặt.", "The attendance has not been taken yet.");
        if (!present.Contains(at.By)) return Refusal.Conflict("absent", $"\"{at.By}\" vắng mặt nên không được biểu quyết.", $"\"{at.By}\" is absent and does not vote.");

        var votes = body.Votes ?? [];
        var faults = new Faults().Unless(
            votes.Count > 0 && votes.Count <= session.Dossiers.Count, "votes", $"Cần từ 1 đến {session.Dossiers.Count} phiếu.", $"From 1 to {session.Dossiers.Count} votes are needed.");
        for (var i = 0; i < votes.Count; i++)
        {
            var (dossier, remark) = (votes[i]?.Dossier, Prose.Clean(votes[i]?.Remark));
            faults.Required(dossier, $"votes[{i}].dossier")
                .Unless(dossier is null || session.Dossiers.Any(d => d.Dossier == dossier), $"votes[{i}].dossier", "Phiên họp không có hồ sơ này.", "The session does not vote on that dossier.")
                .Unless(dossier is null || votes.Take(i).All(v => v?.Dossier != dossier), $"votes[{i}].dossier", "Hồ sơ được nêu hai lần.", "The dossier is named twice.")
                .Vote(votes[i]?.Vote, remark, $"votes[{i}].")
                .Unless(seal is null || remark is null, $"votes[{i}].remark", "Phiếu kín không có ý kiến kèm theo.", "A secret ballot takes no remark.");
        }

        if (faults.Refuse() is { } refusal) return refusal;
        var asked = votes.Select(v => (Vote: v!, Case: at.Dossiers.First(d => d.Dossier.Number == v!.Dossier))).ToArray();
        Dossier[] Those(Func<DossierCase, bool> which) => [.. asked.Select(a => a.Case).Where(which).Select(c => c.Dossier)];
        var voting = at.Voting.Select(d => d.Dossier.Number).ToHashSet();
        if (Those(d => !voting.Contains(d.Dossier.Number)) is { Length: > 0 } left)
            return NotVotedOn.Naming(left);
        if (Those(d => d.Dossier.Sitting!.Recused.Contains(at.By)) is { Length: > 0 } recused)
            return RecuseMember.DoesNotVote(at.By).Naming(recused);
        if (Those(d => d.Dossier.Ballots.Exists(b => b.Person == at.By)) is { Length: > 0 } voted) return CastVote.AlreadyVoted(at.By).Naming(voted);
        var day = VietnamTime.DayOf(at.Now);
        var lacking = asked.Select(a => (a.Case.Dossier, Refusal: a.Case.Dossier.Lacks(a.Case.Procedure, a.Case.Procedure.Step(StepIds.Votes)!, day))).Where(a => a.Refusal is not null).ToArray();
        if (lacking.Length > 0) return lacking[0].Refusal!.Naming(lacking.Select(a => a.Dossier));

        return SessionDecision.Record(
            new SessionVotesCast([.. asked.Select(a => a.Case.Dossier.Number)], at.By, at.Now),
            asked.Select(a => (a.Case.Dossier.Number, EventOf(a.Case, a.Vote))));

        object EventOf(DossierCase d, VoteBody vote)
        {
            var to = d.Procedure.Step(StepIds.Votes)!.To;
            return seal is null ? new VoteCast(vote.Vote!, Prose.Clean(vote.Remark), to, at.By, at.Now) : new SecretVoteCast(seal(d.Dossier.Number, vote.Vote!), to, at.By, at.Now);
        }
    }

    internal static Refusal NotVotedOn { get; } = Refusal.Conflict("not-voted-on", "Có hồ sơ không còn ở bước bỏ phiếu.", "There are dossiers on which no vote is open any more.");

    internal static async Task<IResult> Handle(Guid id, Body body, HttpContext http, SessionRunner sessions, IQuerySession query, CancellationToken ct)
    {
        // The ballot is said once, when the session is appointed: it is known before the receipt is looked up.
        var first = await query.Events.FetchStreamAsync(Session.Key(id), version: 1, token: ct);
        var secret = first is [{ Data: SessionAppointed { Ballot: CouncilSession.Secret } }];
        return await sessions.TakeAsync(
            http, id, May, async (at, c, token) =>
            {
                if (!secret) return Decide(at, body, null);
                // The session was read open: whoever closed it since destroyed the key.
                return await c.Session.LoadAsync<SessionKey>(id, token) is not { } key
                    ? SessionDecision.Raced
                    : Decide(at, body, (dossier, vote) => SealedBallot.Seal(key, dossier, at.By, vote));
            },
            decision => AnswerOf(id, (SessionVotesCast)decision.Event!), secret ? Fingerprint(body) : null, [.. (body.Votes ?? []).Select(v => v?.Dossier).OfType<Guid>()]);
    }

    /// <summary>The request without its choices, in the order in which it names the dossiers.</summary>
    internal static string Fingerprint(Body body) => string.Join('\n', (body.Votes ?? []).Select(v => $"{v?.Dossier}"));

    private static Answer AnswerOf(Guid session, SessionVotesCast cast) => new(session, cast.Dossiers, cast.By, cast.At);
}

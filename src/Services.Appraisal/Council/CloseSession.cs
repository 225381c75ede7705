using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>
/// The chair closes the session: every vote is counted as where a dossier is voted on alone, all of them or none. The key of a secret
/// ballot is destroyed in the same transaction.
/// </summary>
public static class CloseSession
{
    /// <summary>A result where the procedure sets no share.</summary>
    /// <param name="Basis">What it rests on.</param>
    public sealed record StatedBody(Guid? Dossier, bool? Passed, string? Basis);

    public sealed record Body(IReadOnlyList<StatedBody?>? Stated = null);

    public static Refusal? May(Session session, string by) => by == session.Chair
        ? null
        : Refusal.Forbidden("Chỉ Chủ tịch Hội đồng kết thúc bỏ phiếu.", "Only the chair closes the vote.", "not-chair");

    /// <param name="open">Reads a sealed vote on a dossier; null in an open ballot.</param>
    public static SessionDecision Decide(SessionCase at, Body body, Func<Guid, Ballot, string>? open)
    {
        if (at.Session.Present is { } present && !present.Contains(at.By)) return ChairAway;
        var stated = body.Stated ?? [];
        var faults = new Faults();
        for (var i = 0; i < stated.Count; i++)
        {
            var dossier = stated[i]?.Dossier;
            faults.Unless(at.Session.Dossiers.Any(d => d.Dossier == dossier), $"stated[{i}].dossier", "Phiên họp không có hồ sơ này.", "The session does not vote on that dossier.")
                .Unless(stated.Take(i).All(s => s?.Dossier != dossier), $"stated[{i}].dossier", "Hồ sơ được nêu hai lần.", "The dossier is named twice.");
        }

        if (faults.Refuse() is { } malformed) return malformed;
        var voting = at.Voting.ToArray();
        List<(Guid Dossier, object Event)> closed = [];
        List<(Dossier Dossier, Refusal Refusal)> refused = [];
        foreach (var d in voting)
        {
            var close = d.Procedure.Step(StepIds.CloseVotes)!;
            if (d.Dossier.Lacks(d.Procedure, close, VietnamTime.DayOf(at.Now)) is { } lacking)
            {
                refused.Add((d.Dossier, lacking));
                continue;
            }

            var said = stated.FirstOrDefault(s => s?.Dossier == d.Dossier.Number);
            var counted = open is null ? d.Dossier : d.Dossier with { Ballots = [.. d.Dossier.Ballots.Select(b => b with { Vote = open(d.Dossier.Number, b), Sealed = null })] };
            var decision = CloseVote.Decide(counted, close, new(said?.Passed, said?.Basis), at.By, at.Now);
            if (decision.Refusal is { } refusal) refused.Add((d.Dossier, refusal));
            else closed.Add((d.Dossier.Number, decision.Events[0]));
        }

        if (refused.Count > 0) return Together(refused, [.. stated.Select(s => s?.Dossier)]);
        var outcomes = at.Dossiers.Select(d => closed.Find(c => c.Dossier == d.Dossier.Number).Event is VoteClosed e
            ? new SessionOutcome(d.Dossier.Number, e.To, e.Tally)
            : new SessionOutcome(d.Dossier.Number, d.Dossier.State));
        return SessionDecision.Record(new SessionClosed([.. outcomes], at.By, at.Now), closed);
    }

    internal static Task<IResult> Handle(Guid id, Body? body, HttpContext http, SessionRunner sessions) => sessions.TakeAsync(http, id, May, async (at, c, ct) =>
    {
        var key = at.Session.IsSecret ? await c.Session.LoadAsync<SessionKey>(id, ct) : null;
        // The session was read open: whoever closed it since destroyed the key.
        if (at.Session.IsSecret && key is null) return SessionDecision.Raced;
        var decision = Decide(at, body ?? new(), key is null ? null : (dossier, ballot) => SealedBallot.Open(key, dossier, ballot.Person, ballot.Sealed!));
        if (decision.Refusal is not null) return decision;
        foreach (var (dossier, _) in decision.Dossiers.Where(d => d.Event is VoteClosed { Tally.Passed: false }))
            await TitleHold.ReleaseAsync(c, at.Dossiers.First(d => d.Dossier.Number == dossier).Dossier, ct);
        if (key is not null) c.Session.Delete(key);
        return decision;
    });

    /// <summary>Who did not attend neither closes nor states what was decided; nobody else may, and the list of those present grows.</summary>
    private static Refusal ChairAway { get; } = Refusal.Conflict(
        "chair-absent",
        "Chủ tịch Hội đồng không có trong danh sách có mặt nên không kết thúc phiên họp. Khi Chủ tịch đến, thư ký ghi bổ sung có mặt; nếu Chủ tịch không đến được thì phiên họp được giải tán và Hội đồng được kiện toàn.",
        "The chair is not among those present and does not close the session. Once he is there, the secretary adds him to the attendance; if he cannot come, the session is dissolved and the council appointed anew.");

    /// <summary>One refusal for all dossiers that cannot be closed: input before state, each with its own rule.</summary>
    /// <param name="stated">The dossiers of the body in its order, by which its fields are named.</param>
    private static Refusal Together(List<(Dossier Dossier, Refusal Refusal)> refused, IReadOnlyList<Guid?> stated)
    {
        var (of, first) = refused.FirstOrDefault(r => r.Refusal.Errors is not null, refused[0]);
        IEnumerable<(string Field, Text Fault)> FaultsOf(Dossier dossier, Refusal refusal) => stated.ToList().IndexOf(dossier.Number) is >= 0 and var place
            ? refusal.Errors!.SelectMany(e => e.Value.Select(fault => ($"stated[{place}].{e.Key}", fault)))
            : [("stated", new($"Thiếu kết quả của {dossier.Unit.Name}.", $"The result on {dossier.Unit.Name} is missing."))];
        return first with
        {
            Detail = new($"{of.Unit.Name}: {first.Detail.Vi}", $"{of.Unit.Name}: {first.Detail.En}"),
            Errors = first.Errors is null ? null : refused.Where(r => r.Refusal.Errors is not null).SelectMany(r => FaultsOf(r.Dossier, r.Refusal))
                .GroupBy(f => f.Field, f => f.Fault, StringComparer.Ordinal).ToDictionary(f => f.Key, f => f.ToArray(), StringComparer.Ordinal),
            More = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["dossiers"] = refused.Select(r => new
                {
                    dossier = r.Dossier.Number,
                    unit = r.Dossier.Unit.Code,
                    unitName = r.Dossier.Unit.Name,
                    rule = r.Refusal.Rule,
                    flags = r.Refusal.More?.GetValueOrDefault("flags"),
                }).ToArray(),
            },
        };
    }
}

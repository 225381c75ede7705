using Ntm.Appraisal.Dossiers;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>The secretary, or the chair, records who attends: only they vote. Taken anew it adds who came late and takes nobody off it: whoever attends is in the bases of the vote.</summary>
public static class TakeAttendance
{
    /// <param name="Present">Persons, or the clients by which they were named; invited ones too.</param>
    public sealed record Body(IReadOnlyList<string?>? Present);

    public static Refusal? May(Session session, string by) => by == session.Secretary || by == session.Chair
        ? null
        : Refusal.Forbidden("Chỉ thư ký hoặc Chủ tịch Hội đồng ghi danh sách có mặt.", "Only the secretary or the chair records the attendance.", "attendance-by-another");

    public static SessionDecision Decide(SessionCase at, Body body)
    {
        List<string> present = [];
        var faults = new Faults().Required(body.Present, "present");
        for (var i = 0; i < (body.Present?.Count ?? 0); i++)
        {
            var person = Actor.PersonOf(Prose.Clean(body.Present![i]) ?? "");
            faults.Unless(at.Session.Member(person) is not null, $"present[{i}]", $"\"{person}\" không có trong Hội đồng.", $"\"{person}\" is not on the council.")
                .Unless(!present.Contains(person), $"present[{i}]", $"\"{person}\" được nêu hai lần.", $"\"{person}\" is named twice.");
            present.Add(person);
        }

        faults.Unless(
            body.Present is null || present.Exists(p => at.Session.Member(p) is { Voting: not false }), "present",
            "Phải có ít nhất một thành viên có quyền biểu quyết.", "At least one voting member is needed.");
        if (faults.Refuse() is { } refusal) return refusal;
        string[] gone = [.. (at.Session.Present ?? []).Where(p => !present.Contains(p))];
        return gone.Length > 0
            ? Refusal.Conflict("already-present", $"Đã ghi có mặt nên không thể vắng mặt: {string.Join(", ", gone)}.", $"Who was present stays so: {string.Join(", ", gone)}.")
            : SessionDecision.Record(
                new SessionAttendanceTaken(present, at.By, at.Now), at.Voting.Select(d => (d.Dossier.Number, (object)new CouncilAttendanceTaken(present, at.By, at.Now))));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, SessionRunner sessions) =>
        sessions.TakeAsync(http, id, May, (at, _, _) => Task.FromResult(Decide(at, body)));
}

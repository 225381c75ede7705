using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The province, of a title that the Prime Minister decides on the ministry, names the appraisal council. Its size under QĐ 18/2022/QĐ-TTg is unknown, so only one member is demanded.
/// Nobody sits on it who prepared the dossier or entered, judged, verified or approved its figures (house rule).
/// </summary>
public static class NameCouncil
{
    internal const int MostMembers = 200;
    private const int LongestClient = 512;

    public sealed record Body(string? Chair, IReadOnlyList<string?>? Members);

    /// <param name="isMember">Whether the client id stands for a council member of whoever appraises.</param>
    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, Func<string, bool> isMember, string by, DateTimeOffset now)
    {
        var faults = new Faults()
            .Required(body.Chair, "chair")
            .Unless(body.Members is { Count: > 0 and <= MostMembers }, "members", $"Cần từ 1 đến {MostMembers} thành viên.", $"From 1 to {MostMembers} members are needed.");
        if (faults.Refuse() is { } incomplete) return incomplete;

        List<CouncilMember> members = [];
        var recused = dossier.Recused(step);
        for (var i = 0; i < body.Members!.Count; i++) Add($"members[{i}]", body.Members[i]);
        var chair = Prose.Clean(body.Chair)!;
        var chairPerson = Actor.PersonOf(chair);
        if (!members.Exists(m => m.Person == chairPerson)) Add("chair", chair);
        return faults.Refuse(rule: "council-member") is { } refusal
            ? refusal
            : Decision.Record(new CouncilNamed(chairPerson, members, step.To, by, now));

        void Add(string field, string? named)
        {
            var client = Prose.Clean(named) ?? "";
            var person = Actor.PersonOf(client);
            faults
                .Unless(
                    // One pair only: of several joined with "+" the person would not be the text after "#".
                    client.Length <= LongestClient && !client.Contains('+', StringComparison.Ordinal) && isMember(client),
                    field,
                    $"\"{client}\" không phải thành viên Hội đồng thẩm định của cấp này (council-member@…#…).",
                    $"\"{client}\" is no member of a council that appraises this title (council-member@…#…).")
                .Unless(!members.Exists(m => m.Person == person), field, $"\"{person}\" được nêu hai lần.", $"\"{person}\" is named twice.")
                .Unless(
                    !recused.Contains(person),
                    field,
                    $"\"{person}\" đã lập hồ sơ hoặc nhập, thẩm tra, duyệt số liệu nên không được tham gia Hội đồng.",
                    $"\"{person}\" prepared the dossier or entered, verified or approved its figures and may not sit on the council.");
            members.Add(new(person, client));
        }
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Council, a => a.Procedure.Step(StepIds.Votes)!.RefuseInTheOpen() is { } secret
            ? secret
            : Decide(a.Dossier, a.Step, body, client => IsMember(a.Tree, a.Dossier, a.Procedure, client, a.Command.Today), a.By, a.Now));

    /// <summary>Whether the client id stands for a council member who may vote on the dossier.</summary>
    internal static bool IsMember(UnitTree tree, Dossier dossier, Procedure procedure, string client, DateOnly today)
    {
        var hash = client.IndexOf('#', StringComparison.Ordinal);
        return Grant.Parse(hash < 0 ? client : client[..hash]) is { } grant
            && dossier.MayTake(procedure.Step(StepIds.Votes)!, tree, new(Actor.PersonOf(client), client, hash >= 0, [grant]), today);
    }
}

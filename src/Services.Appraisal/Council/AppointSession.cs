using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>
/// A council is appointed by decision and called to one session on several dossiers: each of them gets its council, or none does. Whoever
/// prepared, verified or approved what a dossier rests on is not on it (house rule, as where a council is named for one dossier).
/// </summary>
public static class AppointSession
{
    private const int MostDossiers = 200;
    private const int LongestName = 500;

    public sealed record AppointmentBody(string? Number, DateOnly? Date, string? Issuer);

    /// <param name="Body">The body that the member stands for.</param>
    /// <param name="Voting">False for who is invited.</param>
    public sealed record MemberBody(string? Client, string? Body, bool? Voting);

    /// <param name="Ballot"><c>open</c> or <c>secret</c>; left out where the procedure says it.</param>
    public sealed record Body(
        AppointmentBody? Appointment, string? Chair, string? Secretary, IReadOnlyList<MemberBody?>? Members, IReadOnlyList<Guid>? Dossiers, string? Ballot);

    /// <summary>What is wrong with the body itself, whatever the dossiers are.</summary>
    public static Refusal? Check(Body body, DateOnly today)
    {
        var (chair, secretary) = (Prose.Clean(body.Chair), Prose.Clean(body.Secretary));
        var faults = new Faults()
            .Number(Prose.Clean(body.Appointment?.Number), "appointment.number")
            .Readable(Prose.Clean(body.Appointment?.Issuer), "appointment.issuer", longest: LongestName, lines: false)
            .NotInFuture(body.Appointment?.Date, "appointment.date", today)
            .Required(chair, "chair")
            .Required(secretary, "secretary")
            .Unless(body.Members is { Count: > 0 and <= NameCouncil.MostMembers }, "members", $"Cần từ 1 đến {NameCouncil.MostMembers} thành viên.", $"From 1 to {NameCouncil.MostMembers} members are needed.")
            .Unless(body.Dossiers is { Count: > 0 and <= MostDossiers }, "dossiers", $"Cần từ 1 đến {MostDossiers} hồ sơ.", $"From 1 to {MostDossiers} dossiers are needed.")
            .Unless(body.Dossiers is null || body.Dossiers.Distinct().Count() == body.Dossiers.Count, "dossiers", "Một hồ sơ được nêu hai lần.", "A dossier is named twice.")
            .Unless(body.Ballot is null or CouncilSession.Open or CouncilSession.Secret, "ballot", "Phải là open hoặc secret.", "Must be open or secret.");
        var members = body.Members ?? [];
        for (var i = 0; i < members.Count; i++)
        {
            faults.Required(Prose.Clean(members[i]?.Client), $"members[{i}].client")
                .Readable(Prose.Clean(members[i]?.Body), $"members[{i}].body", longest: LongestName, lines: false)
                .Required(members[i]?.Voting, $"members[{i}].voting");
        }

        return faults
            .Unless(
                chair is null || members.Any(m => Prose.Clean(m?.Client) == chair && m?.Voting == true), "chair",
                "Chủ tịch phải là một thành viên có quyền biểu quyết trong danh sách.", "The chair is one of the voting members in the list.")
            .Unless(
                secretary is null || members.Any(m => Prose.Clean(m?.Client) == secretary), "secretary", "Thư ký phải có trong danh sách thành viên.", "The secretary is one of the members in the list.")
            .Refuse();
    }

    /// <param name="isMember">Whether the client id stands for a member of a council that may vote on the dossier.</param>
    /// <param name="province">Null where the council is the country's.</param>
    /// <returns>The session's first event with the council of each dossier, or a refusal.</returns>
    public static SessionDecision Decide(
        IReadOnlyList<DossierCase> dossiers, Body body, Func<DossierCase, string, bool> isMember, Guid id, UnitRef? province, string by, DateTimeOffset now)
    {
        var today = VietnamTime.DayOf(now);
        if (Check(body, today) is { } incomplete) return incomplete;
        var notReady = dossiers.Select(d => (d.Dossier, Why: d.Dossier.Forbids(d.Procedure, StepIds.Council) ?? d.Dossier.Lacks(d.Procedure, d.Procedure.Step(StepIds.Council)!, today)))
            .Where(d => d.Why is not null).ToArray();
        if (notReady.Length > 0)
        {
            return Refusal.Conflict(
                "dossiers-not-ready",
                $"{notReady.Length} hồ sơ chưa ở bước lập Hội đồng: {string.Join(", ", notReady.Select(d => $"{d.Dossier.Unit.Name} ({d.Why!.Detail.Vi})"))}",
                $"{notReady.Length} dossiers do not allow a council now: {string.Join(", ", notReady.Select(d => $"{d.Dossier.Unit.Name} ({d.Why!.Detail.En})"))}").Naming(notReady.Select(d => d.Dossier));
        }

        var (ballot, unclear) = BallotOf(dossiers, body.Ballot);
        if (ballot is null) return unclear!;
        var fewest = ballot == CouncilSession.Secret ? dossiers.Max(d => d.Procedure.Step(StepIds.CloseVotes)!.FewestInSecret()) : 1;
        if (body.Members!.Count(m => m!.Voting == true) < fewest)
        {
            return Refusal.Invalid(
                "members", "secret-too-few", $"Bỏ phiếu kín cần ít nhất {fewest} thành viên có quyền biểu quyết.", $"A secret ballot needs at least {fewest} voting members.");
        }

        var (secretary, clients) = (Actor.PersonOf(Prose.Clean(body.Secretary)!), body.Members!.Select(m => m!.Client).ToArray());
        CouncilMember[] members = [.. body.Members!.Select(m => Seat(m!))];
        List<(Guid, object)> named = [];
        List<Dossier> refusing = [];
        Refusal? refused = null;
        foreach (var d in dossiers)
        {
            var decision = NameCouncil.Decide(d.Dossier, d.Procedure.Step(StepIds.Council)!, new(body.Chair, clients), client => isMember(d, client), by, now);
            if (decision.Refusal is { } refusal)
            {
                refused ??= refusal;
                refusing.Add(d.Dossier);
                continue;
            }

            named.Add((d.Dossier.Number, (CouncilNamed)decision.Events[0] with { Members = members, Session = new(id, ballot, secretary) }));
        }

        if (refused is not null) return refused.Naming(refusing);
        var appointment = new Appointment(Prose.Clean(body.Appointment!.Number)!, body.Appointment.Date!.Value, Prose.Clean(body.Appointment.Issuer)!);
        return SessionDecision.Record(
            new SessionAppointed(
                id, province, appointment, ballot, Actor.PersonOf(Prose.Clean(body.Chair)!), secretary, members,
                [.. dossiers.Select(d => new SessionDossier(d.Dossier.Number, d.Dossier.Unit, d.Dossier.Title))], by, now),
            named);
    }

    internal static Task<IResult> Handle(Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book, SessionViews views) => commands.Run(http, async (c, ct) =>
    {
        // Whoever can name no council at all learns nothing of dossiers.
        if (!book.All.Any(p => p.Step(StepIds.Council)?.TakenBy(c.Today).Roles.Any(c.Actor.Has) == true)) return Problems.OfStatus(403);
        if (Check(body, c.Today) is { } incomplete) return incomplete;
        var batch = c.Session.CreateBatchQuery();
        var asked = body.Dossiers!.Select(d => batch.Events.FetchForWriting<Dossier>(Dossier.Key(d))).ToList();
        await batch.Execute(ct);
        var streams = await Task.WhenAll(asked);
        var faults = new Faults();
        for (var i = 0; i < streams.Length; i++)
            faults.Unless(streams[i].Aggregate is not null, $"dossiers[{i}]", "Không có hồ sơ này.", "There is no such dossier.");
        if (faults.Refuse() is { } unknown) return unknown;

        var tree = await units.GetAsync(ct);
        DossierCase[] dossiers = [.. streams.Select(s => book.CaseOf(s.Aggregate!))];
        if (!dossiers.All(d => d.Procedure.Step(StepIds.Council) is { } step && d.Dossier.MayTake(step, tree, c.Actor, c.Today))) return Problems.OfStatus(403);
        if (c.IsStale(0)) return Refusal.Stale(0);
        // A council of the country votes on dossiers of several provinces; one of a province on its own alone.
        Guid?[] provinces = [.. dossiers.Select(d => d.Procedure.Step(StepIds.Council)!.TakenBy(c.Today).Of == "country" ? (Guid?)null : d.Dossier.Province).Distinct()];
        if (provinces is not [var province])
            return Refusal.Invalid("dossiers", "one-province", "Các hồ sơ phải thuộc một tỉnh.", "The dossiers are of one province.");

        var id = Guid.CreateVersion7(c.Now);
        var decision = Decide(
            dossiers, body, (d, client) => NameCouncil.IsMember(tree, d.Dossier, d.Procedure, client, c.Today), id,
            province is { } own ? tree.Ref(own, c.Today) ?? throw new InvalidOperationException($"The province {own} is not in the register.") : null, c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        var appointed = (SessionAppointed)decision.Event!;
        c.Session.Events.StartStream(Session.Key(id), appointed);
        foreach (var (stream, (_, e)) in streams.Zip(decision.Dossiers)) stream.AppendOne(e);
        var session = Session.Create(appointed);
        if (session.IsSecret) c.Session.Insert(SessionKey.New(id));
        var at = new SessionCase(session, [.. dossiers.Zip(decision.Dossiers, (d, x) => d with { Dossier = d.Dossier.When(x.Event) })], c.Actor.Person, c.Now);
        return Outcome.Created(views.Of(at, 1, c.Today), 1, $"/api/appraisal/sessions/{id}");
    });

    private static CouncilMember Seat(MemberBody member)
    {
        var client = Prose.Clean(member.Client)!;
        return new(Actor.PersonOf(client), client, Prose.Clean(member.Body), member.Voting);
    }

    /// <summary>The ballot that the procedures say; where none says any, the one that is asked for.</summary>
    private static (string? Ballot, Refusal? Refusal) BallotOf(IReadOnlyList<DossierCase> dossiers, string? asked)
    {
        var votes = dossiers.Select(d => d.Procedure.Step(StepIds.Votes)!).Where(s => s.Ballot is not null).ToArray();
        string[] said = [.. votes.Select(s => s.Ballot!).Distinct(StringComparer.Ordinal)];
        return said switch
        {
            [] when asked is null => (null, Refusal.Invalid(
                "ballot", "ballot-not-set", "Quy trình chưa quy định hình thức bỏ phiếu; phải nêu open hoặc secret.", "The procedure does not set the ballot; open or secret must be stated.")),
            [] => (asked, null),
            [var one] when asked is null || asked == one => (one, null),
            [var one] => (null, Refusal.Invalid("ballot", "ballot-set", $"Quy trình quy định hình thức bỏ phiếu: {one}.", $"The procedure sets the ballot: {one}.", votes[0].LegalRef)),
            _ => (null, Refusal.Invalid("dossiers", "ballots-differ", "Các hồ sơ có hình thức bỏ phiếu khác nhau; phải họp riêng.", "The dossiers have different ballots and need sessions of their own.", votes[0].LegalRef)),
        };
    }
}

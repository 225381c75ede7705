using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.History;

/// <summary>What a dossier has pinned was corrected. The basis stays as it was pinned; each correction is a flag that must be answered.</summary>
/// <param name="Position">Position in this service's store of the fact that told of it.</param>
public sealed record BasisChanged(IReadOnlyList<BasisCorrection> Corrections, long Position, DateTimeOffset At);

/// <summary>Whoever appraises said what a correction means for the dossier.</summary>
/// <param name="No">Number of the flag in its dossier, from 1.</param>
/// <param name="Answer">material or immaterial.</param>
public sealed record BasisFlagAnswered(int No, string Answer, string Reason, string By, DateTimeOffset At);

/// <summary>What was answered to a flag.</summary>
public sealed record FlagAnswer(string Answer, string Reason, string By, DateTimeOffset At);

/// <summary>A correction below a pinned version; it stands in the dossier until it is answered.</summary>
/// <param name="No">Number in the dossier, from 1.</param>
/// <param name="Kind">figure or confirmation.</param>
/// <param name="Item">Code of the indicator or id of the condition.</param>
/// <param name="Position">Position in this service's store of the fact that told of it.</param>
public sealed record BasisFlag(int No, string Kind, string Item, BasisValue? Then, BasisValue? Now, long Position, DateTimeOffset At, FlagAnswer? Answer)
{
    /// <summary>The indicator, of a figure.</summary>
    public string? Indicator => Kind == BasisChanges.Figure ? Item : null;
}

/// <summary>A council member who votes on the dossier, or before there is a council whoever names it, answers a flag.</summary>
public static class AnswerFlag
{
    private static readonly string[] Answers = ["material", "immaterial"];

    /// <param name="Answer"><c>material</c>: the correction bears on the appraisal; <c>immaterial</c>: it does not.</param>
    public sealed record Body(string? Answer, string? Reason);

    public static Decision Decide(Dossier dossier, int no, Body body, string by, DateTimeOffset now)
    {
        if (dossier.Flags.Find(f => f.No == no) is not { } flag) return Refusal.NotFound($"Hồ sơ không có cờ số {no}.", $"The dossier has no flag {no}.");
        if (dossier.IsPrepared(by))
        {
            return Refusal.Forbidden(
                $"Người \"{by}\" đã lập hồ sơ hoặc nhập số liệu nên không được trả lời cờ.", $"The person \"{by}\" prepared the dossier or entered its figures and may not answer a flag.", "self-approval");
        }

        if (flag.Answer is not null) return Refusal.Conflict("flag-answered", $"Cờ số {no} đã được trả lời.", $"The flag {no} is answered already.");
        var reason = Prose.Clean(body.Reason);
        return new Faults()
            .Unless(body.Answer is not null && Answers.Contains(body.Answer), "answer", "Phải là material hoặc immaterial.", "Must be material or immaterial.")
            .Readable(reason, "reason")
            .Refuse() is { } refusal
            ? refusal
            : Decision.Record(new BasisFlagAnswered(no, body.Answer!, reason!, by, now));
    }

    internal static Task<IResult> Handle(Guid id, int n, Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book, DossierViews views) =>
        commands.Run(http, Dossier.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Dossier>(Dossier.Key(id), ct);
            if (stream.Aggregate is not { } dossier) return StepRunner.NoDossier;
            var (procedure, tree) = (book.Version(dossier.Procedure, dossier.ProcedureVersion), await units.GetAsync(ct));
            if (!dossier.MayAnswer(procedure, tree, c.Actor, c.Today)) return Problems.OfStatus(403);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var decision = Decide(dossier, n, body, c.Actor.Person, c.Now);
            if (decision.Refusal is { } refusal) return refusal;
            stream.AppendMany(decision.Events);
            return Outcome.Ok(views.Of(dossier.When(decision.Events[0]).SeenBy(procedure, tree, c.Actor, c.Today), version + 1, c.Today, await KnownCalendar.LoadAsync(c.Session, ct)), version + 1);
        });

    /// <summary>
    /// The answers that an open dossier waits for: of the members who vote on it, before there is a council of whoever names it; of
    /// nobody who prepared it or its figures.
    /// </summary>
    /// <param name="today">Day by which the roles are resolved.</param>
    public static IReadOnlyList<NextStep> FlagSteps(this Dossier dossier, Procedure procedure, DateOnly today)
    {
        if (procedure.IsEnd(dossier.State)) return [];
        string[]? persons = dossier.Council is null ? null : [.. dossier.Entitled().Where(p => !dossier.IsPrepared(p))];
        return
        [
            .. from flag in dossier.Flags
               where flag.Answer is null
               from term in dossier.Answering(procedure).TakenBy(today, dossier.State)
               where term.Roles.Count > 0
               select new NextStep(
                   $"flags/{flag.No}/answer", $"/api/appraisal/dossiers/{dossier.Number}/flags/{flag.No}/answer", term.Roles, dossier.Whose(term.Of), Persons: persons),
        ];
    }

    private static bool IsPrepared(this Dossier dossier, string by) => dossier.Preparers.Contains(by) || dossier.Basis.Entered.Contains(by);

    /// <summary>Once there is a council it is for its members to see and answer, but for those who are recused.</summary>
    public static bool MayAnswer(this Dossier dossier, Procedure procedure, UnitTree tree, Actor actor, DateOnly today) =>
        (dossier.Council is null || dossier.Entitled().Contains(actor.Person)) && dossier.MayTake(dossier.Answering(procedure), tree, actor, today);

    private static ProcedureStep Answering(this Dossier dossier, Procedure procedure) => procedure.Step(dossier.Council is null ? StepIds.Council : StepIds.Votes)!;
}

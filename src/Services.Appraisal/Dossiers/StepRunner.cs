using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>One attempt at a step: the dossier as it stands and who takes the step.</summary>
internal sealed record StepAttempt(CommandContext Command, UnitTree Tree, Procedure Procedure, ProcedureStep Step, Dossier Dossier)
{
    public string By => Command.Actor.Person;

    public DateTimeOffset Now => Command.Now;
}

/// <summary>Runs every step alike: right, expected version, state, decision, append, answer.</summary>
internal sealed class StepRunner(Commands commands, UnitRegister units, ProcedureBook book, DossierViews views)
{
    /// <param name="decide">The step's own decision.</param>
    /// <param name="also">What the step records beside the dossier, in the same transaction.</param>
    /// <param name="within">Whether something is added to a step that may have been taken: what the step demands is not asked for again.</param>
    /// <param name="answers">Whether something recorded in the step is answered, also after its state.</param>
    /// <param name="own">Whether it is a step that a province added: any other is not found so.</param>
    public Task<IResult> TakeAsync(
        HttpContext http, Guid id, string stepId, Func<StepAttempt, Decision> decide, Func<StepAttempt, Decision, CancellationToken, Task<Refusal?>>? also = null,
        bool within = false, bool answers = false, bool own = false) => TakeAsync(http, id, stepId, (a, _) => Task.FromResult(decide(a)), also, within, answers, own);

    public Task<IResult> TakeAsync(
        HttpContext http, Guid id, string stepId, Func<StepAttempt, CancellationToken, Task<Decision>> decide,
        Func<StepAttempt, Decision, CancellationToken, Task<Refusal?>>? also = null, bool within = false, bool answers = false, bool own = false) =>
        commands.Run(http, Dossier.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Dossier>(Dossier.Key(id), ct);
            if (stream.Aggregate is not { } dossier) return NoDossier;
            var procedure = book.Version(dossier.Procedure, dossier.ProcedureVersion);
            if (own && procedure.Step(stepId)?.IsOwn != true) return NoStep;
            var tree = await units.GetAsync(ct);
            var version = stream.StartingVersion ?? 0;
            if (dossier.Refuses(procedure, stepId, tree, c.Actor, c.Today, c.IsStale(version) ? Refusal.Stale(version) : null, within, answers) is { } forbidden) return forbidden;

            var attempt = new StepAttempt(c, tree, procedure, procedure.Step(stepId)!, dossier);
            var decision = await decide(attempt, ct);
            if (decision.Refusal is { } refusal) return refusal;
            if (also is not null && await also(attempt, decision, ct) is { } no) return no;

            stream.AppendMany(decision.Events);
            var after = decision.Events.Aggregate(dossier, (d, e) => d.When(e));
            var calendar = await KnownCalendar.LoadAsync(c.Session, ct);
            return Outcome.Ok(views.Of(after.SeenBy(procedure, tree, c.Actor, c.Today), version + decision.Events.Count, c.Today, calendar), version + decision.Events.Count);
        });

    private static Refusal NoStep { get; } = Refusal.NotFound("Quy trình của hồ sơ không có bước này của tỉnh.", "The dossier's procedure has no such step of a province.");

    public static Refusal NoDossier { get; } = Refusal.NotFound("Không có hồ sơ này.", "There is no such dossier.");
}

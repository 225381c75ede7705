using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Confirmations;

/// <summary>A department, the Front or, of a province's title, the ministry confirms a condition; a later confirmation supersedes the earlier.</summary>
public static class ConfirmCondition
{
    /// <param name="Evidence">Documents behind the confirmation, at most 20; may be left out.</param>
    public sealed record Body(bool? Met, decimal? Value, string? Basis, DateOnly? ValidOn, IReadOnlyList<EvidenceRef?>? Evidence = null);

    public sealed record View(
        string Unit, Guid UnitId, string Title, string Condition, bool Met, decimal? Value, string Basis, DateOnly ValidOn, string By, DateTimeOffset At, long Version,
        IReadOnlyList<EvidenceRef> Evidence)
    {
        internal static View Of(UnitRef unit, ConditionConfirmed e, long version) =>
            new(unit.Code, e.UnitId, e.Title, e.Condition, e.Met, e.Value, e.Basis, e.ValidOn, e.By, e.At, version, e.Evidence ?? []);
    }

    public static Decision Decide(Guid unit, string title, string condition, Body body, string by, DateTimeOffset now)
    {
        var basis = Prose.Clean(body.Basis);
        var faults = new Faults()
            .Required(body.Met, "met")
            .Readable(basis, "basis")
            .Percent(body.Value, "value")
            .NotInFuture(body.ValidOn, "validOn", VietnamTime.DayOf(now))
            .Documents(body.Evidence, "evidence");
        return faults.Refuse() is { } refusal
            ? refusal
            : Decision.Record(new ConditionConfirmed(unit, title, condition, body.Met!.Value, body.Value, basis!, body.ValidOn!.Value, by, now, Documents(body)));
    }

    internal static Task<IResult> Handle(
        string unit, string condition, string? title, QueryDay? on, Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book) =>
        commands.Run(http, async (c, ct) =>
        {
            var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? c.Today);
            if (target is null) return refusal!;
            if (target.Procedure.Condition(condition)?.ConfirmedBy is not { } confirmer)
                return NoCondition(condition);
            if (!confirmer.Is(c.Actor, target, c.Today)) return Problems.OfStatus(403);

            var stream = await c.Session.Events.FetchForWriting<Confirmation>(Confirmation.Key(target.Unit.Id, target.Procedure.Title, condition), ct);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var decision = Decide(target.Unit.Id, target.Procedure.Title, condition, body, c.Actor.Person, c.Now);
            if (decision.Refusal is { } no) return no;

            stream.AppendMany(decision.Events);
            var e = (ConditionConfirmed)decision.Events[0];
            return Outcome.Ok(View.Of(target.Unit, e, version + 1), version + 1);
        });

    internal static bool Is(this Confirmer confirmer, Actor actor, Target target, DateOnly today) => confirmer.Of == Confirmer.Country
        ? actor.Has(confirmer.Role)
        : target.Tree.ActsAs(actor, confirmer.Role, target.Province, today, confirmer.Department);

    public static Refusal NoCondition(string condition) =>
        Refusal.NotFound($"Không có điều kiện \"{condition}\" để xác nhận.", $"There is no condition \"{condition}\" to confirm.");

    private static List<EvidenceRef>? Documents(Body body) => body.Evidence is not { Count: > 0 } given
        ? null
        : [.. given.Select(d => new EvidenceRef(d!.Sha256.ToLowerInvariant(), d.Size, d.MediaType))];
}
